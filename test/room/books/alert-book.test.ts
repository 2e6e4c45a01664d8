import { describe, expect, it } from 'vitest'
import type { ActiveAlert, AlertChange } from '../../../src/engine/alerts/evaluate.ts'
import type { AlertBook } from '../../../src/room/books/alert-book.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, THREE_WEEKS_ON as T } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()

function alertOf(more: Partial<ActiveAlert> = {}): ActiveAlert {
  return {
    rule: 'MLPredictLatencyP95Critical',
    severity: 'critical',
    state: 'firing',
    sinceMs: T - 5 * MINUTE,
    firedMs: T,
    clearMs: null,
    flapping: false,
    text: 'slow',
    ...more,
  }
}

const fired = ({ rule, severity, text }: ActiveAlert): AlertChange => ({ rule, severity, change: 'fired', text })

/** Takes an evaluation as the watch does, with its changes logged. */
function take({ desk }: DeskKit, active: readonly ActiveAlert[], changes: readonly AlertChange[], atMs: number): void {
  const { watch } = desk.parts.store
  desk.transaction(() => {
    desk.alerts.take(active, changes, atMs)
    for (const change of changes) watch.logAlertChange({ symbol: SYMBOL, tsMs: atMs, wallMs: 0, ...change })
    desk.alerts.persist()
  })
}

/** Looks at the book as this process has it, then as the next one does. */
function beforeAndAfter(kit: DeskKit, clockMs: number, look: (book: AlertBook) => void): void {
  look(kit.desk.alerts)
  look(reopened(kit, clockMs))
}

/** The book of the same directory as the next process has it. */
function reopened(kit: DeskKit, clockMs: number): AlertBook {
  kit.desk.alerts.restore(clockMs)
  return kit.desk.alerts
}

describe('critical alerts that fired or were firing', () => {
  it.each([
    [
      'count while they fire, and for a day from their end, that minute excluded a day later',
      'MLPredictLatencyP95Critical',
      'critical',
      1,
    ],
    ['do not count when they are about drift, which is for gate 1', 'MLPSICritical', 'critical', 0],
    ['do not count when they are warnings', 'MLPredictLatencyP95High', 'warning', 0],
  ] as const)('%s, before a restart and after it', (_, rule, severity, count) => {
    const kit = aDesk(fresh())
    const alert = alertOf({ rule, severity })
    take(kit, [alert], [fired(alert)], T)
    beforeAndAfter(kit, T + MINUTE, (book) => expect(book.criticalSince(T - DAY)).toHaveLength(count))
    expect(reopened(kit, T + DAY - MINUTE).criticalSince(T - MINUTE)).toHaveLength(count)
    expect(reopened(kit, T + 3 * DAY).criticalSince(T + 2 * DAY)).toHaveLength(count)
    const endMs = T + 3 * DAY + MINUTE
    take(kit, [], [{ ...fired(alert), change: 'resolved' }], endMs)
    beforeAndAfter(kit, endMs, (book) => expect(book.criticalSince(endMs - DAY)).toHaveLength(count))
    expect(reopened(kit, endMs + DAY).criticalSince(endMs)).toHaveLength(0)
    kit.desks.close()
  })

  it('do not count a second time when they are resolved', () => {
    const kit = aDesk(fresh())
    const alert = alertOf()
    take(kit, [alert], [fired(alert)], T)
    take(kit, [], [{ ...fired(alert), change: 'resolved' }], T + MINUTE)
    const rules = [kit.desk.alerts.criticalSince(0), reopened(kit, T + MINUTE).criticalSince(0)]
    expect(rules).toEqual([[alert.rule], [alert.rule]])
    kit.desks.close()
  })
})

describe('an alert that is active', () => {
  it.each([
    ['since when it is over', alertOf({ clearMs: T + MINUTE })],
    ['since when it is over no more', alertOf({ clearMs: null })],
    ['that it flaps', alertOf({ flapping: true })],
    ['that it is pending, and since when', alertOf({ state: 'pending', firedMs: null, sinceMs: T - MINUTE })],
  ])('keeps over a restart %s', (_, alert) => {
    const kit = aDesk(fresh())
    take(kit, [alertOf({ clearMs: T - MINUTE, sinceMs: T - HOUR })], [], T)
    take(kit, [alert], [], T + MINUTE)
    expect(reopened(kit, T + MINUTE).active).toEqual([alert])
    kit.desks.close()
  })

  it('is gone for good once it is over, with who had seen it', () => {
    const kit = aDesk(fresh())
    const alert = alertOf()
    take(kit, [alert], [fired(alert)], T)
    kit.desk.transaction(() => kit.desk.alerts.acknowledge(alert, { by: 'ann', reason: 'known', wallMs: 7 }))
    expect(reopened(kit, T).acknowledgementOf(alert.rule)).toEqual({ by: 'ann', reason: 'known', wallMs: 7 })
    take(kit, [], [], T + MINUTE)
    beforeAndAfter(kit, T + MINUTE, (book) =>
      expect([book.active, book.acknowledgementOf(alert.rule)]).toEqual([[], null]),
    )
    kit.desks.close()
  })

  it('counts its changes of the last hour towards flapping, also those before a restart', () => {
    const kit = aDesk(fresh())
    const alert = alertOf()
    for (const at of [-61, -30, -10]) take(kit, [alert], [fired(alert)], T + at * MINUTE)
    beforeAndAfter(kit, T - 10 * MINUTE, (book) => {
      const times = book.changed.get(alert.rule) ?? []
      expect(times.filter((ms) => ms > T - HOUR)).toEqual([T - 30 * MINUTE, T - 10 * MINUTE])
    })
    kit.desks.close()
  })
})

describe('the time over which the rules were evaluated', () => {
  /** Evaluates each minute over these stretches, in minutes before T. */
  function covered(stretches: readonly (readonly [from: number, until: number])[]): DeskKit {
    const kit = aDesk(fresh())
    for (const [from, until] of stretches) for (let at = from; at >= until; at--) take(kit, [], [], T - at * MINUTE)
    return kit
  }

  it.each([
    ['whole without a hole', [[600, 0]], 1, -600],
    [
      'less by a hole in its middle',
      [
        [600, 400],
        [100, 0],
      ],
      300 / 600,
      -100,
    ],
    ['less by what was before the first evaluation', [[150, 0]], 150 / 600, -150],
    ['less by what has passed since the last, and not going on', [[600, 60]], 540 / 600, null],
    ['whole although it began earlier', [[700, 0]], 1, -700],
  ] as const)('is %s, before a restart and after it', (_, stretches, share, sinceMin) => {
    const kit = covered(stretches)
    beforeAndAfter(kit, T, (book) => {
      const seen = book.coverage(T - 600 * MINUTE, T)
      expect(seen.share).toBeCloseTo(share, 9)
      expect(seen.sinceMs).toBe(sinceMin === null ? null : T + sinceMin * MINUTE)
    })
    kit.desks.close()
  })

  it('is nothing before the first evaluation', () => {
    const kit = aDesk(fresh())
    expect(kit.desk.alerts.coverage(T - DAY, T)).toEqual({ share: 0, sinceMs: null })
    kit.desks.close()
  })

  it.each([
    [90_000, 1],
    [90_001, 2],
  ])('goes on over %i ms between two evaluations as %i stretch(es)', (ms, stretches) => {
    const kit = aDesk(fresh())
    take(kit, [], [], T)
    take(kit, [], [], T + ms)
    expect(kit.desks.store.watch.heartbeats(SYMBOL, 0)).toHaveLength(stretches)
    kit.desks.close()
  })
})
