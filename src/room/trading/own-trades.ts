import type { TradesDocument } from '../../control/paper-answers.ts'
import { SET_NAMES } from '../../db/schema-sets.ts'
import { conflict, invalid } from '../../engine/kernel/errors.ts'
import { floorTo, MINUTE_MS } from '../../engine/kernel/units.ts'
import { ARM_LABEL, ARM_LABEL_WORDS, ownTrade, type WrittenTrade } from '../../engine/trading/own-trade.ts'
import type { Desk } from '../desk/desk.ts'
import { armsOf } from './arms.ts'
import type { FollowedAnswer } from './followed-answer.ts'
import { courseAt } from './trade-minute.ts'

/**
 * Stores closed trades of the user's own bot under an arm, with the answers that they followed. A trade is known by its id: what is
 * there already stays as it is.
 * @throws OperatorError for a label that is not one, and where the arm is one that onay trades itself
 */
export function takeTrades(
  desk: Desk,
  arm: string,
  written: readonly WrittenTrade[],
  answers: ReadonlyMap<WrittenTrade, FollowedAnswer>,
): TradesDocument {
  if (!ARM_LABEL.test(arm))
    throw invalid(`"${arm}" is not a valid arm`, `a label has ${ARM_LABEL_WORDS}`, 'choose another one', 'arm')
  const { symbol, parts } = desk
  const { trading, features } = parts.store
  const isTaken = [...SET_NAMES, ...armsOf(desk).map(({ label }) => label)].some((label) => label === arm)
  if (isTaken || trading.newestTrades(symbol, arm, 1)[0]?.source === 'paper')
    throw conflict(
      `${arm} is an arm that trades on paper`,
      'its trades come from its model',
      'choose another label',
      'arm',
    )
  const answer = { added: 0, followed: 0, known: 0, rejected: [] as { index: number; reason: string }[] }
  desk.transaction(() => {
    for (const [index, one] of written.entries()) {
      const trade = ownTrade(one)
      if (typeof trade === 'string') answer.rejected.push({ index, reason: trade })
      else if (trading.has(symbol, arm, trade.id)) answer.known++
      else {
        // The last minute that had ended when it was opened: what its regime is judged by.
        const endedMs = floorTo(trade.openedMs, MINUTE_MS) - MINUTE_MS
        const rv60mLog = features.column(symbol, 'rv_60m_log', endedMs, endedMs + 1).get(endedMs) ?? null
        const followed = answers.get(one)
        const own = { symbol, arm, source: 'own', wallMs: parts.wallNow() } as const
        const { modelVersion, rowMs } = followed ?? { modelVersion: null, rowMs: null }
        desk.paper.closed({ ...trade, ...own, modelVersion, rowMs, rv60mLog, regime: courseAt(desk, endedMs) })
        answer.added++
        if (followed !== undefined) answer.followed++
      }
    }
    if (answer.added > 0) desk.events.log('import', 'info', `${answer.added} trades of ${arm} were brought in`)
  })
  return { symbol, arm, ...answer }
}
