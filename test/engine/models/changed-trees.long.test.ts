/** Files that somebody has changed, by chance or not: each is read as what it says now, or refused, and never leads a walk astray. */
import { assert, constantFrom, integer, oneof, property, record, type Arbitrary } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { probabilityOf, readTreeFile } from '../../../src/engine/models/tree-file.ts'
import { everySaved } from '../../kit/saved-trees.ts'

type Change = (text: string) => string

const place = integer({ min: 0, max: 2 ** 30 })
const change: Arbitrary<Change> = oneof(
  record({
    at: place,
    by: constantFrom('0', '-1', '9', '999999999', '"', '[', '}', '=', ' ', '\n', 'NaN', 'e', ''),
  }).map(
    ({ at, by }) =>
      (text: string) =>
        `${text.slice(0, at % text.length)}${by}${text.slice((at % text.length) + 1)}`,
  ),
  record({ from: place, length: integer({ min: 1, max: 3_000 }) }).map(
    ({ from, length }) =>
      (text: string) =>
        `${text.slice(0, from % text.length)}${text.slice((from % text.length) + length)}`,
  ),
  // A number among the lists becomes another.
  record({ at: place, by: constantFrom('0', '1', '-1', '-2', '3', '7', '1e9', '2147483648', 'NaN', 'null', '-0') }).map(
    ({ at, by }) =>
      (text: string) => {
        const from = at % text.length
        const found = /[[, =]-?\d[\d.eE+-]*/.exec(text.slice(from))
        if (found === null) return text
        const begin = from + found.index + 1
        return `${text.slice(0, begin)}${by}${text.slice(begin + found[0].length - 1)}`
      },
  ),
)

describe('a changed file', () => {
  it.each(everySaved())('$name: is refused in a sentence, or gives a probability for every row', ({ text, rows }) => {
    const seen = { read: 0, refused: 0 }
    assert(
      property(change, (by) => {
        let file: ReturnType<typeof readTreeFile>
        try {
          file = readTreeFile(by(text))
        } catch (error) {
          expect(error).toSatisfy((thrown) => thrown instanceof RangeError || thrown instanceof TypeError)
          expect(String(error)).not.toMatch(/undefined|call stack|\n/)
          seen.refused++
          return
        }
        seen.read++
        for (const row of rows.slice(0, 20)) {
          const wide = new Float64Array(file.width).fill(Number.NaN)
          wide.set(row.subarray(0, file.width))
          const p = probabilityOf(file, wide)
          expect(p >= 0 && p <= 1).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
    expect(seen.refused).toBeGreaterThan(10)
    expect(seen.read).toBeGreaterThan(10)
  })
})
