import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/db/store.ts'
import { takeTicks } from '../../src/room/trading/import-ticks.ts'
import { sampledTicks } from '../../src/room/queries/tick-readings.ts'
import { aDesk, play } from '../kit/a-desk.ts'
import { barAt } from '../kit/bars.ts'
import { command, commandJson, expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { MINUTE, START } from '../kit/moments.ts'
import { SYMBOL } from '../kit/room.ts'

const fresh = freshDirectories()

function written(lines: readonly string[]): { readonly dir: string; readonly file: string; readonly args: string[] } {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  const file = join(dir, 'ticks.csv')
  writeFileSync(file, `ts_ms,price,qty\n${lines.join('\n')}\n`)
  return { dir, file, args: ['--symbol', SYMBOL, '--data-dir', join(dir, 'data')] }
}

function rowsIn(dir: string): unknown[] {
  const store = openStore(join(dir, 'data'), 'read')
  const rows = store.db.raw.prepare('SELECT ts_ms, seq, price FROM ticks ORDER BY ts_ms, seq').raw().all()
  store.db.close()
  return rows
}

/** Ten a second, three of them in one millisecond each. */
const LINES = Array.from({ length: 45_000 }, (_, i) => `${START + Math.floor(i / 3) * 300},${100 + (i % 11)},0.5`)

describe('import ticks', () => {
  it('stores each by its time and its number within the millisecond; the same file twice changes nothing', async () => {
    const { dir, file, args } = written(LINES)
    expect(await commandJson(['import', 'ticks', file, ...args])).toMatchObject({
      schema: 'import_ticks/1',
      rows: 45_000,
      added: 45_000,
      known: 0,
      bad_rows: 0,
      minutes: 75,
    })
    const rows = rowsIn(dir)
    expect(rows.slice(0, 4)).toEqual([
      [START, 0, 100],
      [START, 1, 101],
      [START, 2, 102],
      [START + 300, 0, 103],
    ])
    expect(await commandJson(['import', 'ticks', file, ...args])).toMatchObject({ rows: 0, added: 0 })
    expect(rowsIn(dir)).toEqual(rows)
  })

  it('names a time that nothing can have, and goes on with the line after it', async () => {
    const nextYear = Date.now() + 366 * 1_440 * MINUTE
    const { dir, file, args } = written([`${START},1,1`, `${nextYear},2,1`, '1e30,2,1', `${START + 1},3,1`])
    expect(await commandJson(['import', 'ticks', file, ...args])).toMatchObject({
      rows: 2,
      bad_rows: 2,
      dropped: [
        { line: 3, why: `its time is in the future: ${new Date(nextYear).toISOString()}` },
        { line: 4, why: 'its time is in the future' },
      ],
    })
    expect(rowsIn(dir)).toEqual([
      [START, 0, 1],
      [START + 1, 0, 3],
    ])
  })

  it('takes of a file that overlaps what is new', async () => {
    const { dir, file, args } = written(LINES.slice(0, 300))
    await commandJson(['import', 'ticks', file, ...args])
    writeFileSync(file, `ts_ms,price,qty\n${LINES.slice(150, 600).join('\n')}\n`)
    expect(await commandJson(['import', 'ticks', file, ...args])).toMatchObject({ rows: 450, added: 300, known: 150 })
    expect(rowsIn(dir)).toHaveLength(600)
  })

  it('names bad rows with their line, and those that are older than the line before', async () => {
    const { file, args } = written([`${START},1,1`, 'x,1,1', `${START + 5},1,1`, `${START + 4},1,1`])
    const ended = await command(['import', 'ticks', file, ...args])
    expect(ended.stdout).toContain(
      '2 bad rows\n    line 3: its time is not a number above 0\n    line 5: it is older than the line before\n',
    )
  })

  it('compares the minutes that it makes with the bars that are there', async () => {
    const { dir, file, args } = written(
      Array.from({ length: 40 }, (_, i) => `${START + i * 15_000},${i < 20 ? 100 : 101},0.25`),
    )
    const kit = aDesk(dir)
    const bars = Array.from({ length: 7 }, (_, i) => ({ ...barAt(i, 100), open: 100, high: 100, low: 100, volume: 1 }))
    await play(kit, bars)
    kit.desks.close()
    expect(await commandJson(['import', 'ticks', file, ...args])).toMatchObject({
      minutes: 10,
      compared: 6,
      without_bar: 2,
      differing: 2,
      differences: [
        { minute: new Date(START + 5 * MINUTE).toISOString(), fields: ['open', 'high', 'low', 'close'] },
        { minute: new Date(START + 6 * MINUTE).toISOString(), fields: ['open', 'high', 'low', 'close'] },
      ],
    })
  })

  it('says where it goes on after it was broken off, and leaves what one run would have', async () => {
    const dir = fresh()
    const kit = aDesk(dir)
    const rows = LINES.map((line) => {
      const [tsMs = 0, price = 0, qty = 0] = line.split(',').map(Number)
      return { tsMs, price, qty, buyerMaker: null }
    })
    async function* pieces(from: number, until: number) {
      for (let at = from; at < until; at += 700) {
        const piece = rows.slice(at, Math.min(until, at + 700))
        yield await Promise.resolve({ lines: piece.map((_, i) => at + i + 2), rows: piece })
      }
      if (until < rows.length) throw new Error('killed')
    }
    const take = (from: number, until: number) =>
      takeTicks(kit.desk, kit.desks.evidence, { sha256: 'abc', rows: pieces(from, until), onRows: () => undefined })
    const lineOf = (): number => kit.desks.store.ticks.file(SYMBOL, 'abc')?.line ?? 1
    await expect(take(0, 30_001)).rejects.toThrow('killed')
    // A whole millisecond, and no row of the next.
    expect((lineOf() - 1) % 3).toBe(0)
    expect(lineOf()).toBeGreaterThan(20_000)
    expect(await take(lineOf() - 1, rows.length)).toMatchObject({ known: 0 })
    expect(kit.desks.store.ticks.file(SYMBOL, 'abc')).toMatchObject({ done: 1, rows: 45_000 })
    kit.desks.close()
    const whole = written(LINES)
    await commandJson(['import', 'ticks', whole.file, ...whole.args])
    expect(rowsIn(dir)).toEqual(rowsIn(whole.dir))
  })

  it('needs a symbol and the directory for itself', async () => {
    const { file } = written(LINES.slice(0, 3))
    expectTrouble(await command(['import', 'ticks', file]), 'symbol')
  })
})

describe('ticks', () => {
  it('are the first of each of equal slices', async () => {
    const { file, args } = written(LINES)
    await commandJson(['import', 'ticks', file, ...args])
    const until = new Date(START + 3_000_000).toISOString()
    const asked = ['--sample', '10', '--from', new Date(START).toISOString(), '--until', until]
    const document = await commandJson(['ticks', ...asked, ...args])
    const items = Array.from({ length: 10 }, (_, i) => ({ at: new Date(START + i * 300_000).toISOString() }))
    expect(document).toMatchObject({ schema: 'ticks/1', slices: 10, items })
    expect((await command(['ticks', ...asked, ...args])).stdout).toMatch(/10 slices, 10 with a tick\n/)
  })

  it('leave out slices without one, and are none where none was brought in', async () => {
    const kit = aDesk(fresh())
    const { desk } = kit
    expect(await sampledTicks(desk, {})).toMatchObject({ from: null, items: [] })
    const at = [START, START + 1, START + 900]
    desk.transaction(() =>
      kit.desks.store.ticks.insert(SYMBOL, {
        tsMs: at,
        seq: [0, 0, 0],
        price: [1, 2, 3],
        qty: [1, 1, 1],
        buyerMaker: [null, 1, 0],
      }),
    )
    const { items } = await sampledTicks(desk, { sample: 100 })
    expect(items.map(({ price, buyer_maker: maker }) => [price, maker])).toEqual([
      [1, null],
      [3, false],
    ])
    kit.desks.close()
  })

  it('go when they are too old, a few at a time', () => {
    const kit = aDesk(fresh())
    const { ticks } = kit.desks.store
    const n = 1_000
    kit.desk.transaction(() =>
      ticks.insert(SYMBOL, {
        tsMs: Array.from({ length: n }, (_, i) => START + i),
        seq: Array.from({ length: n }, () => 0),
        price: Array.from({ length: n }, () => 1),
        qty: Array.from({ length: n }, () => 1),
        buyerMaker: Array.from({ length: n }, () => null),
      }),
    )
    const prune = (): number => kit.desk.transaction(() => ticks.prune(SYMBOL, START + 700, 300))
    expect([prune(), prune(), prune(), prune()]).toEqual([300, 300, 100, 0])
    expect(ticks.first(SYMBOL, 0, START + n)?.tsMs).toBe(START + 700)
    kit.desks.close()
  })
})
