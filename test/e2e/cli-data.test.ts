import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { databaseIn, damageOf, fileDigests, tables } from '../kit/contents.ts'
import { command, type CommandEnd, commandJson, expectTrouble } from '../kit/command.ts'
import { Replayed } from '../kit/documents.ts'
import { stage } from '../kit/program.ts'
import { canMount } from '../kit/small-disk.ts'
import { uidOfSomebody } from '../kit/somebody.ts'
import { BTC } from '../kit/samples.ts'

const HEADER = 'ts_ms,open,high,low,close,volume'
const DAY = 1_440
const Failure = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string(), next: z.string() }) })
/** What came in and what became of it. */
const MARKET = ['bars', 'feature_rows', 'predictions', 'scores', 'outcomes'] as const

const shell = stage()
let lines: string[] = []
let twoDays = ''
let clean = ''

beforeAll(async () => {
  lines = gunzipSync(readFileSync(BTC))
    .toString('utf8')
    .split('\n')
    .slice(1, 2 * DAY + 1)
  twoDays = recording(lines)
  clean = shell.fresh()
  await commandJson(['replay', twoDays, '--symbol', 'BTCUSDT', '--data-dir', clean])
})

function recording(rows: readonly string[], name = `${shell.fresh()}.csv`): string {
  writeFileSync(name, `${[HEADER, ...rows].join('\n')}\n`)
  return name
}

/** Without a process of its own. */
function replay(file: string, dataDir: string): Promise<CommandEnd> {
  return command(['replay', file, '--symbol', 'BTCUSDT', '--json', '--data-dir', dataDir])
}

/** Expects the error as a document on stdout, and the same as a line for people on stderr. */
function expectFailure(ended: CommandEnd, named: string): void {
  const { error } = Failure.parse(JSON.parse(ended.stdout))
  expect(ended.stderr).toBe(`onay: ${error.message}; ${error.next}\n`)
  expectTrouble({ ...ended, stdout: '' }, named)
}

function directory(): string {
  const dir = shell.fresh()
  mkdirSync(dir)
  return dir
}

function written(text: string): string {
  const path = `${shell.fresh()}.csv`
  writeFileSync(path, text)
  return path
}

describe('a recording that cannot be read', () => {
  it.each<[string, () => string, string]>([
    ['that is not there', () => join(shell.fresh(), 'none.csv'), 'none.csv'],
    ['that is a directory', () => directory(), 'directory'],
    ['with other columns', () => written('time,price\n1,2\n'), 'ts_ms'],
    ['that is empty', () => written(''), 'empty'],
  ])('%s is told in one line', async (_, path, named) => {
    expectFailure(await replay(path(), shell.fresh()), named)
  })

  it('that breaks off keeps the rows before the break, and the whole file goes on from there', async () => {
    const whole = `${shell.fresh()}.csv.gz`
    const packed = gzipSync([HEADER, ...lines, ''].join('\n'))
    writeFileSync(whole, packed.subarray(0, Math.floor(packed.length / 2)))
    const dataDir = shell.fresh()
    expectFailure(await replay(whole, dataDir), whole)
    const kept = tables(dataDir).bars?.rows ?? 0
    expect(kept).toBeGreaterThan(DAY / 2)
    expect(kept).toBeLessThan(lines.length)

    writeFileSync(whole, packed)
    const { code, stdout, stderr } = await replay(whole, dataDir)
    expect(code, stderr).toBe(0)
    expect(Replayed.parse(JSON.parse(stdout))).toMatchObject({ bars: lines.length - kept, bad_rows: 0 })
    const [seen, wanted] = [tables(dataDir), tables(clean)]
    for (const table of MARKET) expect(seen[table]).toEqual(wanted[table])
  })
})

describe('a dirty recording', () => {
  it('has its late, doubled, future, negative and unreadable rows counted, and they change nothing', async () => {
    const at = (i: number): string => lines[i] ?? ''
    const shifted = (i: number, ms: number): string => at(i).replace(/^\d+/, (ts) => String(Number(ts) + ms))
    const edited = (i: number, column: number, value: string): string =>
      at(i)
        .split(',')
        .map((field, n) => (n === column ? value : field))
        .join(',')
    const dirty = lines.flatMap((line, i) => {
      if (i === 300) return [at(250), line]
      if (i === 500) return [line, line, line]
      if (i === 700) return [shifted(700, 400 * DAY * 60_000), line]
      if (i === 710) return [shifted(710, 3 * DAY * 60_000), line]
      if (i === 900) return [edited(900, 1, '-5'), edited(900, 5, '-1'), edited(900, 2, '0.5'), line]
      if (i === 1_100) return ['not a row', '1,2', edited(1_100, 4, 'x'), '', line]
      return [line]
    })
    const dataDir = shell.fresh()
    const { code, stdout, stderr } = await replay(recording(dirty), dataDir)
    expect(code, stderr).toBe(0)
    const counted = Replayed.parse(JSON.parse(stdout))
    expect(counted.bars).toBe(lines.length)
    expect(counted.late + counted.duplicates).toBe(3)
    expect(counted.future).toBe(1)
    expect(counted.bad_rows).toBeGreaterThanOrEqual(7)
    expect(stdout).toContain('{"fault":"wild_time","rows":1,"line":705,')
    expect(counted.gaps).toBe(0)
    const [seen, wanted] = [tables(dataDir), tables(clean)]
    for (const table of MARKET) expect(seen[table]).toEqual(wanted[table])
  })

  it('has its gaps counted and named', async () => {
    const dataDir = shell.fresh()
    const gappy = lines.filter((_, i) => i !== 200 && !(i >= 600 && i < 640) && !(i >= 1_500 && i < 1_503))
    const { stdout } = await replay(recording(gappy), dataDir)
    expect(Replayed.parse(JSON.parse(stdout))).toMatchObject({ bars: lines.length - 44, gaps: 3, bad_rows: 0 })
    expect(await commandJson(['features', '--data-dir', dataDir])).toMatchObject({
      rows: lines.length - 44,
      gaps: [{ minutes: 1 }, { minutes: 40 }, { minutes: 3 }],
    })
  })
})

describe('a data directory', () => {
  const ROOM = ['serve', '--port', '0', '--data-dir']

  it('below a file cannot be made', async () => {
    const file = recording([])
    expectTrouble(await shell.process([...ROOM, join(file, 'data')]), 'data')
    expectTrouble(await command(['gates', '--data-dir', join(file, 'data')]), 'data')
  })

  it('that may not be written is told', async () => {
    const dataDir = shell.copy(clean)
    chmodSync(dataDir, 0o555)
    const ended = await shell.process([...ROOM, dataDir], uidOfSomebody(dirname(dataDir)))
    chmodSync(dataDir, 0o755)
    expectTrouble(ended, dataDir)
  })

  async function expectLeftAlone(dataDir: string, named: string): Promise<void> {
    const before = fileDigests(dataDir, (path) => path === 'onay.db')
    expectTrouble(await shell.process([...ROOM, dataDir]), named)
    for (const name of ['gates', 'retrain']) expectTrouble(await command([name, '--data-dir', dataDir]), named)
    expect(fileDigests(dataDir, (path) => path === 'onay.db')).toEqual(before)
  }

  it('of a newer onay is refused and left as it is', async () => {
    const dataDir = shell.copy(clean)
    const db = new Sqlite(databaseIn(dataDir))
    db.pragma('user_version = 999')
    db.close()
    await expectLeftAlone(dataDir, '999')
  })

  it('whose database was cut in half is refused and left byte for byte', async () => {
    const dataDir = shell.copy(clean)
    const path = databaseIn(dataDir)
    truncateSync(path, Math.floor(readFileSync(path).length / 2))
    await expectLeftAlone(dataDir, 'damaged')
  })

  it('whose database is random bytes is refused and left byte for byte', async () => {
    const dataDir = shell.copy(clean)
    writeFileSync(
      databaseIn(dataDir),
      Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919 + (i >> 3)) % 256)),
    )
    await expectLeftAlone(dataDir, 'damaged')
  })

  it('with bytes overwritten in the middle of its database is refused', async () => {
    const dataDir = shell.copy(clean)
    const bytes = readFileSync(databaseIn(dataDir))
    bytes.fill(0xaa, 8_192, 24_576)
    writeFileSync(databaseIn(dataDir), bytes)
    expectTrouble(await shell.process([...ROOM, dataDir]), 'damaged')
    expect(readFileSync(databaseIn(dataDir)).equals(bytes)).toBe(true)
  })
})

describe('a full disk', () => {
  const mountable = canMount()

  /** A replay on a disk that is full after some hundred rows; then `act`, while the disk is still there. */
  async function onSmallDisk(act: (dataDir: string, ended: CommandEnd) => Promise<void> | void): Promise<void> {
    const dataDir = directory()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2500k', 'tmpfs', dataDir])
    try {
      await act(dataDir, await replay(twoDays, dataDir))
    } finally {
      execFileSync('umount', [dataDir])
    }
  }

  it.skipIf(!mountable)('is told in one line', () => onSmallDisk((_, ended) => expectFailure(ended, 'full')))

  it.skipIf(!mountable)('loses nothing that was committed, and the run goes on once there is room', () =>
    onSmallDisk(async (dataDir, full) => {
      expect(full.code).toBe(3)
      expect(full.stderr).toContain('full')
      expect(damageOf(dataDir, 'integrity_check')).toBe('ok')
      execFileSync('mount', ['-o', 'remount,size=40m', dataDir])
      const { code, stderr } = await replay(twoDays, dataDir)
      expect(code, stderr).toBe(0)
      const [seen, wanted] = [tables(dataDir), tables(clean)]
      for (const table of MARKET) expect(seen[table]).toEqual(wanted[table])
    }),
  )
})
