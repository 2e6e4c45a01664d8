import { GATE_NAMES } from '../engine/gates/catalogue.ts'
import { MINUTE_MS } from '../engine/kernel/units.ts'
import type { Verdict } from '../engine/kernel/verdict.ts'
import type { MarketFigures } from '../control/figures.ts'
import { COMPARED_SOURCES } from '../serving/rollups.ts'
import { alertInputs, fullPsi, overdueJobs } from './alert-inputs.ts'
import type { Desk } from './desk.ts'

const RECENT_MS = 15 * MINUTE_MS

/** By the letters of the gate log. */
const VERDICT: Readonly<Record<string, Verdict>> = { P: 'PASS', W: 'WAIT', F: 'FAIL', E: 'ERROR' }

/** What the metrics say of one market now. From memory alone: no scrape asks the database. */
export function marketFigures(desk: Desk): MarketFigures {
  const { slots, canary, newestBar } = desk
  const nowMs = desk.nowMs()
  const psi = slots.baseline === null ? undefined : desk.psi.get(slots.baseline.version)
  const { missing, ece } = alertInputs(desk, nowMs)
  const overdue = overdueJobs(desk, nowMs)
  return {
    psi: psi ?? null,
    psiWindowFull: fullPsi(psi) !== null,
    driftEvents: { ...desk.driftEvents },
    missingShare: missing?.share ?? null,
    ece,
    matchRate: matchRate(desk),
    meantToMatch: slots.candidate?.profile === 'equivalent',
    breakerOpen: desk.breaker.open,
    canary: {
      share: canary?.share ?? 0,
      phase: canary?.phaseNumber ?? 0,
      psi: canary?.running === true && slots.candidate !== null ? fullPsi(desk.psi.get(slots.candidate.version)) : null,
    },
    gates: judgedGates(desk),
    killSwitch: desk.killSwitch,
    stalenessSec: newestBar === null ? null : (nowMs - newestBar.tsMs - MINUTE_MS) / 1_000,
    jobs: [...desk.jobs.values()].map(({ name, lastOkMs }) => ({ name, lastOkMs, overdue: overdue.includes(name) })),
  }
}

function matchRate(desk: Desk): number | null {
  const { candidate } = desk.slots
  if (candidate === null) return null
  const nowMs = desk.nowMs()
  const { compared, matched } = desk.rollups.totals(nowMs - RECENT_MS, nowMs, COMPARED_SOURCES, candidate.version)
  return compared === 0 ? null : matched / compared
}

/** As they were last judged: judging anew would ask the database. */
function judgedGates(desk: Desk): MarketFigures['gates'] {
  return GATE_NAMES.flatMap((gate, i) => {
    const letter = desk.gates?.verdicts[i]
    return letter === undefined ? [] : [{ gate, verdict: VERDICT[letter] ?? 'ERROR' }]
  })
}
