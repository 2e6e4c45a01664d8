import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { fileFingerprint, openBarsFile } from '../../src/feeds/bars-file.ts'
import type { WrittenRow } from '../../src/feeds/bars-row.ts'
import { asSomebody } from '../kit/somebody.ts'

const HEADER = 'ts_ms,open,high,low,close,volume'
const ROW = '1747612800000,103.5,104,102.25,103,1.5'
const BAR = { time: 1_747_612_800_000, open: 103.5, high: 104, low: 102.25, close: 103, volume: 1.5 }

let dir: string
let made = 0

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onay-bars-'))
})

afterAll(() => rmSync(dir, { recursive: true }))

function file(content: string | Uint8Array): string {
  const path = join(dir, `recording-${made++}.csv`)
  writeFileSync(path, content)
  return path
}

async function read(path: string, skipLines = 0): Promise<{ rows: WrittenRow[]; sizes: number[]; error: unknown }> {
  const rows: WrittenRow[] = []
  const sizes: number[] = []
  try {
    for await (const chunk of openBarsFile(path, { skipLines })) {
      rows.push(...chunk.rows)
      sizes.push(chunk.rows.length)
    }
  } catch (error) {
    return { rows, sizes, error }
  }
  return { rows, sizes, error: null }
}

async function failure(path: string): Promise<OperatorError> {
  const { error } = await read(path)
  if (!(error instanceof OperatorError)) throw new Error(`no OperatorError but ${String(error)}`)
  return error
}

/** `count` rows of digits that gzip cannot pack away, so that the file spans many pieces. */
function noisy(count: number): string {
  let seed = 7
  const digits = (): string => {
    seed = (seed * 48_271) % 2_147_483_647
    return `${seed / 1000}`
  }
  const rows = Array.from(
    { length: count },
    (_, i) => `${i * 60_000},${digits()},${digits()},${digits()},${digits()},${digits()}`,
  )
  return `${HEADER}\n${rows.join('\n')}\n`
}

describe('a recording of bars', () => {
  it('is read by its header: columns in any order, further ones ignored', async () => {
    const path = file('volume,close,trades,ts_ms,low,high,open\n1.5,103,17,1747612800000,102.25,104,103.5\n')
    expect((await read(path)).rows).toEqual([{ line: 2, bar: BAR }])
  })

  it('may have a byte order mark, CRLF, quotes, padding, blank lines and no last line feed', async () => {
    const path = file(
      `\uFEFF"ts_ms", open,high,low,close,volume\r\n\r\n${ROW}\r\n\n"1747612800000","103.5",104, 102.25 ,103,1.5`,
    )
    expect((await read(path)).rows).toEqual([
      { line: 3, bar: BAR },
      { line: 5, bar: BAR },
    ])
  })

  it('is known to be gzip by its first bytes, whatever it is called, in one member or several', async () => {
    const expected = [
      { line: 2, bar: BAR },
      { line: 3, bar: BAR },
    ]
    const text = `${HEADER}\n${ROW}\n`
    expect((await read(file(gzipSync(`${text}${ROW}\n`)))).rows).toEqual(expected)
    expect((await read(file(Buffer.concat([gzipSync(text), gzipSync(ROW)])))).rows).toEqual(expected)
  })

  it('comes in chunks of at most 1,000 rows, the same for a packed file', async () => {
    const text = noisy(12_345)
    const plain = await read(file(text))
    const packed = await read(file(gzipSync(text)))
    expect(plain.error).toBeNull()
    expect(plain.rows).toHaveLength(12_345)
    expect(Math.max(...plain.sizes)).toBe(1_000)
    expect(plain.sizes).toHaveLength(13)
    expect(packed).toEqual(plain)
  })

  it('goes on after the lines that were read before', async () => {
    const path = file(noisy(2_500))
    const all = await read(path)
    for (const skip of [0, 1, 2, 1_000, 2_500, 2_501, 9_999]) {
      expect((await read(path, skip)).rows).toEqual(all.rows.filter((row) => row.line > skip))
    }
  })

  it('names every row that is not well formed by its line, and keeps the others', async () => {
    const bad = [
      '1747612800000,103.5,104,102.25,103',
      `${ROW},7`,
      '1747612800000,,104,102.25,103,1.5',
      '1747612800000, ,104,102.25,103,1.5',
      '1747612800000,NaN,104,102.25,103,1.5',
      '1747612800000,Infinity,104,102.25,103,1.5',
      '1747612800000,1e999,104,102.25,103,1.5',
      '1747612800000,0x10,104,102.25,103,1.5',
      '1747612800000,null,104,102.25,103,1.5',
      '1747612800000,"1,103.5",104,102.25,103,1.5',
      "1747612800000,1'103.5,104,102.25,103,1.5",
      '1747612800000,1 103.5,104,102.25,103,1.5',
      '1747612800000.5,103.5,104,102.25,103,1.5',
      '99999999999999999999999,103.5,104,102.25,103,1.5',
      '2025-05-19T00:00:00Z,103.5,104,102.25,103,1.5',
      '"1747612800000,103.5,104,102.25,103,1.5',
      'half a line',
    ]
    const { rows, error } = await read(file(`${HEADER}\n${bad.join('\n')}\n${ROW}\n`))
    expect(error).toBeNull()
    expect(rows.slice(0, -1)).toEqual(bad.map((text, i) => ({ line: i + 2, fault: 'unparsable', text })))
    expect(rows.at(-1)).toEqual({ line: bad.length + 2, bar: BAR })
  })

  it('leaves what a price may be to the market', async () => {
    const { rows } = await read(file(`${HEADER}\n-60000,-1,0,+.5,1e-3,-2.\n`))
    expect(rows).toEqual([{ line: 2, bar: { time: -60_000, open: -1, high: 0, low: 0.5, close: 0.001, volume: -2 } }])
  })

  it('quotes at most 80 characters of a bad row', async () => {
    const { rows } = await read(file(`${HEADER}\n${'x'.repeat(500)}\n`))
    expect(rows).toEqual([{ line: 2, fault: 'unparsable', text: `${'x'.repeat(77)}...` }])
  })

  it('gives back any finite numbers that were written', async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })
    const row = fc.tuple(fc.maxSafeInteger(), number, number, number, number, number)
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 50 }), fc.boolean(), async (written, packed) => {
        const text = [HEADER, ...written.map((fields) => fields.join(','))].join('\n')
        const { rows } = await read(file(packed ? gzipSync(text) : text))
        const expected = written.map(([tsMs, open, high, low, close, volume], i) => ({
          line: i + 2,
          bar: { time: tsMs, open: open + 0, high: high + 0, low: low + 0, close: close + 0, volume: volume + 0 },
        }))
        expect(rows).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })
})

describe('a recording that cannot be read', () => {
  it('says that the file does not exist, or that it is a directory', async () => {
    expect((await failure(join(dir, 'nothing.csv'))).why).toBe('the file does not exist')
    expect((await failure(dir)).why).toBe('it is a directory')
    await expect(fileFingerprint(join(dir, 'nothing.csv'))).rejects.toThrow('the file does not exist')
  })

  it('says at once that it is a pipe or a device, and waits for neither', async () => {
    const pipe = join(dir, 'pipe.csv')
    execFileSync('mkfifo', [pipe])
    expect(await failure(pipe)).toMatchObject({ code: 'not_a_file', why: expect.stringContaining('a pipe') })
    await expect(fileFingerprint(pipe)).rejects.toThrow('a pipe')
    await expect(fileFingerprint('/dev/zero')).rejects.toThrow('a device')
  })

  it('says that reading it is not allowed', async () => {
    const path = file(ROW)
    chmodSync(path, 0)
    expect((await asSomebody(dir, () => failure(path))).why).toBe('reading it is not allowed')
  })

  it('says that it is empty', async () => {
    for (const content of ['', '\n\r\n', '\uFEFF', gzipSync('')])
      expect((await failure(file(content))).code).toBe('empty')
    expect(await read(file(`${HEADER}\n`))).toEqual({ rows: [], sizes: [], error: null })
  })

  it('names the columns that are missing or stand twice, and shows what it found', async () => {
    const error = await failure(file('time;open;high\n'))
    expect(error.what).toContain('ts_ms, open, high, low, close, volume')
    expect(error.why).toContain('time;open;high')
    expect((await failure(file('ts_ms,open,high,low,close\n'))).what).toMatch(/no column volume$/)
    expect((await failure(file(`${HEADER},close\n`))).what).toMatch(/close more than once/)
  })

  it('says that it is not text', async () => {
    for (const content of [
      Buffer.from([0x50, 0x4b, 3, 4, 0, 0]),
      Buffer.from(`\uFEFF${HEADER}\n`, 'utf16le'),
      gzipSync('PAR1\0\0'),
    ]) {
      expect((await failure(file(content))).code).toBe('not_text')
    }
    expect((await failure(file('x'.repeat(200_000)))).why).toContain('line 1 is longer')
  })

  it.each(['cut short', 'damaged'])(
    'yields the rows before the break, then says in which line: gzip %s',
    async (how) => {
      const packed = gzipSync(noisy(20_000))
      const half = Math.floor(packed.length / 2)
      const broken = how === 'cut short' ? packed.subarray(0, half) : Buffer.from(packed)
      if (how === 'damaged') broken.fill(0xff, half, half + 500)
      const { rows, error } = await read(file(broken))
      const whole = await read(file(noisy(20_000)))
      expect(rows.length).toBeGreaterThan(5_000)
      expect(rows.length).toBeLessThan(20_000)
      const sound = how === 'cut short' ? rows : rows.slice(0, 5_000)
      expect(sound).toEqual(whole.rows.slice(0, sound.length))
      expect(error).toBeInstanceOf(OperatorError)
      expect(String(error)).toContain(`is cut short after line ${rows.at(-1)?.line}`)
    },
  )
})

describe('a reading that is told to end', () => {
  it('ends between two pieces, however many lines are blank', async () => {
    const path = file(gzipSync(`${HEADER}\n${'\n'.repeat(20_000_000)}`))
    const stop = new AbortController()
    const reading = openBarsFile(path, { skipLines: 0, signal: stop.signal }).next()
    stop.abort()
    await expect(reading).rejects.toThrow('aborted')
    await expect(fileFingerprint(path, stop.signal)).rejects.toThrow('aborted')
  })
})

describe('a file', () => {
  it('is known by the SHA-256 of its bytes and their number', async () => {
    expect(await fileFingerprint(file('abc'))).toEqual({
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      bytes: 3,
    })
  })

  it.runIf(process.platform === 'linux')('is closed when the loop is left, at the end and after an error', async () => {
    const text = noisy(20_000)
    const paths = [file(text), file(gzipSync(text)), file(gzipSync(text).subarray(0, 100_000)), file('a,b\n')]
    for (const path of paths) {
      await read(path)
      try {
        for await (const chunk of openBarsFile(path, { skipLines: 0 })) if (chunk.rows.length > 0) break
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(OperatorError)
      }
    }
    expect(openFiles().filter((name) => paths.includes(name))).toEqual([])
  })
})

function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
}
