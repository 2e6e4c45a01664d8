import { beforeAll, describe, expect, it } from 'vitest'
import { wilson } from '../../../src/engine/stats/intervals.ts'
import { gateOf } from '../../kit/documents.ts'
import {
  actFive,
  actOneEnd,
  actThree,
  actThreeAsEquivalent,
  actTwo,
  bake,
  type Aborted,
  type ActFive,
  type ActThree,
  type Baked,
} from '../../kit/acts.ts'
import { stage } from '../../kit/program.ts'
import { slotsOf } from '../../kit/play.ts'
import { linesOf, typed } from '../../kit/readme.ts'

const shell = stage()
/** The share of the minutes of 8 June on which v1.8.2 gives v1.8.1's score. */
const AGREES_ON_8_JUNE = 0.099
/** Where an act ended: the next one begins there. */
const ends = { actTwo: '', actThree: '' }

function expectAborted(aborted: Aborted, version: string): void {
  expect(aborted.canary).toMatchObject({ state: 'aborted', phase: 1, share: 0, candidate: version })
  expect(aborted.canary.match_rate).toBeLessThan(0.9)
  expect(aborted.run).toMatchObject({ status: 'ABORTED', aborted: true, candidate: version, baseline: 'v1.8.1' })
  expect(aborted.run?.run_id).toBe(aborted.canary.run_id)
  expect(aborted.run?.phases.map(({ phase }) => phase)).toEqual([1])
  expect(aborted.run?.abort_reason).toContain('match')
  expect(aborted.events.filter(({ kind, text }) => kind === 'canary' && text.includes('abort'))).not.toEqual([])
  expect(aborted.slots).toMatchObject({ baseline: 'v1.8.1', candidate: version })
}

describe('act 2, as the README has it typed: a model retrained by routine disagrees with the one in charge', () => {
  let aborted: Aborted
  let baked: Baked

  beforeAll(async () => {
    ends.actTwo = shell.copy((await actOneEnd(shell)).dataDir)
    baked = await bake(shell, ends.actTwo)
    aborted = await actTwo(shell, ends.actTwo)
  })

  it('bakes v1.8.1 for its 48 hours without rolling it back', () => {
    expect(baked.slots).toEqual({ baseline: 'v1.8.1', former: 'v1.8-b0' })
    expect(baked.canary.bake).toBeNull()
  })

  it('aborts by itself in its first phase, at 0 %, and the candidate stays in the shadow', () => {
    expectAborted(aborted, 'v1.8.2')
    // The probes are drawn by the run's own salt, so their rate scatters around that of the day they are drawn from.
    const { requests, match_rate: rate } = aborted.run?.phases[0] ?? {}
    const near = wilson(Math.round((rate ?? NaN) * (requests ?? 0)), requests ?? 0, 0.999999)
    expect(near.lo).toBeLessThan(AGREES_ON_8_JUNE)
    expect(near.hi).toBeGreaterThan(AGREES_ON_8_JUNE)
  })
})

describe('act 3, as the README has it typed: a model that is meant to differ', () => {
  let act: ActThree

  beforeAll(async () => {
    ends.actThree = shell.copy(ends.actTwo)
    act = await actThree(shell, ends.actThree)
  })

  it('is aborted by match under the profile equivalent', async () => {
    expectAborted(await actThreeAsEquivalent(shell, shell.copy(ends.actTwo)), 'v1.9')
  })

  it('comes through the canary under improve, whose start acknowledges that the two differ', () => {
    expect(act.started).toMatch(/^ +against it +v1\.9 is meant to differ/m)
    expect(act.canary).toMatchObject({ state: 'succeeded', profile: 'improve', share: 0 })
    expect(act.canary.match_rate).toBeLessThan(0.9)
  })

  it('beats what serves and the fallback on the next seven days, and passes all six gates', () => {
    const { outcome } = act.gates
    expect(outcome.verdict).toBe('better')
    expect(outcome.log_loss.candidate).toBeCloseTo(0.629, 3)
    // 0.660 over the seven days; the model goes into the shadow half an hour later here, after act 2.
    expect(Math.abs((outcome.log_loss.baseline ?? 0) - 0.66)).toBeLessThan(0.001)
    expect(outcome.log_loss.fallback).toBeCloseTo(0.637, 3)
    expect(outcome.difference?.hi).toBeLessThan(0)
    expect(outcome.against_fallback?.hi).toBeLessThan(0)
    expect(act.gates.verdict).toBe('ELIGIBLE')
    expect(gateOf(act.gates, 'delta').verdict).toBe('PASS')
  })

  it('is promoted by ONAY', () => {
    expect(act.slots).toEqual({ baseline: 'v1.9', former: 'v1.8.1' })
  })
})

describe('act 4, as the README has it typed: what the scores would have earned', () => {
  const said: string[] = []

  beforeAll(async () => {
    for (const line of linesOf('Act 4')) said.push(await typed(line, ends.actThree))
  })

  it('shows that every arm loses about what it pays, by the direction that is worth nothing here', () => {
    const [arms = ''] = said
    const expectancies = [...arms.matchAll(/^ {2}(\S+) +(\d+) +\S+ % +\S+ +(-?[\d.]+) /gm)]
    const traded = expectancies.filter(([, , trades]) => Number(trades) > 100)
    expect(traded.map(([, arm]) => arm)).toEqual(expect.arrayContaining(['fallback', 'v1_backtest', 'v2_paper']))
    for (const [, arm, , bp] of traded) {
      expect(Number(bp), arm).toBeLessThan(-9)
      expect(Number(bp), arm).toBeGreaterThan(-15)
    }
  })

  it('says of each model of a set whether it beats its naive predictor', () => {
    const second = (said[1] ?? '').split('v2_paper is ')[1] ?? ''
    for (const target of ['risk', 'volatility']) expect(second).toContain(`useful  ${target} beats`)
    for (const target of ['direction', 'price', 'momentum'])
      expect(second).toContain(`${target} is not certainly better`)
  })

  it('says what a third set waits for, why there is no swap, and what fills cost', () => {
    expect(said[2]).toMatch(/WAIT +paper_age +12\.\d+ of 14/)
    expect(said[2]).toMatch(/PASS +regime_diversity/)
    expect(said[3]).toContain('KEEP: v2_paper does not earn')
    expect(said[4]).toContain('by time of day')
  })
})

describe('act 5, as its page has it typed: what a room is tried by before it is left alone', () => {
  let act: ActFive

  beforeAll(async () => {
    act = await actFive(shell, ends.actThree)
  })

  it('drills the kill switch once somebody has approved, and leaves what it measured', () => {
    expect(act.said('kill drill')).toContain('for 5 s every answer abstains')
    expect(act.drills).toHaveLength(1)
  })

  it('finds the drift of the night in which prices fell: critical, and beyond where the kill switch is asked for', () => {
    const drift = act.said('drift')
    expect(drift).toContain('last 24 hours of v1.9: CRITICAL, this check critical')
    expect(drift).toMatch(/overall +kill +PSI 1\.511\d, kill switch asked for above 1\.172/)
    for (const feature of ['rv_15m_log', 'rv_60m_log', 'vol1m_log'])
      expect(drift).toMatch(new RegExp(`${feature} +critical`))
  })

  it('rehearses what the kill switch would have stopped: a model that was worse than promised, not than the fallback', () => {
    const [configured = '', other = ''] = act.said('rehearse').split('drift.kill_psi=1.5')
    expect(configured).toMatch(
      /kill switch by drift +2 +11\.5 +2 +2, 0 +690 answers, 373 signals of which 248 came true/,
    )
    expect(other).toMatch(/kill switch by drift +1 +2\.8 +1 +1, 0/)
    expect(other).toMatch(/2025-06-13 +0\.6499 +0\.6549 +wck5 +worse than promised$/m)
    expect(other).toContain('promised 0.6366')
  })

  it('lets one caller in five have the answers of v1.9.1, for days, until somebody stops it', () => {
    expect(act.said('canary start --mode serve')).toMatch(
      /what happens +20 % of the callers' keys get v1\.9\.1's answer where .* for 2 days/,
    )
    expect(act.said('canary status')).toMatch(/canary of v1\.9\.1, live, serve, improve: ramping/)
    expect(act.said('canary status')).toContain('live: 0 of 2 days')
    expect(act.said('canary abort')).toMatch(/aborted, phase 1 of 1, share 0\.0 %/)
    expect(act.said('models retire')).toContain('v1.9.1 left the shadow')
    expect(act.slots).toEqual({ baseline: 'v1.9', former: 'v1.8.1' })
  })

  it('restores a backup, which was verified, into a directory that has the same models', async () => {
    expect(act.said('backup')).toContain('restored and verified')
    expect(act.said('restore')).toContain('and verified up to entry')
    expect(slotsOf(await shell.json(['models', '--data-dir', act.restoredDir]))).toEqual(act.slots)
  })

  it('ends READY', () => {
    const list = act.said('checklist')
    expect(list).toMatch(/\nREADY\n*$/)
    for (const check of ['api', 'prediction', 'artifacts', 'gates', 'drift', 'kill switch', 'backup', 'token'])
      expect(list).toMatch(new RegExp(`PASS +${check} `))
  })
})
