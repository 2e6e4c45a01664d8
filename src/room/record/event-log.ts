import type { Store } from '../../db/store.ts'
import type { Severity } from '../../engine/alerts/rule.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'

/** What an event is about. People elsewhere hear of some of them: `notifications/messages.ts` says which. */
export type EventKind =
  | 'ab'
  | 'alert'
  | 'approval'
  | 'breaker'
  | 'calibration'
  | 'canary'
  | 'drift'
  | 'feed'
  | 'gap'
  | 'gate'
  | 'import'
  | 'job'
  | 'kill'
  | 'promotion'
  | 'report'
  | 'rollback'
  | 'training'
  | 'validation'

/** The severity that an event is measured by, or `always`: what a person has to know whatever its severity. */
export type EventWeight = Severity | 'always'

export interface RoomEvent {
  readonly symbol: string
  /** On the market clock. */
  readonly tsMs: UnixMs
  readonly kind: EventKind
  readonly severity: Severity
  readonly text: string
}

/** Takes each event as it is logged, inside the event's transaction. */
export interface EventListener {
  take(event: RoomEvent, weight: EventWeight): void
}

/** The moment that a symbol's events are dated with. */
export interface Moment {
  readonly momentMs: UnixMs
}

/** The event table of one symbol. */
export class EventLog {
  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly moment: Moment,
    private readonly wallNow: () => number,
    private readonly listener: EventListener | null,
  ) {}

  /** Logs an event at the moment's time. `weight` decides whether people elsewhere are notified of it. */
  log(kind: EventKind, severity: Severity, text: string, weight: EventWeight = severity): void {
    const event: RoomEvent = { symbol: this.symbol, tsMs: this.moment.momentMs, kind, severity, text }
    this.store.db.transaction(() => {
      this.store.journal.addEvent({ ...event, wallMs: this.wallNow(), data: null })
      this.listener?.take(event, weight)
    })
  }
}
