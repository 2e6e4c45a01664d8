/** How a run ended: a word or a figure for the screen, and whether it succeeded. */
export interface JobResult {
  readonly ok: boolean
  readonly result: string
}

/** Where in a moment's order a job stands. */
export type Stage = 'log' | 'drift' | 'gates' | 'jobs' | 'reports'

/** A job is a value: what it does to a desk is `room/timeline/run-jobs.ts`, which the timeline runs when it is due. */
export interface Job {
  readonly name: string
  /** Cron, five fields, UTC, on the market clock. */
  readonly expression: string
  readonly stage: Stage
}
