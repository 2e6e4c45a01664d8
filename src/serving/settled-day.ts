import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'
import { ece } from '../engine/stats/calibration.ts'

/** Below it the error of the bins' means is as large as what is looked for. */
const MIN_ROWS = 1_000
/** It moves slowly: measured anew this often. */
const EVERY_MS = HOUR_MS

interface Settled {
  readonly tsMs: UnixMs
  readonly label: number
  readonly score: number
}

/** The settled minutes of the model in charge over the last 24 hours: how well its probabilities are calibrated now. */
export class SettledDay {
  private rows: Settled[] = []
  private measured: { readonly atMs: UnixMs; readonly ece: number | null } | null = null

  /** @param settledAfterMs how long after its row a minute is settled */
  constructor(private readonly settledAfterMs: number) {}

  refill(rows: readonly Settled[]): void {
    this.rows = [...rows]
    this.measured = null
  }

  add(row: Settled): void {
    this.rows.push(row)
  }

  /**
   * Expected calibration error of ten equal bins, 0 to 1, as of the last full hour: whenever in an hour it is asked for first, a room
   * that was restarted says the same as one that ran on. Null with fewer than a thousand settled minutes.
   */
  eceAt(atMs: UnixMs): number | null {
    const at = floorTo(atMs, EVERY_MS)
    if (this.measured?.atMs !== at) {
      const first = this.rows.findIndex((row) => row.tsMs > at - DAY_MS)
      this.rows.splice(0, first < 0 ? this.rows.length : first)
      const day = this.rows.filter((row) => row.tsMs + this.settledAfterMs <= at)
      const enough = day.length >= MIN_ROWS
      const [labels, scores] = [day.map((row) => row.label), day.map((row) => row.score)]
      this.measured = { atMs: at, ece: enough ? ece(labels, scores) : null }
    }
    return this.measured?.ece ?? null
  }
}
