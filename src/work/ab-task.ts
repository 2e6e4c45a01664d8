import { openStore } from '../db/store.ts'
import { seededRandom } from '../engine/kernel/random.ts'
import { compareArms, type AbArm, type AbComparison } from '../engine/trading/ab.ts'
import type { AbTask } from './task.ts'

/** Reads the closed trades of both arms from the database (for reading only) and compares them. */
export function compareStoredArms(task: AbTask): AbComparison {
  const { symbol, mode, splitMs, untilMs } = task
  const sinceMs = mode === 'concurrent' ? task.fromMs : 0
  const store = openStore(task.dataDir, 'read')
  try {
    const closed = (arm: string): AbArm => ({
      label: arm,
      trades: store.trading.closedBy(symbol, arm, sinceMs).filter(({ closedMs }) => closedMs <= untilMs),
    })
    const [a, b] = splitMs === null ? [closed(task.armA), closed(task.armB)] : splitAt(closed(task.armA), splitMs)
    const firstMs = ({ trades }: AbArm): number =>
      trades.reduce((least, { openedMs }) => Math.min(least, openedMs), untilMs)
    // What one of them did before the other began says nothing about the two.
    const fromMs = mode === 'concurrent' ? Math.max(sinceMs, firstMs(a), firstMs(b)) : Math.min(firstMs(a), firstMs(b))
    const since = ({ label, trades }: AbArm): AbArm => ({
      label,
      trades: trades.filter((one) => one.openedMs >= fromMs),
    })
    const { capital, look, seed } = task
    return compareArms(since(a), since(b), { mode, fromMs, untilMs, capital, look, random: seededRandom(seed) })
  } finally {
    store.db.close()
  }
}

/** One stream of trades, before and after a moment. */
function splitAt({ label, trades }: AbArm, splitMs: number): readonly [AbArm, AbArm] {
  return [
    { label: `${label} before`, trades: trades.filter(({ openedMs }) => openedMs < splitMs) },
    { label: `${label} after`, trades: trades.filter(({ openedMs }) => openedMs >= splitMs) },
  ]
}
