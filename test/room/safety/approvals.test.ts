import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { canonicalJson, sha256Hex } from '../../../src/evidence/canonical.ts'
import { Approvals, type PromptOpening } from '../../../src/room/safety/approvals.ts'
import { openPromotionPrompt } from '../../../src/room/release/prompts.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL, WALL_MS } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const LIFETIME_MS = 15 * MINUTE
let stand: ReleaseDesk
let approvals: Approvals

/** Each test has a prompt of its own. */
let id: string
let prompts = 0

beforeAll(() => {
  stand = new ReleaseDesk(fresh())
  approvals = new Approvals(stand.desks.evidence)
})

beforeEach(() => {
  id = `promote-${prompts++}`
  stand.wall.set(WALL_MS)
})

afterEach(() => {
  vi.restoreAllMocks()
})

afterAll(() => stand.close())

const FIGURES = { match: 0.99 }
const OPENING: Omit<PromptOpening, 'id'> = {
  subject: { action: 'promote', candidate: 'v2' },
  symbol: SYMBOL,
  sha256: 'abc',
  figures: FIGURES,
  verdictsKey: 'all pass',
  against: ['it is young'],
  needs: 2,
  by: 'ada',
  openedWallMs: WALL_MS,
  expiresWallMs: WALL_MS + LIFETIME_MS,
  shown: { whatHappens: 'it answers', speaksFor: ['six gates'], stopsIt: 'errors' },
  request: { why: 'a test' },
}

function open(change: Partial<PromptOpening> = {}): void {
  stand.desk.transaction(() => approvals.open({ ...OPENING, id, ...change }, BEGAN_MS))
}

function answer(by: string, decision: 'approve' | 'reject', reason: string, phrase = 'ONAY') {
  const current = { verdictsKey: 'all pass', sha256: 'abc' }
  const given = { decision, phrase, reason, by, person: by, atWallMs: stand.wall.now(), current }
  return stand.desk.transaction(() => approvals.answer(id, given, BEGAN_MS + MINUTE))
}

/** Of the chain, those about the prompt. */
const entries = () =>
  stand.desks.store.journal
    .entries()
    .filter(({ kind, subject }) => kind === 'approval' && subject === `${SYMBOL}/${id}`)
    .map(({ subject: of, tsMs, detail }) => ({ of, tsMs, ...(JSON.parse(detail) as object) }))
/** Of the prompts of this test. */
const own = (all: readonly { readonly id: string }[]) =>
  all.map((prompt) => prompt.id).filter((name) => name.startsWith(id))

describe('a prompt that is opened', () => {
  it('is shown as it was asked, and recorded with the hash of the figures that it shows', () => {
    open()
    const hash = sha256Hex(canonicalJson(FIGURES))
    expect(approvals.get(id)).toEqual({
      id,
      action: 'promote',
      symbol: SYMBOL,
      subject: 'v2',
      sha256: 'abc',
      figures: FIGURES,
      figures_sha256: hash,
      against: ['it is young'],
      sentence: 'ONAY: Promote v2 to production',
      what_happens: 'it answers',
      speaks_for: ['six gates'],
      stops_it: 'errors',
      asked_by: 'ada',
      needs: 2,
      given: [],
      expires_at: new Date(WALL_MS + LIFETIME_MS).toISOString(),
      state: 'waiting',
      why: null,
    })
    expect(entries()).toEqual([
      {
        of: `${SYMBOL}/${id}`,
        tsMs: BEGAN_MS,
        step: 'asked',
        action: 'promote',
        by: 'ada',
        sha256: 'abc',
        sentence: 'ONAY: Promote v2 to production',
        figures: FIGURES,
        figures_sha256: hash,
        against: ['it is young'],
        speaks_for: ['six gates'],
        what_happens: 'it answers',
        stops_it: 'errors',
        shown_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        needs: 2,
        subject: 'v2',
      },
    ])
  })

  it('waits for its lifetime and is overdue from then on, until it is closed', () => {
    open()
    open({ id: `${id}/2`, expiresWallMs: WALL_MS + LIFETIME_MS + 1 })
    expect([own(approvals.waiting()), own(approvals.overdue())]).toEqual([[id, `${id}/2`], []])
    stand.wall.set(WALL_MS + LIFETIME_MS)
    expect([own(approvals.waiting()), own(approvals.overdue())]).toEqual([[`${id}/2`], [id]])
    stand.desk.transaction(() => approvals.close(id, 'expired', 'nobody answered', BEGAN_MS))
    expect(own(approvals.overdue())).toEqual([])
    expect(own(approvals.all())).toEqual([id, `${id}/2`])
  })
})

describe('an answer to a prompt', () => {
  it('of each of two people is kept in order, and recorded as it is given', () => {
    open()
    expect(answer('grace', 'approve', 'it is time').approval.state).toBe('waiting')
    expect(approvals.givenTo(id)).toMatchObject([{ by: 'grace', reason: 'it is time' }])
    stand.wall.set(WALL_MS + MINUTE)
    const { document, refused } = answer('linus', 'approve', 'so it is')
    expect(refused).toBeNull()
    expect(document).toMatchObject({ state: 'approved', why: null })
    const sentence = 'ONAY: Promote v2 to production'
    const given = [
      { by: 'grace', person: 'grace', reason: 'it is time', at: new Date(WALL_MS).toISOString(), sentence },
      { by: 'linus', person: 'linus', reason: 'so it is', at: new Date(WALL_MS + MINUTE).toISOString(), sentence },
    ]
    expect(approvals.givenTo(id)).toEqual(given)
    expect(approvals.get(id).given).toEqual(given.map(({ sentence: _, ...rest }) => rest))
    expect(entries().slice(1)).toMatchObject([
      { step: 'waiting', why: null, given: given.slice(0, 1), tsMs: BEGAN_MS + MINUTE },
      { step: 'approved', why: null, given, sentence },
    ])
  })

  it.each([
    ['not today', 'refused by grace: not today'],
    ['', 'refused by grace'],
  ])('that rejects says by whom, and why where that was said: "%s"', (reason, why) => {
    open()
    expect(answer('grace', 'reject', reason, '')).toMatchObject({ refused: null, document: { state: 'refused', why } })
    expect(entries().at(-1)).toMatchObject({ step: 'refused', why, given: [] })
  })

  it('that slipped leaves the prompt as it was, and nothing in the chain', () => {
    open()
    const said = 'the phrase is ONAY, letter for letter'
    expect(answer('grace', 'approve', 'it is time', 'yes')).toMatchObject({
      refused: said,
      document: { state: 'waiting' },
    })
    expect(approvals.get(id)).toMatchObject({ state: 'waiting', why: said })
    expect(entries()).toHaveLength(1)
  })

  it('to one that is over changes nothing of it', () => {
    open()
    answer('grace', 'reject', 'not today', '')
    expect(answer('linus', 'reject', 'nor tomorrow', '').refused).toBe('it was refused before')
    expect(approvals.get(id).why).toBe('refused by grace: not today')
    expect(entries()).toHaveLength(2)
  })
})

describe('a prompt that is closed without an answer', () => {
  const close = (name: string, why: string) =>
    stand.desk.transaction(() => approvals.close(name, 'refused', why, BEGAN_MS + MINUTE))

  it('is recorded once, and stays as it was closed first', () => {
    open()
    close(id, 'stopped by ada')
    close(id, 'stopped by grace')
    expect(approvals.get(id)).toMatchObject({ state: 'refused', why: 'stopped by ada' })
    expect(entries().slice(1)).toMatchObject([{ step: 'refused', why: 'stopped by ada', tsMs: BEGAN_MS + MINUTE }])
  })

  it('may be missing or damaged: that keeps nothing from ending, and nobody is said to have given it', () => {
    close('nobody', 'stopped by ada')
    expect(approvals.givenTo('nobody')).toEqual([])
    open()
    stand.desks.store.db.raw.prepare("UPDATE approvals SET document = '{}' WHERE id = ?").run(id)
    close(id, 'stopped by ada')
    expect(approvals.givenTo(id)).toEqual([])
    expect(entries()).toHaveLength(1)
    stand.desks.store.db.raw.prepare('DELETE FROM approvals WHERE id = ?').run(id)
  })

  it('is not taken for damaged where the database itself fails', () => {
    open()
    vi.spyOn(stand.desks.store.release, 'approval').mockImplementation(() => {
      throw new TypeError('the database connection is not open')
    })
    expect(() => close(id, 'stopped by ada')).toThrow(TypeError)
  })
})

describe('a prompt of the room', () => {
  it('is unknown by any other name', () => {
    expect(refusal(() => approvals.get('nobody'))).toMatchObject({ status: 404, code: 'unknown_approval' })
  })

  it('of a promotion that nobody answers expires as that of a canary does', () => {
    const prompt = stand.desk.transaction(() =>
      openPromotionPrompt(stand.parts, stand.desk, stand.judgement, { by: 'ada', openedWallMs: WALL_MS }),
    )
    const waits = () => stand.release.waiting().some((other) => other.id === prompt.id)
    expect(waits()).toBe(true)
    stand.wall.set(WALL_MS + LIFETIME_MS)
    expect(waits()).toBe(false)
    expect(stand.release.approvals.get(prompt.id)).toMatchObject({ state: 'expired', why: 'nobody answered in time' })
  })

  it.each([
    ['rejected', 'refused'],
    ['left alone', 'expired'],
  ] as const)('of a canary start that is %s is an event of its run as what it was: %s', (_, kind) => {
    stand.ready()
    const prompt = stand.request()
    const { runId } = stand.desk.canary.newest ?? {}
    if (kind === 'refused') stand.release.answer(prompt.id, { decision: 'reject', reason: '' }, 'grace')
    else stand.wall.set(WALL_MS + LIFETIME_MS)
    stand.release.waiting()
    const { raw } = stand.desks.store.db
    const events = raw.prepare('SELECT event FROM canary_events WHERE run_id = ? ORDER BY seq').pluck().all(runId)
    expect(events.map((event) => (JSON.parse(String(event)) as { kind: string }).kind)).toEqual(['start', kind])
  })
})
