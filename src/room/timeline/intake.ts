import { idPrefix } from '../../db/predictions.ts'
import { floorTo, HOUR_MS, MINUTE_MS, type UnixMs, minuteText } from '../../engine/kernel/units.ts'
import { faultOf, type Bar, type BarFault } from '../../engine/market/bar.ts'
import type { RecordedRow } from '../../feeds/recording.ts'
import type { Desk } from '../desk/desk.ts'

const MAX_EXCERPT = 120

export type IntakeResult = { readonly ok: true } | { readonly ok: false; readonly fault: BarFault }

/**
 * Takes one row of a feed in: its bar stored, its feature row computed and stored, counted for drift. A bar that does not fit
 * is counted, named and dropped, and bends nothing. Inside the caller's transaction.
 * @param nowMs the moment up to which bars may be known; a bar of a later minute is from the future
 * @param gapMin gaps of more minutes are events; shorter ones stand in the completeness alone
 */
export function takeRow(desk: Desk, row: RecordedRow, nowMs: UnixMs, gapMin: number): IntakeResult {
  if (row.line > 0) desk.tape.readLine(row.line)
  if ('fault' in row) return drop(desk, row.fault, null, row.line, row.text, row.times)
  const fault = faultOf(row.bar) ?? faultInTime(desk, row.bar, nowMs)
  if (fault !== null) return drop(desk, fault, row.bar, row.line, '')
  accept(desk, row.bar, gapMin)
  return { ok: true }
}

function faultInTime(desk: Desk, bar: Bar, nowMs: UnixMs): BarFault | null {
  if (bar.tsMs + MINUTE_MS > nowMs) return 'future'
  const newest = desk.tape.newestBar
  if (newest === null || bar.tsMs > newest.tsMs) return null
  if (bar.tsMs === newest.tsMs) return 'duplicate'
  return desk.parts.store.bars.has(desk.symbol, bar.tsMs) ? 'duplicate' : 'late'
}

function drop(desk: Desk, fault: BarFault, bar: Bar | null, line: number, text: string, times?: number): IntakeResult {
  const { store, wallNow } = desk.parts
  desk.tape.countDropped(fault, times)
  const excerpt =
    text === '' && bar !== null ? `${bar.tsMs},${bar.open},${bar.high},${bar.low},${bar.close},${bar.volume}` : text
  store.feeds.nameDrop(
    desk.symbol,
    {
      tsMs: bar === null || !Number.isSafeInteger(bar.tsMs) ? null : bar.tsMs,
      line: line > 0 ? line : null,
      fault,
      text: excerpt.slice(0, MAX_EXCERPT),
    },
    wallNow(),
  )
  return { ok: false, fault }
}

function accept(desk: Desk, bar: Bar, gapMin: number): void {
  const { tape, drift, dayScores } = desk
  const { store, wallNow } = desk.parts
  const wallMs = wallNow()
  const previous = tape.newestBar
  const missing = previous === null ? 0 : (bar.tsMs - previous.tsMs) / MINUTE_MS - 1
  if (previous !== null && missing > gapMin) {
    const from = minuteText(previous.tsMs + MINUTE_MS)
    desk.events.log('gap', 'warning', `gap: ${missing} minutes missing from ${from} UTC`)
  }
  const row = tape.accept(bar)
  dayScores.complete(row)
  desk.own.complete(row)
  store.bars.insert(desk.symbol, bar, wallMs, false)
  store.features.insert(desk.symbol, row, wallMs)
  for (const closed of tape.closedFrames) store.frames.insert(desk.symbol, closed, wallMs)
  drift.count(row)
  const hourMs = floorTo(bar.tsMs, HOUR_MS)
  if (previous !== null && floorTo(previous.tsMs, HOUR_MS) !== hourMs)
    drift.persistHour(floorTo(previous.tsMs, HOUR_MS))
  desk.settlement.sawBar(bar)
}

/** The id of a prediction made while history is run through: one a minute, the same in every run. */
export function historyId(tsMs: UnixMs): string {
  return `${idPrefix(tsMs)}-h`
}
