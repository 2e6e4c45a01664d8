import type { EnsembleDocument } from '../../evidence/documents/ensemble-document.ts'
import { ensembleAt } from '../trading/ensemble.ts'
import type { PsiTrend } from '../../control/answers.ts'
import { percent } from '../../engine/kernel/figures.ts'
import { conflict, notFound, OperatorError } from '../../engine/kernel/errors.ts'
import { isoTime, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { ModelWeights } from '../../engine/models/contract.ts'
import { completeness, findGaps, type Gap } from '../../engine/market/gaps.ts'
import type {
  DriftDocument,
  FeaturesDocument,
  GatesDocument,
  ModelDocument,
  PsiDocument,
  Slot,
} from '../../evidence/documents/documents.ts'
import type { RegisteredModel } from '../../db/models.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import { driftFromRows } from '../watch/check-drift.ts'
import { measurePsiFromRows, psiDocument } from '../watch/measure-drift.ts'
import { gatesDocument } from '../watch/gate-documents.ts'
import type { GateJudge } from '../watch/judge-gates.ts'

/** What the market clock stands at when nothing runs: the last moment that was finished. */
function stamped<T extends object>(desks: Desks, desk: Desk, schema: string, document: T) {
  const { version } = desks.options
  return {
    ...document,
    schema,
    generated_at: isoTime(desk.nowMs()),
    clock: desk.tape.feed.clockKind,
    onay_version: version,
  }
}

/** The six gates now. Writes nothing. */
export function gatesNow(desks: Desks, judge: GateJudge, symbol: string | undefined, label: string): GatesDocument {
  const desk = desks.of(symbol)
  return stamped(desks, desk, 'gates/1', gatesDocument(desk, judge.judgeFresh(desk, desk.nowMs()), label, desk.nowMs()))
}

/** PSI of a model now, counted from the rows, or its last hourly snapshot. @throws OperatorError for an unknown version */
export function psiNow(desks: Desks, asked: DeskAndModel, quick: boolean): PsiDocument {
  const { desk, model } = found(desks, asked)
  const kept = quick ? desks.store.drift.newestSnapshot(desk.symbol, model.version) : null
  if (kept !== null) return stamped(desks, desk, 'psi/1', kept.document)
  const snapshot = measurePsiFromRows(desk, model, desk.nowMs())
  return stamped(desks, desk, 'psi/1', psiDocument(desk.symbol, model.reference, snapshot, desks.limits.psi))
}

/** The last 24 hours before a moment, counted from the rows. @throws OperatorError for an unknown version */
export function driftNow(desks: Desks, asked: DeskAndModel, atMs: UnixMs | undefined): DriftDocument {
  const { desk, model } = found(desks, asked)
  return stamped(desks, desk, 'drift/1', driftFromRows(desk, model, atMs ?? desk.nowMs()))
}

/** @throws OperatorError where there are not two models to mix */
export function ensembleNow(desks: Desks, symbol: string | undefined): EnsembleDocument {
  const desk = desks.of(symbol)
  const atMs = desk.nowMs()
  const document = desk.mix.look(atMs, () => ensembleAt(desk, atMs))
  if (document === null)
    throw conflict(
      'there is nothing to mix',
      `no model is in charge of ${desk.symbol} yet`,
      'the first is trained once 14 days of bars are there',
      'no_model',
    )
  return stamped(desks, desk, 'ensemble/1', document)
}

/** The hourly snapshots of the last `spanMs`, oldest first. */
export function psiTrend(desks: Desks, asked: DeskAndModel, spanMs: number): PsiTrend {
  const { desk, model } = found(desks, asked)
  const rows = desks.store.drift.snapshots(desk.symbol, model.version, desk.nowMs() - spanMs, desk.nowMs())
  const items = rows.map(({ tsMs, document }) => {
    const features = Object.fromEntries(Object.entries(document.features).map(([name, feature]) => [name, feature.psi]))
    return { at: isoTime(tsMs), overall_psi: document.overall_psi, verdict: document.verdict, features }
  })
  return stamped(desks, desk, 'psi_trend/1', { symbol: desk.symbol, model: model.version, items })
}

/** Left out: the only symbol, the model that the gates judge. */
interface DeskAndModel {
  readonly symbol?: string | undefined
  readonly model?: string | undefined
}

function found(desks: Desks, { symbol, model }: DeskAndModel): { desk: Desk; model: LoadedModel } {
  const desk = desks.of(symbol)
  return { desk, model: modelOf(desks, desk, model) }
}

function modelOf(desks: Desks, desk: Desk, version: string | undefined): LoadedModel {
  const standing = version === undefined ? desk.judged : desk.lineUp.of(version)
  if (standing !== null) return standing
  if (version === undefined) {
    throw conflict(
      `${desk.symbol} has no model yet`,
      'the first model is trained once there are 14 days of bars',
      'import bars, or wait',
      'no_model',
    )
  }
  const row = registered(desks, desk, version)
  const base = desk.judged
  if (base === null) throw unknownVersion(desk, version)
  return { ...base, version, sha256: row.sha256, reference: row.reference }
}

function registered(desks: Desks, desk: Desk, version: string): RegisteredModel {
  const row = desks.store.models.get(desk.symbol, version)
  if (row === null) throw unknownVersion(desk, version)
  return row
}

function unknownVersion(desk: Desk, version: string): OperatorError {
  return notFound(
    `${desk.symbol} has no model ${version}`,
    'it is not in the registry',
    'see them with: onay models',
    'unknown_version',
  )
}

/** Minutes without a bar between the first and the newest. */
export function gapsOf(desk: Desk): Gap[] {
  return findGaps(desk.parts.store.bars.times(desk.symbol, 0, Number.MAX_SAFE_INTEGER))
}

export function featuresDocument(desks: Desks, symbol: string | undefined): FeaturesDocument {
  const desk = desks.of(symbol)
  const { store, options } = desks
  const { rows, firstMs, lastMs } = store.bars.span(desk.symbol)
  const gaps = gapsOf(desk)
  const { missing } = store.features.missing(desk.symbol, 0, Number.MAX_SAFE_INTEGER)
  const shares = Object.fromEntries(
    Object.entries(missing).map(([name, count]) => [name, rows === 0 ? 0 : count / rows]),
  )
  const whole = firstMs === null || lastMs === null ? null : completeness(rows, firstMs, lastMs)
  const limits = options.config.features
  const anomalies = [
    ...(whole !== null && whole <= limits.completeness
      ? [`completeness ${percent(whole, 2)}, more than ${limits.completeness * 100} % is needed`]
      : []),
    ...gaps
      .filter((gap) => gap.minutes > limits.gap_min)
      .map((gap) => `gap of ${gap.minutes} minutes from ${isoTime(gap.fromMs)}`),
    ...Object.entries(shares)
      .filter(([, share]) => share > limits.missing_share)
      .map(([name, share]) => `${name} missing in ${percent(share, 2)} of the rows`),
    ...store.feeds
      .dropped(desk.symbol)
      .slice(0, 20)
      .map((drop) => `dropped ${drop.fault}${drop.line === null ? '' : ` on line ${drop.line}`}: ${drop.text}`),
  ]
  return stamped(desks, desk, 'features/1', {
    symbol: desk.symbol,
    rows,
    from: firstMs === null ? null : isoTime(firstMs),
    until: lastMs === null ? null : isoTime(lastMs + MINUTE_MS),
    completeness: whole,
    gaps: gaps.map((gap) => ({ from: isoTime(gap.fromMs), until: isoTime(gap.untilMs), minutes: gap.minutes })),
    missing: shares,
    duplicates: desk.tape.feed.duplicates,
    late: desk.tape.feed.late,
    future: desk.tape.feed.future,
    bad_rows: desk.tape.feed.badRows,
    anomalies,
    ...ownFeatures(desk),
  })
}

function ownFeatures(desk: Desk): Pick<FeaturesDocument, 'own'> {
  const { symbol, parts } = desk
  const { store, limits } = parts
  const [columns, sets] = [store.own.columns(symbol), store.own.sets(symbol)]
  const { kind, name = '' } = limits.label
  if (columns.length + sets.length === 0 && kind !== 'pushed') return {}
  const overdue = desk.settlement.overdue(desk.tape.newestBar?.tsMs ?? null) ?? 0
  const { moments, newestMs } = store.own.extent(symbol)
  return {
    own: {
      columns: columns.map(({ name, maxAgeMs, unit, about }) => ({ name, max_age_s: maxAgeMs / 1_000, unit, about })),
      sets,
      moments,
      newest: newestMs === null ? null : isoTime(newestMs),
      outcomes: kind === 'pushed' ? { name, overdue } : null,
    },
  }
}

export function modelDocuments(desks: Desks, symbol: string | undefined): ModelDocument[] {
  const desk = desks.of(symbol)
  return desks.store.models.list(desk.symbol).map((row) => documentOf(desks, desk, row))
}

/** @throws OperatorError 404 for a version that is not registered */
export function modelDocument(desks: Desks, symbol: string | undefined, version: string): ModelDocument {
  const desk = desks.of(symbol)
  return stamped(desks, desk, 'model/1', documentOf(desks, desk, registered(desks, desk, version)))
}

function documentOf(desks: Desks, desk: Desk, row: RegisteredModel): ModelDocument {
  const standing = desks.store.models.slots(desk.symbol).find((slot) => slot.version === row.version)
  const slot: Slot = standing?.slot ?? 'retired'
  return {
    symbol: desk.symbol,
    version: row.version,
    kind: row.kind,
    sha256: row.sha256,
    slot,
    profile: standing?.profile ?? 'equivalent',
    features: row.weights.features,
    window: { from: isoTime(row.windowFromMs), until: isoTime(row.windowUntilMs) },
    offline: row.offline,
    weights: shownWeights(row.weights),
  }
}

/** A file of another library may have megabytes: its hash stands for it, and the evidence has it whole. */
function shownWeights(weights: ModelWeights): object {
  if (weights.kind === 'ensemble')
    return { ...weights, members: weights.members.map((member) => ({ ...member, model: withoutFile(member.model) })) }
  return withoutFile(weights)
}

function withoutFile(weights: Exclude<ModelWeights, { kind: 'ensemble' }> | { readonly kind: 'heuristic' }): object {
  if (weights.kind !== 'trees' && weights.kind !== 'onnx') return weights
  const { file, ...shown } = weights
  return { ...shown, fileChars: file.length }
}
