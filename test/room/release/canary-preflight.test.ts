import { rmSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fileSha256 } from '../../../src/evidence/files.ts'
import { diskCheck, freeBytes, preflight } from '../../../src/room/release/canary-preflight.ts'
import { PREFLIGHT_CHECKS } from '../../kit/canary.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { HOUR, MINUTE } from '../../kit/moments.ts'
import { ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
let stand: ReleaseDesk

afterEach(() => stand.close())

function ready(): void {
  stand = new ReleaseDesk(fresh())
  stand.ready()
}

function artifact(name: string): string {
  const { evidence } = stand.desks
  return evidence.pathOf(evidence.artifactSubject(SYMBOL, 'v2', `${name}_v2.json`))
}

const FAULTS: readonly [check: string, break_: () => void, said: string][] = [
  ['health', () => stand.desk.tape.finishMoment(stand.nowMs + 2 * MINUTE + 1), 'health: the newest row is 120 s old'],
  ['artifact', () => rmSync(artifact('model_weights')), 'artifact: the weights on the disk: missing'],
  ['artifact', () => writeFileSync(artifact('model_weights'), 'x'), 'artifact: the weights on the disk: changed'],
  [
    'reference',
    () => writeFileSync(artifact('reference_distributions'), 'x'),
    'reference: the reference distributions on the disk: changed',
  ],
  ['breaker', () => openBreaker(), 'breaker: open'],
  [
    'metrics',
    () => {
      const late = stand.nowMs + 5 * MINUTE + 1
      stand.desk.tape.finishMoment(late)
      const bar = { tsMs: late - MINUTE, open: 1, high: 1, low: 1, close: 1, volume: 1 }
      vi.spyOn(stand.desk.tape, 'newestBar', 'get').mockReturnValue(bar)
    },
    'metrics: the gates were last judged at 2025-05-26 00:00 UTC',
  ],
  [
    'clock',
    () => stand.desks.troubles.report('clock', "this machine's clock is 7.0 s ahead of binance's"),
    "clock: this machine's clock is 7.0 s ahead of binance's",
  ],
  ['clock', () => stand.desk.tape.finishMoment(stand.nowMs - HOUR), "clock: the recording's, 2025-05-25 23:00 UTC"],
]

function openBreaker(): void {
  for (let i = 0; i < 60; i++) stand.desk.breaker.record(false)
}

describe('a preflight', () => {
  it('passes when nothing is wrong, and is written down', () => {
    ready()
    const { pass, checks, candidate } = preflight(stand.desks, stand.desk)
    expect([pass, candidate, checks.filter((check) => !check.pass)]).toEqual([true, 'v2', []])
    expect(checks.map(({ check }) => check)).toEqual(PREFLIGHT_CHECKS)
    const { evidence } = stand.desks
    const [own, copy] = ['canary_preflight_v2.json', 'canary_preflight.json'].map((name) => `ml/${name}`)
    expect([evidence.standing(own ?? ''), evidence.standing(copy ?? '')]).toEqual(['whole', 'whole'])
    expect(fileSha256(evidence.pathOf(copy ?? ''))).toBe(fileSha256(evidence.pathOf(own ?? '')))
  })

  it.each(FAULTS)('refuses a live start: %s', (check, break_, said) => {
    ready()
    break_()
    expect(refusal(() => stand.request())).toMatchObject({ status: 409, code: 'preflight', why: said })
    const failed = preflight(stand.desks, stand.desk).checks.filter(({ pass }) => !pass)
    expect(failed.map((one) => one.check)).toEqual([check])
    expect(stand.desk.canary.newest).toBeNull()
    expect(stand.release.waiting()).toEqual([])
  })

  it('needs 200 MiB on a disk that says how much it has', () => {
    ready()
    const mib = 1_048_576
    expect(diskCheck(200 * mib)).toEqual({ check: 'disk', pass: true, said: '200 MiB free, 200 needed' })
    expect(diskCheck(200 * mib - 1).pass).toBe(false)
    expect(freeBytes(stand.dir)).toBeGreaterThan(0)
    expect(freeBytes(`${stand.dir}/nowhere`)).toBe(0)
  })

  it('refuses a live start whose gates were never judged and whose artifacts were never recorded', () => {
    stand = new ReleaseDesk(fresh())
    expect(refusal(() => stand.request()).why).toBe(
      'metrics: the gates were never judged; artifact: the weights on the disk: unknown; reference: the reference distributions on the disk: unknown',
    )
  })

  it('leaves the record of the model in charge alone when the next candidate is looked at', () => {
    ready()
    preflight(stand.desks, stand.desk)
    const { evidence } = stand.desks
    const before = fileSha256(evidence.pathOf('ml/canary_preflight_v2.json'))
    stand.register('v3')
    stand.place('baseline', 'v2')
    stand.place('candidate', 'v3')
    stand.desk.reloadSlots()
    expect(preflight(stand.desks, stand.desk).candidate).toBe('v3')
    expect(fileSha256(evidence.pathOf('ml/canary_preflight_v2.json'))).toBe(before)
    expect(evidence.standing('ml/canary_preflight_v2.json')).toBe('whole')
    expect(evidence.standing('ml/canary_preflight.json')).toBe('whole')
  })

  it('says that there is no candidate and writes nothing, and a start has nothing to roll out', () => {
    stand = new ReleaseDesk(fresh(), { candidate: null })
    const entries = stand.desks.store.journal.lastEntry()?.seq
    expect(refusal(() => preflight(stand.desks, stand.desk))).toMatchObject({
      status: 409,
      code: 'no_candidate',
      why: 'no candidate is in the shadow',
    })
    expect(stand.desks.store.journal.lastEntry()?.seq).toBe(entries)
    expect(stand.desks.evidence.standing('ml/canary_preflight.json')).toBe('unknown')
    expect(refusal(() => stand.request())).toMatchObject({ status: 409, code: 'no_candidate' })
  })
})
