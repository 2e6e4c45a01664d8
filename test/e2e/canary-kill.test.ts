import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { actOne } from './acts.ts'
import { standingOf, type Standing } from './canary-standing.ts'
import { damageOf } from './contents.ts'
import { Approval, Canary, canaryRuns } from './play.ts'
import { prepare } from './prepared.ts'
import { stage, until, type Answer, type Room } from './program.ts'

const PREPARED_MS = 600_000
const KILL_TIMEOUT_MS = 180_000
/** Milliseconds from sending a request to the kill, around the time that a transition takes. */
const DELAYS_MS = [0, 2, 6, 12, 24, 48]
const BEGUN = { plan: 'mini', live: true }
const YES = { decision: 'approve', phrase: 'ONAY', reason: 'the test says so' }
const STATE_NAMES: Readonly<Record<string, string>> = { awaitingOnay: 'awaiting_onay' }
const Open = z.object({ items: z.array(z.object({ id: z.string() })) })

const shell = stage()
/** Directories just before each transition that a request causes. */
const before = { wish: '', approved: '', abort: '', promotion: '', rollback: '' }

type Cause = (room: Room) => Promise<Answer>

async function ask(room: Room, path: string, body: object): Promise<Answer> {
  const answer = await room.change(path, body)
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
  return answer
}

/** Read beside the room: a kill is timed from the request that causes the transition, with none before it. */
function openPrompt(room: Room): string {
  const [id] = standingOf(room.dataDir).openPrompts
  if (id === undefined) throw new Error('no prompt waits')
  return id
}

const wish: Cause = (room) => ask(room, '/canary/start', BEGUN)
const yes: Cause = (room) => ask(room, `/approvals/${openPrompt(room)}`, YES)
const promotion: Cause = (room) => ask(room, '/promote', {})
const abort: Cause = (room) => ask(room, '/canary/abort', { reason: 'the test says so' })
const rollback: Cause = (room) => ask(room, '/rollback', { reason: 'the test says so' })

const TRANSITIONS = [
  { name: 'wish', cause: wish },
  { name: 'approved', cause: yes },
  { name: 'abort', cause: abort },
  { name: 'promotion', cause: yes },
  { name: 'rollback', cause: rollback },
] as const

/** A directory after one more step, its room killed. */
async function stepped(from: string, cause: Cause): Promise<string> {
  const dataDir = shell.copy(from)
  const room = await shell.serve(dataDir, ['--speed', '1'])
  await cause(room)
  await room.process.kill()
  return dataDir
}

beforeAll(async () => {
  before.wish = await prepare(shell, { candidate: true })
  before.approved = await stepped(before.wish, wish)
  before.abort = await stepped(before.approved, yes)
  before.promotion = await stepped((await actOne(shell)).dataDir, promotion)
  before.rollback = await stepped(before.promotion, yes)
}, PREPARED_MS)

/** The room opened again says what the database said, and changed none of it. */
async function expectResumed(dataDir: string, seen: Standing): Promise<void> {
  expect(damageOf(dataDir, 'quick_check')).toBe('ok')
  const room = await shell.serve(dataDir, ['--speed', '1'])
  await room.change('/speed', { speed: 'pause' })
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
  const status = Canary.parse((await room.get('/canary')).json)
  // A run of a model that is no longer the candidate is history: the room then shows none, or the last.
  if (seen.shape.canary !== null && seen.shape.slots.candidate !== undefined) {
    expect(status.state).toBe(STATE_NAMES[seen.shape.canary] ?? seen.shape.canary)
    if (seen.shape.canary !== 'idle') expect(status.run_id).toBe(seen.runId)
    if (seen.shape.phase !== null) expect(status.phase).toBe(seen.shape.phase + 1)
  }
  await room.process.kill()
}

describe.each(TRANSITIONS)('a room that is killed at a transition: $name', ({ name, cause }) => {
  it('stands after it, once it was answered', { timeout: KILL_TIMEOUT_MS }, async () => {
    const was = standingOf(before[name])
    const dataDir = await stepped(before[name], cause)
    const seen = standingOf(dataDir)
    expect(seen.shape).not.toEqual(was.shape)
    if (was.runId !== null && name !== 'wish') expect([seen.runId, seen.salt]).toEqual([was.runId, was.salt])
    await expectResumed(dataDir, seen)
    if (name === 'abort') expect(canaryRuns(dataDir).at(-1)).toMatchObject({ status: 'ABORTED', run_id: was.runId })
  })

  it('stands wholly before it or after it, killed on the way', { timeout: KILL_TIMEOUT_MS }, async () => {
    const was = standingOf(before[name])
    const after = standingOf(await stepped(before[name], cause))
    for (const delayMs of DELAYS_MS) {
      const dataDir = shell.copy(before[name])
      const room = await shell.serve(dataDir, ['--speed', '1'])
      const sent = cause(room).catch(() => null)
      await new Promise((done) => setTimeout(done, delayMs))
      await room.process.kill()
      await sent
      const seen = standingOf(dataDir)
      expect([was.shape, after.shape], `killed after ${delayMs} ms`).toContainEqual(seen.shape)
      await expectResumed(dataDir, seen)
    }
  })
})

describe('a canary that is killed in its phases', () => {
  /** Plays at 600 until a moment, then kills in the middle of whatever the room does. */
  async function killedWhen(dataDir: string, what: string, look: (seen: Standing) => boolean): Promise<Standing> {
    const room = await shell.serve(dataDir, ['--speed', '600'])
    await until(what, () => look(standingOf(dataDir)), KILL_TIMEOUT_MS)
    await room.process.kill()
    return standingOf(dataDir)
  }

  it('goes on in the same phase with the same salt, through each phase and each phase end', {
    timeout: KILL_TIMEOUT_MS,
  }, async () => {
    const dataDir = shell.copy(before.abort)
    const was = standingOf(dataDir)
    for (const phase of [0, 1, 2]) {
      const entered = await killedWhen(dataDir, `phase ${phase}`, ({ shape }) => shape.phase === phase)
      await expectResumed(dataDir, entered)
      const endMs = entered.clockMs + 29 * 60_000
      const late = await killedWhen(dataDir, `the end of phase ${phase}`, ({ clockMs }) => clockMs >= endMs)
      for (const seen of [entered, late]) {
        // Each phase that is over was recorded in the transaction that began the next.
        expect(seen.shape.phasesEnded).toBe(seen.shape.phase ?? 3)
        expect(seen.shape.ended).toBe(seen.shape.canary === 'succeeded')
        expect([seen.runId, seen.salt]).toEqual([was.runId, was.salt])
      }
      await expectResumed(dataDir, late)
    }
    const last = await killedWhen(dataDir, 'the end of the canary', ({ shape }) => shape.ended)
    expect(last.shape).toMatchObject({ canary: 'succeeded', phasesEnded: 3 })
    await expectResumed(dataDir, last)
    expect(canaryRuns(dataDir)).toHaveLength(1)
    expect(canaryRuns(dataDir)[0]).toMatchObject({ status: 'SUCCESS', run_id: was.runId })
  })

  it('leaves the same prompt, which can still be answered', { timeout: KILL_TIMEOUT_MS }, async () => {
    const dataDir = shell.copy(before.approved)
    const [id] = standingOf(dataDir).openPrompts
    const room = await shell.serve(dataDir, ['--speed', '1'])
    const answered = Approval.parse((await ask(room, `/approvals/${id}`, YES)).json)
    expect(answered).toMatchObject({ id, state: 'approved' })
    expect(standingOf(dataDir).shape).toMatchObject({ canary: 'ramping', phase: 0 })
  })
})
