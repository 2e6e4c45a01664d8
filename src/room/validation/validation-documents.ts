import { percent } from '../../engine/kernel/figures.ts'
import { isoTime, type UnixMs, minuteText } from '../../engine/kernel/units.ts'
import type { OfflineReport, PsiDocument, SmokeDocument } from '../../evidence/documents/documents.ts'
import type {
  DriftFigure,
  EvalResultDocument,
  ValidationCheck,
  ValidationPsiDocument,
} from '../../evidence/documents/validation-documents.ts'
import type { DriftOutcome, MeasuredDrift } from '../../work/task.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import { psiDocument } from '../watch/measure-drift.ts'
import { writeSmoke } from './smoke-run.ts'
import type { ValidationPlan } from './validation-plan.ts'

/** What a validation has measured when it has come through. */
export interface Measured {
  readonly drift: DriftOutcome
  readonly smoke: SmokeDocument
  /** Null where nothing could be in the shadow. */
  readonly shadow: SmokeDocument | null
  /** Prometheus text of the room after it. */
  readonly metrics: string
}

/** Records every file of a validation and leaves them to the outbox; inside the caller's transaction. */
export function writeValidation(
  desks: Desks,
  desk: Desk,
  plan: ValidationPlan,
  measured: Measured,
  atMs: UnixMs,
): EvalResultDocument {
  const { evidence } = desks
  const { version, sha256 } = plan.model
  const { profile } = plan
  const detail = { model: version, model_sha256: sha256 }
  const files: string[] = []
  const subjectOf = (name: string): string => {
    const subject = evidence.subject(desk.symbol, name)
    files.push(subject)
    return subject
  }
  const offline = plan.row.offline
  for (const suffix of ['', `_${version}`]) {
    const stamped = evidence.stamp('offline_report/1', atMs, offline)
    evidence.writeDocument(subjectOf(`offline_report${suffix}.json`), stamped, atMs, detail)
  }
  const psi = psiOf(desk, measured.drift, desks.limits.psi)
  const stampedPsi = evidence.stamp('psi/1', atMs, psi)
  evidence.writeDocument(subjectOf(`psi_snapshot_${version}.json`), stampedPsi, atMs, detail)
  files.push(...writeSmoke(evidence, measured.smoke, { shadow: false, sha256, profile }, atMs))
  if (measured.shadow !== null)
    files.push(...writeSmoke(evidence, measured.shadow, { shadow: true, sha256, profile }, atMs))
  evidence.writeText(subjectOf(`metrics_baseline_${version}.txt`), measured.metrics, atMs, detail)

  const names = ['', `_${version}`].flatMap((suffix) => [`eval_result${suffix}.json`, `eval_result${suffix}.txt`])
  files.push(...names.map((name) => evidence.subject(desk.symbol, name)))
  const result = evidence.stamp('eval_result/1', atMs, evalResult(desk, plan, measured, { offline, psi, files }))
  const text = `${evalText(result, isoTime(atMs))}\n`
  for (const name of names) {
    const subject = evidence.subject(desk.symbol, name)
    if (name.endsWith('.json')) evidence.writeDocument(subject, result, atMs, detail)
    else evidence.writeText(subject, text, atMs, detail)
  }
  return result
}

function psiOf(desk: Desk, drift: DriftOutcome, limits: { critical: number; feature: number }): ValidationPsiDocument {
  const document = ({ reference, snapshot }: MeasuredDrift): PsiDocument =>
    psiDocument(desk.symbol, reference, snapshot, limits)
  return {
    ...document(drift.own),
    halves: drift.halves === null ? null : document(drift.halves),
    former: drift.former === null ? null : { ...document(drift.former), model: drift.former.reference.version },
  }
}

function evalResult(
  desk: Desk,
  plan: ValidationPlan,
  measured: Measured,
  made: { offline: OfflineReport; psi: ValidationPsiDocument; files: readonly string[] },
): EvalResultDocument {
  const { offline, psi, files } = made
  const { version, sha256 } = plan.model
  const checks = [offlineCheck(offline), smokeCheck('smoke', measured.smoke)]
  if (measured.shadow !== null) checks.push(smokeCheck('shadow_smoke', measured.shadow))
  const pass = checks.every((check) => check.pass)
  return {
    symbol: desk.symbol,
    version,
    sha256,
    slot: plan.slot?.slot ?? null,
    profile: plan.profile,
    verdict: pass ? 'PASS' : 'FAIL',
    auc: offline.auc,
    precision_at_20: offline.precision_at_20,
    slo_check: { ...offline.slo_check, pass },
    checks,
    psi: {
      own: figureOf(psi),
      halves: psi.halves === null ? null : figureOf(psi.halves),
      former: psi.former === null ? null : figureOf(psi.former),
    },
    plain: offline.plain,
    files: [...files].sort(),
    missing: 'missing' in plan.shadow ? [{ file: `shadow_smoke_1k_${version}.json`, why: plan.shadow.missing }] : [],
  }
}

function offlineCheck({ auc, precision_at_20: precision, slo_check: slo }: OfflineReport): ValidationCheck {
  const said = `AUC ${auc.toFixed(4)} (needed ${slo.auc}), P@20 ${precision.toFixed(4)} (needed ${slo.precision_at_20})`
  return { check: 'offline', pass: slo.pass, said }
}

function smokeCheck(check: 'smoke' | 'shadow_smoke', document: SmokeDocument): ValidationCheck {
  const { success, requests, latency_ms: latency, match_rate: match, mean_delta: delta, slo_check: slo } = document
  const figures = [
    `${success} of ${requests} answered`,
    `p95 ${latency.p95.toFixed(2)} ms`,
    ...(match === null || delta === null ? [] : [`match ${percent(match, 2)}`, `mean delta ${delta.toFixed(4)}`]),
    ...(document.shadow_errors === null ? [] : [`${document.shadow_errors} shadow errors`]),
  ]
  return { check, pass: slo.pass, said: [figures.join(', '), ...slo.why].join('; ') }
}

function figureOf({ model, overall_psi, level, verdict, worst }: PsiDocument): DriftFigure {
  return { model, overall_psi, level, verdict, worst }
}

/** The result for people; the verdict stands alone on the last line. */
export function evalText(result: EvalResultDocument, at: string): string {
  const { psi } = result
  const line = (name: string, said: string): string => `  ${name.padEnd(16)}${said}`
  return [
    `validation of ${result.version} on ${result.symbol}, ${minuteText(at)} UTC, profile ${result.profile}`,
    ...result.checks.map(({ check, pass, said }) => line(check, `${pass ? 'PASS' : 'FAIL'}  ${said}`)),
    line('psi, last days', figureText(psi.own, 'against its own reference; gate 1 judges it')),
    line('psi, halves', figureText(psi.halves, 'the second half of its training window against the first')),
    line('psi, former', figureText(psi.former, `the last days against the reference of ${psi.former?.model ?? ''}`)),
    ...result.missing.map(({ file, why }) => line('missing', `${file}: ${why}`)),
    `  ${result.plain}`,
    result.verdict,
  ].join('\n')
}

function figureText(figure: DriftFigure | null, of: string): string {
  if (figure === null) return 'nothing to measure it against'
  const { overall_psi: overall, level, worst } = figure
  if (overall === null) return `no row yet, ${of}`
  const most = worst === null ? '' : `, at worst ${worst.feature} ${worst.psi.toFixed(4)}`
  return `${overall.toFixed(4)} ${level ?? 'too few rows for a level'}${most}, ${of}`
}
