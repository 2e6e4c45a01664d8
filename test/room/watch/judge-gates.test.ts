import { mkdirSync, rmSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { GATE_NAMES, type GateName, type GateResult } from '../../../src/engine/gates/catalogue.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { runningCanary } from '../../kit/canary.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel, type ModelOptions } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR

function desk(candidate: ModelOptions | null = {}): DeskKit {
  const kit = aDesk(fresh(), { serves: true })
  registerModel(kit.desk, 'baseline', 'v1')
  if (candidate !== null) registerModel(kit.desk, 'candidate', 'v2', candidate)
  return kit
}

function gate({ desk, judging }: DeskKit, name: GateResult['name'], atMs: number): GateResult {
  const found = judging.judge.judge(desk, atMs).gates.find((result) => result.name === name)
  if (found === undefined) throw new Error(`there is no gate ${name}`)
  return found
}

/** Callers who wait so long for an answer, within one minute. */
function answers({ desk }: DeskKit, tsMs: number, ms: number, count = 200): void {
  for (let i = 0; i < count; i++) desk.rollups.answered({ tsMs, model: 'v1', source: 'caller', phase: '' }, false, ms)
}

/** Minutes of a market in which every caller waits too long. */
async function slowMinutes(kit: DeskKit, fromMs: number, minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    const tsMs = fromMs + i * MINUTE
    answers(kit, tsMs, 200)
    await play(kit, [wanderingBar(tsMs)])
  }
}

describe('gate 3, over a critical alert', () => {
  it('fails in the very minute in which it fires, and is logged so: alert rules come before gates', async () => {
    const kit = desk()
    await slowMinutes(kit, NOON, 8)
    const changes = kit.desks.store.watch.alertChanges(SYMBOL, 0, NOON + DAY)
    const fired = changes.find(({ rule, change }) => rule === 'MLPredictLatencyP95Critical' && change === 'fired')
    if (fired === undefined) throw new Error('it never fired')
    const { watch } = kit.desks.store
    const log = [fired.tsMs - MINUTE, fired.tsMs].flatMap((atMs) => watch.newestGatesIn(SYMBOL, atMs, atMs + 1) ?? [])
    expect(log.map(({ tsMs, verdicts }) => [tsMs - fired.tsMs, verdicts[2]])).toEqual([
      [-MINUTE, 'W'],
      [0, 'F'],
    ])
    kit.desks.close()
  })

  it('fails while it fires and for 24 hours from its end, whether or not the room was restarted, and not after', async () => {
    const kit = desk()
    await slowMinutes(kit, NOON, 8)
    const endMs = kit.desk.tape.feed.clockMs
    expect(gate(kit, 'alert_silence', endMs + 2 * DAY)).toMatchObject({ verdict: 'FAIL', value: 1 })
    const [fired] = kit.desk.alerts.active.filter(({ severity }) => severity === 'critical')
    if (fired === undefined) throw new Error('it never fired')
    kit.desk.transaction(() => {
      const over = { rule: fired.rule, severity: 'critical', change: 'resolved', text: '' } as const
      kit.desk.alerts.take([], [over], endMs)
      kit.desks.store.watch.logAlertChange({ symbol: SYMBOL, tsMs: endMs, wallMs: 0, ...over })
    })
    expect(gate(kit, 'alert_silence', endMs + DAY - MINUTE)).toMatchObject({ verdict: 'FAIL', value: 1 })
    kit.desk.undone()
    expect(gate(kit, 'alert_silence', endMs + DAY - MINUTE)).toMatchObject({ verdict: 'FAIL', value: 1 })
    expect(gate(kit, 'alert_silence', endMs + DAY).verdict).toBe('WAIT')
    kit.desks.close()
  })

  it('waits while less than a day was watched, and says how much was', () => {
    const kit = desk()
    const { desk: watched } = kit
    watched.transaction(() => {
      for (let at = 0; at <= 6 * 60; at++) watched.alerts.take([], [], NOON + at * MINUTE)
    })
    expect(gate(kit, 'alert_silence', NOON + 6 * HOUR)).toMatchObject({
      verdict: 'WAIT',
      reason: '6.0 of 24 h covered',
      readyAtMs: NOON + DAY,
    })
    kit.desks.close()
  })
})

describe('gate 5, of a candidate that is to improve', () => {
  const differs = (kit: DeskKit): void => {
    const key = { tsMs: NOON, model: 'v2', source: 'caller', phase: '' } as const
    for (let i = 0; i < 600; i++) kit.desk.rollups.compared(key, 0.25, false)
  }

  it.each([
    ['waits while no canary of it was ever approved', null, 'WAIT'],
    [
      'passes once the start of a canary of this very artifact was approved',
      { of: 'this', profile: 'improve' },
      'PASS',
    ],
    ['waits while the canary that was approved was of another artifact', { of: 'another', profile: 'improve' }, 'WAIT'],
    ['waits while the canary that was approved was meant to agree', { of: 'this', profile: 'equivalent' }, 'WAIT'],
  ] as const)('%s', (_, approved, verdict) => {
    const kit = desk({ profile: 'improve' })
    differs(kit)
    if (approved !== null) {
      const run = runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: NOON })
      const { profile } = approved
      const sha256 = approved.of === 'this' ? (kit.desk.lineUp.candidate?.sha256 ?? '') : 'another'
      kit.desk.canary.take({ ...run, sha256, profile })
    }
    expect(gate(kit, 'delta', NOON + MINUTE)).toMatchObject({ verdict, value: 0.25 })
    kit.desks.close()
  })

  it('waits while the canary is asked for and not yet approved', () => {
    const kit = desk({ profile: 'improve' })
    differs(kit)
    const run = runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: NOON })
    const sha256 = kit.desk.lineUp.candidate?.sha256 ?? ''
    const state = { kind: 'awaitingOnay', promptId: 'canary-1', expiresAtWallMs: NOON + HOUR } as const
    kit.desk.canary.take({ ...run, state, sha256 })
    expect(gate(kit, 'delta', NOON + MINUTE).verdict).toBe('WAIT')
    kit.desks.close()
  })

  it('fails of one that is meant to agree, whatever was approved', () => {
    const kit = desk({ profile: 'equivalent' })
    differs(kit)
    const run = runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: NOON })
    kit.desk.canary.take({ ...run, sha256: kit.desk.lineUp.candidate?.sha256 ?? '' })
    expect(gate(kit, 'delta', NOON + MINUTE).verdict).toBe('FAIL')
    kit.desks.close()
  })
})

describe('what the gates look at', () => {
  it('is the candidate where there is one, else the model in charge, else nothing', () => {
    const kit = aDesk(fresh())
    const judged = (): (string | undefined)[] => {
      const { model, gates } = kit.judging.judge.judge(kit.desk, NOON)
      return [model?.version, gates.find(({ name }) => name === 'offline')?.verdict]
    }
    expect(judged()).toEqual([undefined, 'WAIT'])
    registerModel(kit.desk, 'baseline', 'v1', { auc: 0.9 })
    expect(judged()).toEqual(['v1', 'PASS'])
    registerModel(kit.desk, 'candidate', 'v2', { auc: 0.5 })
    expect(judged()).toEqual(['v2', 'FAIL'])
    kit.desks.close()
  })

  it('changes as soon as something is counted, within one moment too', () => {
    const kit = desk()
    const before = gate(kit, 'delta', NOON + MINUTE)
    const key = { tsMs: NOON, model: 'v2', source: 'caller', phase: '' } as const
    for (let i = 0; i < 600; i++) kit.desk.rollups.compared(key, 0.01, true)
    kit.desk.rollups.answered(key, false, 1)
    expect([before.verdict, gate(kit, 'delta', NOON + MINUTE).verdict]).toEqual(['WAIT', 'PASS'])
    kit.desks.close()
  })

  it('is the latency of the service and of the model, the worse of both', () => {
    const kit = desk(null)
    answers(kit, NOON, 10)
    expect(gate(kit, 'p95', NOON + MINUTE)).toMatchObject({
      verdict: 'WAIT',
      reason: '59 more scores of the model needed',
    })
    const key = { tsMs: NOON, model: 'v1', source: 'caller', phase: '' } as const
    for (let i = 0; i < 100; i++) kit.desk.rollups.tried(key, true, 90)
    answers(kit, NOON, 10, 1)
    expect(gate(kit, 'p95', NOON + MINUTE).verdict).toBe('FAIL')
    kit.desks.close()
  })
})

describe('a measurement that fails', () => {
  const broken = (): never => {
    throw new Error('the disk has a bad sector')
  }
  const BREAKS: Readonly<Record<GateName, (kit: DeskKit) => void>> = {
    psi: ({ desk: watched }) => watched.drift.noteFault('v2', 'the disk has a bad sector'),
    p95: ({ desk: watched }) => void vi.spyOn(watched.rollups, 'serviceDay').mockImplementation(broken),
    alert_silence: ({ desks }) => void vi.spyOn(desks.store.watch, 'heartbeats').mockImplementation(broken),
    offline: ({ desk: watched }) =>
      void Object.defineProperty(watched.lineUp.candidate ?? {}, 'offline', { get: broken }),
    delta: ({ desk: watched }) => {
      const { rollups } = watched
      const totals = rollups.totals.bind(rollups)
      vi.spyOn(rollups, 'totals').mockImplementation((from, until, ...rest) =>
        until - from === DAY ? broken() : totals(from, until, ...rest),
      )
    },
    evidence: ({ desk: watched, desks }) => {
      const { evidence } = desks
      const subject = evidence.subject(SYMBOL, 'smoke_1k_v2.json')
      watched.transaction(() => evidence.writeDocument(subject, {}, NOON))
      desks.drainOutbox()
      // What stands in the file's place can be opened and not be read.
      rmSync(evidence.pathOf(subject))
      mkdirSync(evidence.pathOf(subject))
    },
  }

  it.each(GATE_NAMES)('is the error of gate %s and of no other, and the minute goes on', async (name) => {
    const kit = desk()
    await play(kit, [wanderingBar(NOON)])
    const before = kit.judging.judge.judge(kit.desk, NOON + MINUTE).gates
    BREAKS[name](kit)
    await play(kit, [wanderingBar(NOON + MINUTE)])
    const atMs = NOON + 2 * MINUTE
    const log = kit.desks.store.watch.newestGatesIn(SYMBOL, atMs, atMs + 1)
    const now = kit.judging.judge.judge(kit.desk, atMs).gates
    expect(now.map(({ verdict }) => verdict)).toEqual(before.map((was) => (was.name === name ? 'ERROR' : was.verdict)))
    expect(now.find((one) => one.name === name)?.reason).toMatch(/^it could not be measured: /)
    expect(GATE_NAMES.filter((_, i) => log?.verdicts[i] === 'E')).toEqual([name])
    expect(kit.desk.jobs.of('gates')).toMatchObject({ ok: 1, lastMs: atMs })
    expect(kit.desk.tape.feed.clockMs).toBe(atMs)
    vi.restoreAllMocks()
    kit.desks.close()
  })

  it('is tried again by the next that asks, though nothing has changed', () => {
    const kit = desk()
    const before = gate(kit, 'p95', NOON)
    BREAKS.p95(kit)
    answers(kit, NOON, 10, 1)
    expect(gate(kit, 'p95', NOON).verdict).toBe('ERROR')
    vi.restoreAllMocks()
    expect(gate(kit, 'p95', NOON).verdict).toBe(before.verdict)
    kit.desks.close()
  })
})
