/** How a run ended: a word or a figure for the screen, and whether it succeeded. */
export interface JobResult {
  readonly ok: boolean
  readonly result: string
}

/** Where in a moment's order a job stands. What is `long` takes seconds: a recording waits for it, a real feed goes on meanwhile. */
export type Stage = 'log' | 'drift' | 'gates' | 'jobs' | 'reports' | 'long'

/** A job is a value: what it does to a desk is in `room/timeline/run-jobs.ts` or, where it is long, in `long-jobs.ts`, which the timeline runs when it is due. */
export interface Job {
  readonly name: string
  /** Cron, five fields, UTC, on the market clock. */
  readonly expression: string
  readonly stage: Stage
}
