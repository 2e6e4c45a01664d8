/** Ends a switch over a union: the compiler refuses a case that was forgotten, and a value from outside throws. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`)
}
