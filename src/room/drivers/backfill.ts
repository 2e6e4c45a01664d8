import { FeatureStream } from '../../engine/features/stream.ts'
import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { faultOf, type Bar } from '../../engine/market/bar.ts'
import { openBars } from '../../feeds/bars-parquet.ts'
import { recordedRow } from '../../feeds/recording.ts'
import type { Survey } from '../../feeds/survey.ts'
import type { Desk } from '../desk/desk.ts'
import { digestLate } from '../record/day-digests.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

/** Bars that are filled in one go; a longer file takes several, each going on behind the line where the last one stopped. */
const MAX_FILLED = 500_000
/** Over two days Wilder's averages and the half-lives of half an hour forget where they began, to the last digit. */
const STREAM_WARM_MS = 2 * DAY_MS
/** Rows that are older than PSI's window and a day are in no window any more. */
const COUNTED_MS = 8 * DAY_MS

interface Filled {
  readonly filled: number
  readonly known: number
}

/**
 * Stores bars that fill gaps among those that are there, marked `backfilled`: they serve training and PSI, and rows that
 * were scored stay as they were. Bars newer than the newest are left alone.
 */
export async function fillGaps(
  desk: Desk,
  evidence: EvidenceWriter,
  survey: Survey,
  span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
  signal: AbortSignal,
): Promise<Filled> {
  const newestMs = desk.tape.newestBar?.tsMs
  const all = { filled: 0, known: 0 }
  if (newestMs === undefined) return all
  const within = { fromMs: span.fromMs, untilMs: Math.min(span.untilMs, newestMs + 1) }
  for (let line: number | null = 0; line !== null; ) {
    const found = await findGaps(desk, survey, within, { line, signal })
    const filled = [...found.bars.values()].sort((a, b) => a.tsMs - b.tsMs)
    storeFilled(desk, filled, {
      evidence,
      text: filledText(filled.length),
    })
    all.filled += filled.length
    all.known += found.known
    line = found.stoppedAt
  }
  return all
}

/** The event about bars that filled gaps. */
export function filledText(bars: number): string {
  return `${bars} bars filled gaps; rows that were scored stay as they were`
}

interface FoundBars {
  readonly bars: ReadonlyMap<UnixMs, Bar>
  readonly known: number
  /** The line that was read last, where there may be more; null at the end of the file. */
  readonly stoppedAt: number | null
}

async function findGaps(
  desk: Desk,
  survey: Survey,
  span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
  { line, signal }: { readonly line: number; readonly signal: AbortSignal },
): Promise<FoundBars> {
  const { bars: stored } = desk.parts.store
  const bars = new Map<UnixMs, Bar>()
  let known = 0
  for await (const { rows } of openBars(survey.path, { skipLines: line, signal })) {
    for (const written of rows) {
      const row = recordedRow(written, survey)
      if (!('bar' in row) || faultOf(row.bar) !== null) continue
      const { tsMs } = row.bar
      if (tsMs < span.fromMs || tsMs >= span.untilMs) continue
      if (bars.has(tsMs) || stored.has(desk.symbol, tsMs)) known++
      else bars.set(tsMs, row.bar)
      if (bars.size === MAX_FILLED) return { bars, known, stoppedAt: row.line }
    }
  }
  return { bars, known, stoppedAt: null }
}

/**
 * Stores bars of minutes that have none, marked `backfilled`. Their rows come from a stream over all bars, as if they had
 * come in their time; no other row is touched.
 * @param filled sound bars older than the newest, ascending
 * @param how.evidence gets the digests of their days anew; `text` is the event about it
 */
export function storeFilled(
  desk: Desk,
  filled: readonly Bar[],
  how: { readonly evidence: EvidenceWriter; readonly text: string },
): void {
  const newestMs = desk.tape.newestBar?.tsMs
  if (filled.length === 0 || newestMs === undefined) return
  desk.transaction(() => {
    insertFilled(desk, filled, newestMs)
    const times = filled.map((bar) => bar.tsMs)
    digestLate(how.evidence, desk.symbol, times, 'bars filled gaps', desk.tape.momentMs)
    desk.events.log('import', 'info', how.text)
  })
}

function insertFilled(desk: Desk, filled: readonly Bar[], newestMs: UnixMs): void {
  const { symbol } = desk
  const { store, wallNow } = desk.parts
  const wallMs = wallNow()
  for (const bar of filled) store.bars.insert(symbol, bar, wallMs, true)
  const times = new Set(filled.map((bar) => bar.tsMs))
  const firstMs = filled.at(0)?.tsMs ?? newestMs
  const lastMs = filled.at(-1)?.tsMs ?? newestMs
  const stream = new FeatureStream(desk.catalogue)
  const touched = new Set<UnixMs>()
  for (const bar of store.bars.between(symbol, firstMs - STREAM_WARM_MS, lastMs + 1)) {
    const row = stream.push(bar)
    if (!times.has(bar.tsMs)) continue
    store.features.insert(symbol, row, wallMs)
    if (desk.drift.countLate(row, desk.standing, newestMs - COUNTED_MS)) touched.add(floorTo(row.tsMs, HOUR_MS))
  }
  for (const hourMs of touched) desk.drift.persistHour(hourMs)
  desk.dayScores.restore(desk.standing, desk.latest)
  desk.tape.gapsFilled()
}
