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

  refill(rows: readonly Settled[]): void {
    this.rows = [...rows]
    this.measured = null
  }

  add(row: Settled): void {
    this.rows.push(row)
  }

  /** Expected calibration error of ten equal bins, 0 to 1; null with fewer than a thousand settled minutes. */
  eceAt(atMs: UnixMs): number | null {
    const at = floorTo(atMs, EVERY_MS)
    if (this.measured?.atMs !== at) {
      const first = this.rows.findIndex((row) => row.tsMs > atMs - DAY_MS)
      this.rows.splice(0, first < 0 ? this.rows.length : first)
      const enough = this.rows.length >= MIN_ROWS
      const [labels, scores] = [this.rows.map((row) => row.label), this.rows.map((row) => row.score)]
      this.measured = { atMs: at, ece: enough ? ece(labels, scores) : null }
    }
    return this.measured?.ece ?? null
  }
}
