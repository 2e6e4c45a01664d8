import {
  ANALYSED_LAGS,
  ANALYSED_SHARES,
  ANALYSIS_LIMITS,
  analyseFeatures,
  type FeatureAnalysis,
} from '../../engine/features/analysis.ts'
import type { Catalogue, Column } from '../../engine/features/catalogue.ts'
import { columnOf } from '../../engine/features/row.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import { outcomesIn } from '../../engine/training/labels.ts'
import { type LookAhead, lookAheadOf } from '../../engine/training/look-ahead.ts'
import type { DocumentHeader, Span } from '../../evidence/documents/documents.ts'
import type { Desks } from '../desk/desks.ts'

export interface AnalysedFeature extends Omit<FeatureAnalysis, 'feature' | 'quantiles' | 'autocorrelation'> {
  /** By percentage: `"5"` is the value below which 5 % lie. */
  readonly quantiles: Readonly<Record<string, number>> | null
  /** By lag in minutes. */
  readonly autocorrelation: Readonly<Record<string, number | null>>
  /** Feature sets that it belongs to. */
  readonly sets: readonly string[]
  /** Where it may know what it should not; null where nothing speaks for that. */
  readonly look_ahead: LookAhead | null
}

/** `onay features analyse --json`. */
export interface AnalysisDocument extends Partial<DocumentHeader>, Span {
  readonly symbol: string
  readonly rows: number
  readonly halves_part_at: string
  readonly features: Readonly<Record<string, AnalysedFeature>>
  readonly correlation: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  readonly correlated: readonly { readonly a: string; readonly b: string; readonly correlation: number }[]
  readonly limits: typeof ANALYSIS_LIMITS
}

/** The features that models are trained on or watched by, in the catalogue's order. */
function analysed({ names, sets, own }: Catalogue): Column[] {
  const isOwn = (name: Column): boolean => own.some((column) => column.name === name)
  return names.filter((name) => isOwn(name) || sets.some((set) => [...set.model, ...set.drift].includes(name)))
}

/**
 * What the features of the last `windowMs` look like, as far as rows go back. Writes nothing.
 * @throws OperatorError when there is no row in that span
 */
export function analyseNow(desks: Desks, symbol: string | undefined, windowMs: number): AnalysisDocument {
  const desk = desks.of(symbol)
  const { store, options } = desks
  const nowMs = desk.nowMs()
  const firstMs = store.bars.firstMs(desk.symbol) ?? nowMs
  const span = { fromMs: Math.max(nowMs - windowMs, firstMs), untilMs: nowMs }
  const names = analysed(desk.catalogue)
  const { label } = desk.parts.limits
  const table = store.features.labelled(desk.symbol, span.fromMs, span.untilMs, names, label)
  if (table.tsMs.length === 0)
    throw conflict(
      `there is nothing to analyse for ${desk.symbol}`,
      'this span has no rows',
      'use a longer --window, or import bars',
      'no_rows',
    )
  const { features, matrix, pairs } = analyseFeatures(table, names, span, ANALYSIS_LIMITS)
  const labels = outcomesIn(table, label)
  const byName = <T>(of: (name: Column, i: number) => T): Record<string, T> =>
    Object.fromEntries(names.map((name, i) => [name, of(name, i)]))
  return {
    symbol: desk.symbol,
    rows: table.tsMs.length,
    from: isoTime(span.fromMs),
    until: isoTime(span.untilMs),
    halves_part_at: isoTime((span.fromMs + span.untilMs) / 2),
    features: Object.fromEntries(
      features.map(({ feature, quantiles, autocorrelation, ...rest }) => [
        feature,
        {
          ...rest,
          quantiles:
            quantiles === null
              ? null
              : Object.fromEntries(
                  ANALYSED_SHARES.map((share, i) => [String(share * 100), quantiles[i] ?? Number.NaN]),
                ),
          autocorrelation: Object.fromEntries(ANALYSED_LAGS.map((lag, i) => [String(lag), autocorrelation[i] ?? null])),
          look_ahead: lookAheadOf(columnOf(table, feature), labels),
          sets: desk.catalogue.sets.filter((set) => set.model.includes(feature)).map((set) => set.name),
        },
      ]),
    ),
    correlation: byName((_name, i) => byName((_other, j) => matrix[i]?.[j] ?? null)),
    correlated: pairs,
    limits: ANALYSIS_LIMITS,
    schema: 'features_analysis/1',
    generated_at: isoTime(nowMs),
    clock: desk.tape.feed.clockKind,
    onay_version: options.version,
  }
}
