import { describe, expect, it } from 'vitest'
import { LIVE_PAGES } from '../../../src/control/panels.ts'
import { makeBackup } from '../../../src/room/readiness/backup.ts'
import { liveTable } from '../../../src/room/queries/live-tables.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
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
      /every quarter of an hour|every six hours|every night|canary_policy.json|onay checklist|onay backup/,
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

  it('show the backups with their age', async () => {
    const { desks, desk, wall } = aDesk(fresh())
    const made = await makeBackup(desks.options, { version: '1.0.0', wall, stopwatch: () => 0 })
    wall.set(wall.now() + 5 * HOUR)
    expect(liveTable(desks, desk, 'backups', () => null).rows).toMatchObject([{ age: '5 h', file: made.file }])
    desks.close()
  })
})
