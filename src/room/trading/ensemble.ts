import { seededRandom } from '../../engine/kernel/random.ts'
import { DAY_MS, floorTo, HOUR_MS, isoDate, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { EnsembleWeights } from '../../engine/models/contract.ts'
import { logLoss } from '../../engine/stats/calibration.ts'
import { armFigures } from '../../engine/trading/arm-figures.ts'
import {
  type MixedMinutes,
  type MixedReturns,
  type Weighed,
  weighMoney,
  weighScores,
  worthOfMix,
} from '../../engine/training/ensemble-look.ts'
import { equalWeights } from '../../engine/training/ensemble-weights.ts'
import type { EnsembleDocument } from '../../evidence/documents/ensemble-document.ts'
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
  const { kept, money_kept: moneyKept, model } = document
  if (kept !== null && moneyKept !== null) return { ok: true, result: 'kept' }
  const subject = evidence.subject(symbol, `ensemble_${isoDate(atMs)}.json`)
  evidence.writeDocument(subject, evidence.stamp('ensemble/1', atMs, document), atMs, { model })
  if (model !== null && kept === null) {
    const weights = document.members.map(({ version, weight }) => `${version} ${weight.toFixed(2)}`)
    desk.events.log('calibration', 'info', `the weights of ${model} have moved: ${weights.join(', ')}`)
    desk.reloadModels()
  }
  return { ok: true, result: 'moved' }
}

/** What a look at a moment comes to; changes nothing. Null where there are not two models to mix. */
export function ensembleAt(desk: Desk, atMs: UnixMs): EnsembleDocument | null {
  const { symbol, parts } = desk
  const { model, versions, envelope, approved } = membersOf(desk)
  if (versions.length < 2) return null
  const now = standingOf(desk, model, versions, approved)
  const dayMs = floorTo(atMs, HOUR_MS) - DAY_MS
  const week = minutesOf(desk, versions, dayMs - WEEK_MS, dayMs)
  const day = minutesOf(desk, versions, dayMs, atMs)
  const returns = returnsOf(desk, versions, dayMs - WEEK_MS, dayMs)
  const weighed = withinEnvelope(weighScores(now.score, week, day), now.score, approved, envelope, model)
  const idle = idleMember(desk, versions)
  const score = week.labels.length === 0 && idle !== null ? { ...weighed, kept: idle } : weighed
  const money = weighMoney(now.money, returns)
  const worth = worthOfMix(versions, score.weights, { week, day }, seededRandom(SEED))
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
    }
  const models = [inCharge, candidate, ...challengers].flatMap((loaded) => (loaded === null ? [] : [loaded.version]))
  const versions = models.length === 0 ? [] : [...models.slice(0, MAX_MEMBERS - 1), desk.fallback.version]
  return { model: null, versions, envelope: 1, approved: null }
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
): { readonly score: readonly number[]; readonly money: readonly number[] } {
  const [last] = parts.store.ensembles.newest(symbol, 1, model)
  const isSame = last !== undefined && last.members.map(({ version }) => version).join() === versions.join()
  const equal = equalWeights(versions.length)
  return isSame
    ? { score: last.members.map(({ weight }) => weight), money: last.members.map((member) => member.money_weight) }
    : { score: approved ?? equal, money: equal }
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

function minutesOf(desk: Desk, versions: readonly string[], fromMs: UnixMs, untilMs: UnixMs): MixedMinutes {
  const models = versions.filter((version) => version !== desk.fallback.version)
  if (models.length === 0) return { labels: [], scores: versions.map(() => []) }
  const { labels, scores, fallback } = settledScores(desk, models, fromMs, untilMs)
  const of = (version: string): readonly number[] =>
    version === desk.fallback.version ? fallback : (scores[models.indexOf(version)] ?? [])
  return { labels, scores: versions.map(of) }
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
