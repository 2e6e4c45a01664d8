import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { FeatureLog, type LoggedRow } from '../../src/evidence/feature-log.ts'
import { fileSha256 } from '../../src/evidence/files.ts'
import { fullAfter } from '../kit/file-calls.ts'

const COLUMNS = ['mid', 'vol1m']
const HEADER = { symbol: 'BTCUSDT', clock: 'replay', onay_version: '0.1.0' }
const MIDNIGHT = Date.UTC(2025, 4, 19)

let dir: string
let opened: FeatureLog[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'onay-log-'))
  opened = []
})

afterEach(() => {
  for (const log of opened) log.close()
  rmSync(dir, { recursive: true })
})

function open(header: object = HEADER, columns: readonly string[] = COLUMNS): FeatureLog {
  const log = new FeatureLog({ dir, header, columns })
  opened.push(log)
  return log
}

function row(minute: number, mid = 100 + minute / 8): LoggedRow {
  return { tsMs: MIDNIGHT + minute * MINUTE_MS, values: Float64Array.of(mid, Number.NaN) }
}

function minutes(from: number, until: number, step = 1): LoggedRow[] {
  const rows: LoggedRow[] = []
  for (let minute = from; minute < until; minute += step) rows.push(row(minute))
  return rows
}

function lines(name = 'features_raw.log'): readonly unknown[] {
  const text = readFileSync(join(dir, name), 'utf8')
  return text
    .slice(0, -1)
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

function contents(): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]))
}

describe('the feature log', () => {
  it('of a disk that was full within a row goes on behind the last whole one', () => {
    const log = open()
    log.append(minutes(0, 2))
    const before = contents()
    fullAfter(10, () => {
      expect(() => log.append(minutes(2, 3))).toThrow(OperatorError)
    })
    expect(contents()).toEqual(before)
    log.append(minutes(2, 3))
    expect(lines()).toHaveLength(4)
  })

  it('has a header line and one line a row, null for what is missing', () => {
    const log = open()
    expect(log.lastTsMs()).toBeNull()
    expect(
      log.append([row(0), { tsMs: MIDNIGHT + MINUTE_MS, values: Float64Array.of(-1.5e-9, Number.POSITIVE_INFINITY) }]),
    ).toEqual([])
    expect(lines()).toEqual([
      { schema: 'features_raw/1', columns: COLUMNS, ...HEADER, date: '2025-05-19' },
      { ts_ms: MIDNIGHT, mid: 100, vol1m: null },
      { ts_ms: MIDNIGHT + MINUTE_MS, mid: -1.5e-9, vol1m: null },
    ])
    expect(log.lastTsMs()).toBe(MIDNIGHT + MINUTE_MS)
  })

  it('gives back every number that was written', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (mid) => {
        rmSync(join(dir, 'features_raw.log'), { force: true })
        const log = open()
        log.append([row(0, mid)])
        log.close()
        expect(lines()[1]).toEqual({ ts_ms: MIDNIGHT, mid: mid + 0, vol1m: null })
      }),
      { numRuns: 50 },
    )
  })

  it('begins a new file at the UTC day of the row, and gives the old one its date and final hash', () => {
    const log = open()
    const first = log.append([...minutes(0, 1440, 60), ...minutes(1440, 1441)])
    expect(first.map(({ path }) => path)).toEqual([join(dir, 'features_raw_2025-05-19.log')])
    const rest = log.append(minutes(1441, 4 * 1440, 60))
    expect(rest.map(({ path }) => path)).toEqual(
      ['20', '21'].map((day) => join(dir, `features_raw_2025-05-${day}.log`)),
    )
    for (const { path, sha256 } of [...first, ...rest]) expect(sha256).toBe(fileSha256(path))
    expect(lines('features_raw_2025-05-19.log')).toHaveLength(25)
    expect(lines()[0]).toMatchObject({ date: '2025-05-22' })
  })

  it('passes over days without rows', () => {
    const log = open()
    log.append([row(0), row(10 * 1440)])
    expect(readdirSync(dir).sort()).toEqual(['features_raw.log', 'features_raw_2025-05-19.log'])
    expect(lines()[0]).toMatchObject({ date: '2025-05-29' })
  })

  it('skips rows that it has, so that the same rows twice change nothing', () => {
    const log = open()
    log.append(minutes(0, 3000, 7))
    const before = contents()
    expect(log.append(minutes(0, 2990, 5))).toEqual([])
    expect(log.append([])).toEqual([])
    expect(contents()).toEqual(before)
  })
})

describe('the feature log after a crash', () => {
  it('ends with the same files wherever it was cut off, once the rows are given again', () => {
    const rows = minutes(0, 3000, 100)
    open().append(rows)
    const undisturbed = contents()
    const size = undisturbed['features_raw.log']?.length ?? 0
    expect(size).toBeGreaterThan(100)
    for (let bytes = 0; bytes <= size; bytes++) {
      truncateSync(join(dir, 'features_raw.log'), bytes)
      const log = open()
      log.append(rows)
      log.close()
      expect(contents()).toEqual(undisturbed)
    }
  })

  it('cuts off what a loss of power left behind, and knows the last whole row', () => {
    open().append(minutes(0, 3))
    const before = contents()
    appendFileSync(join(dir, 'features_raw.log'), `${'\0'.repeat(500)}\n{"ts_ms":17476\n[1]\n\n{"mid":`)
    expect(open().lastTsMs()).toBe(MIDNIGHT + 2 * MINUTE_MS)
    expect(contents()).toEqual(before)
  })

  it('knows the last row from the newest rotated file when the current one is not begun', () => {
    open().append([...minutes(0, 1440, 60), row(1440)])
    rmSync(join(dir, 'features_raw.log'))
    const log = open()
    expect(log.lastTsMs()).toBe(MIDNIGHT + 1380 * MINUTE_MS)
    expect(log.append([row(0), row(1440)])).toEqual([])
    expect(lines()).toHaveLength(2)
  })

  it('still reports a rotated file when the write after it failed', () => {
    const log = open()
    log.append([row(0)])
    writeFileSync(join(dir, 'features_raw_2025-05-20.log'), 'in the way')
    expect(() => log.append([row(1440), row(2880)])).toThrow(OperatorError)
    rmSync(join(dir, 'features_raw_2025-05-20.log'))
    const rotated = log.append([row(1440), row(2880)])
    expect(rotated.map(({ path }) => path)).toEqual(
      ['19', '20'].map((day) => join(dir, `features_raw_2025-05-${day}.log`)),
    )
    expect(lines()).toHaveLength(2)
  })
})

describe('the files of a feature log', () => {
  it('are refused when they are of another symbol or have other columns', () => {
    open().append([row(0)])
    expect(() => open({ ...HEADER, symbol: 'ETHUSDT' })).toThrow(/it is of another symbol/)
    expect(() => open(HEADER, ['mid'])).toThrow(/it has other columns/)
    expect(open({ ...HEADER, onay_version: '0.2.0' }).lastTsMs()).toBe(MIDNIGHT)
  })

  it('go on where columns were declared since: each line names its own', () => {
    open().append([row(0)])
    const more = open(HEADER, [...COLUMNS, 'funding_z'])
    expect(more.lastTsMs()).toBe(MIDNIGHT)
    more.append([{ tsMs: MIDNIGHT + 60_000, values: Float64Array.from([...COLUMNS.keys(), 7]) }])
    expect(lines().at(-1)).toMatchObject({ ts_ms: MIDNIGHT + 60_000, funding_z: 7 })
    expect(lines()).toHaveLength(3)
  })
})
