import { isoDate, MINUTE_MS, type UnixMs, DAY_MS } from '../engine/kernel/units.ts'

/** A day's report is due from so long after its midnight on: until then the one before it stands. */
const REPORT_DUE_MS = 5 * MINUTE_MS

/** The newest day whose report is due. */
export function reportDueOn(atMs: UnixMs): string {
  return isoDate(atMs - REPORT_DUE_MS - DAY_MS)
}

/** A file that gate 6 asks for. */
export interface RequiredFile {
  /** Its name under `ml/`, or under the artifacts' folder of the version. */
  readonly name: string
  readonly where: 'artifacts' | 'evidence'
  /** Its entry in the chain must name this artifact's SHA-256; a report's need not. */
  readonly ofArtifact: boolean
  readonly make: string
  /** A run's file carries its time in its name: any that begins so will do. */
  readonly prefix?: boolean
}

/** Everything that must be there before a model may go live, with the command that makes each. */
export function requiredFiles(version: string, atMs: UnixMs): readonly RequiredFile[] {
  const artifact = (name: string): RequiredFile => ({
    name: `${name}_${version}.json`,
    where: 'artifacts',
    ofArtifact: true,
    make: `onay retrain --version ${version}`,
  })
  const validated = (name: string): RequiredFile => ({
    name,
    where: 'evidence',
    ofArtifact: true,
    make: `onay validate ${version}`,
  })
  const canary = (name: string, make: string, prefix = false): RequiredFile => ({
    name,
    where: 'evidence',
    ofArtifact: true,
    make,
    prefix,
  })
  return [
    artifact('model_weights'),
    artifact('reference_distributions'),
    artifact('scaler_params'),
    artifact('training_manifest'),
    validated(`offline_report_${version}.json`),
    validated(`eval_result_${version}.json`),
    validated(`psi_snapshot_${version}.json`),
    validated(`smoke_1k_${version}.json`),
    validated(`shadow_smoke_1k_${version}.json`),
    validated(`metrics_baseline_${version}.txt`),
    canary(`canary_preflight_${version}.json`, 'onay canary preflight'),
    canary(`canary_dryrun_observe_${version}.json`, 'onay canary start'),
    canary('canary_run_', 'onay canary start --live', true),
    {
      name: `daily/report_${reportDueOn(atMs)}.json`,
      where: 'evidence',
      ofArtifact: false,
      make: `onay report daily --date ${reportDueOn(atMs)}`,
    },
  ]
}
