import { describe, expect, it } from 'vitest'
import type { JobRow } from '../../../src/db/jobs.ts'
import type { Store } from '../../../src/db/store.ts'
import { JobBook } from '../../../src/room/books/job-book.ts'
import { eachSymbol } from '../../kit/each-symbol.ts'
import { HOUR, THREE_WEEKS_ON as T } from '../../kit/moments.ts'

let store: Store
let symbol: string
let book: JobBook

eachSymbol((database, named) => {
  store = database
  symbol = named
  book = new JobBook(symbol, store)
})

const persist = () => store.db.transaction(() => book.persist())

function jobOf(name: string, atMs: number): JobRow {
  return { symbol, name, lastMs: atMs, lastOkMs: atMs, nextMs: atMs + HOUR, result: 'done', ok: 1, wallMs: 0 }
}

describe('the jobs of a symbol', () => {
  it('are known as they ran last, and written with the moment', () => {
    book.ran(jobOf('daily', T))
    book.ran(jobOf('weekly', T))
    book.ran(jobOf('daily', T + HOUR))
    expect(store.jobs.list(symbol)).toEqual([])
    persist()
    expect(new Set(store.jobs.list(symbol))).toEqual(new Set([jobOf('daily', T + HOUR), jobOf('weekly', T)]))
    expect(book.of('daily')).toEqual(jobOf('daily', T + HOUR))
    expect(book.all()).toHaveLength(2)
  })

  it('are written once: a moment in which none ran leaves what is stored alone', () => {
    book.ran(jobOf('daily', T))
    persist()
    store.db.transaction(() => store.jobs.put(jobOf('daily', T + HOUR)))
    persist()
    expect(store.jobs.list(symbol)).toEqual([jobOf('daily', T + HOUR)])
  })

  it('come back as they are stored: a run of a moment that was undone is forgotten, and never written', () => {
    book.ran(jobOf('daily', T))
    persist()
    book.ran(jobOf('daily', T + HOUR))
    book.ran(jobOf('weekly', T + HOUR))
    book.restore()
    expect(book.all()).toEqual([jobOf('daily', T)])
    persist()
    expect(store.jobs.list(symbol)).toEqual([jobOf('daily', T)])
  })
})

describe('the verdicts that were logged last', () => {
  it('are none before the first time, and come back as they are stored', () => {
    expect(book.gateVerdicts).toBeNull()
    book.gatesLogged('v1', 'PPPPPW')
    expect(book.gateVerdicts).toBe('PPPPPW')
    book.restore()
    expect(book.gateVerdicts).toBeNull()
    const gates = { model: 'v2', round: 0, verdicts: 'PPPPPP', figures: [], outcome: 'better', detail: null } as const
    store.db.transaction(() => store.watch.logGates({ symbol, tsMs: T, wallMs: 0, ...gates }))
    book.restore()
    expect([book.gatesJudged, book.gateVerdicts]).toEqual(['v2', 'PPPPPP'])
  })
})
