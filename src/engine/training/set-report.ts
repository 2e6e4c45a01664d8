/** A set of five as it is kept, and what is reported of it. */
import type { Column } from '../features/catalogue.ts'
import { isoTime, type UnixMs } from '../kernel/units.ts'
import { ofEach, type SetTarget, type SetWeights } from '../models/tree-set.ts'
import type { SetMemberReport, TrainedMember } from './set-member.ts'
import { SET_HORIZON_MIN, type PreparedSet, type SetTraining } from './set-rows.ts'

export interface SetReport {
  readonly version: string
  readonly window: { readonly from: string; readonly until: string }
  readonly features: readonly Column[]
  readonly horizon_min: number
  readonly rows: number
  readonly train_rows: number
  readonly aside_rows: number
  readonly test_rows: number
  readonly train_until: string
  readonly test_from: string
  readonly embargo_hours: number
  readonly seed: number
  readonly models: Readonly<Record<SetTarget, SetMemberReport>>
}

interface TrainedSet {
  readonly weights: SetWeights
  readonly report: SetReport
}

/** The set that its members make, wherever each was trained. */
export function setOf(
  { version, features, window }: SetTraining,
  { tsMs, rows, seed }: PreparedSet,
  trained: Readonly<Record<SetTarget, TrainedMember>>,
): TrainedSet {
  const at = (place: number | undefined): UnixMs => tsMs[place ?? -1] ?? Number.NaN
  const [trainUntilMs, testFromMs] = [at(rows.train.at(-1)), at(rows.test[0])]
  return {
    weights: {
      version,
      features,
      horizonMin: SET_HORIZON_MIN,
      members: ofEach((target) => ({
        useful: trained[target].report.useful,
        ensemble: trained[target].fit.ensemble,
      })),
    },
    report: {
      version,
      window: { from: isoTime(window.fromMs), until: isoTime(window.untilMs) },
      features,
      horizon_min: SET_HORIZON_MIN,
      rows: rows.all.length,
      train_rows: rows.train.length,
      aside_rows: rows.aside.length,
      test_rows: rows.test.length,
      train_until: isoTime(trainUntilMs),
      test_from: isoTime(testFromMs),
      embargo_hours: (testFromMs - trainUntilMs) / 3_600_000,
      seed,
      models: ofEach((target) => trained[target].report),
    },
  }
}
