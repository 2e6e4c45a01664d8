/**
 * Documents of an offline validation. Other programs rely on them: fields may be added, none is renamed or dropped.
 */
import type { Verdict } from '../../engine/kernel/verdict.ts'
import type { DriftLevel } from '../../engine/drift/snapshot.ts'
import type { Profile } from '../../engine/models/roles.ts'
import type { DocumentHeader, PsiDocument } from './documents.ts'

/** PSI of one pair of windows, short. */
export interface DriftFigure {
  /** Whose reference it is measured against. */
  readonly model: string
  readonly overall_psi: number | null
  readonly level: DriftLevel | null
  readonly verdict: Verdict
  readonly worst: { readonly feature: string; readonly psi: number } | null
}

/** `psi_snapshot_<v>.json`: as `psi` has it, and what a validation adds. */
export interface ValidationPsiDocument extends PsiDocument {
  /** The first half of the training window against its second; null when a half has no rows. */
  readonly halves: PsiDocument | null
  /** The last days against the reference of the model that this one follows; null when it follows none. */
  readonly former: PsiDocument | null
}

export interface ValidationCheck {
  readonly check: 'offline' | 'smoke' | 'shadow_smoke'
  readonly pass: boolean
  readonly said: string
}

/** `eval_result_<v>.json`, and what `onay validate --json` prints. */
export interface EvalResultDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly version: string
  readonly sha256: string
  readonly slot: string | null
  readonly profile: Profile
  readonly verdict: 'PASS' | 'FAIL'
  readonly auc: number
  readonly precision_at_20: number
  /** The offline limits; `pass` is that of the whole validation. */
  readonly slo_check: { readonly auc: number; readonly precision_at_20: number; readonly pass: boolean }
  readonly checks: readonly ValidationCheck[]
  /** Shown: gate 1 judges drift, on days that the reference has not seen. */
  readonly psi: {
    readonly own: DriftFigure
    readonly halves: DriftFigure | null
    readonly former: DriftFigure | null
  }
  /** What the model is worth beside what serves and beside the fallback, in one plain sentence. */
  readonly plain: string
  /** What was written, under the evidence directory. */
  readonly files: readonly string[]
  /** What could not be made, and why. */
  readonly missing: readonly { readonly file: string; readonly why: string }[]
}
