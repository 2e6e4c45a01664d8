import type { Store } from '../../db/store.ts'
import { DAY_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { SettledMinutes } from '../../engine/training/recalibration.ts'

/** Older minutes say little of what a model is worth now. */
const KEPT_MS = 14 * DAY_MS

/** The settled minutes of the model in charge of one symbol, as its artifact scored them: read once, and then what is new. */
export class CalibrationBook {
  private version: string | null = null
  private readUntilMs = 0
  private tsMs: UnixMs[] = []
  private scores: number[] = []
  private labels: number[] = []

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {}

  /** Those of `fromMs <= tsMs < atMs`, of the last 14 days at most. */
  settled(version: string, fromMs: UnixMs, atMs: UnixMs): SettledMinutes {
    if (version !== this.version) this.forget(version)
    const oldestMs = atMs - KEPT_MS
    this.read(Math.max(oldestMs, this.readUntilMs), atMs)
    this.drop(oldestMs)
    const from = firstFrom(this.tsMs, fromMs)
    const until = firstFrom(this.tsMs, atMs)
    return {
      tsMs: this.tsMs.slice(from, until),
      scores: this.scores.slice(from, until),
      labels: this.labels.slice(from, until),
    }
  }

  /** What is known may have been undone. */
  restore(): void {
    this.forget(null)
  }

  private read(fromMs: UnixMs, untilMs: UnixMs): void {
    if (this.version === null) return
    for (const { tsMs, label, score } of this.store.predictions.settled(this.symbol, this.version, fromMs, untilMs)) {
      this.tsMs.push(tsMs)
      this.scores.push(score)
      this.labels.push(label)
      this.readUntilMs = tsMs + 1
    }
  }

  private drop(beforeMs: UnixMs): void {
    const gone = firstFrom(this.tsMs, beforeMs)
    if (gone === 0) return
    this.tsMs = this.tsMs.slice(gone)
    this.scores = this.scores.slice(gone)
    this.labels = this.labels.slice(gone)
  }

  private forget(version: string | null): void {
    this.version = version
    this.readUntilMs = 0
    this.tsMs = []
    this.scores = []
    this.labels = []
  }
}

/** The place of the first moment that is not before `fromMs`. */
function firstFrom(tsMs: readonly UnixMs[], fromMs: UnixMs): number {
  const found = tsMs.findIndex((ms) => ms >= fromMs)
  return found === -1 ? tsMs.length : found
}
