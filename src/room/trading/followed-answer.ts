import { setImmediate as othersTurn } from 'node:timers/promises'
import type { GivenAnswer } from '../../db/predictions.ts'
import { floorTo, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { WrittenTrade } from '../../engine/trading/own-trade.ts'
import { beganMs, liveRun } from '../canary/live-canaries.ts'
import type { Desk } from '../desk/desk.ts'

/** A trade that names a key follows an answer about a row of so long before it was opened. */
const KEY_REACH_MS = 10 * MINUTE_MS

/** The model and the row of an answer. */
export interface FollowedAnswer {
  readonly modelVersion: string
  readonly rowMs: UnixMs
}

/**
 * The answer to a caller that each trade followed: by its id, or the newest before the trade that was given to its key. By key only
 * while a canary of days is or was compared: nothing else needs it, and answers are not kept by their keys. A trade is left out where it
 * names none, where there is none (any more), and where it abstained or came after the trade was opened. Callers have their turn
 * between the minutes that are read.
 */
export async function followedAnswers(
  desk: Desk,
  trades: readonly WrittenTrade[],
): Promise<ReadonlyMap<WrittenTrade, FollowedAnswer>> {
  const { symbol } = desk
  const { predictions } = desk.parts.store
  const run = liveRun(desk)
  const ofKey = run === null ? () => null : await answersOfKeys(desk, trades.filter(byKeySince(beganMs(run))))
  const followed = new Map<WrittenTrade, FollowedAnswer>()
  for (const trade of trades) {
    const { predictionId, openedMs } = trade
    const answer = predictionId === null ? ofKey(trade) : predictions.answer(symbol, predictionId)
    if (answer?.source === 'caller' && answer.decision !== 'abstain' && answer.tsMs <= newestRowAt(openedMs))
      followed.set(trade, { modelVersion: answer.model, rowMs: answer.tsMs })
  }
  return followed
}

/** A row is there when its minute has ended; an answer about a newer one came after the trade. */
function newestRowAt(openedMs: UnixMs): UnixMs {
  return openedMs - MINUTE_MS
}

function byKeySince(fromMs: UnixMs): (trade: WrittenTrade) => boolean {
  return ({ predictionId, key, openedMs }) => predictionId === null && key !== null && openedMs >= fromMs
}

async function answersOfKeys(
  { symbol, parts }: Desk,
  trades: readonly WrittenTrade[],
): Promise<(trade: WrittenTrade) => GivenAnswer | null> {
  const keysAt = new Map<UnixMs, Set<string>>()
  for (const { key, openedMs } of trades) {
    if (key === null) continue
    const firstMs = floorTo(openedMs - KEY_REACH_MS, MINUTE_MS)
    for (let at = firstMs; at <= newestRowAt(openedMs); at += MINUTE_MS)
      keysAt.set(at, (keysAt.get(at) ?? new Set<string>()).add(key))
  }
  /** By key, the newest of each minute, ascending. */
  const answers = new Map<string | null, GivenAnswer[]>()
  for (const [at, keys] of [...keysAt].sort(([a], [b]) => a - b)) {
    for (const answer of parts.store.predictions.newestOfKeys(symbol, [...keys], at, at + MINUTE_MS)) {
      const before = answers.get(answer.key)
      if (before === undefined) answers.set(answer.key, [answer])
      else before.push(answer)
    }
    await othersTurn()
  }
  return ({ key, openedMs }) =>
    answers.get(key)?.findLast(({ tsMs }) => tsMs >= openedMs - KEY_REACH_MS && tsMs <= newestRowAt(openedMs)) ?? null
}
