import { JUDGE_LIMITS, type CanaryPlan, type CanaryProfile } from '../../engine/canary/plan.ts'
import type { CanaryEvent, Effect } from '../../engine/canary/event.ts'
import type { PhaseFigures } from '../../engine/canary/judge.ts'
import { IDLE, sayAbort, type CanaryState } from '../../engine/canary/state.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { unreachable } from '../../engine/kernel/unreachable.ts'
import type { CanaryRunDocument } from '../../evidence/release-documents.ts'
import type { CanaryRunRow } from '../../db/release.ts'
import { givenOf } from './approvals.ts'
import { isRunning, type CanaryRun } from '../desk/canary-run.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { limitsDocument, phaseDocument, planDocument } from './canary-document.ts'

/** A start that waits for ONAY. */
export interface RequestedRun {
  readonly runId: string
  readonly salt: string
  readonly plan: CanaryPlan
  readonly profile: CanaryProfile
  readonly promptId: string
  readonly expiresAtWallMs: UnixMs
}

interface Named {
  readonly version: string
  readonly sha256: string
}

/** The row of a run that nobody has approved yet. */
export function requestedRow(
  desk: Desk,
  request: RequestedRun,
  models: { readonly candidate: Named; readonly baseline: Named },
  atMs: UnixMs,
): CanaryRunRow {
  return {
    symbol: desk.symbol,
    runId: request.runId,
    state: JSON.stringify(IDLE),
    plan: JSON.stringify(request.plan),
    mode: 'observe',
    profile: request.profile,
    candidate: models.candidate.version,
    sha256: models.candidate.sha256,
    baseline: models.baseline.version,
    salt: request.salt,
    approvalId: request.promptId,
    phases: '[]',
    lastLook: null,
    probesSent: 0,
    tsMs: atMs,
    endedMs: null,
    wallMs: desk.parts.wallNow(),
  }
}

/** The run after a step: its state, the results of phases that ended, the probes of the one that began. */
export function advance(
  run: CanaryRun,
  event: CanaryEvent,
  state: CanaryState,
  effects: readonly Effect[],
  figures: PhaseFigures | null,
): CanaryRun {
  let { phases, lastLook } = run
  let { probesSent, endedMs } = run.row
  for (const effect of effects) {
    if (effect.kind === 'phaseEnded' && isRunning(run.state) && figures !== null) {
      const ended = {
        phase: effect.phase,
        sinceMs: run.state.sinceMs,
        atMs: event.atMs,
        decision: effect.decision,
        reason: effect.reason,
      }
      phases = [...phases, phaseDocument(run, ended, figures)]
    }
    if (effect.kind === 'phaseStarted') {
      probesSent = 0
      lastLook = effect.phase === 0 ? null : lastLook
    }
  }
  if (!isRunning(state) && state.kind !== 'awaitingOnay') endedMs = event.atMs
  const row = {
    ...run.row,
    state: JSON.stringify(state),
    phases: JSON.stringify(phases),
    probesSent,
    endedMs,
    lastLook: lastLook === null ? null : JSON.stringify(lastLook),
  }
  return { ...run, row, state, phases, lastLook }
}

/** Puts one effect of a step into the record and onto the screen. */
export function record(run: CanaryRun, effect: Effect, atMs: UnixMs, desk: Desk, evidence: EvidenceWriter): void {
  const { runId, candidate, sha256 } = run.row
  const fact = (detail: object): void =>
    evidence.recordFact('canary', `${desk.symbol}/${runId}`, atMs, {
      ...detail,
      model: candidate,
      model_sha256: sha256,
    })
  switch (effect.kind) {
    case 'phaseStarted':
      fact({ step: 'phase', phase: effect.phase + 1, split: effect.split })
      desk.events.log(
        'canary',
        'info',
        `canary phase ${effect.phase + 1}: ${Math.round(effect.split * 100)} %, until ${isoTime(effect.untilMs).slice(11, 16)} UTC`,
      )
      break
    case 'phaseExtended':
      fact({ step: 'held', phase: effect.phase + 1, reason: effect.reason })
      desk.events.log('canary', 'warning', `canary phase ${effect.phase + 1} is held: ${effect.reason}`)
      break
    case 'phaseEnded':
      fact({ step: 'phase end', phase: effect.phase + 1, decision: effect.decision, reason: effect.reason })
      if (effect.decision === 'advance')
        desk.events.log('canary', 'info', `canary phase ${effect.phase + 1} passed: ${effect.reason}`)
      break
    case 'measuringFailed':
      fact({ step: 'not measured', in_a_row: effect.inARow, reason: effect.why })
      desk.events.log('canary', 'warning', `canary: could not be measured, ${effect.inARow} in a row: ${effect.why}`)
      break
    case 'resumed':
      fact({ step: 'resumed', phase: effect.phase + 1 })
      break
    case 'ended':
      fact({ step: 'ended', status: effect.status, reason: effect.reason })
      desk.events.log(
        'canary',
        effect.status === 'SUCCESS' ? 'info' : 'critical',
        `canary of ${candidate} ${effect.status}: ${effect.reason}`,
        'always',
      )
      writeRun(run, effect, atMs, desk, evidence)
      break
    case 'openPrompt':
    case 'closePrompt':
    case 'probes':
      break
    default:
      unreachable(effect)
  }
}

type Ended = Extract<Effect, { kind: 'ended' }>

function writeRun(run: CanaryRun, { status, reason }: Ended, atMs: UnixMs, desk: Desk, evidence: EvidenceWriter): void {
  const document = runDocument(run, status, reason, desk)
  const name = `canary_run_${isoTime(atMs).replaceAll(':', '').replace('.000', '')}.json`
  evidence.writeDocument(evidence.subject(desk.symbol, name), evidence.stamp('canary_run/1', atMs, document), atMs, {
    model: run.row.candidate,
    model_sha256: run.row.sha256,
    status,
  })
}

function runDocument(
  run: CanaryRun,
  status: CanaryRunDocument['status'],
  reason: string,
  desk: Desk,
): CanaryRunDocument {
  const { row, plan, phases, state } = run
  const given = givenOf(desk.parts.store, row.approvalId)
  return {
    symbol: row.symbol,
    run_id: row.runId,
    mode: row.mode,
    profile: row.profile,
    dry_run: false,
    candidate: row.candidate,
    baseline: row.baseline,
    plan: planDocument(plan),
    limits: limitsDocument(JUDGE_LIMITS),
    approvals: given,
    phases,
    status,
    aborted: status === 'ABORTED',
    abort_reason: state.kind === 'aborted' ? sayAbort(state.reason) : status === 'ABORTED' ? reason : null,
    promote_eligible: status === 'SUCCESS',
    total_requests: phases.reduce((sum, phase) => sum + phase.requests, 0),
    shadow_errors: phases.reduce((sum, phase) => sum + Math.round((phase.error_rate ?? 0) * phase.requests), 0),
  }
}
