import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runFiles, standingOf, type Standing } from './canary-standing.ts'
import { briefPlan, EDITED, ROOTS, type Origin } from './canary-directories.ts'
import { TRANSITIONS, type Transition } from './canary-transitions.ts'
import { damageOf } from '../../kit/contents.ts'
import {
  changing,
  clearKillPoint,
  reached,
  setKillPoint,
  timesCommitted,
  type ChainMark,
  type KillPoint,
} from './kill-points.ts'
import { Canary, canaryRuns } from '../../kit/play.ts'
import { stage, type Room, type Running } from '../../kit/program.ts'
import { done, times } from '../../kit/torture.ts'

const STATE_NAMES: Readonly<Record<string, string>> = { awaitingOnay: 'awaiting_onay' }
const Open = z.object({ items: z.array(z.object({ id: z.string() })) })

/**
 * The transactions that write most: whenever the tests run these are killed before their commit as well. A torture does that at
 * every transition.
 */
const KILLED_BEFORE_TOO = [
  'its approval and, of the same transaction, its start',
  'an abort by the judge',
  'the promotion',
  'a rollback that ends a canary',
]

const shell = stage()
const args = briefPlan(shell)

/** A directory whose room was killed after the commit of a transition. */
interface Killed {
  readonly dataDir: string
  /** What the transition has recorded. */
  readonly marks: readonly ChainMark[]
}

const has = <T extends object>(of: T, name: PropertyKey): name is keyof T => Object.hasOwn(of, name)

/** For the caller alone. */
async function standingAt(from: Origin): Promise<Killed> {
  if (has(ROOTS, from)) return { dataDir: await ROOTS[from](shell, args), marks: [] }
  if (has(EDITED, from)) {
    const [of, sql] = EDITED[from]
    const stood = await standingAt(of)
    changing(stood.dataDir, (db) => db.exec(sql))
    return stood
  }
  const left = TRANSITIONS.find(({ leaves }) => leaves === from)
  if (left === undefined) throw new Error(`no transition leaves ${from}`)
  const { dataDir, marks } = await killedThrough(left)
  return { dataDir: shell.copy(dataDir), marks }
}

/** Starts a room that runs into a transition, and kills it there; `look` sees the room before it is asked for anything. */
async function killAt(
  point: KillPoint,
  { cause, how }: Transition,
  mark: ChainMark,
  dataDir: string,
  look: (room: Room) => Promise<void>,
): Promise<Standing> {
  setKillPoint(dataDir, point, mark)
  let answered = false
  let room: Room<Running>
  if (cause === null) room = await shell.listening(dataDir, [...args, '--speed', '600'])
  else {
    room = await shell.serve(dataDir, [...args, '--speed', '1'])
    await look(room)
    // Nobody answers from a process that was killed.
    void settled(cause(room)).then((ended) => (answered = ended))
  }
  await reached(room, point, mark, () => answered && how === 'asked')
  await room.process.kill()
  done('kills')
  clearKillPoint(dataDir)
  return standingOf(dataDir)
}

/** Whether it was kept, once that is known. */
function settled(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  )
}

/** A room that was opened again stands where the database does, and changed none of it. */
async function expectResumed(room: Room, seen: Standing): Promise<void> {
  const { dataDir } = room
  const now = standingOf(dataDir)
  expect(now.shape).toEqual(seen.shape)
  expect(now).toMatchObject({ runId: seen.runId, salt: seen.salt, openPrompts: seen.openPrompts })
  // At real speed at most the moment that was interrupted has been run.
  expect(now.clockMs - seen.clockMs).toBeLessThanOrEqual(60_000)
  const open = Open.parse((await room.get('/approvals')).json).items.map(({ id }) => id)
  expect(open).toEqual(seen.openPrompts)
  const health = await room.health()
  expect(health.model).toBe(seen.shape.slots.baseline)
  expect(health.candidate).toBe(seen.shape.slots.candidate ?? null)
  // A run of a model that is no longer the candidate is history: the room then shows none, or the last.
  if (seen.shape.canary === null || seen.shape.slots.candidate === undefined) return
  const status = Canary.parse((await room.get('/canary')).json)
  expect(status.state).toBe(STATE_NAMES[seen.shape.canary] ?? seen.shape.canary)
  expect(status.run_id).toBe(seen.runId)
  if (seen.shape.phase !== null) expect(status.phase).toBe(seen.shape.phase + 1)
}

/** What was killed after its commit is done once and has its files, as soon as the room is open again. */
function expectDoneOnce({ dataDir, marks }: Killed, { runId, shape }: Standing): void {
  for (const one of marks) expect(timesCommitted(dataDir, one)).toBe(1)
  const { recorded, written, waiting } = runFiles(dataDir)
  expect(waiting).toBe(0)
  expect(written).toEqual(recorded)
  const ended = canaryRuns(dataDir).filter(({ run_id }) => run_id === runId)
  expect(ended).toHaveLength(shape.ended && shape.canary !== 'idle' ? 1 : 0)
}

const gone = new Map<Transition, Promise<Killed>>()

/** Each transition is gone through once: the rooms of those that follow it show that it is done. */
function killedThrough(transition: Transition): Promise<Killed> {
  const killed = gone.get(transition) ?? killThrough(transition)
  gone.set(transition, killed)
  return killed
}

async function killThrough(transition: Transition): Promise<Killed> {
  const { name, from, mark, sooner, after } = transition
  const marks = sooner === undefined ? [mark] : [sooner, mark]
  const killedBefore = times(KILLED_BEFORE_TOO.includes(name) ? marks.length : 0, marks.length)
  const begun = await standingAt(from)
  const { dataDir } = begun
  const was = standingOf(dataDir)
  let before = was
  const look = async (room: Room): Promise<void> => {
    await expectResumed(room, before)
    expectDoneOnce(begun, was)
  }
  for (const point of marks.slice(0, killedBefore)) {
    before = await killAt('before', transition, point, dataDir, look)
    expect(before.shape).toEqual(was.shape)
    for (const one of marks) expect(timesCommitted(dataDir, one)).toBe(0)
    expect(damageOf(dataDir, 'quick_check')).toBe('ok')
  }
  const on = await killAt('after', transition, mark, dataDir, look)
  expect(on.shape).toEqual(after(was.shape))
  if (was.runId !== null)
    for (const seen of [before, on]) expect([seen.runId, seen.salt]).toEqual([was.runId, was.salt])
  expect(damageOf(dataDir, 'quick_check')).toBe('ok')
  return { dataDir, marks }
}

describe('a room that is killed at a transition', () => {
  it('names transitions that there are', () => {
    expect(TRANSITIONS.map(({ name }) => name)).toEqual(expect.arrayContaining(KILLED_BEFORE_TOO))
  })

  const cases = TRANSITIONS.map((one) => [one.name, one] as const)
  it.each(cases)('%s: stands before it until its commit, then after it, and does it once', async (_, transition) => {
    const killed = await killedThrough(transition)
    if (transition.leaves !== undefined) return
    const on = standingOf(killed.dataDir)
    const room = await shell.open(killed.dataDir, [...args, '--speed', '1'])
    await expectResumed(room, on)
    expectDoneOnce(killed, on)
  })
})
