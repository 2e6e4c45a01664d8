import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { rememberedFeeds, rememberedMarkets } from '../../src/cli/remembered-feeds.ts'
import { SCHEMA_VERSION } from '../../src/db/connect.ts'
import { databasePath, openStore } from '../../src/db/store.ts'
import { freshDirectories } from '../kit/directories.ts'
import { barLines, openDesks, run, SYMBOL, writeRecording } from '../kit/room.ts'
import { ROOT } from '../kit/samples.ts'

const fresh = freshDirectories()
/** The schema of version 3. */
const MIGRATIONS = ['0000_first', '0001_canary', '0002_watching'].map((name) => `migrations/${name}.sql`)
/** The schema of version 5. */
const WITH_TRADES = [...MIGRATIONS, 'migrations/0003_persons.sql', 'migrations/0004_trading.sql']
/** Of `0004_trading` in the migrations' journal. */
const TRADING_MADE_MS = 1_795_344_601_477
/** What a room held that had played 51 days, as an onay of version 3 left it; of its long tables the last rows. */
const ROWS = 'test/db/room-of-version-3.sql'
const NEWEST = 1_750_761_060_000
const ORDER = {
  side: 1,
  rowMs: NEWEST,
  expectedEntry: 100,
  spreadBp: 1,
  rv60mLog: null,
  rule: { threshold: 0.6, horizonMin: 15, stopBp: null, targetBp: 45, feeBp: 5, notional: 1_000 },
}
const ENTRY = { ...ORDER, openedMs: NEWEST + 60_000, filledEntry: 101 }

/** The directory of a test room whose database is that of before. */
function left(): string {
  const dir = fresh()
  const path = databasePath(join(dir, 'data'))
  mkdirSync(dirname(path), { recursive: true })
  const raw = new Sqlite(path)
  for (const file of [...MIGRATIONS, ROWS]) raw.exec(readFileSync(join(ROOT, file), 'utf8'))
  raw.close()
  return dir
}

describe('a database of before', () => {
  it('opens with all that it held', () => {
    const desks = openDesks(left())
    const desk = desks.of(SYMBOL)
    expect(desk.tape.newestBar?.tsMs).toBe(NEWEST)
    expect(desk.lineUp.inCharge?.version).toBe('v1.8-b0')
    expect(desk.lineUp.inCharge?.offline?.auc).toBeGreaterThan(0.5)
    expect(desk.drift.snapshotOf('v1.8-b0')?.features).toHaveProperty('mid')
    expect(desk.breaker.open).toBe(true)
    expect(desk.jobs.gateVerdicts).toMatch(/^[PFWE]{6}$/)
    const { reports, watch, facts, outbox, notifications, access, models } = desks.store
    expect(reports.dailies(SYMBOL).map(({ date }) => date)).toEqual(['2025-06-22', '2025-06-23'])
    expect(reports.weekly(SYMBOL, reports.lastDate(SYMBOL, 'weekly') ?? '')?.n.days).toBe(7)
    expect(watch.wordsBefore(SYMBOL, NEWEST * 2)?.gates).toHaveLength(6)
    expect(models.list(SYMBOL).map(({ version }) => version)).toEqual(['v1.8-b0'])
    expect(facts.of('ETHUSDT', 'market')).toEqual({ exchange: 'binance', market: 'ETH/USDT', complete: true })
    expect([facts.get('opened'), facts.get('ended'), facts.get('historyUntilMs')]).toEqual([true, 'running', 0])
    // The file that was owed is written as the room opens; the page waits for a process of its own.
    expect(outbox.pending()).toMatchObject({ files: [], pages: [{ symbol: SYMBOL, date: '2025-06-23' }] })
    expect(notifications.due('webhook', NEWEST, 1)?.message.text).toBe('PSI')
    expect(access.tokens().map(({ name, person }) => [name, person])).toEqual([['risk', 'risk']])
    desks.close()
  })

  it('goes on: bars, scores, snapshots and gates are added to what is there', async () => {
    const dir = left()
    const path = writeRecording(dir, barLines(150, NEWEST + 60_000))
    await run(dir, path, {
      look: (desks) => {
        const { store } = desks
        expect(store.bars.span(SYMBOL).rows).toBe(155)
        expect(store.predictions.scoresAt(SYMBOL, NEWEST + 100 * 60_000)).toHaveLength(1)
        expect(store.drift.newestSnapshot(SYMBOL, 'v1.8-b0')?.tsMs).toBeGreaterThan(NEWEST)
        expect(store.watch.newestGates(SYMBOL)?.tsMs).toBeGreaterThan(NEWEST)
        expect(store.journal.lastEntry()?.seq).toBeGreaterThan(1_140)
      },
    })
  })

  it('keeps the model that an open trade was opened by', () => {
    const dir = fresh()
    mkdirSync(dir)
    const raw = new Sqlite(databasePath(dir))
    for (const file of WITH_TRADES) raw.exec(readFileSync(join(ROOT, file), 'utf8'))
    raw.exec('CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)')
    raw.prepare("INSERT INTO __drizzle_migrations VALUES (5, '', ?)").run(TRADING_MADE_MS)
    const add = raw.prepare('INSERT INTO paper_positions VALUES (?, ?, ?, ?)')
    add.run(SYMBOL, 'a', 'm1', JSON.stringify({ kind: 'flat', fromMs: 1 }))
    add.run(SYMBOL, 'b', 'm2', JSON.stringify({ kind: 'ordered', order: ORDER }))
    add.run(SYMBOL, 'c', 'm3', JSON.stringify({ kind: 'open', entry: ENTRY }))
    raw.close()
    const { db, trading } = openStore(dir, 'write')
    expect(trading.positions(SYMBOL)).toEqual([
      { arm: 'a', position: { kind: 'flat', fromMs: 1 } },
      { arm: 'b', position: { kind: 'ordered', order: { ...ORDER, model: 'm2' } } },
      { arm: 'c', position: { kind: 'open', entry: { ...ENTRY, model: 'm3' } } },
    ])
    db.close()
  })

  it.each([
    ['of an older version', (path: string) => older(path)],
    ['that a start was killed over before it had written anything', (path: string) => writeFileSync(path, '')],
  ])('is brought up to date by whoever is about to start a room: one %s', (_, make) => {
    const dir = fresh()
    mkdirSync(dir, { recursive: true })
    make(databasePath(dir))
    expect(rememberedMarkets(dir)).toEqual([])
    expect(rememberedFeeds(dir)).toEqual([])
    const { db } = openStore(dir, 'read')
    expect(db.raw.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
    db.close()
  })
})

function older(path: string): void {
  openStore(dirname(path), 'write').db.close()
  const raw = new Sqlite(path)
  raw.pragma(`user_version = ${SCHEMA_VERSION - 1}`)
  raw.close()
}
