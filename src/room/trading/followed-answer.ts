import { MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { WrittenTrade } from '../../engine/trading/own-trade.ts'
import { beganMs, liveRun } from '../canary/live-canaries.ts'
import type { Desk } from '../desk/desk.ts'

/** A trade that names a key follows an answer about a row of so long before it was opened. */
const KEY_REACH_MS = 10 * MINUTE_MS

/** The model and the row of an answer. */
interface FollowedAnswer {
  readonly modelVersion: string
  readonly rowMs: UnixMs
}

/**
 * The answer to a caller that a trade followed: by its id, or the newest before the trade that was given to its key. By key only
 * while a canary of days is or was compared: nothing else needs it, and answers are not kept by their keys. Null where the trade names
 * none, where there is none (any more), and where it abstained or came after the trade was opened.
 */
export function followedAnswer(desk: Desk, { predictionId, key, openedMs }: WrittenTrade): FollowedAnswer | null {
  const { symbol } = desk
  const { predictions } = desk.parts.store
  const run = liveRun(desk)
  const byKey = key !== null && run !== null && openedMs >= beganMs(run)
  const answer =
    predictionId !== null
      ? predictions.answer(symbol, predictionId)
      : byKey
        ? predictions.answerOfKey(symbol, key, openedMs - KEY_REACH_MS, openedMs)
        : null
  if (answer === null || answer.source !== 'caller' || answer.decision === 'abstain' || answer.tsMs >= openedMs)
    return null
  return { modelVersion: answer.model, rowMs: answer.tsMs }
}
