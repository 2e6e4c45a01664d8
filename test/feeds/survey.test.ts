import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { recordedRow } from '../../src/feeds/recording.ts'
import { openBars } from '../../src/feeds/bars-parquet.ts'
import { refuseFuture, type Survey, surveyLines, surveyOf } from '../../src/feeds/survey.ts'
import { freshDirectories } from '../kit/directories.ts'
import { DAY, MINUTE, START } from '../kit/moments.ts'

const fresh = freshDirectories()
const NUMBERS = '1,2,0.5,1.5,10'
const YEAR_2100 = Date.parse('2100-01-01T00:00:00Z')
const YEAR_9999 = Date.parse('9999-12-31T23:59:00Z')

function file(times: readonly (number | string)[]): string {
  return text(times.map((time) => `${time},${NUMBERS}`))
}

function text(lines: readonly string[]): string {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  const path = join(dir, 'bars.csv')
  writeFileSync(path, `ts_ms,open,high,low,close,volume\n${lines.join('\n')}\n`)
  return path
}

/** Minutes one after the other. */
const minutes = (count: number, fromMs = START): number[] =>
  Array.from({ length: count }, (_, i) => fromMs + i * MINUTE)

/** The times that are taken in, in the file's order. */
async function taken(survey: Survey): Promise<number[]> {
  const times: number[] = []
  for await (const { rows } of openBars(survey.path, { skipLines: 0 }))
    for (const written of rows) {
      const row = recordedRow(written, survey)
      if ('bar' in row) times.push(row.bar.tsMs)
    }
  return times
}

async function refused(path: string): Promise<OperatorError> {
  const error: unknown = await surveyOf(path).catch((thrown: unknown) => thrown)
  if (error instanceof OperatorError) return error
  throw new Error(`not refused: ${String(error)}`)
}

describe('the times of a recording', () => {
  it.each([
    ['s', 'seconds', (ms: number) => `${ms / 1_000}`],
    ['us', 'microseconds', (ms: number) => `${ms}000`],
    ['ns', 'nanoseconds', (ms: number) => `${ms}000000`],
  ] as const)('are recognised in %s by the rows of the file, converted, and said so', async (unit, name, written) => {
    const times = minutes(200)
    const survey = await surveyOf(file(times.map(written)))
    expect(survey).toMatchObject({ unit, rows: 200, sound: 200, faults: [] })
    expect(survey.span).toEqual({ firstMs: START, lastMs: START + 199 * MINUTE })
    expect(surveyLines(survey)).toEqual([`times are in ${name} and were converted`])
    expect(await taken(survey)).toEqual(times)
  })

  it('keep the last microsecond of a minute in it', async () => {
    const survey = await surveyOf(file([...minutes(20).map((ms) => `${ms}000`), `${START + 30 * MINUTE - 1}999`]))
    expect(survey).toMatchObject({ unit: 'us', sound: 20, faults: [{ fault: 'off_minute', rows: 1, line: 22 }] })
  })

  it('are recognised in Parquet, where they are 64 bits wide', async () => {
    const path = join(fresh(), '..', 'nanoseconds.parquet')
    const prices = ['open', 'high', 'low', 'close', 'volume'].map((name) => ({
      name,
      data: Array.from({ length: 50 }, () => 1),
      type: 'DOUBLE' as const,
    }))
    const data = minutes(50).map((ms) => BigInt(ms) * 1_000_000n)
    const columnData = [{ name: 'ts_ms', data, type: 'INT64' as const }, ...prices]
    writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData })))
    const survey = await surveyOf(path)
    expect(survey).toMatchObject({ unit: 'ns', sound: 50 })
    expect(await taken(survey)).toEqual(minutes(50))
  })

  it('are not taken where they are in two units: each is named, with its count and first line', async () => {
    const error = await refused(file([...minutes(300), ...minutes(200, START + DAY).map((ms) => `${ms}000`)]))
    expect(error.code).toBe('mixed_units')
    expect(error.why).toBe(
      'of its rows, 300 in milliseconds (first on line 2) and 200 in microseconds (first on line 302)',
    )
  })
})

describe('a wild time', () => {
  const wild = [YEAR_2100, YEAR_9999, START * 1_000, START / 1_000, 0, START - 4_000 * DAY, START + 60 * DAY]

  it('is dropped and named wherever it stands, one or several of them, and every other row is kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...wild), fc.nat(600)), { minLength: 1, maxLength: 4 }),
        async (strays) => {
          const sound = minutes(600)
          const lines: { time: number; wild: boolean }[] = sound.map((time) => ({ time, wild: false }))
          for (const [time, at] of strays) lines.splice(at, 0, { time, wild: true })
          const survey = await surveyOf(file(lines.map(({ time }) => time)))
          const first = lines.findIndex((line) => line.wild)
          expect(await taken(survey)).toEqual(sound)
          expect(survey.faults).toEqual([
            { fault: 'wild_time', rows: strays.length, line: first + 2, text: `${lines[first]?.time}` },
          ])
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is a tail of the year 2100 too, hours of it', async () => {
    const survey = await surveyOf(file([...minutes(5_000), ...minutes(500, YEAR_2100)]))
    expect(survey).toMatchObject({ sound: 5_000, faults: [{ fault: 'wild_time', rows: 500, line: 5_002 }] })
    expect(survey.span?.lastMs).toBe(START + 4_999 * MINUTE)
  })

  it('is not a gap: weeks, months and years are believed when bars go on behind them, and the last bar after days', async () => {
    for (const [gap, before, after] of [
      [3 * DAY, 10, 1],
      [21 * DAY, 3_000, 10],
      [21 * DAY, 10, 3_000],
      [150 * DAY, 3_000, 60],
      [150 * DAY, 60, 3_000],
      [800 * DAY, 3_000, 200],
    ] as const) {
      const times = [...minutes(before), ...minutes(after, START + before * MINUTE + gap)]
      const survey = await surveyOf(file(times))
      expect(survey.faults, `${gap / DAY} days`).toEqual([])
      expect(await taken(survey)).toEqual(times)
    }
  })
})

describe('a recording of the future', () => {
  const untilEver = Number.POSITIVE_INFINITY

  it('is refused with both clocks, since nobody can tell which is wrong; a named end is an answer', async () => {
    const survey = await surveyOf(file(minutes(100, YEAR_2100)))
    expect(survey.faults).toEqual([])
    expect(() => refuseFuture(survey, START, untilEver)).toThrow(
      /goes on to 2100-01-01.*clock says 2025-05-05.*--until/,
    )
    expect(() => refuseFuture(survey, START, YEAR_2100 + DAY)).not.toThrow()
  })

  it('is not one that ends a little ahead: clocks differ', async () => {
    const survey = await surveyOf(file(minutes(100)))
    expect(() => refuseFuture(survey, START, untilEver)).not.toThrow()
    expect(() => refuseFuture(survey, START - 2 * DAY, untilEver)).toThrow(OperatorError)
  })
})

describe('a recording without a sound row', () => {
  it('is refused with the reasons, their counts, and the first line of each', async () => {
    const negative = (i: number): string => `${START + i * MINUTE},-1,2,0.5,1.5,10`
    const error = await refused(text([negative(0), 'half a line', negative(1), negative(2)]))
    expect(error.code).toBe('no_sound_row')
    expect(error.why).toBe(
      `4 rows were read: price: 3 rows, first on line 2 (${negative(0)}); unparsable: 1 row, on line 3 (half a line)`,
    )
  })

  it('is refused when it has no row at all', async () => {
    const dir = fresh()
    mkdirSync(dir, { recursive: true })
    const path = join(dir, 'header.csv')
    writeFileSync(path, 'ts_ms,open,high,low,close,volume\n')
    expect(await refused(path)).toMatchObject({ code: 'empty' })
  })
})
