import { describe, expect, it } from 'vitest'
import { type RecordedWeeks, rehearse, rehearsedDays } from '../../../src/engine/drift/rehearsal.ts'
import type { RehearsedRule } from '../../../src/engine/kernel/rehearsed-rules.ts'
import { logLoss } from '../../../src/engine/stats/calibration.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'

const LIMITS = {
  drift: { psiWarning: 0.1, psiCritical: 0.2, ksWarning: 0.15, ksCritical: 0.25, kill: 0.3 },
  staleMs: 2 * MINUTE,
  staleForMs: 5 * MINUTE,
}
const QUARTER = 15 * MINUTE

/** Two days of settled minutes, two in three right, of checks with the PSI that is given for each quarter, and of bars without a gap. */
function weeks(psiAt: (quarter: number) => number, change: Partial<RecordedWeeks> = {}): RecordedWeeks {
  const minutes = Array.from({ length: 2 * 1_440 }, (_, i) => ({
    tsMs: START + i * MINUTE,
    label: i % 3 === 0 ? 0 : 1,
    score: i % 2 === 0 ? 0.7 : 0.5,
    fallback: 0.5,
  }))
  return {
    window: { fromMs: START, untilMs: START + 2 * DAY },
    checks: Array.from({ length: 192 }, (_, quarter) => ({
      atMs: START + quarter * QUARTER,
      figures: { n: 1_440, overallPsi: psiAt(quarter), psi: { mid: psiAt(quarter) }, ks: {} },
    })),
    ownDays: null,
    bars: minutes.map(({ tsMs }) => tsMs),
    minutes,
    threshold: 0.7,
    promise: 0.6,
    ...change,
  }
}

function of(recorded: RecordedWeeks, rule: RehearsedRule) {
  const found = rehearse(recorded, rehearsedDays(recorded), LIMITS).find((figures) => figures.rule === rule)
  if (found === undefined) throw new Error(`no ${rule}`)
  return found
}

describe('a rehearsal', () => {
  it('counts each stretch once, from the second of three checks on, and how long it lasts', () => {
    const recorded = weeks((quarter) => ((quarter >= 8 && quarter < 16) || quarter === 50 || quarter >= 188 ? 0.25 : 0))
    // From 02:15 to 04:15 of the first day and from 23:15 of the second on; a single check is no verdict.
    expect(of(recorded, 'drift critical')).toMatchObject({
      fired: 2,
      minutes: 8 * 15 + 3 * 15,
      dates: ['2025-05-05', '2025-05-06'],
    })
    expect(of(recorded, 'drift warning')).toMatchObject({ fired: 2, minutes: 165 })
    expect(of(recorded, 'kill switch by drift').fired).toBe(0)
  })

  it('says what would have been stopped, and how the model was on those days', () => {
    const recorded = weeks((quarter) => (quarter >= 8 && quarter < 16 ? 0.35 : 0))
    const killed = of(recorded, 'kill switch by drift')
    // Answers of 02:15 to 04:14 are of the bars a minute before.
    const stopped = recorded.minutes.slice(134, 254)
    const signals = stopped.filter(({ score }) => score >= 0.7)
    expect(killed).toMatchObject({
      minutes: 120,
      answers: stopped.length,
      signals: signals.length,
      right: signals.filter(({ label }) => label === 1).length,
      dates: ['2025-05-05'],
      worseThanPromise: 1,
      worseThanFallback: 0,
    })
  })

  it('knows each day by its own minutes', () => {
    const recorded = weeks(() => 0)
    const days = rehearsedDays(recorded)
    const first = recorded.minutes.slice(0, 1_440)
    expect(days.map(({ date, n }) => [date, n])).toEqual([
      ['2025-05-05', 1_440],
      ['2025-05-06', 1_440],
    ])
    const own = logLoss(
      first.map(({ label }) => label),
      first.map(({ score }) => score),
    )
    expect(days[0]).toMatchObject({ logLoss: own, isWorseThanPromise: own > 0.6, isWorseThanFallback: false })
    expect(rehearsedDays({ ...recorded, promise: null })[0]?.isWorseThanPromise).toBeNull()
  })

  it('throws the switch by staleness where a gap lasts longer than rows may be old, and for so long', () => {
    const window = { fromMs: START, untilMs: START + 30 * MINUTE }
    const bars = [0, 1, 2, 10, 11, 20].map((minute) => START + minute * MINUTE)
    // After minute 2, known at 3: from 10 on, until the bar of 10 is known at 11. After minute 11: from 19 until 21. The last goes on.
    expect(
      of(
        weeks(() => 0, { bars, window }),
        'kill switch by staleness',
      ),
    ).toMatchObject({ fired: 3, minutes: 1 + 2 + 2 })
  })
})
