import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backupsDir } from '../../../src/db/backup-shelf.ts'
import { NEVER_SWITCHED } from '../../../src/engine/approval/kill-switch.ts'
import { ManualClock } from '../../../src/engine/kernel/clock.ts'
import type { PsiDocument } from '../../../src/evidence/documents/documents.ts'
import { measureDrift } from '../../../src/room/watch/measure-drift.ts'
import { fullPsi, RuleInputs } from '../../../src/room/watch/rule-inputs.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { runningCanary } from '../../kit/canary.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR

/** A desk with models whose window of drift is full after an hour. */
function desk(profile: 'equivalent' | 'improve' | null = null): DeskKit {
  const config = defaultConfig()
  const kit = aDesk(fresh(), { config: { ...config, drift: { ...config.drift, window_days: 1 / 24, min_rows: 10 } } })
  registerModel(kit.desk, 'baseline', 'v1', { sinceMs: NOON - HOUR })
  if (profile !== null) registerModel(kit.desk, 'candidate', 'v2', { profile, sinceMs: NOON - HOUR })
  return kit
}

const inputs = ({ desk: watched }: DeskKit, atMs: number) => new RuleInputs(null).of(watched, atMs)

describe('what the alert rules look at', () => {
  it('is nothing where there is nothing: neither models nor bars', () => {
    const kit = aDesk(fresh())
    expect(inputs(kit, NOON)).toMatchObject({
      candidate: null,
      canary: null,
      psi: null,
      psiDayAgo: null,
      driftCritical: false,
      driftCriticalAgoMs: null,
      rowAgeMs: null,
      missing: null,
      ece: null,
      series: null,
      last5: { tried: 0, shadowTried: 0 },
    })
    kit.desks.close()
  })

  it('is five and ten minutes of answers, of the model in charge and of the candidate, each counted for itself', () => {
    const kit = desk('equivalent')
    const { rollups } = kit.desk
    for (let minute = 1; minute <= 12; minute++) {
      const at = { tsMs: NOON - minute * MINUTE, source: 'caller', phase: '' } as const
      rollups.answered({ ...at, model: 'v1' }, false, 90)
      rollups.tried({ ...at, model: 'v1' }, minute !== 2, 1)
      for (let i = 0; i < 3; i++) rollups.tried({ ...at, model: 'v2' }, minute !== 8, 70)
      rollups.compared({ ...at, model: 'v2' }, 0.01, minute !== 3)
    }
    const { last5, last10 } = inputs(kit, NOON)
    const five = { requests: 5, timed: 5, above80Ms: 5, above120Ms: 0, tried: 5, modelErrors: 1, shadowTried: 15 }
    expect(last5).toMatchObject({ ...five, shadowErrors: 0, shadowAbove60Ms: 15, compared: 5, matched: 4 })
    expect(last10).toMatchObject({
      requests: 10,
      tried: 10,
      shadowTried: 30,
      shadowErrors: 3,
      compared: 10,
      matched: 9,
    })
    kit.desks.close()
  })

  it.each([
    ['equivalent', true],
    ['improve', false],
  ] as const)('is whether a candidate that is to be %s is meant to match: %s', (profile, meantToMatch) => {
    const kit = desk(profile)
    expect(inputs(kit, NOON).candidate).toEqual({ meantToMatch })
    kit.desks.close()
  })

  it('is the drift of the model in charge, and of the candidate while a canary runs, once the window is full', async () => {
    const kit = desk('equivalent')
    await play(
      kit,
      Array.from({ length: 60 }, (_, i) => wanderingBar(NOON - HOUR + i * MINUTE)),
    )
    kit.desk.transaction(() => measureDrift(kit.desk, kit.desks.evidence, NOON))
    const figures = ['v1', 'v2'].map((version) => kit.desk.drift.snapshotOf(version)?.overall_psi)
    expect(figures).toEqual([expect.any(Number), expect.any(Number)])
    expect(inputs(kit, NOON)).toMatchObject({ psi: figures[0], canary: null, rowAgeMs: 0 })
    kit.desk.canary.take(runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: NOON }))
    expect(inputs(kit, NOON + 3 * MINUTE)).toMatchObject({
      canary: { psi: figures[1] },
      driftCritical: true,
      driftCriticalAgoMs: 3 * MINUTE,
      rowAgeMs: 3 * MINUTE,
    })
    kit.desks.close()
  })

  it('is the share of rows of the last day that lack a feature, looked up once an hour', async () => {
    const kit = desk()
    const looking = new RuleInputs(null)
    await play(
      kit,
      Array.from({ length: 60 }, (_, i) => wanderingBar(NOON - HOUR + i * MINUTE)),
    )
    // The first thirteen bars have no RSI yet, nor has the one before them a change.
    expect(looking.of(kit.desk, NOON).missing).toEqual({ feature: 'rsi14_z', share: 14 / 60 })
    await play(kit, [wanderingBar(NOON)])
    expect(looking.of(kit.desk, NOON + MINUTE).missing).toEqual({ feature: 'rsi14_z', share: 14 / 60 })
    kit.desk.undone()
    expect(new RuleInputs(null).of(kit.desk, NOON + MINUTE).missing).toEqual({ feature: 'rsi14_z', share: 14 / 60 })
    expect(looking.of(kit.desk, NOON + 25 * HOUR).missing).toBeNull()
    kit.desks.close()
  })

  it('is of every feature that a model in a slot needs, not of those alone whose drift is measured', () => {
    const kit = desk()
    const { drift, catalogue, lineUp } = kit.desk
    expect(Object.keys(lineUp.inCharge?.reference.features ?? {})).not.toContain('mid_logret_1m')
    for (let i = 0; i < 60; i++) {
      const values = new Float64Array(catalogue.names.length)
      // Nobody needs it.
      values[catalogue.place('zscore_mid_24h')] = Number.NaN
      if (i < 3) values[catalogue.place('mid_logret_1m')] = Number.NaN
      drift.count({ tsMs: NOON - HOUR + i * MINUTE, values })
    }
    expect(inputs(kit, NOON).missing).toEqual({ feature: 'mid_logret_1m', share: 0.05 })
    kit.desks.close()
  })

  it('is how old the newest backup is, looked up once a minute, where the clock is real', () => {
    const now = Date.parse('2026-01-02T03:04:05Z')
    const wall = new ManualClock(now)
    const { desks, desk: watched } = aDesk(fresh(), { clockKind: 'real', wall })
    const rules = new RuleInputs(null)
    const ageAt = (ms: number): number | null => {
      wall.set(ms)
      return rules.of(watched, NOON).backupAgeMs
    }
    // The directory began after that time: its age is never less than none.
    expect(ageAt(now)).toBe(0)
    const dir = backupsDir(dirname(watched.parts.store.db.path))
    mkdirSync(dir)
    const [at, file] = [new Date(now - HOUR).toISOString(), 'onay_20260102T020405Z.tar.gz']
    const backup = { schema: 'backup/1', at, onay_version: '0.1.0', file, sha256: '0'.repeat(64), bytes: 3 }
    writeFileSync(
      join(dir, 'one.json'),
      JSON.stringify({ ...backup, head: { seq: 1, hash: '' }, files: 1, seconds: 1 }),
    )
    writeFileSync(join(dir, file), 'tar')
    expect([now + MINUTE - 1, now + MINUTE, now + MINUTE - 1].map(ageAt)).toEqual([0, HOUR + MINUTE, HOUR + MINUTE - 1])
    desks.close()
    const replayed = desk()
    expect(inputs(replayed, NOON).backupAgeMs).toBeNull()
    replayed.desks.close()
  })

  it('is what the arm of the model in charge has earned on paper, and why its last retraining failed', () => {
    const empty = aDesk(fresh())
    expect(inputs(empty, NOON).paper).toBeNull()
    empty.desks.close()
    const kit = desk()
    const { desk: watched } = kit
    expect(inputs(kit, NOON).paper).toEqual({
      arm: 'v1',
      drawdown: null,
      retrainFailed: null,
      slippageLowPct: null,
      slippageAssumedPct: defaultConfig().paper.assumed_slippage_pct,
    })
    watched.paper.results(NOON).add('v1', { closedMs: NOON, pnl: -50, notional: 1_000, slippagePct: 0.01 })
    const job = { symbol: SYMBOL, name: 'paper retrain', lastMs: NOON, lastOkMs: null, nextMs: NOON + HOUR, wallMs: 0 }
    watched.jobs.ran({ ...job, ok: 0, result: 'too few rows' })
    const { paper } = inputs(kit, NOON)
    expect(paper).toMatchObject({ arm: 'v1', retrainFailed: 'too few rows' })
    expect(paper?.drawdown).toBeGreaterThan(0)
    watched.jobs.ran({ ...job, ok: 1, result: 'a set was trained' })
    expect(inputs(kit, NOON).paper?.retrainFailed).toBeNull()
    kit.desks.close()
  })

  it('is the kill switch, unless a drill that somebody approved holds it', () => {
    const kit = desk()
    const thrown = (['person', 'drift', 'drill'] as const).map((cause) => {
      kit.desk.kill.hold({ ...NEVER_SWITCHED, on: true, cause })
      return inputs(kit, NOON).killSwitch
    })
    expect(thrown).toEqual([true, true, false])
    kit.desks.close()
  })

  it('is no figure of drift while its window is not full', () => {
    const document = { verdict: 'FAIL', overall_psi: 0.4 } as PsiDocument
    expect([undefined, { ...document, verdict: 'WAIT' as const }, document].map(fullPsi)).toEqual([null, null, 0.4])
  })
})
