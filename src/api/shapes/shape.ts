/** Pieces of the shapes in which the answers of a room are read at the other end. */
import { PROFILES } from '../../engine/models/roles.ts'
import * as z from 'zod'
import type { DocumentHeader } from '../../evidence/documents/documents.ts'
import type { Items, Said } from '../../control/answers.ts'

/** More fields may be in an answer than this version knows: they are passed on. */
export const shape = z.looseObject

export const text = z.string()
export const number = z.number()
/** Null where a figure is unknown. */
export const figure = z.number().nullable()
export const maybeText = z.string().nullable()
export const flag = z.boolean()
export const profile = z.enum(PROFILES)
export const severity = z.enum(['info', 'warning', 'critical'])
export const verdict = z.enum(['PASS', 'FAIL', 'WAIT', 'ERROR'])
export const span = { from: text, until: text }
export const interval = shape({ value: number, lo: number, hi: number })
export const figures = z.record(text, number)
export const texts = z.array(text)

/** Of a document that may also be shown without its header. */
export const header = {
  schema: text.exactOptional(),
  generated_at: text.exactOptional(),
  clock: z.enum(['real', 'replay']).exactOptional(),
  onay_version: text.exactOptional(),
} satisfies { readonly [K in keyof DocumentHeader]: z.ZodType<DocumentHeader[K]> }

export const SaidShape: z.ZodType<Said> = shape({ ...header, said: text })

export function itemsOf<T>(item: z.ZodType<T>): z.ZodType<Items<T>> {
  return shape({ ...header, items: z.array(item) })
}
