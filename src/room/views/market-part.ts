import { DAY_MS, floorTo, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { MarketPart, MarketSpan } from '../../control/view.ts'
import type { Desk } from '../desk/desk.ts'

const SPAN_MS = 15 * MINUTE_MS
const SPANS = DAY_MS / SPAN_MS

interface Course {
  readonly key: string
  readonly spans: readonly MarketSpan[]
}

/** The market of each symbol. Its course is read once a quarter of an hour of the market clock, not for every frame. */
export class MarketViews {
  private readonly courses = new Map<string, Course>()

  of(desk: Desk): MarketPart {
    const { lineUp, tape, parts } = desk
    const bar = tape.newestBar
    return {
      price: bar?.close ?? null,
      dayChange: bar === null ? null : changeSince(desk, bar.tsMs - DAY_MS, bar.close),
      course: bar === null ? [] : this.course(desk, bar.tsMs),
      predicts: parts.limits.label,
      threshold: (lineUp.inCharge?.model ?? desk.fallback).threshold + (lineUp.inCharge?.calibration.raisedBy ?? 0),
      baseRate: lineUp.inCharge?.offline?.baseRate ?? null,
    }
  }

  private course(desk: Desk, newestMs: UnixMs): readonly MarketSpan[] {
    const untilMs = floorTo(newestMs, SPAN_MS) + SPAN_MS
    const key = `${untilMs}/${desk.lineUp.inCharge?.sha256 ?? ''}`
    const known = this.courses.get(desk.symbol)
    if (known?.key === key) return known.spans
    const spans = courseOf(desk, untilMs)
    this.courses.set(desk.symbol, { key, spans })
    return spans
  }
}

/** How far a price is from the close of that minute, as a share; null without it. */
export function changeSince(desk: Desk, tsMs: UnixMs, price: number): number | null {
  const [then] = desk.parts.store.bars.between(desk.symbol, tsMs, tsMs + MINUTE_MS)
  return then === undefined ? null : price / then.close - 1
}

function courseOf(desk: Desk, untilMs: UnixMs): readonly MarketSpan[] {
  const { store } = desk.parts
  const { inCharge } = desk.lineUp
  const fromMs = untilMs - DAY_MS
  const spans: { close: number | null; cameTrue: number; didNot: number }[] = Array.from({ length: SPANS }, () => ({
    close: null,
    cameTrue: 0,
    didNot: 0,
  }))
  const spanAt = (tsMs: UnixMs): (typeof spans)[number] | undefined => spans[Math.floor((tsMs - fromMs) / SPAN_MS)]
  for (const bar of store.bars.between(desk.symbol, fromMs, untilMs)) {
    const span = spanAt(bar.tsMs)
    if (span !== undefined) span.close = bar.close
  }
  if (inCharge === null) return spans
  for (const { tsMs, label, score } of store.predictions.settled(desk.symbol, inCharge.version, fromMs, untilMs)) {
    const span = spanAt(tsMs)
    if (span === undefined || score < inCharge.model.threshold) continue
    if (label === 1) span.cameTrue++
    else span.didNot++
  }
  return spans
}
