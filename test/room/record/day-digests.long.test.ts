import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { idPrefix } from '../../../src/db/predictions.ts'
import type { VerifyDocument } from '../../../src/evidence/documents/verify-document.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { storeFilled } from '../../../src/room/drivers/backfill.ts'
import { takeOutcomes } from '../../../src/room/drivers/own-values.ts'
import { verifyEvidence } from '../../../src/room/record/verify-evidence.ts'
import { BusyDays } from '../../../src/room/watch/busy-days.ts'
import { digestRows } from '../../../src/room/watch/digest-rows.ts'
import { retain } from '../../../src/room/watch/retain.ts'
import { Turns } from '../../../src/work/turns.ts'
import { aDesk, type DeskKit, play } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'
import { until } from '../../kit/until.ts'
import { aDayOfBars, wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR
/** Of the day after. */
const HALF_PAST_ONE = START + DAY + 90 * MINUTE

let dir = ''
let kit: DeskKit

beforeEach(() => {
  dir = fresh()
  kit = aDesk(dir)
})
afterEach(() => kit.desks.close())

const bars = (fromMs: number, count: number) =>
  Array.from({ length: count }, (_, i) => wanderingBar(fromMs + i * MINUTE))

/** The days whose digests are in the chain, in the order in which they were made. */
const digested = (): string[] =>
  kit.desks.store.journal.entries().flatMap(({ kind, subject }) => (kind === 'digest' ? [subject] : []))

function verified(): VerifyDocument {
  const places = { dataDir: join(dir, 'data'), evidenceDir: join(dir, 'evidence') }
  return verifyEvidence({ ...places, kept: null, signers: null, stopwatch: () => 0 })
}

const told = (): string[] => verified().findings.map(({ what, where, why }) => `${what} [${where}] ${why}`)
const change = (sql: string) => kit.desks.store.db.raw.exec(sql)
/** The job, at a moment. */
const digest = (atMs: number, busy: BusyDays | null = null) =>
  kit.desk.transaction(() => digestRows(kit.desk, kit.desks.evidence, busy, atMs).result)

describe('the digest of a day', () => {
  it('is made at half past one by the job, and the day that runs has none', async () => {
    await play(kit, [...bars(NOON, 3), wanderingBar(HALF_PAST_ONE - MINUTE)])
    expect(kit.desk.jobs.of('day digest')).toMatchObject({ ok: 1, result: '1 day' })
    expect(digested()).toEqual([`${SYMBOL}/2025-05-05`])
    expect(verified()).toMatchObject({
      ok: true,
      covers: expect.arrayContaining([`rows of ${SYMBOL} before 2025-05-06`]),
    })
  })

  it('waits for the bars, however late it is by the clock', async () => {
    await play(kit, bars(NOON, 3))
    expect(digest(START + 9 * DAY)).toBe('none due')
    await play(kit, [wanderingBar(START + DAY + 4 * MINUTE)])
    // The last minute of the day is not settled yet.
    expect(digest(START + 9 * DAY)).toBe('none due')
    await play(kit, [wanderingBar(START + DAY + 5 * MINUTE)])
    expect(digest(START + DAY + 6 * MINUTE)).toBe('none due')
    expect(digest(START + 9 * DAY)).toBe('1 day')
  })

  it('is made once, for every day that was missed, and for none without rows', async () => {
    await play(kit, [...bars(NOON, 2), wanderingBar(NOON + 3 * DAY), wanderingBar(HALF_PAST_ONE + 3 * DAY)])
    const days = [`${SYMBOL}/2025-05-05`, `${SYMBOL}/2025-05-08`]
    expect(digested()).toEqual(days)
    expect(digest(START + 4 * DAY + 2 * HOUR)).toBe('none due')
    expect(digested()).toEqual(days)
    expect(told()).toEqual([])
  })

  it('is the same for the same rows, whatever the machine’s clock said, and another for any value', () => {
    const { digests, db } = kit.desks.store
    const span = { symbol: SYMBOL, fromMs: 0, untilMs: DAY }
    const [table] = digests.tables.filter(({ name }) => name === 'events')
    const of = (sql: string): string => {
      db.raw.exec(`DELETE FROM events; INSERT INTO events VALUES ${sql}`)
      return digests.digest('events', table?.columns ?? [], span).sha256
    }
    const event = (text: string, data: string, wall = 1): string =>
      of(`(1, '${SYMBOL}', 60000, ${wall}, 'gap', 'info', ${text}, ${data})`)
    const calm = event("'ab'", "'c'")
    expect(event("'ab'", "'c'", 2)).toBe(calm)
    const others = [event("'a'", "'bc'"), event("'ab'", 'NULL'), event("'ab'", "x'63'"), event("'ab'", "'1'")]
    expect(new Set([calm, ...others]).size).toBe(others.length + 1)
  })

  it('of a table that has gained a column since is compared by the columns that it had', async () => {
    await play(kit, [...bars(NOON, 3), wanderingBar(HALF_PAST_ONE - MINUTE)])
    change('ALTER TABLE bars ADD COLUMN trades integer')
    expect(told()).toEqual([])
  })
})

describe('bars that fill a gap of a day that has its digest', () => {
  const filled = bars(NOON + 10 * MINUTE, 5)

  beforeEach(() => play(kit, [...bars(NOON, 3), ...bars(NOON + 20 * MINUTE, 3), wanderingBar(HALF_PAST_ONE - MINUTE)]))

  it('have it made again with them', () => {
    const { desk, desks } = kit
    storeFilled(desk, filled, { evidence: desks.evidence, text: 'filled' })
    expect(digested()).toEqual([`${SYMBOL}/2025-05-05`, `${SYMBOL}/2025-05-05`])
    expect(told()).toEqual([])
    change(`UPDATE bars SET close = close + 1 WHERE ts_ms = ${filled[2]?.tsMs}`)
    expect(told()).toEqual([expect.stringMatching(/^AAAUSDT on 2025-05-05 \[table bars\] its 11 rows do not give/)])
  })

  it('are named where somebody put them there', () => {
    const [bar] = filled
    change(`INSERT INTO bars VALUES ('${SYMBOL}', ${bar?.tsMs}, 1, 1, 1, 1, 1, 1, 1)`)
    expect(told()).toEqual([expect.stringMatching(/^AAAUSDT on 2025-05-05 \[table bars\] it has 7 rows, .* counted 6/)])
  })
})

describe('a day with more answers than a room hashes between two of them', () => {
  const NEXT_DAY = HALF_PAST_ONE + DAY
  const answers = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ ...prediction(NOON), id: `${idPrefix(NOON)}-${i}` }))
  const busyDays = (signal = new AbortController().signal) => new BusyDays(kit.desks, new Turns(), signal)
  const trouble = () => kit.desks.troubles.of('day digest')
  const notCovered = 'rows of predictions on a day whose digest is still being made'

  beforeEach(async () => {
    await play(kit, bars(NOON, 2))
    kit.desk.transaction(() => kit.desks.store.predictions.insertAll(answers(10_001)))
    await play(kit, [wanderingBar(HALF_PAST_ONE - 10 * MINUTE)])
  })

  it('has their digest made beside it, and recorded when it is there', async () => {
    const busy = busyDays()
    // After a start nothing is owed here yet; what is left later is made all the same.
    busy.wake()
    await new Promise(setImmediate)
    expect(digest(HALF_PAST_ONE, busy)).toBe('1 day')
    expect(verified()).toMatchObject({ ok: true, not_covered: expect.arrayContaining([notCovered]) })
    busy.wake()
    // Whoever wakes it meanwhile begins nothing a second time.
    busy.wake()
    await until('the digest', () => digested().length === 2)
    await new Promise(setImmediate)
    busy.owe()
    busy.wake()
    await new Promise(setImmediate)
    expect(digested()).toHaveLength(2)
    expect(told()).toEqual([])
    change("DELETE FROM predictions WHERE id LIKE '%-7'")
    expect(told()).toEqual([expect.stringMatching(/\[table predictions\] it has 10000 rows, .* counted 10001/)])
    expect(trouble()).toBeNull()
  })

  it('has it made after the next start, where the process died before', async () => {
    digest(HALF_PAST_ONE, busyDays())
    busyDays().wake()
    await until('the digest', () => digested().length === 2)
    expect(told()).toEqual([])
  })

  it('is said to lack it where it could not be made, and has it made with the next one', async () => {
    const busy = busyDays()
    digest(HALF_PAST_ONE, busy)
    const failing = vi.spyOn(kit.desk, 'transaction').mockImplementationOnce(() => {
      throw new Error('the disk is full')
    })
    busy.wake()
    await until('the trouble', () => trouble() !== null)
    expect(trouble()).toBe('the disk is full')
    expect(failing).toHaveBeenCalledOnce()
    vi.restoreAllMocks()
    busy.wake()
    expect(digested()).toHaveLength(1)
    expect(digest(NEXT_DAY, busy)).toBe('none due')
    busy.wake()
    await until('the digest', () => digested().length === 2)
    await until('the end of the trouble', () => trouble() === null)
  })

  it('has it made by the next process where this one ends meanwhile, which is no trouble', async () => {
    const ending = new AbortController()
    const busy = busyDays(ending.signal)
    digest(HALF_PAST_ONE, busy)
    busy.wake()
    ending.abort()
    await new Promise(setImmediate)
    busy.owe()
    busy.wake()
    expect([digested().length, trouble()]).toEqual([1, null])
  })
})

const prediction = (tsMs: number) => ({
  symbol: SYMBOL,
  id: `${idPrefix(tsMs)}-1`,
  tsMs,
  wallMs: 1,
  source: 'caller',
  key: null,
  score: 0.5,
  decision: 'none',
  model: 'v1',
  servedBy: 'baseline',
  reason: '',
  latencyMs: 1,
  modelMs: 1,
  fault: null,
  phase: '',
})

describe('raw rows after retention', () => {
  beforeEach(async () => {
    const { desk, desks } = kit
    await play(kit, bars(NOON, 2))
    desk.transaction(() => desks.store.predictions.insertAll([prediction(NOON), prediction(NOON + MINUTE)]))
    await play(kit, [wanderingBar(HALF_PAST_ONE - MINUTE)])
  })

  function prune(): void {
    aDayOfBars(kit, START + 2 * DAY)
    kit.desk.transaction(() => retain(kit.desk, kit.desks.evidence, 2, START + 4 * DAY + 10 * MINUTE))
  }

  it('are not missed: the chain says that they were removed', () => {
    prune()
    expect(kit.desks.store.predictions.counts(SYMBOL).predictions).toBe(0)
    expect(told()).toEqual([])
  })

  it('are missed where nothing says so', () => {
    change('DELETE FROM predictions')
    expect(told()).toEqual([expect.stringMatching(/\[table predictions\] it has 0 rows, .* counted 2/)])
  })

  it('are named where one came back', () => {
    prune()
    kit.desk.transaction(() => kit.desks.store.predictions.insert(prediction(NOON)))
    expect(told()).toEqual([expect.stringMatching(/retention removed its rows, and 1 are there/)])
  })
})

describe('outcomes of the user that come after the digest of their day', () => {
  it('are part of it from then on', async () => {
    kit.desks.close()
    const usual = defaultConfig()
    const label = { ...usual.label, kind: 'pushed' as const, name: 'hit', horizon_min: 5 }
    kit = aDesk(dir, { config: { ...usual, label }, serves: true })
    const { desk, desks } = kit
    await play(kit, bars(NOON, 60))
    const said = (i: number) => ({ tsMs: NOON + i * MINUTE, label: (i % 2) as 0 | 1 })
    takeOutcomes(desk, desks.evidence, [said(40)])
    await play(kit, [wanderingBar(HALF_PAST_ONE - MINUTE)])
    expect(digested()).toEqual([`${SYMBOL}/2025-05-05`])
    takeOutcomes(desk, desks.evidence, [said(41), said(45)])
    expect(digested()).toHaveLength(2)
    expect(told()).toEqual([])
    change(`UPDATE outcomes SET label = 1 - label WHERE ts_ms = ${said(41).tsMs}`)
    expect(told().join()).toContain('outcomes')
  })
})
