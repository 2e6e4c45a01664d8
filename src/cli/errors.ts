import { OperatorError } from '../engine/kernel/errors.ts'
import { redact } from '../notify/secret.ts'

/** Something went wrong, as stderr says. */
export const EXIT_TROUBLE = 3

/** Prints an error: one line for people, the stack of a bug. Returns the exit code. */
export function reportError(error: unknown): number {
  if (error instanceof OperatorError) process.stderr.write(`onay: ${redact(error.message)}\n`)
  else
    process.stderr.write(
      `onay: this is a bug, please report it\n${redact(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
    )
  return EXIT_TROUBLE
}
