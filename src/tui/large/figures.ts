/** The figures that an approval is bound to, in one run of words: nested names joined, what is unknown a dash. */
import { UNKNOWN } from '../format.ts'

const MAX_FIGURES = 200
const MAX_DEPTH = 6

function numberText(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
}

function wordsOf(name: string, value: unknown, depth: number): readonly string[] {
  if (value === null || value === undefined) return [`${name} ${UNKNOWN}`]
  if (typeof value === 'number') return [`${name} ${numberText(value)}`]
  if (typeof value === 'string' || typeof value === 'boolean') return [`${name} ${String(value)}`]
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return [`${name} ...`]
  return Object.entries(value).flatMap(([key, part]) => {
    const [called, rest] = Array.isArray(value) ? calledBy(key, part) : [key, part]
    return wordsOf(name === '' ? called : `${name}.${called}`, rest, depth + 1)
  })
}

/** A member of a list that has a name of its own goes by it and not by its place: `gates.psi`, and not `gates.0`. */
function calledBy(key: string, part: unknown): readonly [string, unknown] {
  if (typeof part !== 'object' || part === null || !('name' in part) || typeof part.name !== 'string')
    return [key, part]
  const { name, ...rest } = part
  return [name, rest]
}

/** `psi 0.035, canary.match_rate 0.9986` */
export function figureWords(figures: Readonly<Record<string, unknown>>): string {
  const words = wordsOf('', figures, 0)
  const more = words.length - MAX_FIGURES
  return [...words.slice(0, MAX_FIGURES), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}
