import { describe, expect, it } from 'vitest'
import type { DayFigures, PageLimits } from '../../src/evidence/documents/day-figures.ts'
import type { DailyReport } from '../../src/evidence/documents/documents.ts'
import { dailyPage } from '../../src/evidence/pages/daily-page.ts'
import { DAY } from '../kit/evidence-documents.ts'

const AT = Date.parse(DAY.date)
const LIMITS: PageLimits = {
  psi: { warning: 0.1, overall: 0.2, feature: 0.3 },
  p95Ms: 80,
  matchRate: 0.95,
  matchTolerance: 0.05,
  meanDelta: 0.05,
}
const NOTHING: DayFigures = {
  course: null,
  followsDay: false,
  drift: [],
  compared: [],
  latency: [],
  calibration: [],
  outcome: null,
  gates: null,
  gateChanges: [],
  alerts: [],
  decisions: [],
}
const COURSE: NonNullable<DayFigures['course']> = {
  closes: [100, 104, 98, 102].map((close, i) => ({ atMs: AT + i * 60_000, close })),
  threshold: 0.55,
  signals: [
    { atMs: AT, close: 100, cameTrue: true },
    { atMs: AT + 60_000, close: 104, cameTrue: false },
    { atMs: AT + 120_000, close: 98, cameTrue: true },
  ],
  hours: [{ fromMs: AT, n: 4, promised: 0.6, cameTrue: 0.5 }],
  label: { kind: 'move', horizonMin: 5, thresholdBp: 6 },
}

function pageOf(figures: Partial<DayFigures> = {}, report: Partial<DailyReport> = {}): string {
  const none = { drift: [], match: null, delta: null, latency: null, calibration: null, outcome: null }
  const svg = '<svg width="1" height="2" viewBox="0 0 1 2"></svg>'
  return dailyPage({
    report: { ...DAY, ...report },
    figures: { ...NOTHING, ...figures },
    charts: { ...none, course: figures.course ? { wide: svg, narrow: svg } : null },
    limits: LIMITS,
  })
}

/** What a reader sees. */
function textOf(page: string): string {
  return page
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
}

function decision(change: Partial<DayFigures['decisions'][number]>): DayFigures['decisions'][number] {
  return { atMs: AT + 60_000, kind: 'promotion', subject: 'v1.8.1', what: '', by: [], reason: null, ...change }
}

describe('the page of a day', () => {
  it('leads to the next day, and to the one before where that has a report', () => {
    const links = (page: string): string[] => [...page.matchAll(/href="(report_[^"]+)"/g)].map((link) => link[1] ?? '')
    const [before, after] = [-1, 1].map((days) => new Date(AT + days * 86_400_000).toISOString().slice(0, 10))
    expect(links(pageOf())).toEqual([`report_${after}.html`])
    expect(links(pageOf({ followsDay: true }))).toEqual([`report_${before}.html`, `report_${after}.html`])
  })

  it('colours a figure by its limit, and says so in words too', () => {
    const metrics = { ...DAY.metrics, psi_score: 1.391, predict_p95_ms: 3 }
    const page = pageOf({}, { metrics })
    expect(page).toMatch(
      /<div class="bad"><dt>PSI, model in charge<\/dt><dd>1\.391 <span class="n0"><b class="bad">beyond/,
    )
    expect(page).toMatch(/<div class="good"><dt>Latency, p95<\/dt><dd>3\.00 ms <span class="n0"><b class="good">within/)
    expect(pageOf({}, { metrics: { ...metrics, psi_score: null } })).toContain('<div class="none"><dt>PSI')
  })

  it('says what the arms made of the day, and nothing of arms where none closed a trade', () => {
    const arm = {
      arm: 'v2_paper',
      active: true,
      trades: 90,
      win_rate: 0.2,
      net: -12.34,
      fees: 90,
      expectancy_bp: -1.37,
    }
    const said = textOf(pageOf({}, { arms: [arm] }))
    expect(said).toContain('Trades on paper')
    expect(said).toContain('v2_paper * 90 20 % -1.4 90.00 -12.34')
    expect(textOf(pageOf())).not.toContain('Trades on paper')
  })

  it('judges agreement of no candidate that is meant to differ', () => {
    const metrics = { ...DAY.metrics, mean_delta: 0.12, match_rate: 0.2 }
    const delta = { gate: 5, name: 'delta', value: 0.12, threshold: 0.05, reason: 'profile improve' } as const
    const judged = (verdict: 'PASS' | 'FAIL'): string =>
      pageOf({ gates: { atMs: AT, model: 'v1.9', reasonsAtMs: AT, gates: [{ ...delta, verdict }] } }, { metrics })
    expect(judged('FAIL')).toContain('<div class="bad"><dt>Match rate')
    expect(judged('PASS')).toContain('<div class=""><dt>Match rate')
    expect(textOf(judged('PASS'))).toContain('meant to differ: at least 95 % is not asked for')
  })

  it('says where the price went, and how many signals came true', () => {
    expect(textOf(pageOf({ course: COURSE }))).toContain(
      '100 to 102 (+2 %), between 98 and 104. 3 signals, of which 66.7 % came true.',
    )
    expect(textOf(pageOf())).toContain('No bar came in')
  })

  it('says on top that the model in charge has changed, by whom and why', () => {
    const promoted = decision({ by: ['ada'], reason: 'better <b>' })
    expect(textOf(pageOf({ decisions: [promoted] }))).toContain(
      'v1.8.1 was promoted at 00:01 by ada: “better &lt;b&gt;”',
    )
    const back = decision({ kind: 'rollback', subject: 'v1.8-b0' })
    expect(textOf(pageOf({ decisions: [back] }))).toContain('v1.8-b0 was put back in charge at 00:01')
  })

  it('names who did what; what nobody did by hand was done by onay', () => {
    const page = pageOf({ decisions: [decision({ by: ['ada', 'bob'] }), decision({ kind: 'registration' })] })
    expect([...page.matchAll(/<span class="who">([^<]+)</g)].map((who) => who[1])).toEqual(['ada, bob', 'onay'])
  })

  it('leads from each alert to what to do about it, on the page itself', () => {
    const alert = { atMs: AT, rule: 'MLPSICritical', change: 'fired', severity: 'critical', text: 'PSI 1.391' }
    const page = pageOf(
      { alerts: [alert] },
      {
        alerts: [{ rule: 'MLPSICritical', severity: 'critical', at: DAY.date }],
        action_required: ['look at the alerts: MLPSICritical'],
      },
    )
    expect(page.match(/href="#do-MLPSICritical"/g)).toHaveLength(2)
    expect(page).toContain('id="do-MLPSICritical"')
    expect(page).toContain('<li>look at the alerts: <a href="#do-MLPSICritical">MLPSICritical</a></li>')
    expect(textOf(pageOf())).not.toContain('Runbook')
  })
})
