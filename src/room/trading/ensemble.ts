import { seededRandom } from '../../engine/kernel/random.ts'
import { DAY_MS, floorTo, HOUR_MS, isoDate, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { EnsembleWeights } from '../../engine/models/contract.ts'
import { type MixShares, REGIME_COLUMNS } from '../../engine/models/mix-shares.ts'
import { logLoss } from '../../engine/stats/calibration.ts'
import { armFigures } from '../../engine/trading/arm-figures.ts'
import {
  type MarketMinutes,
  type MixedReturns,
  type Weighed,
  weighMoney,
  weighRegimes,
  weighScores,
  worthOfMix,
} from '../../engine/training/ensemble-look.ts'
import { equalWeights } from '../../engine/training/ensemble-weights.ts'
import type { EnsembleDocument } from '../../evidence/documents/ensemble-document.ts'
import { regimeDocument, regimeSharesOf } from '../../evidence/regime-document.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { settledScores } from '../watch/settled-scores.ts'

const WEEK_MS = 7 * DAY_MS
const SEED = 7
/** A mix of more members would be fitted to a week's chance. */
const MAX_MEMBERS = 8

/** The step of the day; inside the caller's transaction. */
export function stepEnsemble(desk: Desk, evidence: EvidenceWriter, atMs: UnixMs): JobResult {
  const document = ensembleAt(desk, atMs)
  if (document === null) return { ok: true, result: 'nothing to mix' }
  const { symbol, parts } = desk
  desk.mix.take(document, parts.wallNow())
  const { kept, money_kept: moneyKept, model, regimes } = document
  // What is volatile is another each day, also where no weight moves.
  const served = kept === null || regimes != null
  if (!served && moneyKept !== null) return { ok: true, result: 'kept' }
  const subject = evidence.subject(symbol, `ensemble_${isoDate(atMs)}.json`)
  evidence.writeDocument(subject, evidence.stamp('ensemble/1', atMs, document), atMs, { model })
  if (model !== null && served) {
    const moved = movedText(document)
    if (moved !== null) desk.events.log('calibration', 'info', `the weights of ${model} have moved: ${moved}`)
    desk.reloadModels()
  }
  return { ok: true, result: 'moved' }
}

/** The weights that have moved; null where none has. */
function movedText({ members, kept, regimes }: EnsembleDocument): string | null {
  const written = (weights: readonly number[]): string =>
    members.map(({ version }, i) => `${version} ${(weights[i] ?? 0).toFixed(2)}`).join(', ')
  const common = kept === null ? [written(members.map(({ weight }) => weight))] : []
  const own = (regimes?.of ?? []).flatMap(({ regime, weights, kept: why }) =>
    why === null && weights !== null ? [`${regime} ${written(weights)}`] : [],
  )
  const moved = [...common, ...own]
  return moved.length === 0 ? null : moved.join('; ')
}

/** What a look at a moment comes to; changes nothing. Null where there are not two models to mix. */
export function ensembleAt(desk: Desk, atMs: UnixMs): EnsembleDocument | null {
  const { symbol, parts } = desk
  const mix = membersOf(desk)
  const { model, versions, envelope, approved, byRegime } = mix
  if (versions.length < 2) return null
  const now = standingOf(desk, model, versions, approved)
  const dayMs = floorTo(atMs, HOUR_MS) - DAY_MS
  const week = minutesOf(desk, mix, dayMs - WEEK_MS, dayMs)
  const day = minutesOf(desk, mix, dayMs, atMs)
  const returns = returnsOf(desk, versions, dayMs - WEEK_MS, dayMs)
  const settle = (weighed: Weighed, from: readonly number[]): Weighed =>
    withinEnvelope(weighed, from, approved, envelope, model)
  const weighed = settle(weighScores(now.score.common, week, day), now.score.common)
  const idle = idleMember(desk, versions)
  const score = week.labels.length === 0 && idle !== null ? { ...weighed, kept: idle } : weighed
  const regimes = byRegime ? weighRegimes(now.score, week, day, settle) : null
  const money = weighMoney(now.money, returns)
  const worth = worthOfMix(
    versions,
    { common: score.weights, regimes: regimes?.shares ?? null },
    { week, day },
    seededRandom(SEED),
  )
  const { notional } = parts.limits.paper.rule
  return {
    symbol,
    at: isoTime(atMs),
    model,
    minutes: week.labels.length,
    members: versions.map((version, i) => {
      const trades = parts.store.trading
        .closedBy(symbol, version, dayMs - WEEK_MS)
        .filter(({ closedMs }) => closedMs < dayMs)
      return {
        version,
        weight: score.weights[i] ?? 0,
        money_weight: money.weights[i] ?? 0,
        target: score.target?.[i] ?? null,
        money_target: money.target?.[i] ?? null,
        log_loss: week.labels.length === 0 ? null : logLoss(week.labels, week.scores[i] ?? []),
        sharpe: armFigures(trades, notional, WEEK_MS / DAY_MS).sharpe,
        trades: trades.length,
      }
    }),
    kept: score.kept,
    money_kept: money.kept,
    regimes: regimes === null ? null : regimeDocument(regimes),
    best_member: worth === null ? null : (versions[worth.best] ?? null),
    difference: worth?.difference ?? null,
    plain: worth?.plain ?? 'a mix cannot be compared yet: no minute is settled that every member has scored',
  }
}

interface Mixed {
  /** The model of kind `ensemble` that has a role; null where none has. */
  readonly model: string | null
  readonly versions: readonly string[]
  readonly envelope: number
  /** As they were approved, where there is a model. */
  readonly approved: readonly number[] | null
  readonly byRegime: boolean
}

/** The members of the mix that has a role; where none has, all that stand, and the fallback. */
function membersOf(desk: Desk): Mixed {
  const { inCharge, candidate, challengers, standing } = desk.lineUp
  const mix = standing.find(({ model }) => model.kind === 'ensemble')
  const weights = mix === undefined ? undefined : weightsOf(desk, mix.version)
  if (weights !== undefined)
    return {
      model: weights.version,
      versions: weights.members.map(({ version }) => version),
      envelope: weights.envelope,
      approved: weights.members.map(({ weight }) => weight),
      byRegime: weights.regimes === true,
    }
  const models = [inCharge, candidate, ...challengers].flatMap((loaded) => (loaded === null ? [] : [loaded.version]))
  const versions = models.length === 0 ? [] : [...models.slice(0, MAX_MEMBERS - 1), desk.fallback.version]
  return { model: null, versions, envelope: 1, approved: null, byRegime: false }
}

function weightsOf({ symbol, parts }: Desk, version: string): EnsembleWeights | undefined {
  const weights = parts.store.models.get(symbol, version)?.weights
  return weights?.kind === 'ensemble' ? weights : undefined
}

/** The weights of now: of the last look at the same members, else as approved, else equal ones. */
function standingOf(
  { symbol, parts }: Desk,
  model: string | null,
  versions: readonly string[],
  approved: readonly number[] | null,
): { readonly score: MixShares; readonly money: readonly number[] } {
  const [last] = parts.store.ensembles.newest(symbol, 1, model)
  const isSame = last !== undefined && last.members.map(({ version }) => version).join() === versions.join()
  const equal = equalWeights(versions.length)
  return isSame
    ? {
        score: { common: last.members.map(({ weight }) => weight), regimes: regimeSharesOf(last) },
        money: last.members.map((member) => member.money_weight),
      }
    : { score: { common: approved ?? equal, regimes: null }, money: equal }
}

/** A member that scores no minute, and what to do about it; null where each one does. */
function idleMember({ lineUp, fallback }: Desk, versions: readonly string[]): string | null {
  const idle = versions.find((version) => version !== fallback.version && lineUp.of(version) === null)
  return idle === undefined ? null : `${idle} scores no minutes; let it run beside with: onay models challenge ${idle}`
}

/** A step beyond what was approved is not taken. */
function withinEnvelope(
  weighed: Weighed,
  now: readonly number[],
  approved: readonly number[] | null,
  envelope: number,
  model: string | null,
): Weighed {
  const isBeyond = approved?.some((w, i) => Math.abs((weighed.weights[i] ?? 0) - w) > envelope + 1e-9) ?? false
  if (!isBeyond) return weighed
  const kept = `a step beyond ${envelope} from the weights of ${model} that were approved needs another approval: register it anew`
  return { ...weighed, weights: now, kept }
}

function minutesOf(desk: Desk, { versions, byRegime }: Mixed, fromMs: UnixMs, untilMs: UnixMs): MarketMinutes {
  const models = versions.filter((version) => version !== desk.fallback.version)
  if (models.length === 0) return { labels: [], scores: versions.map(() => []), rv60mLog: [], efficiency: [] }
  const { tsMs, labels, scores, fallback } = settledScores(desk, models, fromMs, untilMs)
  const of = (version: string): readonly number[] =>
    version === desk.fallback.version ? fallback : (scores[models.indexOf(version)] ?? [])
  const columns = byRegime ? REGIME_COLUMNS : []
  const [rv60mLog = [], efficiency = []] = columns.map((name) => {
    const column = desk.parts.store.features.column(desk.symbol, name, fromMs, untilMs)
    return tsMs.map((at) => column.get(at) ?? Number.NaN)
  })
  return { labels, scores: versions.map(of), rv60mLog, efficiency }
}

/** By the hour in which a trade was closed. */
function returnsOf({ symbol, parts }: Desk, versions: readonly string[], fromMs: UnixMs, dayMs: UnixMs): MixedReturns {
  const { notional } = parts.limits.paper.rule
  const hours = (WEEK_MS + DAY_MS) / HOUR_MS
  const trades: number[] = []
  const all = versions.map((version) => {
    const byHour = Array.from<number>({ length: hours }).fill(0)
    const closed = parts.store.trading.closedBy(symbol, version, fromMs)
    for (const { closedMs, pnl } of closed) {
      const hour = Math.floor((closedMs - fromMs) / HOUR_MS)
      if (hour < hours) byHour[hour] = (byHour[hour] ?? 0) + pnl / notional
    }
    trades.push(closed.filter(({ closedMs }) => closedMs < dayMs).length)
    return byHour
  })
  const split = WEEK_MS / HOUR_MS
  return { week: all.map((of) => of.slice(0, split)), day: all.map((of) => of.slice(split)), trades }
}
