import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../../src/db/store.ts'
import { Troubles } from '../../../src/room/desk/room-state.ts'
import { type LoweringDecision, UnsavedDecisions } from '../../../src/room/desk/unsaved.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { FullDisk } from '../../kit/full-disk.ts'

const fresh = freshDirectories()
const SYMBOL = 'AAAUSDT'
const HOLDS = 'holds but could not be stored'
let store: Store
let disk: FullDisk
let troubles: Troubles
let unsaved: UnsavedDecisions
let held: string[]

beforeAll(() => {
  store = openStore(fresh(), 'write')
  disk = new FullDisk(store.db.raw)
})

beforeEach(() => {
  disk.free()
  store.db.raw.exec('DELETE FROM events')
  troubles = new Troubles()
  unsaved = new UnsavedDecisions(SYMBOL, store, troubles)
  held = []
})

afterAll(() => store.db.close())

/** What is decided becomes an event. */
function decision(what: string): LoweringDecision {
  return {
    what,
    hold: () => held.push(what),
    write: () => {
      const event = { symbol: SYMBOL, tsMs: 0, wallMs: 0, kind: 'canary', severity: 'info', data: null } as const
      store.journal.addEvent({ ...event, text: what })
    },
  }
}

/** What is stored, in its order. */
const stored = () =>
  store.journal
    .events(SYMBOL, 10)
    .map(({ text }) => text)
    .reverse()
    .join(' ')

describe('a decision that lowers risk', () => {
  it('holds and is stored where that is possible, and is a trouble to nobody', () => {
    unsaved.writeOrKeep(decision('one'))
    expect([held, stored(), unsaved.waiting, troubles.lines]).toEqual([['one'], 'one', false, []])
    unsaved.holdKept()
    expect(held).toEqual(['one'])
  })

  it('is part of the transaction that is open, and undone with it', () => {
    expect(() =>
      store.db.transaction(() => {
        unsaved.writeOrKeep(decision('one'))
        throw new Error('undone')
      }),
    ).toThrow('undone')
    expect([held, stored(), unsaved.waiting]).toEqual([['one'], '', false])
    store.db.transaction(() => unsaved.writeOrKeep(decision('two')))
    expect([stored(), unsaved.waiting]).toEqual(['two', false])
  })

  it('that cannot be stored holds, is kept in order, and is said by name', () => {
    disk.fill()
    unsaved.writeOrKeep(decision('one'))
    expect(troubles.lines).toEqual([`unsaved ${SYMBOL}: one ${HOLDS}: the disk is full`])
    unsaved.writeOrKeep(decision('two'))
    expect(troubles.lines).toEqual([`unsaved ${SYMBOL}: two ${HOLDS}: an earlier one waits`])
    expect([held, stored(), unsaved.waiting]).toEqual([['one', 'two'], '', true])
    unsaved.holdKept()
    expect(held).toEqual(['one', 'two', 'one', 'two'])
  })

  it('that is kept is stored with the next one that can be, before it', () => {
    disk.fill()
    unsaved.writeOrKeep(decision('one'))
    disk.free()
    unsaved.writeOrKeep(decision('two'))
    expect([stored(), unsaved.waiting, troubles.lines]).toEqual(['one two', false, []])
  })

  it('that is kept is not stored within a transaction that may yet be undone', () => {
    disk.fill()
    unsaved.writeOrKeep(decision('one'))
    disk.free()
    store.db.transaction(() => {
      unsaved.writeKept()
      unsaved.requireStored()
    })
    expect([stored(), unsaved.waiting]).toEqual(['', true])
    unsaved.writeKept()
    expect([stored(), unsaved.waiting, troubles.lines]).toEqual(['one', false, []])
  })
})

describe('a decision that must not overtake one that is kept', () => {
  it('is refused while that cannot be stored, and made once it is', () => {
    unsaved.requireStored()
    disk.fill()
    unsaved.writeOrKeep(decision('one'))
    expect(refusal(() => unsaved.requireStored())).toMatchObject({
      status: 507,
      code: 'unsaved',
      why: `one ${HOLDS}: the disk is full: it has to be stored first`,
    })
    disk.free()
    unsaved.requireStored()
    expect(stored()).toBe('one')
  })
})
