import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtInCatalogue, type Column } from '../../../src/engine/features/catalogue.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import type { CanaryRun } from '../../../src/engine/canary/run.ts'
import { CanaryProbes, drawRows } from '../../../src/room/release/canary-probes.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { PredictionService } from '../../../src/serving/service.ts'
import { runningCanary } from '../../kit/canary.ts'
import { loaded, modelOf } from '../../kit/desk.ts'
import { serviceOf } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { FullDisk } from '../../kit/full-disk.ts'
import { DAY, HOUR, MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'
import { NUMBERED, numberedRows, storeRows } from '../../kit/stored-rows.ts'

const fresh = freshDirectories()
const MID = builtInCatalogue.place('mid')
const PLAN = { name: 'test', phases: [0.05, 0.4, 1].map((split) => ({ split, durationMs: HOUR })) }
/** The probes of the first phase are out after nine tenths of it. */
const SENT_MS = 54 * MINUTE

let stand: ReleaseDesk
let probes: CanaryProbes
let served: PredictionService
/** The numbers of the rows that the candidate was asked about, in that order. */
let asked: number[]

beforeEach(() => {
  asked = []
})

afterEach(() => stand.close())

function stands(needs: { candidate?: readonly Column[]; baseline?: readonly Column[] } = {}): void {
  const baseline = modelOf('v1', () => 0.5, needs.baseline ?? NUMBERED)
  const score = (values: Float64Array): number => {
    asked.push(values[MID] ?? Number.NaN)
    return 0.5
  }
  const candidate = modelOf('v2', score, needs.candidate ?? NUMBERED)
  stand.desk.models.stand(new LineUp({ inCharge: loaded(baseline), candidate: loaded(candidate) }))
}

function phase(change: Partial<CanaryRun> = {}): void {
  const run = runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: BEGAN_MS })
  const state = { kind: 'ramping', phase: 0, sinceMs: BEGAN_MS, measureErrors: 0 } as const
  stand.desk.canary.take({ ...run, plan: PLAN, state, ...change })
}

/** A canary that is in its first phase, over a day of so many rows. */
function begun(rows: number): void {
  stand = new ReleaseDesk(fresh())
  storeRows(stand.desk, numberedRows(rows, BEGAN_MS))
  stands()
  phase()
  served = serviceOf(stand)
  probes = new CanaryProbes(served, () => 0)
}

const send = (afterMs: number) => probes.send(stand.desk, BEGAN_MS + afterMs)
const counted = () => stand.desk.rollups.phase(stand.desk.canary.phase?.key ?? '')

describe('the probes of a phase', () => {
  it('are spread over its first nine tenths, each once, counted apart from callers', async () => {
    begun(400)
    await send(0)
    expect(asked).toEqual([])
    for (const [afterMs, sent] of [
      [SENT_MS / 3, 100],
      [SENT_MS / 3, 100],
      [SENT_MS / 2, 150],
      [SENT_MS, 300],
      [HOUR, 300],
    ] as const) {
      await send(afterMs)
      expect(asked).toHaveLength(sent)
    }
    expect(new Set(asked).size).toBe(300)
    const { probes: apart, live } = counted()
    expect([apart.tried, apart.compared, live.tried]).toEqual([300, 300, 0])
    expect(stand.desk.canary.newest?.probesSent).toBe(300)
  })

  it('go on with the same rows after a restart, none of them twice', async () => {
    begun(400)
    await send(SENT_MS)
    const whole = asked.splice(0)
    phase()
    await send(SENT_MS / 2)
    probes = new CanaryProbes(served, () => 0)
    await send(SENT_MS)
    expect(asked).toEqual(whole)
  })

  it('are others in another run, and drawn anew for the next phase', async () => {
    begun(500)
    await send(SENT_MS)
    const first = asked.splice(0)
    phase({ state: { kind: 'ramping', phase: 1, sinceMs: BEGAN_MS, measureErrors: 0 } })
    await send(SENT_MS)
    expect(asked).toHaveLength(400)
    expect(asked.slice(0, 300)).not.toEqual(first)
    asked = []
    phase({ runId: 'run-2' })
    await send(SENT_MS)
    expect(new Set(asked).size).toBe(300)
    expect(asked).not.toEqual(first)
  })

  const HELD = { kind: 'holding', phase: 0, sinceMs: BEGAN_MS, untilMs: BEGAN_MS + 2 * HOUR, measureErrors: 0 } as const

  it('are as many new ones again where it is held, spread in the same way, none of them twice', async () => {
    begun(700)
    await send(HOUR)
    phase({ state: HELD, probesSent: 300 })
    await send(HOUR)
    expect(asked).toHaveLength(300)
    await send(HOUR + SENT_MS / 3)
    expect(asked).toHaveLength(400)
    probes = new CanaryProbes(served, () => 0)
    await send(2 * HOUR)
    expect(new Set(asked).size).toBe(600)
    expect(counted().probes.tried).toBe(600)
  })

  it('of an extension repeat the rows of before only where the day has no others', async () => {
    begun(400)
    await send(HOUR)
    phase({ state: HELD, probesSent: 300 })
    await send(2 * HOUR)
    expect(asked).toHaveLength(600)
    expect(new Set(asked.slice(300)).size).toBe(300)
    expect(new Set(asked).size).toBe(400)
  })

  it('that were due while the process was down are made up for in the extension', async () => {
    begun(700)
    phase({ state: HELD, probesSent: 120 })
    await send(2 * HOUR)
    expect(new Set(asked).size).toBe(480)
  })

  it('are as many as the day has rows, and nothing waits for more', async () => {
    begun(40)
    await send(SENT_MS)
    expect(asked).toHaveLength(40)
    expect(stand.desk.canary.probesMissing(BEGAN_MS + SENT_MS)).toBe(0)
  })

  it('are what the shadow said of them in the table when they have been sent', async () => {
    begun(400)
    await send(SENT_MS / 10)
    const { comparisons, predictions } = stand.desks.store.predictions.rawSince(SYMBOL, 0)
    expect([comparisons.length, predictions.length]).toEqual([30, 30])
    expect(predictions.every(({ source }) => source === 'probe')).toBe(true)
  })

  it('are not sent while no phase runs', async () => {
    stand = new ReleaseDesk(fresh())
    probes = new CanaryProbes(serviceOf(stand), () => 0)
    await send(SENT_MS)
    expect(stand.desks.store.predictions.counts(SYMBOL)).toEqual({ predictions: 0, comparisons: 0 })
  })

  it('that could not be stored are an error of whoever sends them, and are still to be sent', async () => {
    begun(400)
    const disk = new FullDisk(stand.desks.store.db.raw)
    disk.fill()
    await expect(send(SENT_MS / 10)).rejects.toThrow('could not be stored')
    expect(stand.desk.canary.probesMissing(BEGAN_MS + SENT_MS / 10)).toBe(30)
    disk.free()
    await send(SENT_MS / 10)
    expect(counted().probes.compared).toBe(30)
  })
})

describe('the rows that probes are drawn from', () => {
  const drawn = (count = 100) =>
    drawRows(stand.desk, BEGAN_MS, count, seededRandom(1))
      .map(({ tsMs }) => tsMs)
      .sort((a, b) => a - b)

  it('are those of the 24 hours before that both models can score', () => {
    stand = new ReleaseDesk(fresh())
    const both = { mid: 1, rsi14: 1 }
    storeRows(stand.desk, [
      { tsMs: BEGAN_MS - DAY - MINUTE, values: both },
      { tsMs: BEGAN_MS - DAY, values: both },
      { tsMs: BEGAN_MS - 4 * MINUTE, values: { mid: 1 } },
      { tsMs: BEGAN_MS - 3 * MINUTE, values: { rsi14: 1 } },
      { tsMs: BEGAN_MS - 2 * MINUTE, values: both },
      { tsMs: BEGAN_MS, values: both },
    ])
    stands({ candidate: ['mid'], baseline: ['rsi14'] })
    expect(drawn()).toEqual([BEGAN_MS - DAY, BEGAN_MS - 2 * MINUTE])
    expect(drawn(1)).toHaveLength(1)
  })

  it.each(['candidate', 'baseline'] as const)('are none without a model as %s', (slot) => {
    stand = new ReleaseDesk(fresh(), { [slot]: null })
    storeRows(stand.desk, numberedRows(5, BEGAN_MS))
    expect(drawn()).toEqual([])
  })
})
