import { randomUUID } from 'node:crypto'
import { speaksAgainst, type Doubts } from '../../engine/approval/against.ts'
import type { Approval } from '../../engine/approval/prompt.ts'
import type { CanaryPlan, CanaryProfile } from '../../engine/canary/plan.ts'
import { DAY_MS } from '../../engine/kernel/units.ts'
import { auc } from '../../engine/stats/ranking.ts'
import type { ApprovalDocument } from '../../evidence/release-documents.ts'
import { COMPARED_SOURCES } from '../../serving/rollups.ts'
import type { Approvals } from './approvals.ts'
import { contendersOf } from './contenders.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import type { GateJudge, Judgement } from '../watch/judge-gates.ts'
import { missingForPromotion, promotionRules } from './promotion.ts'

/** What opening a prompt needs beside the desk that it is about. */
export interface PromptParts {
  readonly config: Config
  readonly approvals: Approvals
  readonly judge: GateJudge
}

/** A live start that is asked for. */
export interface CanaryStart {
  readonly id: string
  readonly plan: CanaryPlan
  readonly profile: CanaryProfile
  readonly by: string
}

/** Opens the prompt of a live start; inside the caller's transaction. */
export function openCanaryPrompt(
  parts: PromptParts,
  desk: Desk,
  { id, plan, profile, by }: CanaryStart,
): ApprovalDocument {
  const { candidate, baseline } = contendersOf(desk, 'roll out')
  const [first] = plan.phases
  if (first === undefined) throw new RangeError(`the plan ${plan.name} has no phases`)
  const doubts = doubtsOf(parts.judge, desk, 'canary_start')
  const shares = plan.phases.map((phase) => `${phase.split * 100} %`).join(', ')
  const opened = parts.approvals.open(
    id,
    {
      asked: {
        action: 'canary_start',
        candidate: candidate.version,
        mode: 'observe',
        split: first.split,
        durationMs: first.durationMs,
      },
      symbol: desk.symbol,
      sha256: candidate.sha256,
      figures: { plan: plan.name, profile, match: doubts.match, outcome: doubts.outcome, offline: doubts.offline },
      verdictsKey: verdictsKey(parts, desk, 'canary_start'),
      against: speaksAgainst(doubts),
      needs: 1,
      by,
      shown: {
        whatHappens: `${shares} of the requests are judged, ${first.durationMs / 60_000} min each; every answer stays ${baseline.version}'s`,
        speaksFor: [`the preflight passed; offline AUC ${candidate.offline?.auc.toFixed(3) ?? 'unknown'}`],
        stopsIt:
          profile === 'equivalent'
            ? 'errors > 2 %, p95 > 120 ms, match < 90 %; a a at any time'
            : 'errors > 2 %, p95 > 120 ms; a a at any time',
      },
      request: { plan: plan.name, profile },
    },
    desk.tape.momentMs,
  )
  return told(desk, opened)
}

/** Opens the prompt of a promotion that nothing blocks; inside the caller's transaction. */
export function openPromotionPrompt(
  parts: PromptParts,
  desk: Desk,
  judgement: Judgement,
  by: string,
): ApprovalDocument {
  const { candidate, baseline } = contendersOf(desk, 'promote')
  const doubts = doubtsOf(parts.judge, desk, 'promote')
  const phases = desk.canary.newest?.phases.length ?? 0
  const { neededH } = promotionRules(parts.config)
  const opened = parts.approvals.open(
    `promote-${randomUUID().slice(0, 8)}`,
    {
      asked: { action: 'promote', candidate: candidate.version },
      symbol: desk.symbol,
      sha256: candidate.sha256,
      figures: {
        gates: judgement.gates.map(({ name, verdict, value }) => ({ name, verdict, value })),
        outcome: doubts.outcome,
        offline: doubts.offline,
        match: doubts.match,
      },
      verdictsKey: verdictsKey(parts, desk, 'promote'),
      against: speaksAgainst(doubts),
      needs: parts.config.approvals.promote,
      by,
      shown: {
        whatHappens: `${candidate.version} answers every caller at once; ${baseline.version} stays ready, rollback is one command`,
        speaksFor: [`six gates pass; canary ${phases}/${phases}, ${neededH} h of validation without a breach`],
        stopsIt: 'for 48 h: errors > 2 %, p95 > 120 ms, match < 90 % under equivalent, outcome worse with certainty',
      },
      request: {},
    },
    desk.tape.momentMs,
  )
  return told(desk, opened)
}

/** Tells that a prompt waits: who may answer it need not sit in front of the room. */
function told(desk: Desk, opened: ApprovalDocument): ApprovalDocument {
  const { id, sentence, asked_by, expires_at } = opened
  const until = `until ${expires_at.slice(11, 16)} UTC`
  desk.events.log('approval', 'info', `${id} waits ${until}: "${sentence}", asked by ${asked_by}`, 'always')
  return opened
}

/** What can speak against an action, as far as it is known. */
function doubtsOf(judge: GateJudge, desk: Desk, action: 'canary_start' | 'promote'): Doubts {
  const { candidate, baseline } = desk.slots
  const judgement = judge.judgeFresh(desk, desk.nowMs())
  const { outcome } = judgement
  const { limits } = desk.parts
  const day =
    candidate === null
      ? null
      : desk.rollups.totals(desk.nowMs() - DAY_MS, desk.nowMs(), COMPARED_SOURCES, candidate.version)
  const phases = desk.canary.newest?.phases ?? []
  return {
    action,
    candidate: candidate?.version ?? '',
    baseline: baseline?.version ?? '',
    profile: candidate?.profile ?? 'equivalent',
    mode: 'observe',
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
    killSwitchReason: null,
    leftMs: null,
  }
}

/** The verdicts that must not change while a prompt waits. */
export function verdictsKey({ config, judge }: PromptParts, desk: Desk, action: Approval['action']): string {
  const { baseline } = desk.slots
  const stands = `${baseline?.version ?? 'none'}/${desk.breaker.open ? 'open' : 'closed'}/${desk.killSwitch ? 'on' : 'off'}`
  if (action !== 'promote') return stands
  const judgement = judge.judgeFresh(desk, desk.nowMs())
  const missing = missingForPromotion(desk, judgement, desk.nowMs(), promotionRules(config))
  return `${stands}/${judgement.gates.map((gate) => gate.verdict).join(',')}/${judgement.outcome.verdict}/${missing.length}`
}

/** AUC of each on the minutes settled since the candidate has been in the shadow. */
function settledAuc(desk: Desk): { candidate: number | null; baseline: number | null; fallback: number | null } | null {
  const { candidate, baseline } = desk.slots
  if (candidate === null || baseline === null) return null
  const { predictions, features } = desk.parts.store
  const untilMs = desk.nowMs()
  const theirs = predictions.settled(desk.symbol, candidate.version, candidate.sinceMs, untilMs)
  const ours = new Map(
    predictions.settled(desk.symbol, baseline.version, candidate.sinceMs, untilMs).map((row) => [row.tsMs, row.score]),
  )
  const plain = new Map<number, number>()
  for (const row of features.each(desk.symbol, candidate.sinceMs, untilMs))
    plain.set(row.tsMs, desk.fallback.score(row.values))
  const rows = theirs.filter((row) => ours.has(row.tsMs) && !Number.isNaN(plain.get(row.tsMs) ?? Number.NaN))
  const labels = rows.map((row) => row.label)
  const of = (scores: readonly number[]): number | null => {
    const value = auc(labels, scores)
    return Number.isNaN(value) ? null : value
  }
  return {
    candidate: of(rows.map((row) => row.score)),
    baseline: of(rows.map((row) => ours.get(row.tsMs) ?? Number.NaN)),
    fallback: of(rows.map((row) => plain.get(row.tsMs) ?? Number.NaN)),
  }
}
