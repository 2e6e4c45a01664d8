import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { HOUR, MINUTE } from '../../kit/moments.ts'
import { judgement, ReleaseDesk, SYMBOL, type DeskOptions } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const SHIPPED = defaultConfig()
const AS_SHIPPED: DeskOptions = {}
const IMPROVE: DeskOptions = { profile: 'improve' }
const OUTCOME_BLOCKS: DeskOptions = { config: { gates: { ...SHIPPED.gates, outcome: 'block' } } }
const TWO_NAMES: DeskOptions = { config: { approvals: { ...SHIPPED.approvals, promote: 2 } } }

let stand: ReleaseDesk
/** Those that several tests look at, by their options. */
const shared = new Map<DeskOptions, ReleaseDesk>()

afterEach(() => {
  if (!new Set(shared.values()).has(stand)) stand.close()
})
afterAll(() => shared.forEach((one) => one.close()))

/** A candidate that nothing keeps from being promoted. */
function promotable(options: DeskOptions = {}): void {
  stand = new ReleaseDesk(fresh(), options)
  stand.succeed()
}

/** The same for tests that leave nothing behind: a promotion that is blocked does not, or the next would be refused otherwise. */
function promotableAgain(options: DeskOptions = AS_SHIPPED): void {
  const made = shared.get(options)
  if (made === undefined) promotable(options)
  else stand = made
  shared.set(options, stand)
  stand.judgement = judgement()
}

const ask = (version?: string) => stand.release.requestPromotion(SYMBOL, version, 'ada')
const blocked = (): string => {
  const { status, code, why } = refusal(() => ask())
  expect([status, code]).toEqual([409, 'blocked'])
  return why
}

describe('a promotion', () => {
  it('is let through when all six gates pass and a canary of the artifact and 24 hours of validation lie behind it', () => {
    promotable()
    const prompt = ask('v2')
    expect(prompt).toMatchObject({
      state: 'waiting',
      subject: 'v2',
      needs: 1,
      sentence: 'ONAY: Promote v2 to production',
    })
    expect(stand.approve(prompt.id).state).toBe('approved')
    const { inCharge: baseline, former, candidate } = stand.desk.lineUp
    expect([baseline?.version, former?.version, candidate]).toEqual(['v2', 'v1', null])
    expect(stand.chain('promotion')).toEqual(['promotion'])
    expect(stand.desks.store.release.newestPromotion(SYMBOL)).toMatchObject({
      kind: 'promotion',
      version: 'v2',
      former: 'v1',
      approvalId: prompt.id,
      reason: 'it is time',
    })
  })

  it.each(['waits', 'was refused', 'expired', 'was withdrawn'])(
    'is not blocked by a second start that %s: the canary that has succeeded stands',
    (what) => {
      promotable()
      stand.ready()
      const { id } = stand.request()
      if (what === 'was refused') stand.release.answer(id, { decision: 'reject', reason: 'no' }, 'ada')
      if (what === 'was withdrawn') stand.release.abortCanary(SYMBOL, 'ada', 'not now')
      if (what === 'expired') {
        stand.wall.set(stand.wall.now() + HOUR)
        expect(stand.release.waiting()).toEqual([])
      }
      expect(ask('v2').state).toBe('waiting')
      if (what !== 'waits') expect(stand.release.status(SYMBOL).state).toBe('succeeded')
    },
  )

  it('is blocked by a second canary that was aborted', () => {
    promotable()
    stand.start()
    stand.release.abortCanary(SYMBOL, 'ada', 'not now')
    expect(blocked()).toContain('no canary of this artifact has succeeded')
  })

  it.each([1, 2, 3, 4, 5, 6])('is blocked by gate %d alone, whether it fails, waits or cannot be measured', (gate) => {
    promotableAgain()
    for (const verdict of ['FAIL', 'WAIT', 'ERROR'] as const) {
      stand.judgement = judgement({ gates: { [gate]: { verdict, reason: `it says ${verdict}` } } })
      expect(blocked()).toMatch(new RegExp(`^gate ${gate} [a-z0-9_]+: it says ${verdict}$`))
    }
  })

  it('is blocked with the gates as they are, so that nobody has to ask again', () => {
    promotableAgain()
    stand.judgement = judgement({ gates: { 2: { verdict: 'FAIL', reason: 'too slow' } } })
    const { gates } = refusal(() => ask()).documents
    expect(gates).toMatchObject({ schema: 'gates/1', verdict: 'BLOCKED', passed: 5, of: 6 })
  })

  it('is blocked by gates that are not there: silence is no pass', () => {
    promotableAgain()
    stand.judgement = { ...judgement(), gates: [] }
    expect(blocked()).toBe('the gates could not be judged')
  })

  it('is blocked without a canary', () => {
    stand = new ReleaseDesk(fresh())
    expect(blocked()).toBe('no canary of this artifact has succeeded')
  })

  it('is blocked while a canary runs, and after one that was aborted', () => {
    stand = new ReleaseDesk(fresh())
    stand.start()
    expect(blocked()).toBe('no canary of this artifact has succeeded')
    stand.release.abortCanary(SYMBOL, 'ada', '')
    expect(blocked()).toBe('no canary of this artifact has succeeded')
  })

  it('is blocked by a canary of another artifact', () => {
    promotable()
    stand.register('v3')
    stand.place('candidate', 'v3')
    stand.desk.reloadSlots()
    expect(blocked()).toBe('no canary of this artifact has succeeded')
  })

  it('is blocked after 23 hours of validation, and not after 24', () => {
    stand = new ReleaseDesk(fresh())
    stand.succeed(23)
    expect(blocked()).toBe('validation: 1 more full hours needed, 1380 of 1296 minutes have a comparison')
    stand.countHour('v2', stand.nowMs)
    stand.at(stand.nowMs + HOUR - MINUTE)
    expect(blocked()).toContain('1 more full hours')
    stand.at(stand.nowMs + MINUTE)
    expect(ask().state).toBe('waiting')
  })

  it('is blocked by an hour of validation beyond an abort limit, which starts it anew', () => {
    stand = new ReleaseDesk(fresh())
    stand.succeed(22)
    stand.countHour('v2', stand.nowMs, { errors: 30, comparisons: 30 })
    stand.at(stand.nowMs + HOUR)
    stand.countHour('v2', stand.nowMs)
    stand.at(stand.nowMs + HOUR)
    expect(blocked()).toMatch(/^validation: 23 more full hours .*; started anew after .*: errors 50 % of 60, interval /)
  })

  it('counts what the minute and callers asked for its validation, and no probes', () => {
    stand = new ReleaseDesk(fresh())
    stand.succeed(21)
    for (let i = 0; i < 180; i++)
      stand.count({ tried: 1, comparisons: 1 }, { model: 'v2', tsMs: stand.nowMs + i * MINUTE, source: 'probe' })
    stand.at(stand.nowMs + 3 * HOUR)
    expect(blocked()).toContain('1 more full hours needed, 1260 of 1296')
  })

  it.each(['too_early', 'worse', 'no_worse', 'undecided'] as const)(
    'is blocked under improve by the outcome %s',
    (verdict) => {
      promotableAgain(IMPROVE)
      stand.judgement = judgement({ outcome: { verdict } })
      expect(blocked()).toBe(
        `outcome: under improve "better" is needed against both, it is ${verdict.replace('_', ' ')}`,
      )
    },
  )

  it('is blocked under improve by an outcome that is better than the one in charge and not than the fallback', () => {
    promotable(IMPROVE)
    for (const againstFallback of [null, { value: -0.01, lo: -0.02, hi: 0 }]) {
      stand.judgement = judgement({ outcome: { againstFallback } })
      expect(blocked()).toContain('under improve "better" is needed against both')
    }
    stand.judgement = judgement()
    expect(ask().state).toBe('waiting')
  })

  it.each(['too_early', 'worse', 'no_worse', 'undecided'] as const)(
    'is only advised under equivalent by the outcome %s',
    (verdict) => {
      promotableAgain()
      stand.judgement = judgement({ outcome: { verdict } })
      const prompt = ask()
      expect(prompt.state).toBe('waiting')
      stand.release.answer(prompt.id, { decision: 'reject', reason: 'no' }, 'ada')
    },
  )

  it('is blocked under equivalent by an outcome that the configuration lets block', () => {
    promotable(OUTCOME_BLOCKS)
    for (const verdict of ['too_early', 'worse', 'undecided'] as const) {
      stand.judgement = judgement({ outcome: { verdict } })
      expect(blocked()).toBe(`outcome: ${verdict.replace('_', ' ')}, and the configuration lets it block`)
    }
    stand.judgement = judgement({ outcome: { verdict: 'no_worse' } })
    expect(ask().state).toBe('waiting')
  })

  it('says everything that is missing at once', () => {
    stand = new ReleaseDesk(fresh())
    stand.judgement = judgement({
      gates: { 2: { verdict: 'WAIT', reason: '59 requests' }, 4: { verdict: 'FAIL', reason: 'low' } },
    })
    expect(blocked().split('; ')).toEqual([
      'gate 2 p95: 59 requests',
      'gate 4 offline: low',
      'no canary of this artifact has succeeded',
    ])
    expect(stand.release.missing(stand.desk, stand.judgement)).toHaveLength(3)
  })

  it('is refused for a version that is not the candidate, without a candidate, and twice', () => {
    promotable()
    expect(refusal(() => ask('v1'))).toMatchObject({ status: 409, code: 'not_candidate', why: 'the candidate is v2' })
    ask()
    expect(refusal(() => ask())).toMatchObject({ status: 409, code: 'waits' })
    stand.close()
    stand = new ReleaseDesk(fresh(), { candidate: null })
    expect(refusal(() => ask())).toMatchObject({ status: 409, code: 'no_candidate' })
  })

  it('may be asked for again once a prompt has expired', () => {
    promotable()
    ask()
    stand.wall.set(stand.wall.now() + 15 * MINUTE)
    expect(ask().state).toBe('waiting')
  })

  it('needs two different persons where the configuration says so', () => {
    promotable(TWO_NAMES)
    const { id, needs } = ask()
    expect(needs).toBe(2)
    expect(stand.approve(id, 'ada').state).toBe('waiting')
    expect(stand.desk.lineUp.inCharge?.version).toBe('v1')
    for (const same of ['ada', ' ADA '])
      expect(refusal(() => stand.approve(id, same)).why).toMatch(/has approved it already; another person is needed$/)
    expect(stand.approve(id, 'grace').state).toBe('approved')
    expect(stand.desk.lineUp.inCharge?.version).toBe('v2')
  })

  it('is carried out once, however often it is approved', () => {
    promotable()
    const { id } = ask()
    stand.approve(id)
    expect(refusal(() => stand.approve(id)).why).toBe('it was approved before')
    expect(stand.chain('promotion', 'approval').filter((entry) => entry === 'promotion')).toHaveLength(1)
  })
})

describe('a rollback', () => {
  it('puts the former model in charge and retires the other, without an approval', () => {
    promotable()
    stand.approve(ask().id)
    stand.at(stand.nowMs + MINUTE)
    stand.release.rollback(SYMBOL, 'grace', 'it loses')
    const { inCharge: baseline, former, candidate } = stand.desk.lineUp
    expect([baseline?.version, former, candidate]).toEqual(['v1', null, null])
    const again = stand.reopened().desk.lineUp
    expect([again.inCharge?.version, again.inCharge?.sinceMs, again.former]).toEqual(['v1', baseline?.sinceMs, null])
  })

  it('ends a canary that was measured against the model it retires', () => {
    stand = new ReleaseDesk(fresh(), { baseline: 'v2', former: 'v1', candidate: 'v3' })
    stand.start()
    stand.release.rollback(SYMBOL, 'grace', 'it loses')
    expect(stand.desk.canary.newest?.state).toMatchObject({ kind: 'aborted', reason: { by: 'person', who: 'grace' } })
    expect(stand.chain('rollback', 'canary').slice(-3)).toEqual([
      'rollback',
      'canary phase end',
      'canary ended ABORTED',
    ])
  })

  it('closes every prompt that waits, of a canary start as well: it was shown against the model that is retired', () => {
    stand = new ReleaseDesk(fresh(), { baseline: 'v2', former: 'v1', candidate: 'v3' })
    stand.ready()
    const { id } = stand.request()
    stand.release.rollback(SYMBOL, 'grace', 'it loses')
    expect(stand.release.waiting()).toEqual([])
    expect(stand.desks.store.release.approval(id)).toMatchObject({
      approval: { state: 'stale' },
      why: 'rolled back to v1 meanwhile',
    })
    expect(refusal(() => stand.approve(id)).why).toMatch(/stale|meanwhile/)
    expect(stand.desk.canary.underWay).toBe(false)
    expect(stand.chain('approval')).toEqual(['approval asked', 'approval stale'])
  })

  it('is refused where no former model is kept', () => {
    stand = new ReleaseDesk(fresh())
    expect(refusal(() => stand.release.rollback(SYMBOL, 'ada', ''))).toMatchObject({ status: 409, code: 'no_former' })
  })
})
