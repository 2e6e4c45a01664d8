import type { Store } from '../../db/store.ts'
import { type ActiveAlert, type AlertChange, HEARTBEAT_MS } from '../../engine/alerts/evaluate.ts'
import { countsForSilence } from '../../engine/alerts/rules.ts'
import { DAY_MS, HOUR_MS, type UnixMs } from '../../engine/kernel/units.ts'

/** Somebody has seen an alert and said so. */
interface Acknowledgement {
  readonly by: string
  readonly reason: string
  readonly wallMs: number
}

/** A stretch of time over which the rules were evaluated without a hole. */
interface Heartbeat {
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
}

/** On a real feed: the room came back without having been stopped. */
interface RoomReturn {
  readonly atMs: UnixMs
  readonly goneMs: number
}

interface CriticalAlert {
  readonly rule: string
  /** Null while it fires. */
  readonly endMs: UnixMs | null
}

interface NotedChange {
  readonly rule: string
  readonly severity: string
  readonly change: string
}

/** What the alert rules of one symbol are at, who has seen it, and over which time they were evaluated. */
export class AlertBook {
  private alerts: readonly ActiveAlert[] = []
  private readonly acknowledgements = new Map<string, Acknowledgement>()
  /** When each rule fired or was resolved; the last hour's at least. */
  private readonly changes = new Map<string, UnixMs[]>()
  /** Critical alerts that gate 3 counts: those that fire, and the last day's at least. */
  private critical: readonly CriticalAlert[] = []
  private beat: Heartbeat | null = null
  private roomReturn: RoomReturn | null = null

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {}

  get active(): readonly ActiveAlert[] {
    return this.alerts
  }

  /** When each rule fired or was resolved, by rule. */
  get changed(): ReadonlyMap<string, readonly UnixMs[]> {
    return this.changes
  }

  /** The stretch that the newest evaluation belongs to; null before the first. */
  get heartbeat(): Heartbeat | null {
    return this.beat
  }

  get returned(): RoomReturn | null {
    return this.roomReturn
  }

  /** @param back null when the room had been stopped, or was never there */
  noteReturn(back: RoomReturn | null): void {
    this.roomReturn = back
  }

  acknowledgementOf(rule: string): Acknowledgement | null {
    return this.acknowledgements.get(rule) ?? null
  }

  /** Takes what an evaluation came to, and writes what differs; inside the caller's transaction. */
  take(active: readonly ActiveAlert[], changes: readonly AlertChange[], atMs: UnixMs): void {
    const before = this.alerts
    this.alerts = active
    for (const alert of active) {
      const was = before.find((other) => other.rule === alert.rule)
      if (was === undefined || differs(was, alert)) this.put(alert)
    }
    for (const { rule } of before) {
      if (active.some((alert) => alert.rule === rule)) continue
      this.store.watch.clearAlert(this.symbol, rule)
      this.acknowledgements.delete(rule)
    }
    for (const change of changes) {
      this.noteChange(change.rule, atMs)
      this.noteCritical(change, atMs)
    }
    this.noteEvaluated(atMs)
  }

  /** Somebody has seen an alert that is active; inside the caller's transaction. */
  acknowledge(alert: ActiveAlert, acknowledgement: Acknowledgement): void {
    this.acknowledgements.set(alert.rule, acknowledgement)
    this.put(alert)
  }

  /** Rules of the critical alerts that fired, or were still firing, after `fromMs`; one that fired twice stands twice. */
  criticalSince(fromMs: UnixMs): string[] {
    this.critical = this.critical.filter(({ endMs }) => endMs === null || endMs > fromMs)
    return this.critical.map(({ rule }) => rule)
  }

  /** The share of `fromMs` to `atMs` over which the rules were evaluated, 0 to 1, and since when without a hole. */
  coverage(fromMs: UnixMs, atMs: UnixMs): { readonly share: number; readonly sinceMs: UnixMs | null } {
    const current = this.beat
    if (current === null) return { share: 0, sinceMs: null }
    if (current.fromMs <= fromMs && current.untilMs >= atMs) return { share: 1, sinceMs: current.fromMs }
    const stored = this.store.watch.heartbeats(this.symbol, fromMs).filter((beat) => beat.fromMs !== current.fromMs)
    const covered = [...stored, current].reduce(
      (sum, beat) => sum + Math.max(0, Math.min(beat.untilMs, atMs) - Math.max(beat.fromMs, fromMs)),
      0,
    )
    return {
      share: covered / (atMs - fromMs),
      sinceMs: atMs - current.untilMs <= HEARTBEAT_MS ? current.fromMs : null,
    }
  }

  /** Writes what changes with every evaluation; inside the caller's transaction. */
  persist(): void {
    if (this.beat !== null) this.store.watch.putHeartbeat(this.symbol, this.beat.fromMs, this.beat.untilMs)
  }

  /** Back to where the database stands. */
  restore(clockMs: UnixMs): void {
    const { symbol, store } = this
    this.acknowledgements.clear()
    this.changes.clear()
    this.alerts = store.watch.alerts(symbol).map(({ symbol: _, ackBy, ackReason, ackWallMs, flapping, ...row }) => {
      if (ackBy !== null)
        this.acknowledgements.set(row.rule, { by: ackBy, reason: ackReason ?? '', wallMs: ackWallMs ?? 0 })
      return { ...row, flapping: flapping === 1 }
    })
    this.beat = store.watch.heartbeats(symbol, clockMs - DAY_MS).at(-1) ?? null
    const changes = store.watch.alertChanges(symbol, clockMs - DAY_MS, clockMs + 1)
    this.critical = this.alerts
      .filter(({ state, rule, severity }) => state === 'firing' && countsForSilence(rule, severity))
      .filter(({ rule }) => !changes.some((change) => change.rule === rule && change.change !== 'acknowledged'))
      .map(({ rule }) => ({ rule, endMs: null }))
    for (const change of changes) this.noteCritical(change, change.tsMs)
    for (const { rule, change, tsMs } of changes)
      if (change !== 'acknowledged' && tsMs > clockMs - HOUR_MS) this.noteChange(rule, tsMs)
  }

  private noteCritical({ rule, severity, change }: NotedChange, atMs: UnixMs): void {
    if (change === 'acknowledged' || !countsForSilence(rule, severity)) return
    if (change === 'fired') this.critical = [...this.critical, { rule, endMs: null }]
    else {
      // One that fired before what is remembered begins is known by its end alone.
      const others = this.critical.filter((alert) => alert.rule !== rule || alert.endMs !== null)
      this.critical = [...others, { rule, endMs: atMs }]
    }
  }

  private noteChange(rule: string, atMs: UnixMs): void {
    const recent = (this.changes.get(rule) ?? []).filter((ms) => ms > atMs - HOUR_MS)
    this.changes.set(rule, [...recent, atMs])
  }

  /** Coverage is kept as intervals: a hole between two evaluations ends one. */
  private noteEvaluated(atMs: UnixMs): void {
    const last = this.beat
    if (last !== null && atMs - last.untilMs <= HEARTBEAT_MS) {
      this.beat = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, atMs) }
      return
    }
    this.persist()
    this.beat = { fromMs: atMs, untilMs: atMs }
  }

  private put({ flapping, ...alert }: ActiveAlert): void {
    const ack = this.acknowledgements.get(alert.rule)
    this.store.watch.putAlert({
      symbol: this.symbol,
      ...alert,
      flapping: flapping ? 1 : 0,
      ackBy: ack?.by ?? null,
      ackReason: ack?.reason ?? null,
      ackWallMs: ack?.wallMs ?? null,
    })
  }
}

function differs(was: ActiveAlert, is: ActiveAlert): boolean {
  return (
    was.state !== is.state || was.clearMs !== is.clearMs || was.flapping !== is.flapping || was.sinceMs !== is.sinceMs
  )
}
