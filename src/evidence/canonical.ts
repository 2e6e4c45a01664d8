/** JSON that is the same bytes for the same value, so that its hash means something. */
import { createHash } from 'node:crypto'
import serialise from 'canonicalize'
import { hasHalfCharacter } from '../engine/kernel/characters.ts'

/** The package is CommonJS with the types of an ES module: what is imported is the function, despite its types. */
const rfc8785 = serialise as unknown as (value: unknown) => string

/**
 * Canonical JSON by RFC 8785: keys in the order of their UTF-16 units, shortest numbers, no blanks. A property that is
 * undefined is left out, as in JSON.stringify; nothing else disappears or turns into null on the way.
 * @throws TypeError naming the path of a value that JSON cannot hold: NaN, an infinity, undefined in an array or at the top,
 *   a function, symbol or bigint, half of a surrogate pair, a typed array, map or other object that is not plain, a circle
 */
export function canonicalJson(value: unknown): string {
  refuseUnfit(value, '$', [])
  return rfc8785(value)
}

/** SHA-256 in 64 lower-case hex digits; a text is hashed as UTF-8. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

function refuseUnfit(value: unknown, path: string, parents: readonly object[]): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') {
    if (hasHalfCharacter(value)) throw unfit(path, 'half of a surrogate pair')
    return
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unfit(path, String(value))
    return
  }
  if (typeof value !== 'object') throw unfit(path, typeof value)
  if (parents.includes(value)) throw unfit(path, 'a circle')
  const within = [...parents, value]
  if (Array.isArray(value)) {
    // Not forEach: it would pass over the holes of a sparse array.
    for (let i = 0; i < value.length; i++) refuseUnfit(value[i], `${path}[${i}]`, within)
    return
  }
  if (!isPlain(value)) throw unfit(path, `a ${value.constructor.name}`)
  for (const [key, member] of Object.entries(value)) {
    if (hasHalfCharacter(key)) throw unfit(path, 'a key with half of a surrogate pair')
    if (member !== undefined) refuseUnfit(member, `${path}.${key}`, within)
  }
}

/** A typed array or a map would be written as an object of its indices, or as an empty one. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function unfit(path: string, found: string): TypeError {
  return new TypeError(`canonical JSON cannot hold ${found} at ${path}`)
}
