import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readOutcomes, refuseContradictions } from '../../src/cli/outcomes-file.ts'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { freshDirectories } from '../kit/directories.ts'
import { MINUTE, START } from '../kit/moments.ts'

const fresh = freshDirectories()
const HOW = { wallMs: START + 1e12, signal: new AbortController().signal }

function written(content: string | Uint8Array): string {
  const path = `${fresh()}.csv`
  writeFileSync(path, content)
  return path
}

const BY_MINUTE = Array.from({ length: 20_000 }, (_, i) => `${START + i * MINUTE},${(i * 7) % 3 === 0 ? 1 : 0}\n`)
const BY_KEY = BY_MINUTE.map((line, i) => `order-${(i * 2_654_435_761) % 1e9}${line.slice(-3)}`)

describe('a file of outcomes', () => {
  it.each([
    ['ts_ms,label', BY_MINUTE],
    ['key,label', BY_KEY],
  ])('of %s is read with CRLF, a byte order mark and gzip', async (header, lines) => {
    const plain = await readOutcomes(written(`${header}\n${lines.join('')}`), HOW)
    expect(plain).toHaveLength(lines.length)
    const odd = `\uFEFF${header}\r\n${lines.join('').replaceAll('\n', '\r\n')}`
    expect(await readOutcomes(written(gzipSync(odd)), HOW)).toEqual(plain)
  })

  it.each([
    ['ts_ms,label', BY_MINUTE],
    ['key,label', BY_KEY],
  ])('of %s whose gzip breaks off is refused in words', async (header, lines) => {
    const packed = gzipSync(`${header}\n${lines.join('')}`)
    for (const share of [0.0005, 0.5, 0.99]) {
      const path = written(packed.subarray(0, Math.ceil(packed.length * share) + 2))
      await expect(readOutcomes(path, HOW)).rejects.toThrow(OperatorError)
    }
  })

  it.each([
    ['id,label,note\n', 'its columns are id, label, note; give it two: label, and ts_ms or in CSV id or key'],
    ['ts_ms;label\n1;1\n', 'its columns are ts_ms;label'],
    ['ts_ms,label,weight\n', 'its columns are ts_ms, label, weight'],
    ['', 'it is empty'],
  ])('headed %j is refused with what it needs', async (content, words) => {
    await expect(readOutcomes(written(content), HOW)).rejects.toThrow(words)
  })

  it('is refused where a line has more cells than the header names: its label could be another cell', async () => {
    await expect(readOutcomes(written('key,label\nabc,1\nabd,1,0\n'), HOW)).rejects.toThrow(
      'line 3: it has 3 cells, the header 2',
    )
  })

  it('may name a minute by several keys, of the same label', () => {
    const one = (label: 0 | 1) => ({ tsMs: START, label })
    expect(() => refuseContradictions('f', [one(1), one(1), { tsMs: START + MINUTE, label: 0 }])).not.toThrow()
    expect(() => refuseContradictions('f', [one(1), one(0)])).toThrow('is given twice, with different labels')
  })
})
