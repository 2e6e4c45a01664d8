/** The room that runs on a data directory, for commands that ask it and end. */
import * as z from 'zod'
import { ownToken } from '../db/own-token.ts'
import { type Answers, type Command, type CommandKind, type CommandOf, lowersRisk } from '../control/commands.ts'
import type { Findings, QueryKind, QueryOf } from '../control/queries.ts'
import { holderOf } from '../db/lock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { askAt, type Question } from './http-request.ts'
import { COMMAND_ROUTES } from './command-routes.ts'
import { QUERY_ROUTES } from './query-routes.ts'
import { PREDICT_PATHS } from './predict.ts'
import { commandQuestion, queryQuestion, understood } from './wire.ts'

const TIMEOUT_MS = 600_000
/** The checklist is under a minute, test messages among it. */
const CHECKLIST_MS = 60_000
/** Of what is only read: no answer to it waits for work. */
const LOOK_MS = 20_000
/** Of what lowers risk. */
const URGENT_MS = 5_000

/**
 * Asks the room that runs on a data directory; null when none runs there.
 * @throws OperatorError with what the room refused, or when it holds the directory and does not answer
 */
export async function askRoom<K extends CommandKind>(
  dataDir: string,
  command: CommandOf<K>,
): Promise<Answers[K] | null> {
  const kind: K = command.kind
  const isUrgent = lowersRisk(command as Command)
  const answer = await answerOf(dataDir, () => commandQuestion(command), patienceMs(command as Command), isUrgent)
  return answer === undefined ? null : understood(COMMAND_ROUTES[kind].answer, answer, 'the answer of the room')
}

/** How long a command waits for its answer. */
export function patienceMs(command: Command): number {
  if (lowersRisk(command)) return URGENT_MS
  return command.kind === 'goLive' ? CHECKLIST_MS : TIMEOUT_MS
}

/** As `askRoom`, of what is only read. */
export async function readRoom<K extends QueryKind>(dataDir: string, query: QueryOf<K>): Promise<Findings[K] | null> {
  const kind: K = query.kind
  const answer = await answerOf(dataDir, () => queryQuestion(query), LOOK_MS)
  return answer === undefined ? null : understood(QUERY_ROUTES[kind].answer, answer, 'the answer of the room')
}

const Prediction = z.object({
  id: z.string(),
  score: z.number().nullable(),
  decision: z.string(),
  model_version: z.string(),
  served_by: z.string(),
  reason: z.string(),
  latency_ms: z.number(),
})

/** One prediction, as any caller gets it; null when no room runs. @throws OperatorError as `askRoom` */
export async function predictOnce(
  dataDir: string,
  body: { readonly symbol?: string | undefined; readonly key?: string | undefined },
): Promise<z.infer<typeof Prediction> | null> {
  const answer = await answerOf(dataDir, () => ({ method: 'POST', path: PREDICT_PATHS[0], body }), LOOK_MS)
  return answer === undefined ? null : understood(Prediction, answer, 'the answer of the room')
}

/** The answer as JSON has it; undefined when no room runs. */
async function answerOf(
  dataDir: string,
  question: () => Question,
  timeoutMs: number,
  isUrgent = false,
): Promise<unknown> {
  const holder = holderOf(dataDir)
  if (holder === null || holder.url === null) return undefined
  const { url, pid } = holder
  try {
    return await askAt({ url, token: ownToken(dataDir) }, question(), AbortSignal.timeout(timeoutMs))
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'no_answer') throw error
    const next = isUrgent
      ? `it takes effect if the room goes on; to stop every answer now, end the room: kill -9 ${pid}`
      : `look at process ${pid}`
    throw new OperatorError(error.what, error.why, next, error.code, error.status)
  }
}
