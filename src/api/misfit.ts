import type { z } from 'zod'
import { invalid, OperatorError } from '../engine/kernel/errors.ts'
import { misfitWords } from '../control/misfit-words.ts'

/** Names each field that does not fit, and why. @param what holds the fields: `body`, `query` or `request` */
export function misfit(error: z.ZodError, what: string): OperatorError {
  return invalid(`the ${what} does not fit`, misfitWords(error, what), 'see /openapi.json', what)
}
