/** A source of chance: uniform numbers in [0, 1). */
export interface Random {
  next(): number
}

/**
 * A seeded generator (sfc32, Chris Doty-Humphrey's Small Fast Counting generator): the same seed gives the same draws on
 * every machine. Statistical use only, never secrets.
 */
export function seededRandom(seed: number): Random {
  let a = 0
  let b = 0x9e3779b9 | 0
  let c = seed | 0
  let d = 1
  const draw = (): number => {
    const t = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 12; i++) draw()
  return { next: draw }
}

/** A whole number in [0, below). */
export function randomInt(random: Random, below: number): number {
  return Math.floor(random.next() * below)
}

/**
 * At most `count` of the items, none twice, in the order in which they were drawn. The beginning of a Fisher-Yates shuffle:
 * each draw is uniform among what is left.
 */
export function drawWithout<T>(items: readonly T[], count: number, random: Random): T[] {
  const places = Int32Array.from(items.keys())
  const drawn = Math.min(count, places.length)
  for (let i = 0; i < drawn; i++) {
    const j = i + randomInt(random, places.length - i)
    const place = places[j] ?? 0
    places[j] = places[i] ?? 0
    places[i] = place
  }
  return [...places.subarray(0, drawn)].flatMap((place) => items.slice(place, place + 1))
}

/** Chance from the machine, for names that must differ between runs. */
export const machineRandom: Random = { next: () => Math.random() }
