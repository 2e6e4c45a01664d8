/** The registry, against the registrations of the chain and the artifacts that it names. */
import * as z from 'zod'
import type { ModelRow } from '../../db/models.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import type { Findings } from '../../evidence/audit.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import type { ChainEntry } from '../../evidence/chain.ts'
import type { Coverage } from '../../evidence/coverage.ts'
import { taken, TableFindings, type Told } from './told.ts'

/** The artifacts that a model's row holds beside its weights, by their column. */
const ARTIFACTS = {
  reference: 'reference_distributions',
  scaler: 'scaler_params',
  manifest: 'training_manifest',
} as const

const Manifest = z.object({ feature_set: z.string(), data: z.object({ from: z.string(), until: z.string() }) })
const Weights = z.object({ kind: z.string() })

/** The subject of a model's artifact. */
export type ArtifactSubject = (symbol: string, version: string, name: string) => string

export class ModelAudit {
  private readonly registrations = new Map<string, Told>()
  private readonly artifacts = new Map<string, string>()
  private readonly table: TableFindings
  /** Whether a registration says less than those of now. */
  beganEarlier = false

  constructor(
    findings: Findings,
    private readonly coverage: Coverage,
  ) {
    this.table = new TableFindings(findings, 'models')
  }

  takeFile({ subject, sha256 }: ChainEntry): void {
    if (subject.startsWith('ml-artifacts/')) this.artifacts.set(subject, sha256)
  }

  take(told: Told): void {
    this.beganEarlier ||= told.said.offline_sha256 === undefined
    this.registrations.set(told.entry.subject, told)
  }

  end(rows: readonly ModelRow[], artifactSubject: ArtifactSubject): void {
    for (const row of rows) this.check(row, artifactSubject)
    this.table.rowless(this.registrations.values())
  }

  private check(row: ModelRow, artifactSubject: ArtifactSubject): void {
    const what = `model ${row.symbol}/${row.version}`
    const told = taken(this.registrations, `${row.symbol}/${row.version}`)
    if (told === null) return this.table.entryless(what)
    const { model_sha256: registered = '', offline_sha256: offline } = told.said
    if (row.sha256 !== registered)
      return this.table.unlike(what, told, `its SHA-256 is ${row.sha256}, there ${registered}`)
    if (sha256Hex(row.weights) !== registered)
      return this.table.unlike(what, told, `its weights do not give the SHA-256 ${registered}`)
    if (offline === undefined) this.coverage.lacks('offline figures of a model that an earlier version registered')
    else if (sha256Hex(row.offline) !== offline)
      this.table.unlike(what, told, `its offline figures do not give the SHA-256 ${offline}`)
    for (const [column, name] of Object.entries(ARTIFACTS)) {
      const content = row[column as keyof typeof ARTIFACTS]
      const file = artifactSubject(row.symbol, row.version, `${name}_${row.version}.json`)
      const recorded = this.artifacts.get(file)
      if (recorded !== undefined && recorded !== sha256Hex(content))
        this.table.wrong(what, `its ${column} is not what the chain has as ${file}`)
    }
    this.checkColumns(what, row, told)
  }

  /** What the row repeats of its weights and its manifest, which are checked by their hashes. */
  private checkColumns(what: string, row: ModelRow, told: Told): void {
    if (row.tsMs !== told.entry.tsMs) this.table.unlike(what, told, 'it was registered at another time there')
    const weights = Weights.safeParse(tryJson(row.weights))
    if (weights.success && weights.data.kind !== row.kind)
      this.table.wrong(what, `its kind is ${row.kind}, that of its weights ${weights.data.kind}`)
    const manifest = Manifest.safeParse(tryJson(row.manifest))
    if (!manifest.success) return
    const { feature_set: set, data } = manifest.data
    if (set !== row.featureSet) this.table.wrong(what, `its features are ${row.featureSet}, its manifest says ${set}`)
    const window = [row.windowFromMs, row.windowUntilMs].map((ms) => (Number.isSafeInteger(ms) ? isoTime(ms) : ms))
    if (window[0] !== data.from || window[1] !== data.until)
      this.table.wrong(
        what,
        `its training window is ${window.join(' to ')}, its manifest says ${data.from} to ${data.until}`,
      )
  }
}
