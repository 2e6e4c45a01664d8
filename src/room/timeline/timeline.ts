import type { UnixMs } from '../../engine/kernel/units.ts'
import { faultOf, knownAt, type Bar } from '../../engine/market/bar.ts'
import { marketTimeMs } from '../../engine/market/market-clock.ts'
import type { RecordedRow } from '../../feeds/recording.ts'
import type { Desk } from '../desk/desk.ts'
import { takeRow, type IntakeResult } from './intake.ts'
import type { Moment, MomentKind, TimelineParts } from './moment.ts'
import { ORDER, type Step } from './order.ts'

/** Rows that are known at a moment. */
export interface MomentRows {
  readonly rows: readonly RecordedRow[]
  readonly atMs: UnixMs
}

/** A pushed bar may be a little early: clocks differ. */
const EARLY_MS = 2_000

/**
 * Lets everything that is due at one moment of the market clock happen, by the one table of the order. Whoever brings the
 * bars calls it: a recording, an exchange, a push, or a run through history. What a transaction does is undone in memory too
 * when it fails, so that the same moment can be gone through again.
 */
export class Timeline {
  private readonly steps: Readonly<Record<MomentKind, readonly Step[]>>

  constructor(private readonly parts: TimelineParts) {
    const of = (kind: MomentKind): readonly Step[] => ORDER.filter((step) => step.kinds.includes(kind))
    this.steps = {
      live: of('live'),
      push: of('push'),
      between: of('between'),
      waiting: of('waiting'),
      history: of('history'),
    }
  }

  /** A moment of a room that is open: predictions go through the service, like a caller's. */
  live(desk: Desk, rows: readonly RecordedRow[], atMs: UnixMs): Promise<readonly IntakeResult[]> {
    return this.goThrough('live', desk, rows, atMs)
  }

  /** Bars that come in between two moments: scored and settled, and stored when this resolves. @param wallMs the machine's clock */
  push(desk: Desk, rows: readonly RecordedRow[], wallMs: UnixMs): Promise<readonly IntakeResult[]> {
    const knownMs = wallMs + EARLY_MS
    const newest = newestOf(desk, rows, knownMs)
    const atMs = marketTimeMs(newest, wallMs)
    if (newest !== null) desk.tape.startClock(atMs)
    return this.goThrough('push', desk, rows, atMs, knownMs)
  }

  /** A moment of a real feed within a minute: the alert rules each half of it, and the judge of a canary that runs. */
  async between(desk: Desk, atMs: UnixMs): Promise<void> {
    await this.goThrough('between', desk, [], atMs)
  }

  /** A moment of history that may wait for long work; see `nextWait`. */
  async waiting(desk: Desk, rows: readonly RecordedRow[], atMs: UnixMs): Promise<void> {
    await this.goThrough('waiting', desk, rows, atMs)
  }

  /** Moments of history, whole, in one transaction: all of them, or none. */
  history(desk: Desk, moments: Iterable<MomentRows>): void {
    desk.transaction(() => {
      for (const { rows, atMs } of moments) {
        const moment = begin('history', desk, rows, { atMs, knownMs: atMs })
        for (const step of this.steps.history) if (isDue(step, atMs)) void step.run(this.parts, moment)
      }
      desk.persist()
    })
  }

  /** Rows of minutes that have passed, more than a moment should hold: named, counted, stored, and nothing else happens. */
  passed(desk: Desk, rows: readonly RecordedRow[]): void {
    desk.transaction(() => {
      for (const row of rows) takeRow(desk, row, desk.tape.feed.clockMs, this.parts.config.features.gap_min)
      desk.persist()
    })
  }

  /** What moments leave behind: feature logs, the files of the outbox, the pages of days, the digests of busy ones. */
  writeOut(): void {
    const { desks, pages, busyDays } = this.parts
    desks.writeLogs()
    desks.drainOutbox()
    pages?.wake()
    busyDays?.wake()
  }

  private async goThrough(
    kind: MomentKind,
    desk: Desk,
    rows: readonly RecordedRow[],
    atMs: UnixMs,
    knownMs = atMs,
  ): Promise<readonly IntakeResult[]> {
    const moment = begin(kind, desk, rows, { atMs, knownMs })
    const due = this.steps[kind].filter((step) => isDue(step, atMs))
    try {
      desk.unsaved.writeKept()
      for (const group of grouped(due)) {
        const [first] = group
        if (first?.within === 'alone') await first.run(this.parts, moment)
        else
          desk.transaction(() => {
            for (const step of group) void step.run(this.parts, moment)
          })
      }
    } catch (error) {
      // Steps outside a transaction may fail too, with memory ahead of what is stored.
      desk.undone()
      throw error
    }
    return moment.taken
  }
}

function begin(
  kind: MomentKind,
  desk: Desk,
  rows: readonly RecordedRow[],
  times: Pick<Moment, 'atMs' | 'knownMs'>,
): Moment {
  desk.tape.enterMoment(times.atMs)
  return { kind, desk, ...times, rows, taken: [], reported: false }
}

/** The newest bar once these have been taken in. */
function newestOf(desk: Desk, rows: readonly RecordedRow[], knownMs: UnixMs): Bar | null {
  return rows.reduce<Bar | null>((newest, row) => {
    if (!('bar' in row) || faultOf(row.bar) !== null || knownAt(row.bar) > knownMs) return newest
    return newest === null || row.bar.tsMs > newest.tsMs ? row.bar : newest
  }, desk.tape.newestBar)
}

function isDue({ everyMs }: Step, atMs: UnixMs): boolean {
  return everyMs === undefined || atMs % everyMs === 0
}

/** Neighbouring steps that share a transaction; a step outside one is a group by itself. */
function grouped(steps: readonly Step[]): readonly (readonly Step[])[] {
  const groups: Step[][] = []
  for (const step of steps) {
    const last = groups.at(-1)
    if (step.within !== 'alone' && last?.[0]?.within === step.within) last.push(step)
    else groups.push([step])
  }
  return groups
}
