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
  return Object.entries(value).flatMap(([key, part]) => wordsOf(name === '' ? key : `${name}.${key}`, part, depth + 1))
}

/** `psi 0.035, canary.match_rate 0.9986` */
export function figureWords(figures: Readonly<Record<string, unknown>>): string {
  const words = wordsOf('', figures, 0)
  const more = words.length - MAX_FIGURES
  return [...words.slice(0, MAX_FIGURES), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}
