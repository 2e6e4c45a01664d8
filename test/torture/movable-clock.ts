/** The clock of a machine that somebody sets while rooms run on it. */
import { writeFileSync } from 'node:fs'
import type { RunOptions } from '../kit/program.ts'

/** How long a process goes by what it has read, in milliseconds of its real time. */
const READ_EVERY_MS = 50

export class MovableClock {
  /** For the processes of that machine. */
  readonly machine: RunOptions
  private aheadMs = 0

  /** @param file that holds by how much the clock is ahead of ours, a path that nothing stands at yet */
  constructor(
    private readonly file: string,
    aheadMs: number,
  ) {
    this.setAhead(aheadMs)
    const preload = `
      import { readFileSync } from 'node:fs'
      const { now } = Date
      let ahead = 0
      let readMs = -Infinity
      Date.now = () => {
        if (performance.now() - readMs > ${READ_EVERY_MS}) {
          readMs = performance.now()
          try { ahead = Number(readFileSync(${JSON.stringify(file)}, 'utf8')) } catch {}
        }
        return now() + ahead
      }`
    this.machine = { env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` } }
  }

  setAhead(ms: number): void {
    this.aheadMs = ms
    writeFileSync(this.file, String(ms))
  }

  /** What the machine takes the time to be. */
  now(): number {
    return Date.now() + this.aheadMs
  }
}
