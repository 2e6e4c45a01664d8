import type { RollupCounts } from '../../db/rollups.ts'
import type { Source } from '../../engine/shadow/source.ts'

type Sums = Omit<RollupCounts, 'model' | 'source'>

/** What these sources came to, of one model or of all. */
export function sumOf(rows: readonly RollupCounts[], sources: readonly Source[], model?: string): Sums {
  const sum = { requests: 0, tried: 0, errors: 0, compared: 0, matched: 0, deltaSum: 0 }
  for (const row of rows) {
    if (!sources.some((source) => source === row.source) || (model !== undefined && row.model !== model)) continue
    sum.requests += row.requests
    sum.tried += row.tried
    sum.errors += row.errors
    sum.compared += row.compared
    sum.matched += row.matched
    sum.deltaSum += row.deltaSum
  }
  return sum
}
