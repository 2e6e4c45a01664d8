import { FeatureStream } from '../engine/features/stream.ts'
import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'
import { faultOf, type Bar } from '../engine/market/bar.ts'
import { openBars } from '../feeds/bars-parquet.ts'
import type { Core } from './core.ts'

const MAX_FILLED = 5_000_000

export interface Filled {
  readonly filled: number
  readonly known: number
}

/**
 * Stores bars that fill gaps among those that are there, marked `backfilled`: they serve training and PSI, and rows that
 * were scored stay as they were. Bars newer than the newest are left alone.
 */
export async function fillGaps(
  core: Core,
  symbol: string,
  path: string,
  span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
): Promise<Filled> {
  const { store } = core
  const { desk } = core.station(symbol)
  const newestMs = desk.newestBar?.tsMs
  const found = new Map<UnixMs, Bar>()
  let known = 0
  if (newestMs === undefined) return { filled: 0, known }
  for await (const { rows } of openBars(path, { skipLines: 0 })) {
    for (const row of rows) {
      if (
        !('bar' in row) ||
        faultOf(row.bar) !== null ||
        row.bar.tsMs > newestMs ||
        row.bar.tsMs < span.fromMs ||
        row.bar.tsMs >= span.untilMs
      )
        continue
      if (found.has(row.bar.tsMs) || store.bars.has(symbol, row.bar.tsMs)) known++
      else if (found.size < MAX_FILLED) found.set(row.bar.tsMs, row.bar)
    }
  }
  const filled = [...found.values()].sort((a, b) => a.tsMs - b.tsMs)
  storeFilled(core, symbol, filled, {
    // The relative strength index has no end to its memory: the stream begins with the first bar there is.
    streamFromMs: Number.NEGATIVE_INFINITY,
    text: `${filled.length} bars filled gaps; rows that were scored stay as they were`,
  })
  return { filled: filled.length, known }
}

/**
 * Stores bars of minutes that have none, marked `backfilled`. Their rows come from a stream over all bars, as if they had
 * come in their time; no other row is touched.
 * @param filled sound bars older than the newest, ascending
 * @param how.streamFromMs where that stream begins; `text` is the event that tells of it
 */
export function storeFilled(
  core: Core,
  symbol: string,
  filled: readonly Bar[],
  how: { readonly streamFromMs: UnixMs; readonly text: string },
): void {
  const newestMs = core.station(symbol).desk.newestBar?.tsMs
  if (filled.length === 0 || newestMs === undefined) return
  core.store.db.transaction(() => {
    insertFilled(core, symbol, filled, newestMs, how.streamFromMs)
    core.station(symbol).desk.event('import', 'info', how.text)
  })
}

function insertFilled(
  core: Core,
  symbol: string,
  filled: readonly Bar[],
  newestMs: UnixMs,
  streamFromMs: UnixMs,
): void {
  const { store, options } = core
  const { desk } = core.station(symbol)
  const wallMs = options.wall.now()
  for (const bar of filled) store.bars.insert(symbol, bar, wallMs, true)
  const times = new Set(filled.map((bar) => bar.tsMs))
  const lastMs = filled.at(-1)?.tsMs ?? newestMs
  const firstMs = store.bars.span(symbol).firstMs ?? lastMs
  const stream = new FeatureStream()
  const touched = new Set<UnixMs>()
  for (const bar of store.bars.between(symbol, Math.max(firstMs, streamFromMs), lastMs + 1)) {
    const row = stream.push(bar)
    if (!times.has(bar.tsMs)) continue
    store.features.insert(symbol, row, wallMs)
    for (const [version, counts] of desk.drift) {
      const reference = desk.standing.find((model) => model.version === version)?.reference
      if (reference === undefined || row.tsMs < reference.window.untilMs || row.tsMs < newestMs - 8 * DAY_MS) continue
      counts.add(row)
      touched.add(floorTo(row.tsMs, HOUR_MS))
    }
  }
  for (const hourMs of touched) desk.persistDriftHour(hourMs)
}
