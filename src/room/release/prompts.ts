import { randomUUID } from 'node:crypto'
import { speaksAgainst, verdictsShown, type Doubts } from '../../engine/approval/against.ts'
import type { ApprovalAction } from '../../engine/approval/prompt.ts'
import { shortPercent, signed } from '../../engine/kernel/figures.ts'
import { type CanaryMode, type CanaryPhase, marginOf, MAX_LIVE_DAYS } from '../../engine/canary/plan.ts'
import { knownOf, type CanaryRun } from '../../engine/canary/run.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, minuteText, type UnixMs } from '../../engine/kernel/units.ts'
import { auc } from '../../engine/stats/ranking.ts'
import type { Profile } from '../../engine/models/roles.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import { COMPARED_SOURCES } from '../../engine/shadow/source.ts'
import { approvalLifetimeMs, openPrompt } from '../safety/open-prompt.ts'
import { contendersOf, type ReleaseParts } from './contenders.ts'
import type { Desk } from '../desk/desk.ts'
import type { Judgement } from '../watch/judge-gates.ts'
import { settledScores } from '../watch/settled-scores.ts'
import { missingForPromotion, promotionRules } from './promotion-needs.ts'

/** The prompt of a live start. */
interface CanaryPrompt {
  readonly run: CanaryRun
  readonly id: string
  readonly by: string
  readonly expiresWallMs: UnixMs
}

/** Opens the prompt of a live start; inside the caller's transaction. */
export function openCanaryPrompt(parts: ReleaseParts, desk: Desk, prompt: CanaryPrompt): void {
  const { run, id, by, expiresWallMs } = prompt
  const { plan, profile, mode } = run
  const [first] = plan.phases
  if (first === undefined) throw new RangeError(`the plan ${plan.name} has no phases`)
  const doubts = doubtsOf(parts.judge, desk, 'canary_start', mode)
  const { split, durationMs } = first
  openPrompt(parts.evidence, desk, {
    id,
    subject: { action: 'canary_start', candidate: run.candidate, mode, split, durationMs },
    symbol: desk.symbol,
    sha256: run.sha256,
    figures: {
      plan: plan.name,
      ...(plan.live === undefined ? {} : { policy: { fraction: split, days: durationMs / DAY_MS, ...plan.live } }),
      profile,
      match: doubts.match,
      outcome: doubts.outcome,
      offline: doubts.offline,
    },
    verdictsKey: verdictsKey(parts, desk, 'canary_start'),
    against: [...speaksAgainst(doubts), ...calibrationLines(desk)],
    needs: 1,
    by,
    openedWallMs: run.wallMs,
    expiresWallMs,
    shown: {
      whatHappens: whatHappens(run, first),
      speaksFor: [`the preflight passed; offline AUC ${doubts.offline?.auc.toFixed(3) ?? 'unknown'}`],
      stopsIt: `${stops(desk, profile)}${plan.live === undefined ? '' : ', earns less with certainty'}; a a at any time`,
    },
    request: { plan: plan.name, profile },
  })
}

function whatHappens({ plan, mode, candidate, baseline }: CanaryRun, { split, durationMs }: CanaryPhase): string {
  if (plan.live !== undefined) {
    const margin = marginOf(plan).toFixed(2)
    const days = durationMs / DAY_MS
    return `${split * 100} % of the callers' keys get ${candidate}'s answer where its score is ${margin} or more from its threshold, for ${days} ${days === 1 ? 'day' : 'days'}, ${MAX_LIVE_DAYS} days at the most; all others get ${baseline}'s`
  }
  const shares = plan.phases.map((phase) => `${phase.split * 100} %`).join(', ')
  const each = `${durationMs / MINUTE_MS} min each`
  return mode === 'serve'
    ? `${shares} of the callers' requests get ${candidate}'s answer, ${each}; the others get ${baseline}'s`
    : `${shares} of the requests are judged, ${each}; callers still get every answer from ${baseline}`
}

/** What has changed of the answers in charge since they were approved; the candidate begins with its artifact's. */
function calibrationLines({ lineUp: { inCharge, candidate }, mix }: Desk): readonly string[] {
  if (inCharge === null || candidate === null) return []
  const { map, raisedBy, takenMs } = inCharge.calibration
  const changes = [
    ...(map === null || takenMs === null ? [] : [`answers with a calibration of ${minuteText(takenMs)} UTC`]),
    ...(mix.newest?.model === inCharge.version ? ['mixes its members by other weights'] : []),
    ...(raisedBy === 0 ? [] : [`signals from ${signed(raisedBy, 2)} above its threshold`]),
  ]
  if (changes.length === 0) return []
  return [`since it was approved, ${inCharge.version} ${changes.join(' and ')}; ${candidate.version} begins without`]
}

/** The judge's limits for stopping, in words. */
function stops(desk: Desk, profile: Profile): string {
  const { errorRate, p95Ms, matchRate } = desk.parts.limits.judge
  const match = profile === 'equivalent' ? `, match < ${shortPercent(matchRate.abort)}` : ''
  return `errors > ${shortPercent(errorRate.abort)}, p95 > ${p95Ms.abort} ms${match}`
}

/** Opens the prompt of a promotion that nothing blocks; inside the caller's transaction. */
export function openPromotionPrompt(
  parts: ReleaseParts,
  desk: Desk,
  judgement: Judgement,
  { by, openedWallMs }: { readonly by: string; readonly openedWallMs: UnixMs },
): ApprovalDocument {
  const { candidate, baseline } = contendersOf(desk, 'promote')
  const doubts = doubtsOf(parts.judge, desk, 'promote', desk.canary.begun?.mode ?? 'observe')
  const phases = desk.canary.begun?.phases.length ?? 0
  const { neededH } = promotionRules(parts.config)
  const { bake } = desk.parts.limits
  return openPrompt(parts.evidence, desk, {
    id: `promote-${randomUUID().slice(0, 8)}`,
    subject: { action: 'promote', candidate: candidate.version },
    symbol: desk.symbol,
    sha256: candidate.sha256,
    figures: {
      gates: judgement.gates.map(({ readyAtMs: _, ...gate }) => gate),
      outcome: doubts.outcome,
      offline: doubts.offline,
      match: doubts.match,
    },
    verdictsKey: verdictsKey(parts, desk, 'promote'),
    against: [...speaksAgainst(doubts), ...calibrationLines(desk)],
    needs: parts.config.approvals.promote,
    by,
    openedWallMs,
    expiresWallMs: openedWallMs + approvalLifetimeMs(parts.config),
    shown: {
      whatHappens: `${candidate.version} answers every caller at once; ${baseline.version} stays ready, and a rollback is one command`,
      speaksFor: [
        ...outcomeFor(doubts),
        `six gates pass; canary ${phases}/${phases}, ${neededH} h of validation without a breach`,
      ],
      stopsIt: `for ${bake.durationMs / HOUR_MS} h: ${stops(desk, candidate.profile)}, outcome worse with certainty`,
    },
    request: {},
  })
}

/** The strongest word for a model, where it has been earned: better on settled minutes, with certainty. */
function outcomeFor({ outcome, baseline }: Doubts): string[] {
  if (outcome?.verdict !== 'better') return []
  const { logLoss, difference, n } = outcome
  if (logLoss.candidate === null || logLoss.baseline === null || difference === null) return []
  const losses = `settled log loss ${logLoss.candidate.toFixed(4)} against ${logLoss.baseline.toFixed(4)} for ${baseline}`
  return [`${losses} on ${n} minutes: better (95 % ${difference.lo.toFixed(4)} to ${difference.hi.toFixed(4)})`]
}

/** What can speak against an action, as far as it is known. */
function doubtsOf(judge: ReleaseParts['judge'], desk: Desk, action: ApprovalAction, mode: CanaryMode): Doubts {
  const { candidate, inCharge: baseline } = desk.lineUp
  const judgement = judge.judgeFresh(desk, desk.nowMs())
  const { outcome } = judgement
  const { limits } = desk.parts
  const day =
    candidate === null
      ? null
      : desk.rollups.totals(desk.nowMs() - DAY_MS, desk.nowMs(), COMPARED_SOURCES, candidate.version)
  const phases = (desk.canary.begun?.phases ?? []).map(({ measured }) => knownOf(measured))
  return {
    action,
    candidate: candidate?.version ?? '',
    baseline: baseline?.version ?? '',
    profile: candidate?.profile ?? 'equivalent',
    mode,
    outcome: {
      verdict: outcome.verdict,
      n: outcome.n,
      minRows: limits.outcome.minRows,
      logLoss: outcome.logLoss,
      difference: outcome.difference,
      auc: settledAuc(desk),
    },
    offline:
      candidate?.offline == null
        ? null
        : {
            auc: candidate.offline.auc,
            lo: candidate.offline.aucLo,
            hi: candidate.offline.aucHi,
            limit: limits.gates.auc,
          },
    match: day === null || day.compared === 0 ? null : { rate: day.matched / day.compared, n: day.compared },
    canary:
      phases.length === 0
        ? null
        : {
            live: phases.reduce((sum, phase) => sum + phase.live, 0),
            probes: phases.reduce((sum, phase) => sum + phase.probes, 0),
          },
  }
}

/** The verdicts that must not change while a prompt waits. */
export function verdictsKey(
  { config, judge, live }: ReleaseParts,
  desk: Desk,
  action: ApprovalDocument['action'],
): string {
  const { inCharge: baseline } = desk.lineUp
  const { newest } = desk.canary
  const policy = action === 'canary_start' && newest?.plan.live !== undefined ? `${live.policyNow()}/` : ''
  const calibrated = baseline === null ? '' : `${baseline.calibration.takenMs}+${baseline.calibration.raisedBy}`
  const stands = `${baseline?.version ?? 'none'}/${calibrated}/${desk.breaker.open ? 'open' : 'closed'}/${desk.killSwitch ? 'on' : 'off'}`
  const doubts = doubtsOf(judge, desk, action === 'promote' ? action : 'canary_start', 'observe')
  const shown = `${policy}${stands}/${verdictsShown(doubts).join(',')}`
  if (action !== 'promote') return shown
  const judgement = judge.judgeFresh(desk, desk.nowMs())
  const missing = missingForPromotion(desk, judgement, desk.nowMs(), promotionRules(config))
  return `${shown}/${judgement.gates.map((gate) => gate.verdict).join(',')}/${missing.length}`
}

/** AUC of each on the minutes settled since the candidate has been in the shadow. */
function settledAuc(desk: Desk): { candidate: number | null; baseline: number | null; fallback: number | null } | null {
  const { candidate, inCharge: baseline } = desk.lineUp
  if (candidate === null || baseline === null) return null
  const versions = [candidate.version, baseline.version]
  const { labels, scores, fallback } = settledScores(desk, versions, candidate.sinceMs, desk.nowMs())
  const of = (said: readonly number[] = []): number | null => {
    const value = auc(labels, said)
    return Number.isNaN(value) ? null : value
  }
  return { candidate: of(scores[0]), baseline: of(scores[1]), fallback: of(fallback) }
}
