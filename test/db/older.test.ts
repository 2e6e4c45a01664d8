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
/** What a room held that had played 51 days, as an onay of version 3 left it; of its long tables the last rows. */
const ROWS = 'test/db/room-of-version-3.sql'
const NEWEST = 1_750_761_060_000

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
