import { OperatorError } from '../engine/kernel/errors.ts'
import { isoTime, MINUTE_MS } from '../engine/kernel/units.ts'
import { completeness } from '../engine/market/gaps.ts'
import type { FeaturesDocument, GatesDocument, ModelDocument, PsiDocument, Slot } from '../evidence/documents.ts'
import type { ModelRow } from '../db/models.ts'
import type { LoadedModel } from '../serving/contract.ts'
import type { Core } from './core.ts'
import type { Desk } from './desk.ts'
import { measurePsiFromRows, psiDocument } from './drift-watch.ts'
import { gatesDocument, judge } from './gate-inputs.ts'
import { parseOffline, parseReference } from './registry.ts'

/** What the market clock stands at when nothing runs: the last moment that was finished. */
function stamped<T extends object>(core: Core, desk: Desk, schema: string, document: T) {
  const { version } = core.options
  return { ...document, schema, generated_at: isoTime(desk.nowMs()), clock: desk.feed.clockKind, onay_version: version }
}

/** The six gates now. Writes nothing. */
export function gatesNow(core: Core, symbol: string | undefined, label: string): GatesDocument {
  const { desk } = core.station(symbol)
  return stamped(
    core,
    desk,
    'gates/1',
    gatesDocument(desk, judge(desk, core.evidence, desk.nowMs(), true), label, desk.nowMs()),
  )
}

/** PSI of a model now, counted from the rows, or its last hourly snapshot. @throws OperatorError for an unknown version */
export function psiNow(
  core: Core,
  symbol: string | undefined,
  version: string | undefined,
  quick: boolean,
): PsiDocument {
  const { desk } = core.station(symbol)
  const model = modelOf(core, desk, version)
  const kept = quick ? core.store.drift.newestSnapshot(desk.symbol, model.version) : null
  if (kept !== null) return stamped(core, desk, 'psi/1', JSON.parse(kept.document) as PsiDocument)
  const snapshot = measurePsiFromRows(desk, model, desk.nowMs())
  return stamped(core, desk, 'psi/1', psiDocument(desk.symbol, model.reference, snapshot, core.limits.psi))
}

export interface PsiTrend {
  readonly symbol: string
  readonly model: string
  readonly items: readonly {
    readonly at: string
    readonly overall_psi: number | null
    readonly verdict: string
    readonly features: Readonly<Record<string, number>>
  }[]
}

/** The hourly snapshots of the last `spanMs`, oldest first. */
export function psiTrend(
  core: Core,
  symbol: string | undefined,
  version: string | undefined,
  spanMs: number,
): PsiTrend {
  const { desk } = core.station(symbol)
  const model = modelOf(core, desk, version)
  const rows = core.store.drift.snapshots(desk.symbol, model.version, desk.nowMs() - spanMs, desk.nowMs())
  const items = rows.map((row) => {
    const document = JSON.parse(row.document) as PsiDocument
    const features = Object.fromEntries(Object.entries(document.features).map(([name, feature]) => [name, feature.psi]))
    return { at: isoTime(row.tsMs), overall_psi: row.overall, verdict: row.verdict, features }
  })
  return stamped(core, desk, 'psi_trend/1', { symbol: desk.symbol, model: model.version, items })
}

function modelOf(core: Core, desk: Desk, version: string | undefined): LoadedModel {
  const standing = version === undefined ? desk.judged : desk.standing.find((model) => model.version === version)
  if (standing != null) return standing
  if (version === undefined) {
    throw new OperatorError(
      `${desk.symbol} has no model yet`,
      'the first is trained once 14 days of bars are there',
      'bring bars in, or wait',
      'no_model',
      409,
    )
  }
  const row = registered(core, desk, version)
  const base = desk.judged
  if (base === null) throw unknownVersion(desk, version)
  return { ...base, version, sha256: row.sha256, reference: parseReference(row.reference) }
}

function registered(core: Core, desk: Desk, version: string): ModelRow {
  const row = core.store.models.get(desk.symbol, version)
  if (row === null) throw unknownVersion(desk, version)
  return row
}

function unknownVersion(desk: Desk, version: string): OperatorError {
  return new OperatorError(
    `${desk.symbol} has no model ${version}`,
    'it is not in the registry',
    'see them with: onay models',
    'unknown_version',
    404,
  )
}

export function featuresDocument(core: Core, symbol: string | undefined): FeaturesDocument {
  const { desk } = core.station(symbol)
  const { store, options } = core
  const { rows, firstMs, lastMs } = store.bars.span(desk.symbol)
  const gaps = core.gaps(desk.symbol)
  const { missing } = store.features.missing(desk.symbol, 0, Number.MAX_SAFE_INTEGER)
  const shares = Object.fromEntries(
    Object.entries(missing).map(([name, count]) => [name, rows === 0 ? 0 : count / rows]),
  )
  const whole = firstMs === null || lastMs === null ? null : completeness(rows, firstMs, lastMs)
  const limits = options.config.features
  const anomalies = [
    ...(whole !== null && whole <= limits.completeness
      ? [`completeness ${(whole * 100).toFixed(2)} %, more than ${limits.completeness * 100} % is needed`]
      : []),
    ...gaps
      .filter((gap) => gap.minutes > limits.gap_min)
      .map((gap) => `gap of ${gap.minutes} minutes from ${isoTime(gap.fromMs)}`),
    ...Object.entries(shares)
      .filter(([, share]) => share > limits.missing_share)
      .map(([name, share]) => `${name} missing in ${(share * 100).toFixed(2)} % of the rows`),
    ...store.feeds
      .dropped(desk.symbol)
      .slice(0, 20)
      .map((drop) => `dropped ${drop.fault}${drop.line === null ? '' : ` on line ${drop.line}`}: ${drop.text}`),
  ]
  return stamped(core, desk, 'features/1', {
    symbol: desk.symbol,
    rows,
    from: firstMs === null ? null : isoTime(firstMs),
    until: lastMs === null ? null : isoTime(lastMs + MINUTE_MS),
    completeness: whole,
    gaps: gaps.map((gap) => ({ from: isoTime(gap.fromMs), until: isoTime(gap.untilMs), minutes: gap.minutes })),
    missing: shares,
    duplicates: desk.feed.duplicates,
    late: desk.feed.late,
    future: desk.feed.future,
    bad_rows: desk.feed.badRows,
    anomalies,
  })
}

export function modelDocuments(core: Core, symbol: string | undefined): ModelDocument[] {
  const { desk } = core.station(symbol)
  return core.store.models.list(desk.symbol).map((row) => documentOf(core, desk, row))
}

/** @throws OperatorError 404 for a version that is not registered */
export function modelDocument(core: Core, symbol: string | undefined, version: string): ModelDocument {
  const { desk } = core.station(symbol)
  return stamped(core, desk, 'model/1', documentOf(core, desk, registered(core, desk, version)))
}

function documentOf(core: Core, desk: Desk, row: ModelRow): ModelDocument {
  const standing = core.store.models.slots(desk.symbol).find((slot) => slot.version === row.version)
  const weights = JSON.parse(row.weights) as { features: string[] }
  const slot: Slot = standing?.slot ?? 'retired'
  return {
    symbol: desk.symbol,
    version: row.version,
    kind: row.kind,
    sha256: row.sha256,
    slot,
    profile: standing?.profile ?? 'equivalent',
    features: weights.features,
    window: { from: isoTime(row.windowFromMs), until: isoTime(row.windowUntilMs) },
    offline: parseOffline(row.offline),
    weights,
  }
}
