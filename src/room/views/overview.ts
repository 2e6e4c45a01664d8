import { DAY_MS } from '../../engine/kernel/units.ts'
import { verdictOf } from '../../engine/kernel/verdict.ts'
import type { SymbolView } from '../../control/view.ts'
import type { Desk } from '../desk/desk.ts'
import type { Release } from '../release/release.ts'
import { changeSince } from './market-part.ts'

/** One market in a line; the gates as they were last judged, since judging anew is dear. */
export function overviewOf(desk: Desk, release: Release): SymbolView {
  const { lineUp, tape, jobs, drift, alerts, symbol } = desk
  const bar = tape.newestBar
  const { gateVerdicts } = jobs
  const open = alerts.active.filter(
    (alert) => alert.state === 'firing' && alerts.acknowledgementOf(alert.rule) === null,
  )
  return {
    symbol,
    price: bar?.close ?? null,
    dayChange: bar === null ? null : changeSince(desk, bar.tsMs - DAY_MS, bar.close),
    inCharge: lineUp.inCharge?.version ?? null,
    shadow: lineUp.candidate?.version ?? null,
    canary: release.status(symbol).state,
    gatesPassed:
      gateVerdicts === null ? null : Array.from(gateVerdicts).filter((letter) => verdictOf(letter) === 'PASS').length,
    psi: lineUp.inCharge === null ? null : (drift.snapshotOf(lineUp.inCharge.version)?.overall_psi ?? null),
    alerts: open.length,
    critical: open.filter(({ severity }) => severity === 'critical').length,
  }
}
