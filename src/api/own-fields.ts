/** What commands take of a user's own columns, as JSON has it. */
import * as z from 'zod'
import type { DeclareFeatures, PushFeatures, PushOutcomes } from '../control/own-commands.ts'
import type { FeatureSet } from '../engine/features/catalogue.ts'
import { MAX_OWN_COLUMNS, type OwnColumn } from '../engine/features/own-column.ts'
import { timeOfId } from '../db/predictions.ts'
import { SYMBOL_TEXT } from './symbol-text.ts'

/** A thousand of two hundred columns take some 100 ms of a room's time. */
const MAX_ROWS = 1_000
const MAX_OUTCOMES = 10_000
const SECOND_MS = 1_000

const column = z.codec(
  z.strictObject({
    name: z.string().max(80),
    max_age_s: z
      .number()
      .min(60, 'at least 60: rows are of minutes')
      .max(366 * 86_400),
    unit: z.string().max(40).default('1'),
    about: z.string().max(500).default(''),
  }),
  z.custom<OwnColumn>(),
  {
    decode: ({ name, max_age_s, unit, about }) => ({ name, maxAgeMs: max_age_s * SECOND_MS, unit, about }),
    encode: ({ name, maxAgeMs, unit, about }) => ({ name, max_age_s: maxAgeMs / SECOND_MS, unit, about }),
  },
)

/** A file that declares columns: one, or a list of them. */
export const ColumnsFile: z.ZodType<OwnColumn[]> = z.preprocess(
  (file) => (Array.isArray(file) ? file : [file]),
  z.array(column),
)

export const DeclareFields: z.ZodType<DeclareFeatures> = z.strictObject({
  symbol: SYMBOL_TEXT,
  columns: z.array(column).min(1).max(MAX_OWN_COLUMNS),
})

const row = z.codec(
  z.strictObject({
    ts_ms: z.number().int().nonnegative(),
    values: z.record(z.string(), z.number().nullable()),
  }),
  z.custom<PushFeatures['rows'][number]>(),
  {
    decode: ({ ts_ms: tsMs, values }) => ({ tsMs, values }),
    encode: ({ tsMs, values }) => ({ ts_ms: tsMs, values: { ...values } }),
  },
)

export const PushFeaturesFields: z.ZodType<PushFeatures> = z.strictObject({
  symbol: SYMBOL_TEXT,
  rows: z.array(row).max(MAX_ROWS),
})

const outcome = z.codec(
  z
    .strictObject({
      ts_ms: z.number().int().nonnegative().optional(),
      id: z
        .string()
        .regex(/^[0-9a-z]{9}-/, 'the id of an answer')
        .optional(),
      key: z.string().min(1).max(200).optional(),
      label: z.literal([0, 1]),
    })
    .refine(
      ({ ts_ms, id, key }) => [ts_ms, id, key].filter((name) => name !== undefined).length === 1,
      'one of ts_ms, id and key is needed, and not two',
    ),
  z.custom<PushOutcomes['outcomes'][number]>(),
  {
    decode: ({ ts_ms: tsMs, id = '', key, label }) => {
      if (key !== undefined) return { key, label }
      // An id begins with the time of its row.
      return { tsMs: tsMs ?? timeOfId(id) ?? Number.NaN, label }
    },
    encode: (said) => ('key' in said ? said : { ts_ms: said.tsMs, label: said.label }),
  },
)

export const OutcomesFields = z.codec(
  z.strictObject({
    symbol: SYMBOL_TEXT,
    outcomes: z.array(outcome).max(MAX_OUTCOMES),
    dry_run: z.boolean().optional(),
  }),
  z.custom<PushOutcomes>(),
  {
    decode: ({ dry_run: dryRun, ...rest }) => ({ ...rest, dryRun }),
    encode: ({ symbol, outcomes, dryRun }) => ({ symbol, outcomes: [...outcomes], dry_run: dryRun }),
  },
)

const names = z.array(z.string().max(80)).min(1).max(400)

/** A feature set of the user's own. Without `drift`, what the model takes is watched. */
export const FeatureSetFields = z.codec(
  z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'letters, digits, dots and dashes only, at most 40'),
    model: names,
    drift: names.optional(),
  }),
  z.custom<FeatureSet>((value) => typeof value === 'object'),
  {
    decode: ({ name, model, drift }) => ({ name, model, drift: drift ?? model }),
    encode: ({ name, model, drift }) => ({ name, model: [...model], drift: [...drift] }),
  },
)
