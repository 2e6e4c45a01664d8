import { and, desc, eq, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Calibration, CalibrationMap } from '../engine/models/calibration.ts'
import { canonicalJson, sha256Hex } from '../evidence/canonical.ts'
import type { CalibrationDocument } from '../evidence/documents/calibration-document.ts'
import type { Database } from './connect.ts'
import { calibrations } from './schema-market.ts'
import { CalibrationShape } from './shapes-live.ts'
import { select } from './select.ts'
import { ofSymbol, rowWriter } from './statements.ts'
import { damagedRow, jsonColumn, rowCheck } from './stored.ts'

/** What a look at a model's calibration left: what it answers with from then on, and why. */
interface CalibrationLook {
  readonly calibration: Calibration
  /** Of the calibration. */
  readonly sha256: string
  /** Since when its map holds; null where there is none. */
  readonly takenMs: UnixMs | null
  readonly document: CalibrationDocument
}

/** Looks at calibrations, the newest of an artifact being what it answers with. Reads throw an OperatorError where a row is not one. */
export interface CalibrationRepo {
  /** Inside the caller's transaction. */
  put(look: Omit<CalibrationLook, 'sha256'>, wallMs: number): void
  /** Of one artifact, newest first. */
  newest(symbol: string, model: string, modelSha256: string, count: number): CalibrationLook[]
}

const Points = z.array(z.number())
const MapShape: z.ZodType<CalibrationMap> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('platt'), a: z.number().positive(), b: z.number() }),
  z
    .object({ kind: z.literal('isotonic'), x: Points.min(1), y: Points.min(1) })
    .refine(({ x, y }) => x.length === y.length, 'as many x as y'),
])
const Shape: z.ZodType<Calibration> = z.object({ map: MapShape.nullable(), raisedBy: z.number().gte(0).lte(0.05) })

/** The hash that a calibration is known by. */
export function calibrationHash({ map, raisedBy }: Calibration): string {
  return sha256Hex(canonicalJson({ map, raisedBy }))
}

const place = sql.placeholder
const NEWEST = select((from) =>
  from
    .select()
    .from(calibrations)
    .where(and(ofSymbol(calibrations), eq(calibrations.model, place('model'))))
    .orderBy(desc(calibrations.tsMs))
    .limit(place('count')),
)

export function calibrationRepo(db: Database): CalibrationRepo {
  const newest = NEWEST(db)
  const write = rowWriter(db, calibrations, 'replace')
  const check = rowCheck(calibrations)
  const calibration = jsonColumn(calibrations, 'calibration', Shape)
  const document = jsonColumn(calibrations, 'document', CalibrationShape)
  return {
    put: ({ calibration: value, takenMs, document: said }, wallMs) =>
      write({
        symbol: said.symbol,
        model: said.model,
        modelSha256: said.model_sha256,
        tsMs: Date.parse(said.at),
        verdict: said.verdict,
        sha256: calibrationHash(value),
        calibration: calibration.text(value),
        takenMs,
        document: document.text(said),
        wallMs,
      }),
    newest: (symbol, model, modelSha256, count) =>
      newest.all({ symbol, model, count }).flatMap((row) => {
        const { sha256, takenMs, modelSha256: artifact } = check(row)
        // Another artifact that had its version before: nothing of it holds for this one.
        if (artifact !== modelSha256) return []
        const value = calibration.value(row)
        if (calibrationHash(value) !== sha256)
          throw damagedRow('calibrations', `${symbol}/${model}`, 'its calibration is not the one that was taken over')
        return [{ calibration: value, sha256, takenMs, document: document.value(row) }]
      }),
  }
}
