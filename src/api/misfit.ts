import type { z } from 'zod'
import { invalid, OperatorError } from '../engine/kernel/errors.ts'

const MAX_ISSUES = 10

/** Names each field that does not fit, and why. @param what holds the fields: `body`, `query` or `request` */
export function misfit({ issues }: z.ZodError, what: string): OperatorError {
  const fields = issues.slice(0, MAX_ISSUES).map((issue) => `${issue.path.join('.') || what}: ${issue.message}`)
  return invalid(`the ${what} does not fit`, fields.join('; '), 'see /openapi.json', what)
}
