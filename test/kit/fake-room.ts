/** A room for screens: it shows what it is told to and keeps what was asked of it. */
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { isoTime } from '../../src/engine/kernel/units.ts'
import type { SpeedDocument } from '../../src/control/answers.ts'
import type { Answers, CommandHandlers, CommandKind, CommandOf } from '../../src/control/commands.ts'
import type { ControlRoom } from '../../src/control/control-room.ts'
import type { Findings, QueryHandlers, QueryKind, QueryOf } from '../../src/control/queries.ts'
import type { ClockView, RoomView } from '../../src/control/view.ts'
import { approval, AWAITING_CANARY, canary, RAMPING_CANARY, START_PROMPT } from './canary-documents.ts'
import { COMMAND_ANSWERS } from './answers.ts'
import { changed, CHART, TABLE, type Changes } from './views.ts'

export class FakeRoom implements ControlRoom {
  readonly asked: string[] = []
  looks = 0
  /** Set it to make each look fail. */
  broken: Error | null = null
  /** What it does for each command that a screen asks; a test may put another one in. */
  commands: Partial<CommandHandlers> = {
    setSpeed: ({ speed }) => this.steered(speed),
    startRetrain: ({ version }) => ({ said: `retraining ${version}` }),
    startValidation: ({ version }) => ({ said: `validating ${version}` }),
    cancelWork: () => ({ said: 'cancelled' }),
    rehearseCanary: () => COMMAND_ANSWERS.rehearseCanary,
    startCanary: () => {
      this.change({ models: { canary: AWAITING_CANARY, approvals: [...this.shown.models.approvals, START_PROMPT] } })
      return START_PROMPT
    },
    abortCanary: () => {
      const stopped = { state: 'aborted', share: 0, until: null, reason: 'stopped by operator' } as const
      const aborted = canary({ ...this.shown.models.canary, ...stopped })
      this.change({ models: { canary: aborted } })
      return aborted
    },
    promote: ({ symbol }) => {
      const prompt = approval(symbol === undefined ? {} : { symbol })
      this.change({ models: { approvals: [...this.shown.models.approvals, prompt] } })
      return prompt
    },
    rollback: () => COMMAND_ANSWERS.rollback,
    acknowledge: ({ rule, by, reason }) => {
      const alerts = this.shown.watch.alerts.map((alert) =>
        alert.rule === rule ? { ...alert, acknowledged: { by, reason } } : alert,
      )
      this.change({ watch: { alerts } })
      return { said: `${rule} is acknowledged` }
    },
    answerApproval: ({ id, decision }) => {
      const approvals = this.shown.models.approvals.filter((prompt) => prompt.id !== id)
      this.change({ models: { canary: decision === 'reject' ? canary({}) : RAMPING_CANARY, approvals } })
      return { ...START_PROMPT, id, state: decision === 'reject' ? 'refused' : 'approved' }
    },
  }
  private readonly queries: Partial<QueryHandlers> = {
    detail: ({ panel }) => (panel === 'drift' ? CHART : TABLE),
    retrainChoices: () => ({
      items: [
        { features: 'v1.8.1', version: 'v1.8.1', refused: null, replaces: null },
        { features: 'v1.9', version: 'v1.9', refused: 'too few bars', replaces: null },
      ],
    }),
  }

  constructor(public shown: RoomView) {}

  async view(symbol?: string): Promise<RoomView> {
    this.looks += 1
    if (this.broken !== null) throw this.broken
    return symbol === undefined ? this.shown : changed(this.shown, { room: { symbol } })
  }

  async read<K extends QueryKind>(query: QueryOf<K>): Promise<Findings[K]> {
    const kind: K = query.kind
    const answer = this.queries[kind]
    if (answer === undefined) throw new Error(`no screen reads ${kind}`)
    return answer(query)
  }

  async ask<K extends CommandKind>(command: CommandOf<K>): Promise<Answers[K]> {
    const kind: K = command.kind
    const answer = this.commands[kind]
    if (answer === undefined) throw new Error(`no screen asks ${kind}`)
    this.asked.push(IN_WORDS[kind]?.(command) ?? kind)
    return answer(command)
  }

  private change(changes: Changes): void {
    this.shown = changed(this.shown, changes)
  }

  private steered(speed: CommandOf<'setSpeed'>['speed']): SpeedDocument {
    if (speed === 'next') throw new OperatorError('cannot play on', 'an approval waits', 'answer it first')
    const { clock } = this.shown.room
    const now: ClockView =
      speed === 'pause' || speed === 'play' ? { ...clock, paused: speed === 'pause' } : { ...clock, speed }
    this.change({ room: { clock: now } })
    const said =
      speed === 'pause' ? 'the recording is paused' : speed === 'play' ? 'the recording plays on' : `plays at ${speed}`
    return { said, speed: now.paused ? 'pause' : now.speed, market_time: isoTime(clock.marketMs), until: null }
  }
}

/** Commands in a few words. */
const IN_WORDS: { readonly [K in CommandKind]?: (command: CommandOf<K>) => string } = {
  setSpeed: ({ speed }) => `speed ${speed}`,
  startRetrain: ({ features, profile }) =>
    `retrain ${typeof features === 'object' ? features.name : features} ${profile}`,
  startValidation: ({ version }) => `validate ${version}`,
  cancelWork: ({ id }) => `cancel ${id}`,
  rehearseCanary: ({ plan, profile }) => `canary ${plan} ${profile} dry`,
  startCanary: ({ plan, profile }) => `canary ${plan} ${profile} live`,
  abortCanary: ({ symbol }) => `abort ${symbol}`,
  promote: ({ symbol }) => `promote ${symbol}`,
  rollback: ({ symbol }) => `rollback ${symbol}`,
  acknowledge: ({ symbol, rule, reason }) => `acknowledge ${symbol} ${rule} "${reason}"`,
  answerApproval: ({ id, decision, phrase, reason }) => `${decision} ${id} ${phrase ?? '-'} "${reason}"`,
}
