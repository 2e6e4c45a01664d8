import { afterEach, describe, expect, it } from 'vitest'
import { promote, promotionDocument, rollback } from '../../../src/room/release/promotion.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { FullDisk } from '../../kit/full-disk.ts'
import { DAY, HOUR, MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, type DeskOptions, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const AT = BEGAN_MS + HOUR
let stand: ReleaseDesk

afterEach(() => stand.close())

function promoted(options: DeskOptions = {}): void {
  stand = new ReleaseDesk(fresh(), options)
  stand.at(AT)
  stand.desk.transaction(() =>
    promote(stand.parts, stand.desk, { approvalId: 'promote-1', reason: 'it is time', atMs: AT }),
  )
  stand.desk.reloadSlots()
}

function rolledBack(): void {
  stand.wall.set(stand.wall.now() + 1_000)
  stand.at(AT + MINUTE)
  rollback(stand.parts, stand.desk, 'ada', 'it loses', stand.nowMs)
}

const slots = () =>
  Object.fromEntries(
    stand.desks.store.models
      .slots(SYMBOL)
      .map(({ slot, version, sinceMs, profile }) => [slot, [version, sinceMs, profile]]),
  )
/** How the model in charge came there, as people see it. */
const said = () => promotionDocument(stand.desk)
const newestEvent = () => stand.desks.store.journal.events(SYMBOL, 1)[0]
const newestEntry = () => {
  const entry = stand.desks.store.journal.entries().at(-1)
  return { kind: entry?.kind, subject: entry?.subject, detail: JSON.parse(entry?.detail ?? '') as unknown }
}

describe('a promotion', () => {
  it('moves both models one slot on, empties that of the candidate, and keeps the profile', () => {
    promoted({ profile: 'improve' })
    expect(slots()).toEqual({ baseline: ['v2', AT, 'improve'], former: ['v1', AT, 'improve'] })
    expect(stand.desks.store.release.newestPromotion(SYMBOL)).toMatchObject({ profile: 'improve', tsMs: AT })
  })

  it('is an entry of the chain with its approval, an event that says what happens next, and watched', () => {
    promoted()
    expect(said()).toEqual({
      symbol: SYMBOL,
      baseline: 'v2',
      former: 'v1',
      at: '2025-05-26T01:00:00.000Z',
      approval_id: 'promote-1',
      bake_until: '2025-05-28T01:00:00.000Z',
    })
    const { sha256 } = stand.desk.lineUp.inCharge ?? {}
    expect(newestEntry()).toEqual({
      kind: 'promotion',
      subject: `${SYMBOL}/v2`,
      detail: {
        model: 'v2',
        model_sha256: sha256,
        former: 'v1',
        approval: 'promote-1',
        profile: 'equivalent',
        reason: 'it is time',
      },
    })
    expect(newestEvent()).toMatchObject({
      kind: 'promotion',
      severity: 'info',
      text: 'v2 is in charge; v1 stays ready, and v2 is watched against it for 48 h',
    })
  })

  it('has nothing to promote without a candidate', () => {
    stand = new ReleaseDesk(fresh(), { candidate: null })
    const act = () => promote(stand.parts, stand.desk, { approvalId: 'promote-1', reason: '', atMs: AT })
    expect(refusal(act)).toMatchObject({
      code: 'no_candidate',
      why: 'no candidate is in the shadow',
      next: 'train one with: onay retrain',
    })
  })

  it('has nothing to follow while no model is in charge', () => {
    stand = new ReleaseDesk(fresh(), { baseline: null })
    const act = () => promote(stand.parts, stand.desk, { approvalId: 'promote-1', reason: '', atMs: AT })
    expect(refusal(act)).toMatchObject({
      why: 'no model is in charge yet',
      next: 'the first is trained once 14 days of bars are there',
    })
  })
})

describe('a rollback', () => {
  it('puts the former model into its slot again, leaves the retired one none, and is on the record as critical', () => {
    promoted()
    rolledBack()
    expect(slots()).toEqual({ baseline: ['v1', AT + MINUTE, 'equivalent'] })
    expect(said()).toEqual({
      symbol: SYMBOL,
      baseline: 'v1',
      former: null,
      at: '2025-05-26T01:01:00.000Z',
      approval_id: null,
      bake_until: null,
    })
    const { sha256 } = stand.desk.lineUp.inCharge ?? {}
    expect(newestEntry()).toEqual({
      kind: 'rollback',
      subject: `${SYMBOL}/v1`,
      detail: {
        model: 'v1',
        model_sha256: sha256,
        retired: 'v2',
        profile: 'equivalent',
        by: 'ada',
        reason: 'it loses',
      },
    })
    expect(newestEvent()).toMatchObject({
      kind: 'rollback',
      severity: 'critical',
      text: 'rolled back to v1, v2 is retired: it loses',
    })
  })

  it('leaves a candidate where it is', () => {
    stand = new ReleaseDesk(fresh(), { baseline: 'v2', former: 'v1', candidate: 'v3' })
    rollback(stand.parts, stand.desk, 'ada', 'it loses', stand.nowMs)
    expect([stand.desk.lineUp.inCharge?.version, stand.desk.lineUp.candidate?.version]).toEqual(['v1', 'v3'])
  })

  it('is refused without a model in charge', () => {
    stand = new ReleaseDesk(fresh(), { baseline: null, former: 'v1' })
    expect(refusal(() => rollback(stand.parts, stand.desk, 'ada', '', AT)).code).toBe('no_former')
  })
})

describe('how the model in charge came there', () => {
  it('is by the rollback that holds, also while only the promotion before it is stored', () => {
    promoted()
    stand.at(AT + MINUTE)
    new FullDisk(stand.desks.store.db.raw).fill()
    rollback(stand.parts, stand.desk, 'ada', 'it loses', stand.nowMs)
    expect(stand.desks.store.release.newestPromotion(SYMBOL)?.kind).toBe('promotion')
    expect(said()).toMatchObject({
      baseline: 'v1',
      at: '2025-05-26T01:01:00.000Z',
      approval_id: null,
      bake_until: null,
    })
  })

  it('is by standing there from the beginning, or not at all', () => {
    stand = new ReleaseDesk(fresh())
    expect(said()).toMatchObject({ baseline: 'v1', former: null, at: new Date(BEGAN_MS - DAY).toISOString() })
    stand.close()
    stand = new ReleaseDesk(fresh(), { baseline: null, candidate: null })
    expect(said()).toMatchObject({ baseline: 'fallback', at: new Date(BEGAN_MS).toISOString(), approval_id: null })
  })
})
