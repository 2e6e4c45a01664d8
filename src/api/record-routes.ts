/** Where the commands stand on the wire by which something is looked at and written down. */
import * as z from 'zod'
import type { Taken } from '../control/commands.ts'
import type { CommandRoute } from './command-route.ts'
import { date, MarketFields, SmokeFields, symbol } from './fields.ts'
import { CalibrationShape } from './shapes/shape-calibration.ts'
import { ExportShape, SmokeRunShape } from './shapes/shape-answers.ts'
import { GatesShape, GoLiveShape, RehearsalShape, SmokeShape } from './shapes/shape-evidence.ts'
import { DailyShape, WeeklyShape } from './shapes/shape-reports.ts'
import { SaidShape } from './shapes/shape.ts'

type RecordKind =
  | 'calibrate'
  | 'goLive'
  | 'rehearse'
  | 'acknowledge'
  | 'saveGates'
  | 'reportDay'
  | 'reportWeek'
  | 'exportEvidence'
  | 'beginSmoke'
  | 'finishSmoke'

const CalibrateFields: z.ZodType<Taken<'calibrate'>> = z.codec(
  z.strictObject({ symbol, dry_run: z.boolean().optional() }),
  z.custom<Taken<'calibrate'>>(),
  {
    decode: ({ dry_run: dryRun, ...rest }) => ({ ...rest, dryRun }),
    encode: ({ dryRun: dry_run, ...rest }) => ({ ...rest, dry_run }),
  },
)

export const RECORD_ROUTES: { readonly [K in RecordKind]: CommandRoute<K> } = {
  goLive: {
    method: 'POST',
    path: '/checklist',
    summary: 'Whether the room may be left alone: each check with what to do; the record is kept',
    fields: MarketFields,
    answer: GoLiveShape,
  },

  rehearse: {
    method: 'POST',
    path: '/rehearse',
    summary:
      "Drift, gate and kill rules and a canary's judge over recorded weeks, as configured and with other limits; the record is kept",
    fields: z.strictObject({
      symbol,
      days: z.number().int().min(1).max(366).optional(),
      variants: z.array(z.string().max(200)).max(20).optional(),
      plan: z.string().max(30).optional(),
    }),
    answer: RehearsalShape,
  },

  calibrate: {
    method: 'POST',
    path: '/calibrate',
    summary: 'Look at the answers of the model in charge, and take over a calibration that is better with certainty',
    fields: CalibrateFields,
    answer: CalibrationShape,
  },

  acknowledge: {
    method: 'POST',
    path: '/alerts/:rule/ack',
    summary: 'Note that somebody has seen an alert, and why it may wait',
    fields: z.strictObject({ rule: z.string(), symbol, reason: z.string().max(500) }),
    answer: SaidShape,
  },
  saveGates: {
    method: 'POST',
    path: '/gates/:label',
    summary: 'Judge the gates now and keep the record as evidence',
    fields: z.strictObject({ label: z.string(), symbol: z.string().optional() }),
    query: ['symbol'],
    answer: GatesShape,
  },
  reportDay: {
    method: 'POST',
    path: '/report/daily',
    summary: 'The daily report of a day that has ended, with html its page too; once it is written, it stays',
    fields: z.strictObject({ symbol, date, html: z.boolean().optional() }),
    answer: DailyShape,
  },
  reportWeek: {
    method: 'POST',
    path: '/report/weekly',
    summary: 'The summary of a week that has ended, named by its Sunday; once it is written, it stays',
    fields: z.strictObject({ symbol, date }),
    answer: WeeklyShape,
  },
  exportEvidence: {
    method: 'POST',
    path: '/evidence/export',
    summary: 'Write the documents of this moment to the evidence directory',
    fields: MarketFields,
    answer: ExportShape,
  },
  beginSmoke: {
    method: 'POST',
    path: '/smoke',
    summary: 'Begin a smoke run; its requests carry the header x-onay-smoke',
    fields: MarketFields,
    answer: SmokeRunShape,
  },
  finishSmoke: {
    method: 'POST',
    path: '/smoke/:run',
    summary: 'End a smoke run with what the client measured',
    fields: SmokeFields,
    answer: SmokeShape,
  },
}
