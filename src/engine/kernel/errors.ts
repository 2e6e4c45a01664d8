/**
 * An error for people: what went wrong, why, and what to do next. Commands print it as one line and API answers carry its
 * three parts. Anything else that is thrown is a bug and keeps its stack.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'

  constructor(
    readonly what: string,
    readonly why: string,
    readonly next: string,
    /** A short code for programs, and the HTTP status that fits. */
    readonly code: string = 'operator',
    readonly status: number = 400,
  ) {
    super(`${what}: ${why}; ${next}`)
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
