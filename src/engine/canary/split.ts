import { chi2Cdf } from '../stats/chi2.ts'

const TWO_TO_32 = 4_294_967_296

/**
 * The place of a key between 0 (inclusive) and 1 (exclusive): the same for the same salt and key on every machine, spread
 * evenly over keys, and unrelated between salts. Not for secrets.
 */
export function uniformOf(salt: string, key: string): number {
  return murmur3(key, murmur3(salt, 0)) / TWO_TO_32
}

/** Whether a key is within the share. Sticky: a key of a smaller share stays in as the share grows under the same salt. */
export function inShare(salt: string, key: string, share: number): boolean {
  return uniformOf(salt, key) < share
}

interface SplitTest {
  /** Share of the requests that fell inside, 0 to 1. */
  readonly realised: number
  /** How likely a split at least this far from the plan is by chance. */
  readonly pValue: number
}

/**
 * The realised share beside the planned one, by a chi-square test of two cells (1 degree of freedom). Requests that share
 * a key fall on one side together, so count each key once where keys recur.
 * @returns null while nothing has been counted
 * @throws RangeError unless 0 <= inside <= total and 0 <= share <= 1
 */
export function splitTest(
  counts: { readonly inside: number; readonly total: number },
  share: number,
): SplitTest | null {
  const { inside, total } = counts
  if (!(inside >= 0 && inside <= total)) throw new RangeError(`${inside} of ${total} is not a share`)
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share lies in 0 to 1, not ${share}`)
  if (total === 0) return null
  const realised = inside / total
  const expected = total * share
  const variance = expected * (1 - share)
  // A split of 0 or 1 leaves nothing to chance: one request on the wrong side refutes it.
  if (variance === 0) return { realised, pValue: inside === expected ? 1 : 0 }
  return { realised, pValue: 1 - chi2Cdf((inside - expected) ** 2 / variance, 1) }
}

/**
 * MurmurHash3_x86_32 (Appleby, public domain) of a text's UTF-16 code units, low byte first: two units make a block of
 * four bytes, a last odd unit is the tail.
 */
export function murmur3(text: string, seed: number): number {
  let hash = seed | 0
  const even = text.length & ~1
  for (let i = 0; i < even; i += 2) {
    hash ^= scrambled(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16))
    hash = (Math.imul(rotated(hash, 13), 5) + 0xe6546b64) | 0
  }
  if (even < text.length) hash ^= scrambled(text.charCodeAt(even))
  hash ^= text.length * 2
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scrambled(block: number): number {
  return Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593)
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}
