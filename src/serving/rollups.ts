import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { TIMED_SOURCES, type Source } from '../engine/shadow/source.ts'
import { LatencyHistogram } from '../db/latency-histogram.ts'
import type { RollupRow } from '../db/rollups.ts'
import { addLatencies, LatencyBooks, takeLatencies } from './histogram.ts'
import { countsFor, entryOf, noEntry, rowOf, type Entry, type EventKey, type Minute } from './rollup-entry.ts'
import { type PhaseBook, PhaseBooks } from './phase-books.ts'
import { addTotals, LATENCY_BOUNDS, type LatencyBounds, noTotals, type Totals } from './totals.ts'

const WINDOW_MS = DAY_MS
/** So many minutes are taken off the day's sum one by one. */
const NEAR_MS = HOUR_MS / 4

/**
 * The roll-ups of one symbol's last 24 hours: per minute, model, source and canary phase. Everything that judges reads
 * these and none reads raw rows. Whole hours are summed once, so a window of a day costs about 140 additions.
 */
export class RollupBook {
  private readonly minutes = new Map<UnixMs, Minute>()
  private readonly hours = new Map<UnixMs, Entry[]>()
  private readonly service = LatencyHistogram.empty()
  private readonly own = new LatencyBooks()
  private readonly phases = new PhaseBooks()
  private readonly timedMinutes: Minute[] = []
  private dirty: Minute[] = []
  private oldestMs = Number.POSITIVE_INFINITY
  private newestMs = Number.NEGATIVE_INFINITY
  /** Minutes before it no longer count in the day's sums, even when a request is still answered from their row. */
  private dayFromMs = Number.NEGATIVE_INFINITY
  private counted = 0

  constructor(
    private readonly symbol: string,
    private readonly bounds: LatencyBounds = LATENCY_BOUNDS,
  ) {}

  /** Grows with everything that is counted: what was read before is out of date when it differs. */
  get changes(): number {
    return this.counted
  }

  /** An answer was given by `model`. */
  answered(key: EventKey, abstained: boolean, latencyMs: number | null): void {
    const entry = this.entry(key)
    const { totals } = entry
    totals.requests++
    if (abstained) totals.abstained++
    if (latencyMs === null) return
    totals.timed++
    const { answers } = this.bounds
    if (latencyMs > answers[0]) totals.above80++
    if (latencyMs > answers[1]) totals.above120++
    entry.service.record(latencyMs)
    if (key.tsMs < this.dayFromMs) return
    this.noteTimed(key.tsMs)
    if (TIMED_SOURCES.includes(key.source)) this.service.record(latencyMs)
  }

  /** `model` was asked for a score, in charge or in the shadow. */
  tried(key: EventKey, ok: boolean, modelMs: number | null): void {
    const entry = this.entry(key)
    const { shadow, model } = this.bounds
    for (const totals of this.sumsOf(key, entry)) {
      totals.tried++
      if (!ok) totals.errors++
      if (modelMs === null) continue
      totals.modelTimed++
      if (modelMs > shadow) totals.modelAbove60++
      if (modelMs > model[0]) totals.modelAbove80++
      if (modelMs > model[1]) totals.modelAbove120++
    }
    if (modelMs === null) return
    if (key.phase !== '') this.phases.of(key.phase).own.record(modelMs)
    entry.own.record(modelMs)
    if (key.tsMs < this.dayFromMs) return
    this.noteTimed(key.tsMs)
    if (TIMED_SOURCES.includes(key.source)) this.own.of(key.model).record(modelMs)
  }

  compared(key: EventKey, delta: number, matched: boolean): void {
    for (const totals of this.sumsOf(key)) {
      totals.compared++
      if (matched) totals.matched++
      totals.deltaSum += delta
      if (delta > totals.deltaMax) totals.deltaMax = delta
    }
  }

  /** What a canary's phase has counted: requests and probes apart, and the candidate's latencies. */
  phase(key: string): PhaseBook {
    return this.phases.of(key)
  }

  /** Takes in what a phase had counted before the stored rows that `load` is given. */
  loadPhase(rows: readonly RollupRow[]): void {
    for (const row of rows) this.phases.add(entryOf(row))
  }

  /** Where an event counts: in its minute, and in the phase of a canary that it is part of. */
  private sumsOf(key: EventKey, { totals } = this.entry(key)): readonly Totals[] {
    return key.phase === '' ? [totals] : [totals, this.phases.totalsOf(key)]
  }

  /** Sum over `fromMs <= tsMs < untilMs`, of one model or of all, of these sources. */
  totals(fromMs: UnixMs, untilMs: UnixMs, sources: readonly Source[], model?: string): Totals {
    const sum = noTotals()
    this.over(fromMs, untilMs, (entries) => {
      for (const entry of entries) {
        if ((model === undefined || entry.model === model) && sources.includes(entry.source))
          addTotals(sum, entry.totals)
      }
    })
    return sum
  }

  /** Answers by the model that gave them. */
  answersBy(fromMs: UnixMs, untilMs: UnixMs, sources: readonly Source[]): Map<string, number> {
    const by = new Map<string, number>()
    this.over(fromMs, untilMs, (entries) => {
      for (const entry of entries) {
        if (entry.totals.requests > 0 && sources.includes(entry.source))
          by.set(entry.model, (by.get(entry.model) ?? 0) + entry.totals.requests)
      }
    })
    return by
  }

  /** Latencies of the last 24 h of minute and caller requests (not probes, not history). */
  serviceDay(): LatencyHistogram {
    return this.service
  }

  /**
   * The same of a span that those 24 hours hold up to their end and from near their beginning: summing it up anew takes a tenth
   * of a second. Null for any other span.
   */
  serviceOver(fromMs: UnixMs, untilMs: UnixMs): LatencyHistogram | null {
    if (fromMs < this.dayFromMs || fromMs > this.dayFromMs + NEAR_MS || this.newestMs >= untilMs) return null
    const before = this.timedMinutes.filter(({ tsMs }) => tsMs < fromMs)
    if (before.length === 0) return this.service
    const rest = LatencyHistogram.empty()
    rest.add(this.service)
    for (const { entries } of before)
      for (const { source, service } of entries) if (TIMED_SOURCES.includes(source)) takeLatencies(rest, service)
    return rest
  }

  modelDay(model: string): LatencyHistogram {
    return this.own.of(model)
  }

  /** Merged latencies of a shorter span, for the screen and a report. */
  latencies(fromMs: UnixMs, untilMs: UnixMs, model?: string): { service: LatencyHistogram; own: LatencyHistogram } {
    const service = LatencyHistogram.empty()
    const own = LatencyHistogram.empty()
    for (const minute of this.timedMinutes) {
      if (minute.tsMs < fromMs || minute.tsMs >= untilMs) continue
      for (const entry of minute.entries) {
        if (!TIMED_SOURCES.includes(entry.source)) continue
        addLatencies(service, entry.service)
        if (model === undefined || entry.model === model) addLatencies(own, entry.own)
      }
    }
    return { service, own }
  }

  /** Forgets what no 24-hour window that ends at `nowMs` or later can reach. */
  expire(nowMs: UnixMs): void {
    const before = nowMs - WINDOW_MS
    this.dayFromMs = Math.max(this.dayFromMs, before)
    while (this.timedMinutes[0] !== undefined && this.timedMinutes[0].tsMs < before)
      this.takeOut(this.timedMinutes.shift())
    if (this.oldestMs >= before) return
    for (const [tsMs, minute] of this.minutes) {
      if (tsMs >= before) break
      // The newest minute stays: until the next bar comes, callers are answered from its row.
      if (!minute.dirty && tsMs !== this.newestMs) this.minutes.delete(tsMs)
    }
    for (const hourMs of this.hours.keys()) if (hourMs < before) this.hours.delete(hourMs)
    this.oldestMs = this.minutes.keys().next().value ?? Number.POSITIVE_INFINITY
  }

  /** Rows that changed since they were last taken, to be written in the caller's transaction. */
  takeDirty(): RollupRow[] {
    const newest = this.dirty.at(-1)
    const rows = this.dirty.flatMap((minute) =>
      minute.entries.map((entry) => rowOf(this.symbol, minute.tsMs, entry, minute !== newest)),
    )
    for (const minute of this.dirty) minute.dirty = false
    this.dirty = []
    return rows
  }

  /** Takes stored rows in, ascending by time; those of minutes from `exceptFromMs` on are to be counted anew. */
  load(rows: readonly RollupRow[], exceptFromMs: UnixMs): void {
    for (const row of rows) {
      if (row.tsMs >= exceptFromMs) continue
      const minute = this.minuteOf(row.tsMs)
      const entry = entryOf(row)
      minute.entries.push(entry)
      this.phases.add(entry)
      if (!entry.service.some && !entry.own.some) continue
      if (this.timedMinutes.at(-1) !== minute) this.timedMinutes.push(minute)
      if (!TIMED_SOURCES.includes(entry.source)) continue
      addLatencies(this.service, entry.service)
      addLatencies(this.own.of(entry.model), entry.own)
    }
  }

  private over(fromMs: UnixMs, untilMs: UnixMs, visit: (entries: readonly Entry[]) => void): void {
    let at = floorTo(fromMs + MINUTE_MS - 1, MINUTE_MS)
    while (at < untilMs) {
      if (at % HOUR_MS === 0 && at + HOUR_MS <= untilMs) {
        visit(this.hourOf(at))
        at += HOUR_MS
      } else {
        const minute = this.minutes.get(at)
        if (minute !== undefined) visit(minute.entries)
        at += MINUTE_MS
      }
    }
  }

  private hourOf(hourMs: UnixMs): readonly Entry[] {
    const known = this.hours.get(hourMs)
    if (known !== undefined) return known
    const sums: Entry[] = []
    for (let at = hourMs; at < hourMs + HOUR_MS; at += MINUTE_MS) {
      for (const entry of this.minutes.get(at)?.entries ?? []) {
        let sum = sums.find((candidate) => countsFor(candidate, entry))
        if (sum === undefined) {
          sum = noEntry(entry)
          sums.push(sum)
        }
        addTotals(sum.totals, entry.totals)
      }
    }
    this.hours.set(hourMs, sums)
    return sums
  }

  private minuteOf(tsMs: UnixMs): Minute {
    let minute = this.minutes.get(tsMs)
    if (minute === undefined) {
      minute = { tsMs, entries: [], dirty: false }
      this.minutes.set(tsMs, minute)
      if (tsMs < this.oldestMs) this.oldestMs = tsMs
      if (tsMs > this.newestMs) this.newestMs = tsMs
    }
    return minute
  }

  private entry(key: EventKey): Entry {
    this.counted++
    const minute = this.minuteOf(key.tsMs)
    if (!minute.dirty) {
      minute.dirty = true
      this.dirty.push(minute)
    }
    this.hours.delete(floorTo(key.tsMs, HOUR_MS))
    for (const entry of minute.entries) {
      if (countsFor(entry, key)) return entry
    }
    const entry = noEntry(key)
    minute.entries.push(entry)
    return entry
  }

  private noteTimed(tsMs: UnixMs): void {
    const minute = this.minuteOf(tsMs)
    if (this.timedMinutes.at(-1) !== minute && !this.timedMinutes.includes(minute)) this.timedMinutes.push(minute)
  }

  private takeOut(minute: Minute | undefined): void {
    for (const entry of minute?.entries ?? []) {
      if (!TIMED_SOURCES.includes(entry.source)) continue
      takeLatencies(this.service, entry.service)
      takeLatencies(this.own.of(entry.model), entry.own)
    }
  }
}
