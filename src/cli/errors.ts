import { stripVTControlCharacters } from 'node:util'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { redact } from '../notify/secret.ts'
import type { Io } from './io.ts'

/**
 * Text for a terminal: reasons and names come from outside, and an escape code in one would be carried out by it.
 * Lines and tabs stay.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, ' ')
}

/** A JSON document for a terminal: the same value, with each control character written as its code. */
export function plainJson(document: string): string {
  return document.replace(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const CONTROLS = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/** Something went wrong, as stderr says. */
export const EXIT_TROUBLE = 3

/** Prints an error: one line for people, the stack of a bug. Returns the exit code. */
export function reportError(error: unknown, { err }: Pick<Io, 'err'>): number {
  if (error instanceof OperatorError) err(`onay: ${plainText(redact(error.message))}\n`)
  else
    err(
      `onay: this is a bug, please report it\n${redact(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
    )
  return EXIT_TROUBLE
}

/** The same for programs, in the form in which HTTP answers it. */
export function errorDocument(error: unknown): { code: string; message: string; next: string } {
  if (!(error instanceof OperatorError))
    return { code: 'bug', message: redact(messageOf(error)), next: 'please report it; stderr has the stack' }
  const { code, what, why, next } = error
  return { code, message: redact(`${what}: ${why}`), next }
}
