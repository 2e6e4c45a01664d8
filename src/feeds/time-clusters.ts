/** Which times of a recording belong together, and which are wild. */
import { DAY_MS, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'

/** Rows of one week, wherever in the file they stand. */
interface Stretch {
  firstMs: UnixMs
  lastMs: UnixMs
  rows: number
  /** The row that comes first in the file, and its time as written. */
  line: number
  written: number
}

const STRETCH_MS = 7 * DAY_MS
/** Neighbours that are no further apart always belong together. */
const LEAP_MS = 7 * DAY_MS
/** Bars that must stand on the far side of a leap, as a share of its minutes. */
const BELIEVED_SHARE = 1 / 10_000

/** How many rows lie in which week: all that needs to be remembered of a file's times, whatever its length. */
export class Stretches {
  private readonly weeks = new Map<number, Stretch>()
  private counted = 0

  get rows(): number {
    return this.counted
  }

  add(tsMs: UnixMs, line: number, written: number): void {
    this.counted++
    const week = Math.floor(tsMs / STRETCH_MS)
    const known = this.weeks.get(week)
    if (known === undefined) {
      this.weeks.set(week, { firstMs: tsMs, lastMs: tsMs, rows: 1, line, written })
      return
    }
    known.rows++
    if (tsMs < known.firstMs) known.firstMs = tsMs
    if (tsMs > known.lastMs) known.lastMs = tsMs
  }

  /** Ascending. */
  all(): readonly Readonly<Stretch>[] {
    return [...this.weeks.values()].sort((a, b) => a.firstMs - b.firstMs)
  }
}

/**
 * The times that a recording is believed to hold. It begins with the weeks that hold most of the rows without a leap between
 * them, and goes on to both sides over every leap behind which enough bars stand: a ten thousandth of the minutes that it leaps.
 * A month without bars is believed with 5 bars on its far side, a year with 53, the way to 2100 with three days of them; one
 * wild row never is, wherever in the file it stands, nor is a last bar of all that leaps more than a week. The machine's clock
 * has no say here: it may be wrong itself.
 */
export function clusterOf(times: Stretches): {
  readonly span: { readonly firstMs: UnixMs; readonly lastMs: UnixMs } | null
  readonly wild: readonly Readonly<Stretch>[]
} {
  const all = times.all()
  const [firstOfCore, lastOfCore] = coreOf(all)
  let from = firstOfCore
  let to = lastOfCore
  let beyond = rowsOf(all.slice(to + 1))
  for (let next = all[to + 1]; next !== undefined; next = all[to + 1]) {
    if (!isBelieved(next.firstMs - (all[to]?.lastMs ?? 0), beyond)) break
    beyond -= next.rows
    to++
  }
  beyond = rowsOf(all.slice(0, from))
  for (let next = all[from - 1]; next !== undefined; next = all[from - 1]) {
    if (!isBelieved((all[from]?.firstMs ?? 0) - next.lastMs, beyond)) break
    beyond -= next.rows
    from--
  }
  const [first, last] = [all[from], all[to]]
  if (first === undefined || last === undefined) return { span: null, wild: all }
  return {
    span: { firstMs: first.firstMs, lastMs: last.lastMs },
    wild: all.filter((_, i) => i < from || i > to),
  }
}

/** Where the stretches without a leap between them that hold most of the rows begin and end. */
function coreOf(all: readonly Readonly<Stretch>[]): readonly [number, number] {
  let core: readonly [number, number] = [0, 0]
  let most = 0
  let begin = 0
  let rows = 0
  for (const [i, stretch] of all.entries()) {
    const previous = all[i - 1]
    if (previous !== undefined && stretch.firstMs - previous.lastMs > LEAP_MS) {
      begin = i
      rows = 0
    }
    rows += stretch.rows
    if (rows > most) {
      most = rows
      core = [begin, i]
    }
  }
  return core
}

function isBelieved(leapMs: number, rowsBeyond: number): boolean {
  return leapMs <= LEAP_MS || rowsBeyond >= (leapMs / MINUTE_MS) * BELIEVED_SHARE
}

function rowsOf(stretches: readonly Readonly<Stretch>[]): number {
  return stretches.reduce((sum, { rows }) => sum + rows, 0)
}
