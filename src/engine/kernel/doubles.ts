/** Numbers as bytes that are stored, hashed and compared. */

/** The high half of the one NaN that is written; the low half is 0. */
const NAN_HIGH = 0x7ff80000

/**
 * The values as doubles in the machine's order, little-endian on every machine that Node runs on. Equal values give equal
 * bytes: which of its many NaNs the engine stores for a value that is missing depends on what it has compiled by then.
 */
export function bytesOfDoubles(values: Float64Array): Buffer {
  const copy = values.slice()
  const halves = new Uint32Array(copy.buffer)
  for (let i = 0; i < copy.length; i++) {
    if (!Number.isNaN(copy[i])) continue
    halves[2 * i] = 0
    halves[2 * i + 1] = NAN_HIGH
  }
  return Buffer.from(copy.buffer)
}
