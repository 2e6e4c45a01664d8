import { cpSync } from 'node:fs'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { abort } from '../../../src/room/release/canary.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { FullDisk } from '../../kit/full-disk.ts'
import { MINUTE } from '../../kit/moments.ts'
import { ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const MODELS = { baseline: 'v2', former: 'v1', candidate: 'v3' } as const
const BROKEN = { tried: 300, errors: 300 }

let stand: ReleaseDesk
let disk: FullDisk

afterEach(() => stand.close())

let begun: string | null = null

/** A directory whose canary is in its first phase: made once, and copied. */
function begunDirectory(): string {
  if (begun === null) {
    begun = fresh()
    const first = new ReleaseDesk(begun, MODELS)
    first.start()
    first.close()
  }
  return begun
}

function open(): void {
  const dir = fresh()
  cpSync(begunDirectory(), dir, { recursive: true })
  stand = new ReleaseDesk(dir, MODELS)
  disk = new FullDisk(stand.desks.store.db.raw)
}

/** Where memory stands. */
function held(): object {
  const { lineUp, canary } = stand.desk
  return {
    baseline: lineUp.inCharge?.version ?? null,
    former: lineUp.former?.version ?? null,
    candidate: lineUp.candidate?.version ?? null,
    canary: canary.newest?.state ?? null,
    phases: canary.newest?.phases.length ?? 0,
    share: canary.share(false),
  }
}

/** What the tables say, read past the desk. */
function stored(): object {
  const { store } = stand.desks
  const of = (slot: string): string | null =>
    store.models.slots(SYMBOL).find((row) => row.slot === slot)?.version ?? null
  const run = store.release.newestRun(SYMBOL)
  return {
    baseline: of('baseline'),
    former: of('former'),
    candidate: of('candidate'),
    canary: run?.state ?? null,
    phases: run?.phases.length ?? 0,
    share: run === null || !('measureErrors' in run.state) ? 0 : (run.plan.phases[run.state.phase]?.split ?? 0),
  }
}

/** Who took charge last and how the newest run ended, as the chain has it. */
function chained(): { readonly rollbacks: number; readonly ended: readonly string[] } {
  const entries = stand.chain('rollback', 'canary')
  return {
    rollbacks: entries.filter((entry) => entry === 'rollback').length,
    ended: entries.filter((entry) => entry.startsWith('canary ended')),
  }
}

type Lowering = readonly [what: string, act: () => void, aborted: boolean, rolledBack: boolean]

const LOWERING: readonly Lowering[] = [
  ['an abort by a person', () => void stand.release.abortCanary(SYMBOL, 'ada', 'enough'), true, false],
  ['an abort by an alert', () => abort(stand.parts, stand.desk, 'MLCanaryShadowErrorRateHigh', 'errors'), true, false],
  ['an abort by the judge', () => judged(), true, false],
  ['a candidate that is gone', () => gone(), true, false],
  ['a rollback, which ends the canary', () => stand.release.rollback(SYMBOL, 'ada', 'it loses'), true, true],
]

function judged(): void {
  moment(10_000)
  stand.countInPhase(BROKEN)
  stand.lookNow()
}

function gone(): void {
  moment(10_000)
  const { inCharge, former } = stand.desk.lineUp
  stand.desk.models.stand(new LineUp({ inCharge, former }))
  stand.lookNow()
}

/** A moment of a timeline, whose bars and clock are stored where that is possible. */
function moment(laterMs: number): void {
  const atMs = stand.nowMs + laterMs
  const { tape } = stand.desk
  acknowledged(() => stand.at(atMs))
  tape.enterMoment(atMs)
}

/** A transaction of a moment that fails, as every one of them does while the disk is full. */
function failedMoment(): void {
  expect(() => stand.desk.transaction(() => stand.desk.persist())).toThrow(/full/)
}

describe('what lowers risk, while nothing can be stored', () => {
  it.each(LOWERING)(
    'holds at once, and whenever memory is taken back to the database: %s',
    (_, act, aborted, rolledBack) => {
      open()
      disk.fill()
      act()
      for (let moment = 0; moment < 3; moment++) {
        expect(stand.desk.canary.share(false)).toBe(0)
        expect(stand.desk.canary.newest?.state.kind).toBe(aborted ? 'aborted' : 'ramping')
        expect(stand.desk.lineUp.inCharge?.version).toBe(rolledBack ? 'v1' : 'v2')
        expect(stand.release.status(SYMBOL)).toMatchObject({ state: 'aborted', share: 0 })
        failedMoment()
        stand.desk.undone()
      }
      expect(stand.desks.troubles.lines.join()).toMatch(/holds but could not be stored: the disk is full/)
      expect(chained()).toEqual({ rollbacks: 0, ended: [] })
    },
  )

  it.each(LOWERING)(
    'is stored as soon as that is possible, in the chain too, and stays after a restart: %s',
    (what, act, _, rolledBack) => {
      open()
      disk.fill()
      act()
      failedMoment()
      disk.free()
      // The candidate was only taken out of memory.
      if (what === 'a candidate that is gone') stand.desk.reloadSlots()
      stand.desk.transaction(() => stand.desk.persist())
      expect(stand.desks.troubles.lines).toEqual([])
      expect(stored()).toEqual(held())
      expect(chained()).toEqual({ rollbacks: rolledBack ? 1 : 0, ended: ['canary ended ABORTED'] })
      const before = held()
      stand = stand.reopened(MODELS)
      expect(held()).toEqual(before)
    },
  )

  it('an abort of a start that waits closes its prompt with it, in one transaction', () => {
    stand = new ReleaseDesk(fresh(), MODELS)
    stand.ready()
    const { id } = stand.request()
    disk = new FullDisk(stand.desks.store.db.raw)
    disk.fill()
    expect(stand.release.abortCanary(SYMBOL, 'ada', 'not today').state).toBe('idle')
    failedMoment()
    expect(stand.desk.canary.underWay).toBe(false)
    expect(refusal(() => stand.approve(id)).code).toBe('unsaved')
    disk.free()
    expect(refusal(() => stand.approve(id)).why).toBe('it was refused before')
    expect(stand.release.approvals.get(id)).toMatchObject({ state: 'refused', why: 'stopped by ada: not today' })
    expect(stand.chain('approval', 'canary')).toEqual(['approval asked', 'approval refused'])
  })

  it.each(["UPDATE approvals SET document = '{}'", 'DELETE FROM approvals'])(
    'an abort is stored although the prompt that it rests on is damaged or gone: %s',
    (change) => {
      open()
      stand.desks.store.db.raw.exec(change)
      stand.release.abortCanary(SYMBOL, 'ada', 'enough')
      expect(stand.desk.unsaved.waiting).toBe(false)
      expect(stored()).toEqual(held())
      expect(chained().ended).toEqual(['canary ended ABORTED'])
    },
  )

  it('keeps its order: nothing that is decided later is stored before it', () => {
    open()
    disk.fill()
    stand.release.abortCanary(SYMBOL, 'ada', 'first')
    stand.release.rollback(SYMBOL, 'ada', 'second')
    expect(acknowledged(() => stand.request())).toBe(false)
    disk.free()
    stand.wall.set(stand.wall.now() + 1_000)
    expect(stand.request().state).toBe('waiting')
    expect(stand.chain('canary', 'rollback', 'approval').slice(-4)).toEqual([
      'canary phase end',
      'canary ended ABORTED',
      'rollback',
      'approval asked',
    ])
  })

  it('leaves a success to be decided anew: a step that raises nothing but cannot be stored was not made', () => {
    open()
    stand.countInPhase({ tried: 300, comparisons: 300 })
    stand.at(stand.nowMs + 2 * MINUTE)
    disk.fill()
    expect(() => stand.lookNow()).toThrow(/full/)
    expect(held()).toEqual(stored())
    expect(stand.desk.canary.newest?.state).toMatchObject({ kind: 'ramping', phase: 0 })
  })
})

/** What may happen to a room: `start` and `rollBack` are asked for whether or not they are possible. */
const ACTS = [
  'start',
  'pass',
  'failPhase',
  'abort',
  'rollBack',
  'persist',
  'undone',
  'fill',
  'free',
  'restart',
] as const
type Act = (typeof ACTS)[number]

/** @returns whether it was acknowledged */
function acknowledged(act: () => void): boolean {
  try {
    act()
    return true
  } catch {
    return false
  }
}

describe('in any sequence of steps, failures and recoveries', () => {
  const ANY = fc.array(fc.constantFrom<Act[]>(...ACTS, 'abort', 'start', 'pass'), { minLength: 4, maxLength: 14 })

  it('memory, tables and chain agree once everything is stored, and no abort or rollback that was acknowledged comes back', {
    timeout: 120_000,
  }, () => {
    fc.assert(
      fc.property(ANY, (acts) => {
        open()
        let full = false
        const aborted = new Set<string>()
        let rolledBack = false
        const act: Record<Act, () => void> = {
          start: () => stand.start(),
          pass: () => {
            moment(2 * MINUTE)
            if (stand.desk.canary.running) stand.countInPhase({ tried: 300, comparisons: 300 })
            stand.lookNow()
          },
          failPhase: () => judged(),
          abort: () => void stand.release.abortCanary(SYMBOL, 'ada', 'enough'),
          rollBack: () => stand.release.rollback(SYMBOL, 'ada', 'it loses'),
          persist: () => stand.desk.transaction(() => stand.desk.persist()),
          undone: () => stand.desk.undone(),
          fill: () => {
            full = true
            disk.fill()
          },
          free: () => {
            full = false
            disk.free()
          },
          restart: () => {
            // What is kept dies with the process: that is said on the screen as long as it is.
            if (full || stand.desk.unsaved.waiting) return
            const wallMs = stand.wall.now()
            stand = stand.reopened(MODELS)
            stand.wall.set(wallMs)
            disk = new FullDisk(stand.desks.store.db.raw)
          },
        }
        for (const name of acts) {
          const runId = stand.desk.canary.newest?.runId ?? ''
          const underWay = stand.desk.canary.underWay
          stand.wall.set(stand.wall.now() + 1_000)
          const done = acknowledged(act[name])
          if (done && underWay && (name === 'abort' || name === 'rollBack')) aborted.add(runId)
          if (done && name === 'rollBack') rolledBack = true
          const { newest } = stand.desk.canary
          if (newest !== null && aborted.has(newest.runId)) expect(stand.desk.canary.share(false)).toBe(0)
          if (rolledBack) expect(stand.desk.lineUp.inCharge?.version).toBe('v1')
        }
        disk.free()
        stand.desk.transaction(() => stand.desk.persist())
        expect(stand.desk.unsaved.waiting).toBe(false)
        expect(held()).toEqual(stored())
        const runs = stand.desks.store.db.raw
          .prepare(
            "SELECT count(*) FROM canary_runs WHERE json_extract(state, '$.kind') IN ('aborted', 'succeeded', 'inconclusive')",
          )
          .pluck()
          .get()
        expect(chained()).toMatchObject({ rollbacks: rolledBack ? 1 : 0 })
        expect(chained().ended).toHaveLength(Number(runs))
        const before = held()
        stand = stand.reopened(MODELS)
        expect(held()).toEqual(before)
        stand.close()
      }),
      { numRuns: 20 },
    )
    open()
  })
})
