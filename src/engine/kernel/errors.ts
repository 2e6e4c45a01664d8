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
    /** Documents that belong to the refusal, by name: what a program need not ask for once more. */
    readonly documents: Readonly<Record<string, object>> = {},
  ) {
    super(`${what}: ${why}; ${next}`)
  }
}

/** What is asked for does not exist. */
export function notFound(what: string, why: string, next: string, code: string): OperatorError {
  return new OperatorError(what, why, next, code, 404)
}

/** It cannot be done as things stand now. */
export function conflict(
  what: string,
  why: string,
  next: string,
  code: string,
  documents: Readonly<Record<string, object>> = {},
): OperatorError {
  return new OperatorError(what, why, next, code, 409, documents)
}

/** What was given is not valid. */
export function invalid(what: string, why: string, next: string, code: string): OperatorError {
  return new OperatorError(what, why, next, code, 422)
}

/** It may work later, unchanged. */
export function unavailable(what: string, why: string, next: string, code: string): OperatorError {
  return new OperatorError(what, why, next, code, 503)
}

/** Whoever asks did not show who they are. */
export function unauthorized(what: string, why: string, next: string, code: string): OperatorError {
  return new OperatorError(what, why, next, code, 401)
}

/** Whoever asks may not, whoever they are. */
export function forbidden(what: string, why: string, next: string, code: string): OperatorError {
  return new OperatorError(what, why, next, code, 403)
}

/** Why something could not be done, for a sentence that says what. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof OperatorError ? thrown.why : messageOf(thrown)
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
