/** JSON that is the same bytes for the same value, so that its hash means something. */
import { createHash } from 'node:crypto'
import serialise from 'canonicalize'

/** The package is CommonJS with the types of an ES module: what is imported is the function, despite its types. */
const rfc8785 = serialise as unknown as (value: unknown) => string

const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Canonical JSON by RFC 8785: keys in the order of their UTF-16 units, shortest numbers, no blanks. A property that is
 * undefined is left out, as in JSON.stringify; nothing else disappears or turns into null on the way.
 * @throws TypeError naming the path of a value that JSON cannot hold: NaN, an infinity, undefined in an array or at the top,
 *   a function, symbol or bigint, half of a surrogate pair, a typed array, map or other object that is not plain, a circle
 */
export function canonicalJson(value: unknown): string {
  const unfit = unfitIn(value, [])
  if (unfit !== null) throw new TypeError(`canonical JSON cannot hold ${unfit.found} at $${unfit.path}`)
  return rfc8785(value)
}

/** SHA-256 in 64 lower-case hex digits; a text is hashed as UTF-8. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

interface Unfit {
  readonly found: string
  /** From the value that was looked at to the one that does not fit. */
  readonly path: string
}

/** The first value that JSON cannot hold. Paths are put together on the way back: nearly every value fits. */
function unfitIn(value: unknown, parents: readonly object[]): Unfit | null {
  if (value === null || typeof value === 'boolean') return null
  if (typeof value === 'string') return LONE_SURROGATE.test(value) ? here('half of a surrogate pair') : null
  if (typeof value === 'number') return Number.isFinite(value) ? null : here(String(value))
  if (typeof value !== 'object') return here(typeof value)
  if (parents.includes(value)) return here('a circle')
  const within = [...parents, value]
  if (Array.isArray(value)) {
    // Not forEach: it would pass over the holes of a sparse array.
    for (let i = 0; i < value.length; i++) {
      const unfit = unfitIn(value[i], within)
      if (unfit !== null) return { ...unfit, path: `[${i}]${unfit.path}` }
    }
    return null
  }
  if (!isPlain(value)) return here(`a ${value.constructor.name}`)
  for (const [key, member] of Object.entries(value)) {
    if (LONE_SURROGATE.test(key)) return here('a key with half of a surrogate pair')
    const unfit = member === undefined ? null : unfitIn(member, within)
    if (unfit !== null) return { ...unfit, path: `.${key}${unfit.path}` }
  }
  return null
}

function here(found: string): Unfit {
  return { found, path: '' }
}

/** A typed array or a map would be written as an object of its indices, or as an empty one. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
