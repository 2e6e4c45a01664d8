/** Shapes of what comes of a user's own columns. */
import * as z from 'zod'
import type { DeclaredDocument, OutcomesDocument, OwnValuesDocument } from '../../control/own-answers.ts'
import type { OwnFeatures } from '../../evidence/documents/own-features.ts'
import { header, number, shape, text } from './shape.ts'

export const DeclaredShape: z.ZodType<DeclaredDocument> = shape({
  ...header,
  symbol: text,
  declared: z.array(text),
  known: z.array(text),
  columns: number,
})

export const OwnValuesShape: z.ZodType<OwnValuesDocument> = shape({
  ...header,
  symbol: text,
  added: number,
  known: number,
  late: number,
  different: number,
  different_named: z.array(shape({ ts_ms: number, name: text })),
})

export const OwnFeaturesShape: z.ZodType<OwnFeatures> = shape({
  columns: z.array(shape({ name: text, max_age_s: number, unit: text, about: text })),
  sets: z.array(shape({ name: text, model: z.array(text), drift: z.array(text) })),
  moments: number,
  newest: text.nullable(),
  outcomes: shape({ name: text, overdue: number }).nullable(),
})

export const OutcomesShape: z.ZodType<OutcomesDocument> = shape({
  ...header,
  symbol: text,
  name: text,
  added: number,
  known: number,
  ts_ms: z.array(number).optional(),
})
