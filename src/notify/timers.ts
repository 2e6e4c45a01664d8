/** Lets something happen later on the wall clock. */
export interface Timers {
  /** Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The machine's timers; none keeps the process alive. */
export const machineTimers: Timers = {
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
