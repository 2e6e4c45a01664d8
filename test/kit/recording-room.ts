/** A room that keeps what it is asked and read, and answers each with a document that is whole. */
import type { Answers, CommandKind, CommandOf } from '../../src/control/commands.ts'
import type { ControlRoom } from '../../src/control/control-room.ts'
import type { Findings, QueryKind, QueryOf } from '../../src/control/queries.ts'
import type { RoomView } from '../../src/control/view.ts'
import { COMMAND_ANSWERS, QUERY_ANSWERS } from './answers.ts'

export class RecordingRoom implements ControlRoom {
  /** Commands and queries, in the order in which they came. */
  readonly received: object[] = []
  findings: Findings = QUERY_ANSWERS

  view(symbol?: string): Promise<RoomView> {
    return this.read({ kind: 'view', symbol })
  }

  async read<K extends QueryKind>(query: QueryOf<K>): Promise<Findings[K]> {
    const kind: K = query.kind
    this.received.push(query)
    return this.findings[kind]
  }

  async ask<K extends CommandKind>(command: CommandOf<K>): Promise<Answers[K]> {
    const kind: K = command.kind
    this.received.push(command)
    return COMMAND_ANSWERS[kind]
  }
}
