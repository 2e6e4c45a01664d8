import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { preflight } from '../../../src/room/release/canary-preflight.ts'
import { promote } from '../../../src/room/release/promotion.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { runningCanary } from '../../kit/canary.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { FullDisk } from '../../kit/full-disk.ts'
import { DAY, MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, BRIEF, judgement, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const LIFETIME_MS = 15 * MINUTE
let stand: ReleaseDesk

afterEach(() => stand.close())

function waiting(): string {
  stand = new ReleaseDesk(fresh())
  stand.ready()
  return stand.request().id
}

function pass(ms: number): void {
  stand.wall.set(stand.wall.now() + ms)
}

const reject = (id: string) => stand.release.answer(id, { decision: 'reject', reason: 'not today' }, 'grace')

describe('a recording that is played', () => {
  it('is held by a prompt that waits, then by the canary that runs, and by nothing before and after', () => {
    const id = waiting()
    expect(stand.release.restraint()).toBe('approval')
    stand.approve(id)
    expect(stand.release.restraint()).toBe('canary')
    stand.release.abortCanary(SYMBOL, 'ada', '')
    expect(stand.release.restraint()).toBeNull()
  })

  it('is held no more by a prompt whose time is over', () => {
    const id = waiting()
    pass(LIFETIME_MS)
    expect(stand.release.restraint()).toBeNull()
    expect(stand.release.approvals.get(id).state).toBe('expired')
  })
})

describe('the status of a release', () => {
  it('shows the run that is under way, also of a model that has left the slot, and one that ended only of the candidate', () => {
    stand = new ReleaseDesk(fresh())
    const { canary, lineUp } = stand.desk
    expect(stand.release.status(SYMBOL)).toMatchObject({ state: 'idle', run_id: null, candidate: 'v2', baseline: 'v1' })
    const run = runningCanary(SYMBOL, { candidate: 'v0', baseline: 'v1', sinceMs: BEGAN_MS })
    canary.take(run)
    expect(stand.release.status(undefined)).toMatchObject({ state: 'ramping', run_id: 'run-1', candidate: 'v0' })
    const over = { ...run, state: { kind: 'succeeded', atMs: BEGAN_MS }, endedMs: BEGAN_MS } as const
    canary.take(over)
    expect(stand.release.status(SYMBOL)).toMatchObject({ state: 'idle', run_id: null, candidate: 'v2' })
    canary.take({ ...over, sha256: lineUp.candidate?.sha256 ?? '' })
    expect(stand.release.status(SYMBOL)).toMatchObject({ state: 'succeeded', run_id: 'run-1' })
    stand.desk.models.stand(new LineUp({ inCharge: lineUp.inCharge }))
    canary.take(over)
    expect(stand.release.status(SYMBOL)).toMatchObject({ state: 'succeeded', candidate: 'v0', profile: 'equivalent' })
  })

  it('has the validation after a success: what is counted, what is missing, and when it can be over', () => {
    stand = new ReleaseDesk(fresh())
    stand.succeed(20)
    const endedMs = stand.nowMs - 20 * 60 * MINUTE
    expect(stand.release.status(SYMBOL).validation).toEqual({
      needed_h: 24,
      counted_h: 20,
      until: new Date(endedMs + DAY).toISOString(),
      missing: '4 more full hours needed, 1200 of 1296 minutes have a comparison',
    })
    // Three hours without a comparison: a tenth of the day may be missing, and no more.
    stand.at(stand.nowMs + 3 * 60 * MINUTE)
    expect(stand.release.status(SYMBOL).validation?.until).toBe(new Date(endedMs + DAY + 60 * MINUTE).toISOString())
    for (let hour = 23; hour < 25; hour++) stand.countHour('v2', endedMs + hour * 60 * MINUTE)
    stand.at(endedMs + 25 * 60 * MINUTE)
    expect(stand.release.status(SYMBOL).validation).toEqual({ needed_h: 24, counted_h: 24, until: null, missing: '' })
  })

  it('has the bake after a promotion', () => {
    stand = new ReleaseDesk(fresh())
    stand.desk.transaction(() => promote(stand.parts, stand.desk, { approvalId: 'a', reason: '', atMs: BEGAN_MS }))
    stand.desk.reloadSlots()
    expect(stand.release.status(SYMBOL)).toMatchObject({
      validation: null,
      bake: { former: 'v1', until: new Date(BEGAN_MS + 2 * DAY).toISOString() },
    })
  })
})

describe('a live start', () => {
  const profiles = () => stand.desks.store.models.slots(SYMBOL).find(({ slot }) => slot === 'candidate')

  it('changes the profile of the candidate where another is asked for, on the record and with its prompt', () => {
    stand = new ReleaseDesk(fresh())
    stand.ready()
    stand.release.requestCanary({ symbol: SYMBOL, plan: BRIEF, profile: 'improve' }, 'ada')
    expect(stand.desk.lineUp.candidate).toMatchObject({ profile: 'improve', sinceMs: BEGAN_MS - DAY })
    expect(profiles()).toMatchObject({ version: 'v2', profile: 'improve', sinceMs: BEGAN_MS - DAY })
    expect(stand.desk.canary.newest?.profile).toBe('improve')
    const entry = stand.desks.store.journal.entries().find(({ kind }) => kind === 'profile')
    expect(entry?.subject).toBe(`${SYMBOL}/v2`)
    expect(JSON.parse(entry?.detail ?? '')).toEqual({
      model: 'v2',
      model_sha256: stand.desk.lineUp.candidate?.sha256,
      profile: 'improve',
    })
  })

  it('leaves the profile as it is where none or the same is asked for', () => {
    stand = new ReleaseDesk(fresh(), { profile: 'improve' })
    stand.ready()
    reject(stand.request().id)
    pass(1_000)
    stand.release.requestCanary({ symbol: SYMBOL, plan: BRIEF, profile: 'improve' }, 'ada')
    expect(stand.desk.lineUp.candidate?.profile).toBe('improve')
    expect(stand.chain('profile')).toEqual([])
  })

  it('is refused while another is under way, and before a preflight is made', () => {
    stand = new ReleaseDesk(fresh())
    stand.desk.canary.take(runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: BEGAN_MS }))
    expect(refusal(() => stand.request())).toMatchObject({ code: 'canary_runs', why: 'one at a time' })
    expect(stand.desks.evidence.standing('ml/canary_preflight_v2.json')).toBe('unknown')
  })

  it('that is approved begins, and the event says by whom and why', () => {
    const id = waiting()
    stand.approve(id)
    const events = stand.desks.store.journal.events(SYMBOL, 2)
    expect(events.map(({ text, severity }) => [severity, text])).toEqual([
      ['info', 'canary started by grace: "it is time"'],
      ['info', 'canary phase 1: 5 %, until 00:02 UTC'],
    ])
  })

  it('is not begun by an approval of a start that is gone, which goes on waiting', () => {
    const id = waiting()
    const { newest } = stand.desk.canary
    if (newest === null) throw new Error('no start waits')
    stand.desk.canary.take({ ...newest, state: { kind: 'idle' } })
    expect(refusal(() => stand.approve(id))).toMatchObject({ code: 'canary', why: 'no canary runs' })
    expect(stand.release.approvals.get(id).state).toBe('waiting')
    expect(stand.chain('approval', 'canary')).toEqual(['approval asked'])
  })

  it('of a plan that cannot run is refused, and asks nobody', () => {
    stand = new ReleaseDesk(fresh())
    stand.ready()
    const act = () => stand.release.requestCanary({ symbol: SYMBOL, plan: 'none' }, 'ada')
    expect(refusal(act).code).toBe('plan')
    expect(stand.release.waiting()).toEqual([])
  })
})

describe('an answer', () => {
  it('that is refused says what can be done: answer again after a slip, ask anew for what has changed', () => {
    const id = waiting()
    const answer = (phrase: string) =>
      refusal(() => stand.release.answer(id, { decision: 'approve', phrase, reason: 'it is time' }, 'grace'))
    expect(answer('onay')).toMatchObject({ code: 'refused', next: 'answer again' })
    stand.register('v9')
    stand.place('candidate', 'v9')
    stand.desk.reloadSlots()
    expect(answer('ONAY')).toMatchObject({ code: 'refused', next: 'ask for it anew' })
  })

  it('that rejects a promotion leaves both models where they are, and asks for no other answer', () => {
    stand = new ReleaseDesk(fresh())
    stand.succeed()
    const { id } = stand.release.requestPromotion(SYMBOL, undefined, 'ada')
    expect(reject(id)).toMatchObject({ state: 'refused', why: 'refused by grace: not today' })
    expect(stand.desk.lineUp.inCharge?.version).toBe('v1')
    expect(stand.desk.canary.newest?.state.kind).toBe('succeeded')
    expect(stand.release.requestPromotion(SYMBOL, undefined, 'ada').state).toBe('waiting')
  })
})

describe('a prompt that a canary start waits for', () => {
  it('does not stand in the way of a promotion, which is blocked for what it lacks', () => {
    waiting()
    expect(refusal(() => stand.release.requestPromotion(SYMBOL, undefined, 'ada')).code).toBe('blocked')
  })

  it('that expires while nothing can be stored is a trouble until it can, and is neither shown nor answered', () => {
    const id = waiting()
    const disk = new FullDisk(stand.desks.store.db.raw)
    pass(LIFETIME_MS)
    disk.fill()
    expect(stand.release.waiting()).toEqual([])
    expect(stand.desks.troubles.of('approvals')).toBe(`the expiry of ${id} could not be stored: the disk is full`)
    disk.free()
    expect(stand.release.waiting()).toEqual([])
    expect(stand.desks.troubles.of('approvals')).toBeNull()
    expect(stand.release.approvals.get(id).state).toBe('expired')
    expect(stand.desk.canary.underWay).toBe(false)
  })

  it('is over with the process where its time ran out meanwhile, and a canary that ran goes on, on the record', () => {
    const id = waiting()
    stand = stand.reopened()
    pass(LIFETIME_MS + MINUTE)
    stand.release.resume()
    expect(stand.desks.store.release.approval(id)?.approval.state).toBe('expired')
    pass(MINUTE)
    stand.approve(stand.request().id)
    stand = stand.reopened()
    stand.release.resume()
    expect(stand.chain('canary')).toEqual(['canary phase', 'canary resumed'])
  })

  it('of a room that comes back with nothing under way is none, and leaves no trace', () => {
    stand = new ReleaseDesk(fresh())
    stand.release.resume()
    stand.start()
    stand.release.abortCanary(SYMBOL, 'ada', '')
    stand.release.resume()
    expect(stand.chain('canary').at(-1)).toBe('canary ended ABORTED')
  })
})

describe('what is decided', () => {
  const written = () => existsSync(stand.desks.evidence.pathOf('ml/owed.json'))
  const owe = () =>
    stand.desk.transaction(() => stand.desks.evidence.writeDocument('ml/owed.json', { what: 'it is owed' }, BEGAN_MS))

  it.each<[string, (id: string) => void]>([
    ['a preflight', () => void preflight(stand.desks, stand.desk)],
    ['an answer', (id) => void reject(id)],
    ['a rollback', () => stand.release.rollback(SYMBOL, 'ada', '')],
    ['an abort', () => void stand.release.abortCanary(SYMBOL, 'ada', '')],
  ])('has its files written at once, with those owed before it: %s', (_, act) => {
    stand = new ReleaseDesk(fresh(), { former: 'v0' })
    stand.ready()
    const { id } = stand.request()
    owe()
    expect(written()).toBe(false)
    act(id)
    expect(written()).toBe(true)
  })

  it('of a canary that is stopped is its record', () => {
    stand = new ReleaseDesk(fresh())
    stand.start()
    stand.release.abortCanary(SYMBOL, 'ada', 'enough')
    const names = readdirSync(join(stand.dir, 'evidence/ml'))
    expect(names).toContain('canary_run_2025-05-26T000000Z.json')
  })
})

describe('what keeps a candidate from being promoted', () => {
  it('is that there is none, where there is none', () => {
    stand = new ReleaseDesk(fresh(), { candidate: null })
    expect(stand.release.missing(stand.desk, judgement())).toEqual(['no candidate is in the shadow'])
  })
})
