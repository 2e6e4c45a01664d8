import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Config, defaultConfig } from '../../../src/room/config/config.ts'
import { Desk } from '../../../src/room/desk/desk.ts'
import { jobViews } from '../../../src/room/views/job-views.ts'
import { driftFromRows } from '../../../src/room/watch/check-drift.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { differingBooks } from '../../kit/book-contents.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
/** The first check with 500 rows, and the one after it. */
const ENOUGH = START + 510 * MINUTE
const SECOND = ENOUGH + 15 * MINUTE
const FAR = { psi_warning: 50, psi: 99, ks_warning: 1, ks: 1, kill_psi: 99 }

/** A desk with so many minutes of history behind it, whose model was trained on rows of another kind. */
function afterMinutes(minutes: number, drift: Partial<Config['drift']> = {}, fromMs = START): DeskKit {
  const config = defaultConfig()
  const kit = aDesk(fresh(), { config: { ...config, drift: { ...config.drift, ...drift } } })
  registerModel(kit.desk, 'baseline', 'v1')
  registerModel(kit.desk, 'candidate', 'v2')
  goOn(kit, fromMs, minutes)
  return kit
}

function goOn({ timeline, desk }: DeskKit, fromMs: number, minutes: number): void {
  const bars = Array.from({ length: minutes }, (_, i) => wanderingBar(fromMs + i * MINUTE))
  timeline.history(
    desk,
    bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
}

const driftEvents = ({ desks, desk }: DeskKit) =>
  desks.store.journal.events(desk.symbol, 100).filter(({ kind }) => kind === 'drift')
const events = (kit: DeskKit) => driftEvents(kit).map(({ text }) => text)
const reports = ({ desks }: DeskKit, name: RegExp) =>
  desks.store.journal.entries().flatMap(({ subject }) => (name.test(subject) ? [subject] : []))

describe('the check of the last 24 hours', () => {
  /** More than a day of minutes, for those that only look. */
  let aDayOn: DeskKit
  beforeAll(() => {
    aDayOn = afterMinutes(1_800)
  })
  afterAll(() => aDayOn.desks.close())

  it('says critical once two of three checks do, tells people, and plans a retraining', () => {
    const kit = afterMinutes((SECOND - START) / MINUTE - 1)
    const { days } = kit.desk.drift
    expect(days.newestOf('v1')).toMatchObject({ level: 'critical', verdict: 'wait', current: { n: 510 } })
    expect([days.plan, events(kit), reports(kit, /drift_/)]).toEqual([null, [], []])
    goOn(kit, SECOND - MINUTE, 1)
    expect(days.newestOf('v1')).toMatchObject({ level: 'critical', verdict: 'critical', current: { n: 525 } })
    expect(days.plan).toEqual({ model: 'v1', sinceMs: SECOND, dueMs: SECOND + 2 * DAY, calmSinceMs: null })
    expect(events(kit)).toEqual([
      'retrain v1 by 2025-05-07 08:45 UTC: its features of the last 24 hours have drifted',
      'the last 24 hours of v1 have drifted critically: rsi14_z; retrain it: r',
    ])
    expect(jobViews(kit.desk).at(-1)).toEqual({
      name: 'retrain',
      lastMs: null,
      nextMs: SECOND + 2 * DAY,
      result: 'v1 drifts: r',
      ok: null,
    })
    // One report of both models; the checks after it say the same.
    goOn(kit, SECOND, 60)
    const subjects = reports(kit, /drift_2025-05-05T0845/)
    expect([reports(kit, /drift_/).length, subjects.length]).toEqual([1, 1])
    kit.desks.drainOutbox()
    const written: unknown = JSON.parse(readFileSync(kit.desks.evidence.pathOf(subjects[0] ?? ''), 'utf8'))
    expect(written).toMatchObject({
      schema: 'drift_report/1',
      items: [
        { model: 'v1', verdict: 'critical' },
        { model: 'v2', verdict: 'critical' },
      ],
    })
    kit.desks.close()
  })

  it('that fails for one model is made of the others, is said, and is the failure of its job', () => {
    const kit = afterMinutes((ENOUGH - START) / MINUTE)
    const { days } = kit.desk.drift
    const figures = days.figures.bind(days)
    vi.spyOn(days, 'figures').mockImplementation((model, window) => {
      if (model.version === 'v1') throw new Error('a row is damaged')
      return figures(model, window)
    })
    goOn(kit, ENOUGH, 15)
    const at = (version: string) => days.newestOf(version)?.at
    expect([at('v1'), at('v2')]).toEqual([new Date(ENOUGH), new Date(SECOND)].map((one) => one.toISOString()))
    const said = 'the last 24 hours of v1 could not be checked: a row is damaged'
    expect(events(kit)[0]).toBe(said)
    expect(kit.desk.jobs.of('drift check')).toMatchObject({ ok: 0, result: `failed: ${said}` })
    // It counts again as soon as it can be.
    vi.restoreAllMocks()
    goOn(kit, SECOND, 15)
    expect(at('v1')).toBe(new Date(SECOND + 15 * MINUTE).toISOString())
    expect(kit.desk.jobs.of('drift check')).toMatchObject({ ok: 1, result: 'critical' })
    kit.desks.close()
  })

  it('is quiet where the limits are far', () => {
    const kit = afterMinutes(580, FAR)
    expect(kit.desk.drift.days.newestOf('v1')).toMatchObject({ level: 'ok', verdict: 'ok', beyond_kill: false })
    expect([kit.desk.drift.days.plan, events(kit), reports(kit, /drift_/)]).toEqual([null, [], []])
    kit.desks.close()
  })

  it('is what the rows themselves come to, by other means', () => {
    const { desk } = aDayOn
    const [model] = desk.standing
    if (model === undefined) throw new Error('there is no model')
    const course = desk.drift.days.courseOf('v1')
    expect(course).toHaveLength(96)
    for (const kept of [...course.slice(0, 3), ...course.slice(-3)])
      expect(driftFromRows(desk, model, Date.parse(kept.at))).toEqual(kept)
    // Around the first checks with rows enough, each rests on the two before it.
    const begun = [-1, 0, 1, 2].map((step) => driftFromRows(desk, model, ENOUGH + step * 15 * MINUTE))
    expect(begun.map(({ level, verdict }) => [level, verdict])).toEqual([
      [null, 'wait'],
      ['critical', 'wait'],
      ['critical', 'critical'],
      ['critical', 'critical'],
    ])
  })

  it('comes back with the room: the rows, the checks, the plan, and when it became critical', () => {
    const kit = afterMinutes(580)
    const { desk } = kit
    const again = new Desk(desk.symbol, desk.parts)
    expect(differingBooks(desk, again)).toEqual([])
    expect(again.drift.becameCriticalMs).toBe(SECOND)
    expect(again.drift.days.plan).toEqual(desk.drift.days.plan)
    kit.desks.close()
  })

  it('reports again when the kill switch is asked for, the verdict being what it was', () => {
    const kit = afterMinutes((SECOND - START) / MINUTE, { kill_psi: 99 })
    expect(kit.desk.drift.days.newestOf('v1')).toMatchObject({ verdict: 'critical', asks_kill: false })
    const { days } = kit.desk.drift
    const figures = days.figures.bind(days)
    vi.spyOn(days, 'figures').mockImplementation((model, window) => ({ ...figures(model, window), overallPsi: 999 }))
    goOn(kit, SECOND, 30)
    expect(days.newestOf('v1')).toMatchObject({ verdict: 'critical', asks_kill: true })
    expect(reports(kit, /drift_2025/)).toHaveLength(2)
    vi.restoreAllMocks()
    kit.desks.close()
  })

  it('warns of a retraining that is planned, and says that it is done once a candidate of newer rows is there', () => {
    const kit = afterMinutes((SECOND - START) / MINUTE)
    const planned = () => driftEvents(kit).filter(({ text }) => text.includes('retrain'))
    expect(planned().map(({ severity }) => severity)).toEqual(['warning', 'warning'])
    goOn(kit, SECOND, 15)
    // The candidate that stands there was trained on the rows of the model in charge.
    expect(kit.desk.drift.days.plan).not.toBeNull()
    registerModel(kit.desk, 'candidate', 'v3', { sinceMs: SECOND })
    goOn(kit, SECOND + 15 * MINUTE, 15)
    expect(kit.desk.drift.days.plan).toBeNull()
    expect(planned()[0]).toMatchObject({ severity: 'info', text: 'the retraining of v1 that was planned is done' })
    kit.desks.close()
  })

  it('plans nothing, and keeps no checks, where there is no model', () => {
    const kit = aDesk(fresh())
    goOn(kit, START + 23 * HOUR, 60)
    expect(kit.desk.jobs.of('drift check')).toMatchObject({ ok: 1, result: 'no model yet' })
    expect([kit.desk.drift.days.plan, reports(kit, /drift_/)]).toEqual([null, []])
    kit.desks.close()
  })

  it('closes its day at midnight itself, and once', () => {
    const kit = afterMinutes(30, {}, START + DAY - 30 * MINUTE)
    expect(reports(kit, /drift_.*\.csv$/)).toHaveLength(1)
    goOn(kit, START + DAY, 30)
    expect(reports(kit, /drift_.*\.csv$/)).toHaveLength(1)
    kit.desks.close()
  })

  it('leaves a line for each check of the day that has ended', () => {
    const [csv = ''] = reports(aDayOn, /drift_2025-05-05\.csv$/)
    aDayOn.desks.drainOutbox()
    const [head, ...lines] = readFileSync(aDayOn.desks.evidence.pathOf(csv), 'utf8').trim().split('\n')
    expect(head).toMatch(/^at,symbol,model,n,overall_psi,level,verdict,/)
    expect(lines).toHaveLength(2 * 96)
    expect(lines[0]).toMatch(/^2025-05-05T00:15:00\.000Z,AAAUSDT,v1,15,[\d.]+,,wait,false,rsi14_z,[\d.]+,,$/)
    expect(lines.at(-1)).toMatch(/^2025-05-06T00:00:00\.000Z,AAAUSDT,v2,1440,[\d.]+,critical,critical,/)
  })

  it('leaves them too where the room was down at midnight', () => {
    const kit = afterMinutes(200, {}, START + 20 * HOUR)
    goOn(kit, START + DAY + 4 * MINUTE, 1)
    const [csv = ''] = reports(kit, /drift_2025-05-05\.csv$/)
    kit.desks.drainOutbox()
    expect(readFileSync(kit.desks.evidence.pathOf(csv), 'utf8').trim().split('\n')).toHaveLength(1 + 2 * 13)
    kit.desks.close()
  })

  it('asks for the kill switch beyond every limit, where the configuration lets it', () => {
    for (const [kill, asks] of [
      ['ask', true],
      ['off', false],
    ] as const) {
      const kit = afterMinutes((SECOND - START) / MINUTE, { kill_psi: 0.001, kill })
      expect(kit.desk.drift.days.newestOf('v1')).toMatchObject({ asks_kill: true })
      kit.timeline.history(kit.desk, [{ rows: [], atMs: SECOND + MINUTE }])
      const firing = kit.desk.alerts.active.filter(({ state }) => state === 'firing').map(({ rule }) => rule)
      expect(firing.includes('MLDriftAsksKill')).toBe(asks)
      expect(firing).toContain('MLDriftCritical')
      kit.desks.close()
    }
  })
})
