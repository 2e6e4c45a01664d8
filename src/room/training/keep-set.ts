/** Writes down what came of training a set; all inside the caller's transaction, so that a kill leaves all five models or none. */
import type { RetrainGatesDocument } from '../../control/paper-answers.ts'
import type { RetrainRunDocument, SetDocument } from '../../control/set-answers.ts'
import type { SetName } from '../../db/sets.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { SET_TARGETS, writtenSet } from '../../engine/models/tree-set.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'
import type { SetOutcome } from '../../work/task.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { NEWEST, NEWEST_BEFORE } from '../books/set-book.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { writeCalibration } from '../trading/paper-costs.ts'

interface MadeSet {
  readonly outcome: SetOutcome
  readonly window: { readonly fromMs: UnixMs; readonly untilMs: UnixMs }
  readonly atMs: UnixMs
}

/** Registers a set and lets its name point at it; what the newest was goes by the name for that. */
export function keepSet(evidence: EvidenceWriter, desk: Desk, name: SetName, made: MadeSet): SetDocument {
  const { outcome, window, atMs } = made
  const { weights, report, seconds } = outcome
  const { symbol } = desk
  const { store, wallNow } = desk.parts
  const { version } = weights
  const written = writtenSet(weights)
  const models = canonicalJson(written)
  const sha256 = sha256Hex(models)
  const wallMs = wallNow()
  store.sets.register({
    symbol,
    version,
    sha256,
    models,
    report: canonicalJson(report),
    windowFromMs: window.fromMs,
    windowUntilMs: window.untilMs,
    seconds,
    tsMs: atMs,
    wallMs,
  })
  const before = desk.sets.of(NEWEST)
  const point = (to: SetName, set: string): void =>
    store.sets.point({ symbol, name: to, version: set, sinceMs: atMs, wallMs })
  if (name === NEWEST && before !== null) point(NEWEST_BEFORE, before.set.version)
  point(name, version)
  const detail = { set: version, set_sha256: sha256 }
  evidence.recordFact('set', `${symbol}/${version}`, atMs, { ...detail, name, before: before?.set.version ?? null })
  const { members, ...head } = written
  for (const target of SET_TARGETS) {
    const content = canonicalJson({ ...head, target, ...members[target] })
    evidence.writeText(evidence.artifactSubject(symbol, version, `${target}_${version}.json`), content, atMs, detail)
  }
  const subject = evidence.artifactSubject(symbol, version, `set_report_${version}.json`)
  evidence.writeDocument(subject, { ...report, set_sha256: sha256 }, atMs, detail)
  desk.sets.restore()
  return { name, version, sha256, report }
}

/** The row of a run, what the gates said, its evidence and its event. A dry run leaves what the gates said alone. */
export function keepRun(desks: Desks, desk: Desk, run: RetrainRunDocument, atMs: UnixMs): RetrainRunDocument {
  const { evidence } = desks
  const { symbol } = desk
  const { store, wallNow } = desk.parts
  const wallMs = wallNow()
  const { gates, set } = run
  logChecks(desk, gates, atMs)
  if (run.outcome === 'checked') return run
  store.sets.addRun({
    symbol,
    tsMs: atMs,
    tsIso: run.at,
    triggerReason: run.trigger,
    byWhom: run.by,
    gatePass: Number(gates?.passed === true),
    gateDetails: canonicalJson(gates?.gates ?? []),
    paperDays: gates?.gates.find(({ gate_name: gate }) => gate === 'paper_age')?.value ?? null,
    closedTrades: gates?.closed_trades ?? 0,
    volPercentileLo: gates?.vol_percentile_lo ?? null,
    volPercentileHi: gates?.vol_percentile_hi ?? null,
    slippageMult: run.slippage_mult,
    trainingRows: set?.report.train_rows ?? null,
    modelsTrained: set === null ? 0 : SET_TARGETS.length,
    modelDir: set?.version ?? null,
    success: Number(run.outcome === 'trained'),
    errorMsg: run.error,
    durationSec: run.seconds,
    embargoHours: set?.report.embargo_hours ?? null,
    wallMs,
  })
  const moment = isoTime(atMs).slice(0, 19).replaceAll(':', '')
  const subject = evidence.subject(symbol, `paper_retrain_${moment}Z.json`)
  // How long it took depends on the machine; the same run elsewhere is to leave the same bytes.
  const { seconds: _, ...same } = run
  evidence.writeDocument(subject, evidence.stamp('retrain_run/1', atMs, same), atMs, { outcome: run.outcome })
  writeCalibration(evidence, desk, atMs)
  desk.events.log('training', run.outcome === 'failed' ? 'warning' : 'info', runText(run))
  return run
}

function logChecks(desk: Desk, gates: RetrainGatesDocument | null, atMs: UnixMs): void {
  const { symbol, parts } = desk
  parts.store.sets.addCheck(
    (gates?.gates ?? []).map(({ gate_name: gateName, verdict, value, threshold, reason }) => ({
      symbol,
      gateName,
      tsMs: atMs,
      tsIso: isoTime(atMs),
      passed: Number(verdict === 'PASS'),
      value,
      threshold,
      details: `${verdict}: ${reason}`,
      wallMs: parts.wallNow(),
    })),
  )
}

/** What came of a run, in one line. */
function runText({ outcome, trigger, gates, set, error, by }: RetrainRunDocument): string {
  const missing = (gates?.gates ?? []).filter(({ verdict }) => verdict !== 'PASS')
  const reasons = missing.map(({ gate_name: gate, reason }) => `${gate}: ${reason}`).join('; ')
  switch (outcome) {
    case 'trained': {
      const useful = SET_TARGETS.filter((target) => set?.report.models[target].useful === true)
      const forced = trigger === 'forced' ? `, forced by ${by}` : ''
      return `${set?.version} trained as ${set?.name}${forced}: better than naive in ${useful.length === 0 ? 'nothing' : useful.join(', ')}`
    }
    case 'waits':
      return error === null ? `no retraining on paper trades yet: ${reasons}` : `no set yet: ${error}`
    case 'checked':
      return missing.length === 0 ? 'a retraining on paper trades may begin' : `not yet: ${reasons}`
    case 'failed':
      return `the set was not trained: ${error}`
  }
}
