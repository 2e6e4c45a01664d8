import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { retireCandidate } from '../../../src/room/training/retirement.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const WHY = { by: 'ada', reason: 'not needed' }
let stand: ReleaseDesk

beforeEach(() => {
  stand = new ReleaseDesk(fresh(), { former: 'v0' })
})

afterEach(() => stand.close())

const retire = (version: string) => retireCandidate(stand.desk, stand.desks.evidence, version, WHY)

describe('a candidate that is retired', () => {
  it('leaves the shadow, in memory and after a restart, and the chain says by whom and why', () => {
    expect(retire('v2')).toMatchObject({ symbol: SYMBOL, version: 'v2', slot: 'retired', reason: 'not needed' })
    expect(stand.desk.lineUp.candidate).toBe(null)
    const entry = stand.desks.store.journal.entries().at(-1)
    expect([entry?.kind, entry?.subject]).toEqual(['retirement', `${SYMBOL}/v2`])
    expect(JSON.parse(entry?.detail ?? '')).toMatchObject({ model: 'v2', by: 'ada', reason: 'not needed' })
    stand = stand.reopened()
    expect(stand.desk.lineUp.candidate).toBe(null)
  })

  it.each([
    ['v1', 'it is in charge'],
    ['v0', 'it is kept for a rollback'],
    ['v9', 'no model of this name was registered'],
  ])('is the one in the shadow: %s is refused', (version, why) => {
    expect(refusal(() => retire(version)).why).toBe(why)
    expect(stand.desk.lineUp.candidate?.version).toBe('v2')
  })

  it('is refused while a canary of it runs, or its promotion waits for ONAY', () => {
    stand.start()
    expect(refusal(() => retire('v2')).code).toBe('canary_runs')
    stand.release.abortCanary(SYMBOL, 'ada', '')
    stand.succeed()
    const { id } = stand.release.requestPromotion(SYMBOL, undefined, 'ada')
    expect(refusal(() => retire('v2')).code).toBe('waits')
    stand.release.answer(id, { decision: 'reject', reason: '' }, 'ada')
    expect(retire('v2').version).toBe('v2')
  })
})
