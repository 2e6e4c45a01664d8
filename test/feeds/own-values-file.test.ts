import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ownValuesOf, type OwnValuesChunk } from '../../src/feeds/own-values-file.ts'
import { freshDirectories } from '../kit/directories.ts'
import { START } from '../kit/moments.ts'

const fresh = freshDirectories()
const FUTURE = START + 1_000_000_000

function written(content: string | Buffer): string {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  const path = join(dir, 'mine.csv')
  writeFileSync(path, content)
  return path
}

async function read(path: string): Promise<OwnValuesChunk[]> {
  const chunks: OwnValuesChunk[] = []
  for await (const chunk of ownValuesOf(path, FUTURE, new AbortController().signal)) chunks.push(chunk)
  return chunks
}

/** Time and values of each row. */
async function rowsOf(content: string | Buffer): Promise<(readonly [number, ...number[]])[]> {
  const chunks = await read(written(content))
  return chunks.flatMap(({ rows }) => rows.map(({ tsMs, values }) => [tsMs, ...values] as const))
}

describe('a file of features', () => {
  it('has a value a column and moment, wherever the time stands, plain or packed', async () => {
    const text = `a,ts_ms,b\n1.5,${START},-2\n\n3e-4,${START + 7},0\n`
    const expected = [
      [START, 1.5, -2],
      [START + 7, 0.0003, 0],
    ]
    expect(await rowsOf(text)).toEqual(expected)
    expect(await rowsOf(gzipSync(text))).toEqual(expected)
    expect((await read(written(text)))[0]?.names).toEqual(['a', 'b'])
  })

  it('knows a missing value by any of its names, and a time by seconds or as a date', async () => {
    const cells = ['', 'nan', 'NaN', 'None', 'null', 'N/A']
    const rows = await rowsOf(`ts_ms,a\n${cells.map((cell, i) => `${START + i},${cell}`).join('\n')}\n`)
    expect(rows.map(([, value]) => value)).toEqual(cells.map(() => Number.NaN))
    const date = new Date(START).toISOString()
    expect(await rowsOf(`ts_ms,a\n${START / 1_000},1\n${date},2\n`)).toEqual([
      [START, 1],
      [START, 2],
    ])
  })

  it('comes a thousand rows at a time', async () => {
    const lines = Array.from({ length: 2_500 }, (_, i) => `${START + i},${i}`)
    const chunks = await read(written(`ts_ms,a\n${lines.join('\n')}\n`))
    expect(chunks.map(({ rows }) => rows.length)).toEqual([1_000, 1_000, 500])
    expect(chunks.flatMap(({ rows }) => rows.map(({ values }) => values[0]))).toEqual([...lines.keys()])
  })

  it.each([
    ['a value without a time', `ts_ms,a\n${START},1\n,2\n`, /line 3: its ts_ms is not a time: it is empty/],
    ['a time that is not one', 'ts_ms,a\nsoon,2\n', /line 2: its ts_ms is not a time: soon/],
    ['a time in the future', `ts_ms,a\n${FUTURE},2\n`, /line 2: its time is in the future/],
    ['a value that is not a number', `ts_ms,a\n${START},high\n`, /line 2: its a is not a number: high/],
    ['an infinite value', `ts_ms,a\n${START},Infinity\n`, /line 2: its a is not a number: Infinity/],
    ['a row that is too short', `ts_ms,a,b\n${START},1\n`, /line 2: it has 2 cells, the header 3/],
    ['no time at all', 'time,a\n1,2\n', /it has no column ts_ms: it has time, a/],
    ['a time alone', `ts_ms\n${START}\n`, /it has ts_ms alone/],
    ['a column twice', `ts_ms,a,a\n${START},1,2\n`, /it has the column a twice/],
    ['nothing', '', /it is empty/],
  ])('is refused with %s, named by its line', async (_, content, said) => {
    const why = await rowsOf(content).then(String, (error: unknown) => JSON.stringify(error))
    expect(why).toMatch(said)
  })
})
