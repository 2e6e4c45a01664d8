import type { UnixMs } from '../engine/kernel/units.ts'

/** How a run ended: a word or a figure for the screen, and whether it succeeded. */
export interface JobResult {
  readonly ok: boolean
  readonly result: string
}

/** What jobs may ask of a symbol's desk. Everything is done in the transaction of the moment. */
export interface JobDesk {
  readonly symbol: string
  /** Whether the minute that ended at `atMs` has its row. */
  rowArrived(atMs: UnixMs): boolean
  measurePsi(atMs: UnixMs): JobResult
  judgeGates(atMs: UnixMs, round: 0 | 1): JobResult
  /** Writes the daily reports that are due: of the day that ended, and of days missed. */
  reportDays(atMs: UnixMs): JobResult
  /** Writes the weekly summaries that are due: of the week that ends on this Sunday, and of weeks missed. */
  reportWeeks(atMs: UnixMs): JobResult
  retain(atMs: UnixMs): JobResult
}

/** Where in a moment's order a job stands. */
export type Stage = 'log' | 'drift' | 'gates' | 'jobs' | 'reports'

/** A job is a value: the timeline holds it and decides when it runs. */
export interface Job {
  readonly name: string
  /** Cron, five fields, UTC. */
  readonly expression: string
  readonly stage: Stage
  run(desk: JobDesk, atMs: UnixMs): JobResult
}
