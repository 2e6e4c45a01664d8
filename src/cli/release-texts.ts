/** Documents of taking a model live, as people read them. */
import { namedPerson } from '../engine/approval/prompt.ts'
import { percent, signed } from '../engine/kernel/figures.ts'
import { minuteUtc } from '../engine/kernel/units.ts'
import type {
  ApprovalDocument,
  CanaryDocument,
  CanaryRunDocument,
  LiveCanaryDocument,
  LiveSideDocument,
  PreflightDocument,
} from '../evidence/documents/release-documents.ts'

export function canaryText(canary: CanaryDocument): string {
  if (canary.state === 'idle')
    return `${canary.symbol}: no canary has run${canary.candidate === null ? '' : `; ${canary.candidate} is in the shadow`}`
  const phase = canary.phase === null ? '' : `, phase ${canary.phase} of ${canary.plan.length}`
  return [
    `${canary.symbol}: canary of ${canary.candidate}, ${canary.plan_name}, ${canary.mode}, ${canary.profile}: ${canary.state.replace('_', ' ')}${phase}, share ${shareText(canary.share)}${canary.until === null ? '' : ` until ${minuteUtc(canary.until)}`}`,
    `  realised ${shareText(canary.realised_share)}, ${canary.live} live and ${canary.probes} of ${canary.probes_planned} probes`,
    `  match ${shareText(canary.match_rate)} (${canary.profile === 'improve' ? 'not judged' : `stop below ${shareText(canary.limits.match_rate.stop)}`}), errors ${shareText(canary.error_rate)} (stop above ${shareText(canary.limits.error_rate.stop)}), p95 ${canary.p95_ms?.toFixed(1) ?? '-'} ms (stop above ${canary.limits.p95_ms.stop})`,
    ...(canary.decision === null && canary.reason === null
      ? []
      : [`  judge: ${canary.reason ?? canary.decision ?? ''}`]),
    ...(canary.validation === null
      ? []
      : [
          `  validation: ${canary.validation.counted_h} of ${canary.validation.needed_h} h${canary.validation.missing === '' ? '' : `, ${canary.validation.missing}`}`,
        ]),
    ...(canary.live_canary === null ? [] : liveLines(canary.live_canary)),
    ...(canary.bake === null ? [] : [`  bake until ${minuteUtc(canary.bake.until)}: ${canary.bake.decision}`]),
  ].join('\n')
}

/** Both sides of a canary of days beside each other, and what it lacks. */
function liveLines({ days, policy, minutes, canary, in_charge, difference, ...rest }: LiveCanaryDocument): string[] {
  const { log_loss_difference: loss, own_difference_bp: own } = rest
  const sideLine = (side: LiveSideDocument): string =>
    `    ${side.version.padEnd(12)} ${side.trades} trades, Sharpe ${fixed(side.sharpe, 2)}, drawdown ${fixed(side.max_drawdown, 2)}, net ${fixed(side.net_pnl, 2)}, log loss ${fixed(side.log_loss, 4)}, ECE ${fixed(side.ece, 3)}`
  return [
    `  live: ${days} of ${policy.min_days} days, ${minutes} settled minutes on which ${canary.version} was confident`,
    sideLine(canary),
    sideLine(in_charge),
    ...(difference === null
      ? []
      : [
          `    daily return ${percent(difference.value, 3)} more, 95 % ${percent(difference.lo, 3)} to ${percent(difference.hi, 3)}`,
        ]),
    ...(loss === null
      ? []
      : [
          `    log loss ${signed(loss.value)}, 95 % ${signed(loss.lo)} to ${signed(loss.hi)}, paired over those minutes: ${lossWords(loss)}`,
        ]),
    ...(canary.own_trades + in_charge.own_trades === 0
      ? []
      : [
          `    own trades of callers: ${canary.own_trades} at ${fixed(canary.own_mean_bp, 1)} bp against ${in_charge.own_trades} at ${fixed(in_charge.own_mean_bp, 1)} bp${own === null ? '' : `, 95 % of the daily difference ${signed(own.lo, 1)} to ${signed(own.hi, 1)} bp`}`,
        ]),
    `    ${rest.verdict}: ${rest.reason}`,
    ...(rest.policy_changed ? ['    canary_policy.json has changed since it was approved, and changes nothing'] : []),
  ]
}

/** What an interval of the canary's log loss less the other's says. */
function lossWords({ lo, hi }: { readonly lo: number; readonly hi: number }): string {
  if (hi < 0) return 'better with certainty'
  return lo > 0 ? 'worse with certainty' : 'undecided'
}

function fixed(value: number | null, decimals: number): string {
  return value === null ? '-' : value.toFixed(decimals)
}

export function canaryRunText(run: CanaryRunDocument): string {
  return [
    `${run.symbol}: ${run.dry_run ? 'dry run' : 'canary'} of ${run.candidate} beside ${run.baseline}, ${run.profile}: ${run.status}`,
    ...run.phases.map(
      (phase) =>
        `  phase ${phase.phase}, ${shareText(phase.split)}: ${phase.decision}, match ${shareText(phase.match_rate)}, errors ${shareText(phase.error_rate)}, p95 ${phase.p95_ms?.toFixed(2) ?? '-'} ms, ${phase.live} live and ${phase.probes} probes: ${phase.reason}`,
    ),
  ].join('\n')
}

export function preflightText(document: PreflightDocument): string {
  const lines = document.checks.map(
    (check) => `  ${check.pass ? 'PASS' : 'FAIL'}  ${check.check.padEnd(12)} ${check.said}`,
  )
  return [`${document.symbol}: preflight ${document.pass ? 'PASS' : 'FAIL'}`, ...lines].join('\n')
}

export function approvalText(approval: ApprovalDocument): string {
  const { id, sentence, state, against, given } = approval
  return [
    `${id}: ${sentence} (${state}${approval.why === null ? '' : `: ${approval.why}`})`,
    `  what happens  ${approval.what_happens}`,
    ...approval.speaks_for.map((line) => `  for it        ${line}`),
    ...against.map((line) => `  against it    ${line}`),
    `  stops it      ${approval.stops_it}`,
    `  asked by ${approval.asked_by}, expires ${approval.expires_at}, ${given.length} of ${approval.needs} given${given.map((word) => `, by ${namedPerson(word)}: "${word.reason}"`).join('')}`,
    ...(state === 'waiting' ? [`  onay approve ${id} --phrase ONAY --reason "..."`] : []),
  ].join('\n')
}

function shareText(share: number | null): string {
  return share === null ? '-' : percent(share)
}
