import { GATE_NAMES } from '../../engine/gates/catalogue.ts'
import type { AlertInputs } from '../../engine/alerts/rule.ts'
import { MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { verdictOf } from '../../engine/kernel/verdict.ts'
import { rowAgeMs } from '../../engine/market/row-age.ts'
import { SCHEDULE } from '../../jobs/schedule.ts'
import type { MarketFigures } from '../../control/figures.ts'
import { COMPARED_SOURCES } from '../../engine/shadow/source.ts'
import { liveNames } from '../canary/live-arms.ts'
import type { Desk } from '../desk/desk.ts'
import { fullPsi, type RuleInputs } from '../watch/rule-inputs.ts'

/** Jobs that run several times a day: their cron expression names no hour. */
const OFTEN: ReadonlySet<string> = new Set(
  SCHEDULE.flatMap(({ name, expression }) => (expression.split(' ')[1]?.startsWith('*') === true ? [name] : [])),
)
const RECENT_MS = 15 * MINUTE_MS

/** What the metrics say of one market now. From memory alone: no scrape asks the database. */
export function marketFigures(desk: Desk, inputs: RuleInputs): MarketFigures {
  const { lineUp, canary, drift, killSwitch } = desk
  const { newestBar } = desk.tape
  const nowMs = desk.nowMs()
  const psi = lineUp.inCharge === null ? undefined : drift.snapshotOf(lineUp.inCharge.version)
  const candidatePsi = lineUp.candidate === null ? undefined : drift.snapshotOf(lineUp.candidate.version)
  const { missing, ece, overdueJobs, overdueOutcomes, backupAgeMs, paper } = inputs.of(desk, nowMs)
  const { version: fallback } = desk.fallback
  return {
    symbol: desk.symbol,
    answering: lineUp.inCharge === null ? [fallback] : [lineUp.inCharge.version, fallback],
    psi: psi ?? null,
    driftLevel: lineUp.inCharge === null ? null : drift.levelOf(lineUp.inCharge.version),
    drift: (lineUp.inCharge === null ? undefined : drift.days.newestOf(lineUp.inCharge.version)) ?? null,
    driftEvents: { ...drift.levelsReached },
    missingShare: missing?.share ?? null,
    ece,
    matchRate: matchRate(desk, nowMs),
    meantToMatch: lineUp.candidate?.profile === 'equivalent',
    isRemote: lineUp.candidate?.model.kind === 'http',
    breakerOpen: desk.breaker.open,
    canary: {
      share: canary.share(killSwitch),
      phase: canary.phaseNumber,
      psi: canary.running ? fullPsi(candidatePsi) : null,
      seen: canary.seen(nowMs),
      sharpe: liveSharpe(desk, nowMs),
    },
    mix: mixOf(desk),
    gates: judgedGates(desk),
    killSwitch,
    stalenessSec: newestBar === null ? null : Math.abs(rowAgeMs(newestBar.tsMs, nowMs)) / 1_000,
    // Those that run often are overdue soon, which is a figure of its own.
    jobs: desk.jobs.all().flatMap(({ name, lastOkMs }) => (OFTEN.has(name) ? [] : [{ name, lastOkMs }])),
    overdueJobs: overdueJobs.length,
    overdueOutcomes,
    backupAgeSec: backupAgeMs === null ? null : backupAgeMs / 1_000,
    arm: armFigures(desk, paper, nowMs),
  }
}

function mixOf({ mix: { newest } }: Desk): MarketFigures['mix'] {
  if (newest === null || newest.model === null) return []
  return newest.members.map(({ version, weight }) => ({ member: version, weight }))
}

function liveSharpe({ canary, paper }: Desk, nowMs: UnixMs): MarketFigures['canary']['sharpe'] {
  const run = canary.phase?.run
  if (run?.plan.live === undefined) return null
  const names = liveNames(run)
  const sharpe = (arm: string): number | null => paper.results(nowMs).figures(arm, nowMs)?.sharpe ?? null
  return { canary: sharpe(names.candidate), in_charge: sharpe(names.inCharge) }
}

function armFigures(desk: Desk, paper: AlertInputs['paper'], nowMs: UnixMs): MarketFigures['arm'] {
  if (paper === null) return null
  const results = desk.paper.results(nowMs)
  const figures = results.figures(paper.arm, nowMs)
  const { slippageLowPct: low, slippageAssumedPct: assumed } = paper
  return {
    name: paper.arm,
    trades: results.total(paper.arm),
    expectancyBp: figures?.expectancyBp ?? null,
    sharpe: figures?.sharpe ?? null,
    isOpen: desk.paper.of(paper.arm).kind !== 'flat',
    drawdown: paper.drawdown,
    slippagePct: figures?.slippagePct ?? null,
    slippageExcessPct: low === null ? null : low - assumed,
    retrainFailed: paper.retrainFailed !== null,
    swapRecommended: desk.jobs.of('ab eval')?.result === 'SWAP',
  }
}

function matchRate({ lineUp: { candidate }, rollups }: Desk, nowMs: number): number | null {
  if (candidate === null) return null
  const { compared, matched } = rollups.totals(nowMs - RECENT_MS, nowMs, COMPARED_SOURCES, candidate.version)
  return compared === 0 ? null : matched / compared
}

/** As they were last judged: judging anew would ask the database. */
function judgedGates({ jobs: { gateVerdicts } }: Desk): MarketFigures['gates'] {
  return GATE_NAMES.flatMap((gate, i) => {
    const letter = gateVerdicts?.[i]
    return letter === undefined ? [] : [{ gate, verdict: verdictOf(letter) }]
  })
}
