import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { misfitWords } from '../../src/control/misfit-words.ts'

const Shape = z.strictObject({
  psi: z.strictObject({ warning: z.number().min(0).max(1) }).optional(),
  days: z.number().int().positive().optional(),
  mode: z.enum(['off', 'on']).optional(),
  arms: z.array(z.string().min(1)).max(2).optional(),
  name: z
    .string()
    .regex(/^[a-z]+$/, 'small letters only')
    .optional(),
  live: z.boolean().optional(),
})

function words(value: unknown): string {
  const { error } = Shape.safeParse(value)
  return error === undefined ? 'it fits' : misfitWords(error, 'the whole')
}

describe('why a value does not fit', () => {
  it.each<[unknown, string]>([
    [{ days: 'x' }, 'days: a number is needed, not a text'],
    [{ days: 1.5 }, 'days: a whole number is needed'],
    [{ days: 0 }, 'days: more than 0 is needed'],
    [{ psi: { warning: 2 } }, 'psi.warning: at most 1 is allowed'],
    [{ psi: { warning: -1 } }, 'psi.warning: at least 0 is needed'],
    [{ psi: {} }, 'psi.warning: a number is needed, and it is missing'],
    [{ psi: { warning: null } }, 'psi.warning: a number is needed, not null'],
    [{ psi: 3 }, 'psi: an object is needed, not a number'],
    [{ psi: { warnin: 0.1, warning: 0.1 } }, 'psi: there is no field warnin here'],
    [{ mode: 'of' }, 'mode: one of off, on is needed'],
    [{ arms: [''] }, 'arms.0: at least 1 character is needed'],
    [{ arms: ['a', 'b', 'c'] }, 'arms: at most 2 entries are allowed'],
    [{ name: 'A' }, 'name: small letters only'],
    [{ live: 'yes' }, 'live: true or false is needed, not a text'],
    [[], 'the whole: an object is needed, not a list'],
    [
      { days: 'x', live: 1, other: 2 },
      'days: a number is needed, not a text; live: true or false is needed, not a number; the whole: there is no field other here',
    ],
  ])('%j: %s', (value, said) => {
    expect(words(value)).toBe(said)
  })
})
