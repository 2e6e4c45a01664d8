import type { LiveFigures, LiveSide, LiveVerdict } from '../../engine/canary/live.ts'
import { MAX_LIVE_DAYS } from '../../engine/canary/plan.ts'
import type { CanaryRun } from '../../engine/canary/run.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { LiveCanaryDocument, LiveSideDocument } from '../../evidence/documents/release-documents.ts'

/** A canary of days as it was judged. @param policyChanged whether the file is another than the approved one */
export function liveDocument(
  { candidate, baseline, plan }: CanaryRun,
  { atMs, figures, verdict }: { readonly atMs: UnixMs; readonly figures: LiveFigures; readonly verdict: LiveVerdict },
  policyChanged: boolean,
): LiveCanaryDocument {
  const { days, neededDays, minutes, difference, logLossDifference, ownDifferenceBp, criticalDrift } = figures
  return {
    at: isoTime(atMs),
    policy: {
      fraction: plan.phases[0]?.split ?? 0,
      min_confidence: plan.live?.minConfidence ?? 0.5,
      min_days: neededDays,
      sha256: plan.live?.sha256 ?? '',
    },
    policy_changed: policyChanged,
    days,
    most_days: MAX_LIVE_DAYS,
    minutes,
    canary: sideDocument(candidate, figures.canary),
    in_charge: sideDocument(baseline, figures.inCharge),
    difference,
    log_loss_difference: logLossDifference,
    own_difference_bp: ownDifferenceBp,
    critical_drift: criticalDrift,
    verdict: verdict.kind,
    reason: verdict.reason,
    missing: verdict.kind === 'extend' ? verdict.missing : [],
  }
}

function sideDocument(version: string, side: LiveSide): LiveSideDocument {
  const { trades, sharpe, maxDrawdown, netPnl, logLoss, ece, ownTrades, ownMeanBp } = side
  return {
    version,
    trades,
    sharpe,
    max_drawdown: maxDrawdown,
    net_pnl: netPnl,
    log_loss: logLoss,
    ece,
    own_trades: ownTrades,
    own_mean_bp: ownMeanBp,
  }
}
