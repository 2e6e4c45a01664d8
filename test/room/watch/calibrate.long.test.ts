import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { logitOf } from '../../../src/engine/models/calibration.ts'
import { sigmoid } from '../../../src/engine/stats/calibration.ts'
import { calibrateNow, calibrateOnTime } from '../../../src/room/watch/calibrate.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const random = seededRandom(11)
let stand: ReleaseDesk

beforeEach(() => (stand = new ReleaseDesk(fresh())))
afterEach(() => stand.close())

/** Settles the minutes of a stretch, of which as many come true as `truth` says of what v1 says. */
function settle(fromMs: number, n: number, truth: (score: number) => number): void {
  const { predictions } = stand.desks.store
  stand.desk.transaction(() => {
    for (let i = 0; i < n; i++) {
      const tsMs = fromMs + i * MINUTE
      const score = 0.1 + 0.8 * random.next()
      predictions.score(SYMBOL, tsMs, 'v1', score)
      predictions.settle(SYMBOL, tsMs, random.next() < truth(score) ? 1 : 0, tsMs + 6 * MINUTE)
    }
  })
}

const honest = (score: number): number => score
const boastful = (score: number): number => sigmoid(0.5 * logitOf(score) - 1)
/** Of a market that has turned. */
const tooHigh = (score: number): number => 0.7 * score

/** The look of the job, so much later. */
function look(laterMs: number): string {
  stand.at(stand.nowMs + laterMs)
  const { desk, desks } = stand
  return desk.transaction(() => calibrateOnTime(desk, desks.evidence, stand.nowMs)).result
}

const standing = () => stand.desk.lineUp.inCharge?.calibration
const newestLook = () =>
  stand.desks.store.calibrations.newest(SYMBOL, 'v1', stand.desk.lineUp.inCharge?.sha256 ?? '', 1)[0]?.document
const events = () => stand.desks.store.journal.events(SYMBOL, 9).map(({ text }) => text)

describe('the answers of the model in charge', () => {
  it('are calibrated where that is better with certainty on minutes that it has not seen', () => {
    settle(BEGAN_MS, 1_500, boastful)
    expect(look(DAY + HOUR)).toBe('taken')
    expect(standing()).toMatchObject({ map: { kind: 'platt' }, takenMs: stand.nowMs })
    expect(events()[0]).toMatch(/^v1 answers with a new calibration: log loss 0\.\d+ against 0\.\d+ on 375 minutes/)
    const [entry] = stand.desks.store.journal.entries().slice(-1)
    expect(entry?.subject).toBe('ml/calibration_2025-05-27T010000Z.json')
    // Settled minutes from then on count for the next one.
    expect(look(6 * HOUR)).toBe('wait')
  })

  it('hold after a restart, and for that artifact alone', () => {
    settle(BEGAN_MS, 1_500, boastful)
    look(DAY + HOUR)
    const before = standing()
    stand = stand.reopened()
    expect(standing()).toEqual(before)
    expect(stand.desk.lineUp.candidate?.calibration).toEqual({ map: null, raisedBy: 0, takenMs: null })
  })

  it('stay as they are for a model that is honest, and wait for minutes', () => {
    settle(BEGAN_MS, 600, honest)
    expect(look(12 * HOUR)).toBe('wait')
    expect(newestLook()?.reason).toMatch(/^\d+ more settled minutes needed$/)
    settle(BEGAN_MS + 600 * MINUTE, 900, honest)
    expect(look(13 * HOUR)).toBe('kept')
    expect(standing()?.map).toBeNull()
    expect(newestLook()).toMatchObject({ verdict: 'kept', n: 1_500, kind: null, raised_by: 0 })
    expect(newestLook()?.reason).toMatch(/^not better with certainty/)
    // What changes nothing is a fact in the chain, without a file.
    const looks = stand.desks.store.journal
      .entries()
      .filter(({ kind, subject }) => `${kind} ${subject}`.includes('calibration'))
    expect(looks.map(({ subject }) => subject)).toEqual([`${SYMBOL}/v1`, `${SYMBOL}/v1`])
  })

  it('change nothing in a dry run, which says what would be', () => {
    settle(BEGAN_MS, 1_500, boastful)
    stand.at(stand.nowMs + DAY + HOUR)
    const entries = stand.desks.store.journal.entries().length
    expect(calibrateNow(stand.desk, stand.desks.evidence, true)).toMatchObject({ verdict: 'taken', kind: 'platt' })
    expect(standing()?.map).toBeNull()
    expect(stand.desks.store.journal.entries()).toHaveLength(entries)
    expect(calibrateNow(stand.desk, stand.desks.evidence, false)).toMatchObject({ verdict: 'taken' })
    expect(standing()?.map).not.toBeNull()
  })

  it('go back where the transaction around them is undone', () => {
    settle(BEGAN_MS, 1_500, boastful)
    stand.at(stand.nowMs + DAY + HOUR)
    const { desk, desks } = stand
    expect(() =>
      desk.transaction(() => {
        calibrateOnTime(desk, desks.evidence, stand.nowMs)
        throw new Error('the disk is full')
      }),
    ).toThrow('the disk is full')
    expect(standing()?.map).toBeNull()
    expect(look(0)).toBe('taken')
  })

  it('are not there without a model', () => {
    stand.close()
    stand = new ReleaseDesk(fresh(), { baseline: null })
    expect(look(HOUR)).toBe('no model yet')
    expect(refusal(() => calibrateNow(stand.desk, stand.desks.evidence, true)).what).toBe(
      'there is nothing to calibrate',
    )
  })

  it('whose calibration somebody has changed in the database are not given', () => {
    settle(BEGAN_MS, 1_500, boastful)
    look(DAY + HOUR)
    stand.desks.store.db.raw.exec(
      `UPDATE calibrations SET calibration = '{"map":{"kind":"platt","a":9,"b":0},"raisedBy":0}'`,
    )
    expect(refusal(() => stand.desk.reloadSlots()).why).toMatch(/is not the one that was taken over/)
  })
})

describe('the threshold of the model in charge', () => {
  it('moves once in six hours, however often somebody looks', () => {
    settle(BEGAN_MS - 11 * DAY, 11 * 1_440, honest)
    settle(BEGAN_MS, 1_440, tooHigh)
    look(DAY)
    const first = standing()?.raisedBy
    expect(first).toBe(0.01)
    const own = stand.desk.lineUp.inCharge?.model.threshold ?? Number.NaN
    expect(newestLook()).toMatchObject({ raised_by: 0.01, threshold: own + 0.01 })
    for (let i = 0; i < 4; i++) {
      stand.at(stand.nowMs + MINUTE)
      calibrateNow(stand.desk, stand.desks.evidence, false)
    }
    expect(standing()?.raisedBy).toBe(first)
  })

  it('stays where no minute of the last day is settled, and the look says that it knows nothing of it', () => {
    expect(look(DAY)).toBe('wait')
    expect(newestLook()).toMatchObject({ day: null, raised_by: 0 })
    expect(standing()?.raisedBy).toBe(0)
  })

  it('is raised while its answers promise too much, and is its own again after a day in which they were well', () => {
    // Long honest, so that no calibration of the older minutes is better on the newest.
    settle(BEGAN_MS - 11 * DAY, 11 * 1_440, honest)
    settle(BEGAN_MS, 3 * 1_440, tooHigh)
    for (let step = 0; step < 12; step++) look(6 * HOUR)
    expect(standing()).toMatchObject({ map: null, raisedBy: 0.05 })
    const raised = events().filter((text) => text.startsWith('the threshold of v1 is raised'))
    expect(raised).toHaveLength(5)
    // Asked for again and again it moves no further.
    for (let i = 0; i < 3; i++) calibrateNow(stand.desk, stand.desks.evidence, false)
    expect(standing()?.raisedBy).toBe(0.05)
    expect(raised[0]).toMatch(/raised to \+0.05: its answers promise too much, calibration error 0\.\d+$/)
    settle(stand.nowMs, 4 * 1_440, honest)
    let looks = 0
    while (standing()?.raisedBy !== 0 && looks < 20) {
      look(6 * HOUR)
      looks++
    }
    // A day until the bad minutes have left the last 24 hours, and then every look of a day.
    expect(looks).toBeGreaterThanOrEqual(5)
    expect(looks).toBeLessThan(10)
    expect(events()[0]).toMatch(/^the threshold of v1 is its own again/)
  })
})
