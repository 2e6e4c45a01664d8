import { describe, expect, it } from 'vitest'
import { LIVE_PAGES } from '../../../src/control/panels.ts'
import { makeBackup } from '../../../src/room/readiness/backup.ts'
import { keepRehearsal } from '../../../src/room/rehearsal/rehearse.ts'
import { liveTable } from '../../../src/room/queries/live-tables.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { LIVE_CANARY } from '../../kit/canary-documents.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()

/** A desk with nine hours of rows that are unlike what its model was trained on. */
function afterNineHours(): DeskKit {
  const kit = aDesk(fresh())
  registerModel(kit.desk, 'baseline', 'v1')
  const bars = Array.from({ length: 540 }, (_, i) => wanderingBar(START + i * MINUTE))
  kit.timeline.history(
    kit.desk,
    bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
  return kit
}

describe('the pages of live operations', () => {
  it.each(LIVE_PAGES)('say what makes them where there is nothing yet: %s', (page) => {
    const { desks, desk } = aDesk(fresh())
    const { rows, note } = liveTable(desks, desk, page, () => null)
    expect(rows).toEqual([])
    expect(note).toMatch(
      /every quarter of an hour|every six hours|every night|canary_policy.json|onay rehearse|onay checklist|onay backup/,
    )
    desks.close()
  })

  it('show each feature of the last 24 hours with its limits and its course, and what is planned', () => {
    const { desks, desk } = afterNineHours()
    const { title, rows, note } = liveTable(desks, desk, 'driftDay', () => null)
    expect(title).toBe('Live: the last 24 hours, critical at 2025-05-05 09:00 UTC')
    expect(rows).toEqual([
      {
        model: 'v1',
        feature: 'rsi14_z',
        level: 'critical',
        PSI: expect.stringMatching(/^\d\.\d{3}$/),
        'PSI limits': '0.100, 0.200',
        D: '-',
        'D limits': '-',
        'PSI over 24 h': expect.stringMatching(/^[▁-█]{24}$/),
      },
    ])
    expect(note).toContain('Retrain v1 by 2025-05-07 08:45 UTC: r.')
    desks.close()
  })

  it('show the newest checklist', () => {
    const { desks, desk } = afterNineHours()
    const { evidence } = desks
    const checks = [{ check: 'token', verdict: 'FAIL', said: 'others may read it (644)', next: 'chmod 600' }]
    const document = { symbol: desk.symbol, at: '2026-01-02T03:04:05.000Z', verdict: 'NOT READY', checks }
    desk.transaction(() =>
      evidence.writeDocument(
        evidence.subject(desk.symbol, 'checklist_1.json'),
        evidence.stamp('go_live/1', START, document),
        START,
      ),
    )
    desks.drainOutbox()
    expect(liveTable(desks, desk, 'checklist', () => null)).toMatchObject({
      title: 'Live: checklist of 2026-01-02 03:04 UTC, NOT READY',
      rows: [{ check: 'token', verdict: 'FAIL', found: 'others may read it (644)', 'what to do': 'chmod 600' }],
    })
    desks.close()
  })

  it('show both sides of a canary of days, with the differences that are known', () => {
    const { desks, desk } = aDesk(fresh())
    const { title, rows } = liveTable(desks, desk, 'liveCanary', () => LIVE_CANARY)
    expect(title).toMatch(/^Live: canary of v1\.8\.1, 3 of 7 days, extend at /)
    const of = (figure: string) => {
      const row = rows.find((one) => one['figure'] === figure)
      return [row?.['v1.8.1'], row?.['v1.8-b0'], row?.['needed to promote']]
    }
    expect(of('Sharpe ratio')).toEqual(['1.200', '1.000', "0.2 above the other's"])
    expect(of('daily return, difference')).toEqual(['+0.120 %', '95 % -0.100 % to +0.340 %', 'above 0 with certainty'])
    expect(of('log loss, paired difference')).toEqual(['-0.0100', '95 % -0.0201 to -0.0005', ''])
    expect(of('own trades of callers')).toEqual(['10', '30', ''])
    expect(of('their mean result, bp')).toEqual(['+3.0', '-1.0', ''])
    expect(of('their daily difference, bp')).toEqual(['+4.0', '95 % +1.5 to +6.5', 'not below 0 with certainty'])
    const unknown = { ...LIVE_CANARY, difference: null, log_loss_difference: null, own_difference_bp: null }
    const bare = liveTable(desks, desk, 'liveCanary', () => unknown).rows
    expect(bare.filter((row) => row['v1.8.1'] === '-')).toHaveLength(3)
    desks.close()
  })

  it('show the newest rehearsal: each rule under each variant, its days, and what the canaries would have come to', () => {
    const { desks, desk } = aDesk(fresh())
    const day = (date: string, loss: number) => ({
      date,
      n: 1_440,
      log_loss: loss,
      fallback_log_loss: 0.6,
      worse_than_promise: loss > 0.65,
      worse_than_fallback: true,
    })
    const fired = (rule: 'drift critical' | 'gate 3' | 'canary judge', dates: string[]) => ({
      rule,
      fired: dates.length,
      minutes: 90 * dates.length,
      dates,
      worse_than_promise: 1,
      worse_than_fallback: dates.length,
      answers: 80,
      signals: 20,
      right: 12,
    })
    keepRehearsal(desks, desk, {
      symbol: desk.symbol,
      model: 'v1',
      from: '2025-05-05T00:00:00.000Z',
      until: '2025-05-08T00:00:00.000Z',
      promise: 0.65,
      days: [day('2025-05-05', 0.61), day('2025-05-06', 0.7), day('2025-05-07', 0.62)],
      canary: {
        candidate: 'v2',
        plan: 'mini',
        profile: 'equivalent',
        promise: null,
        minutes: 2_880,
        timed_minutes: 2_000,
        days: [day('2025-05-06', 0.66), day('2025-05-07', 0.61)],
      },
      gates: { model: 'v2', judged: [{ gate: 'gate 3', moments: 40 }] },
      variants: [
        {
          name: 'as configured',
          canaries: { begun: 16, succeeded: 14, stopped: 1, inconclusive: 1 },
          rules: [
            fired('drift critical', ['2025-05-06']),
            fired('gate 3', ['2025-05-07']),
            fired('canary judge', ['2025-05-06']),
          ],
        },
        { name: 'drift.psi=0.9', canaries: null, rules: [fired('drift critical', [])] },
      ],
    })
    const { title, rows, note } = liveTable(desks, desk, 'rehearsal', () => null)
    expect(title).toBe('Live: rules over 3 days of v1, rehearsed at 2025-05-08 00:00 UTC')
    expect(rows.map(({ limits, rule, fired: times, 'by day': course }) => [limits, rule, times, course])).toEqual([
      ['as configured', 'drift critical', '1', '▁█▁'],
      ['as configured', 'gate 3', '1', '▁█'],
      ['as configured', 'canary judge', '1', '█▁'],
      ['drift.psi=0.9', 'drift critical', '0', '▁▁▁'],
      ['', 'log loss, v1', undefined, '▁█▂'],
      ['', 'log loss, v2', undefined, '▅▁'],
      ['', 'log loss, fallback', undefined, '▁▁▁'],
    ])
    expect(rows[0]).toMatchObject({ hours: '1.5', 'worse than promised': '1', 'answers stopped': '80', signals: '20' })
    expect(note).toMatch(
      /^Of 16 canaries of v2 \(mini, equivalent\) one after the other 14 would have succeeded, 1 been stopped, 1 ended inconclusive\. 880 of its minutes have no latency/,
    )
    desks.close()
  })

  it('show the backups with their age', async () => {
    const { desks, desk, wall } = aDesk(fresh())
    const made = await makeBackup(desks.options, { version: '1.0.0', wall, stopwatch: () => 0 })
    wall.set(wall.now() + 5 * HOUR)
    expect(liveTable(desks, desk, 'backups', () => null).rows).toMatchObject([{ age: '5 h', file: made.file }])
    desks.close()
  })
})
