import { z } from 'zod'
import type { ModelRow } from '../../db/models.ts'
import type { Store } from '../../db/store.ts'
import type { Catalogue } from '../../engine/features/catalogue.ts'
import type { DriftReference } from '../../engine/drift/reference.ts'
import { OperatorError } from '../../engine/kernel/errors.ts'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import { parseWeights } from '../../engine/models/artifact.ts'
import type { AnyModel } from '../../engine/models/contract.ts'
import { logisticModel } from '../../engine/models/logistic.ts'
import type { OfflineReport } from '../../evidence/documents.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import { LineUp, type LoadedModel } from '../../serving/line-up.ts'
import { httpModel } from '../../serving/http-model.ts'

const Bins = z.union([
  z.object({ kind: z.literal('edges'), edges: z.array(z.number()) }),
  z.object({ kind: z.literal('pivot'), pivot: z.number() }),
])

const Reference = z.object({
  version: z.string(),
  window: z.object({ fromMs: z.number(), untilMs: z.number() }),
  n: z.number(),
  features: z.record(z.string(), z.object({ bins: Bins, counts: z.array(z.number()) })),
  withinReference: z
    .object({ windows: z.number(), overallP95: z.number(), features: z.record(z.string(), z.number()) })
    .nullable(),
})

/** A drift reference as its artifact holds it. @throws when it is not one */
export function parseReference(text: string): DriftReference {
  return Reference.parse(JSON.parse(text))
}

/** The offline report as the registry holds it; it was written by this program and is checked by its hash. */
export function parseOffline(text: string): OfflineReport {
  return JSON.parse(text) as OfflineReport
}

/** What stands in the slots of a symbol now. @throws OperatorError when an artifact is not the one that was registered */
export function loadSlots(store: Store, symbol: string, budgetMs: number): LineUp {
  const rows = store.models.slots(symbol)
  const load = (slot: string): LoadedModel | null => {
    const row = rows.find((entry) => entry.slot === slot)
    if (row === undefined) return null
    const model = store.models.get(symbol, row.version)
    if (model === null) throw damaged(symbol, row.version, 'it is in a slot and not in the registry')
    return {
      ...loadModel(model, store.features.catalogueOf(symbol), budgetMs),
      profile: row.profile,
      sinceMs: row.sinceMs,
    }
  }
  return new LineUp({ inCharge: load('baseline'), candidate: load('candidate'), former: load('former') })
}

/** @param catalogue of the rows that it will score. @param budgetMs what a model behind HTTP has for a score. @throws OperatorError when the weights are not those that were registered */
export function loadModel(
  row: ModelRow,
  catalogue: Catalogue,
  budgetMs: number,
): Omit<LoadedModel, 'profile' | 'sinceMs'> {
  if (sha256Hex(row.weights) !== row.sha256)
    throw damaged(row.symbol, row.version, 'its weights are not those that were registered')
  const offline = parseOffline(row.offline)
  return {
    version: row.version,
    sha256: row.sha256,
    model: modelOf(row, catalogue, budgetMs),
    reference: parseReference(row.reference),
    offline: {
      auc: offline.auc,
      aucLo: offline.auc_interval.lo,
      aucHi: offline.auc_interval.hi,
      precisionAt20: offline.precision_at_20,
      ece: offline.ece,
      baseRate: offline.base_rate,
    },
  }
}

function modelOf(row: ModelRow, catalogue: Catalogue, budgetMs: number): AnyModel {
  const weights = parseWeights(JSON.parse(row.weights), catalogue)
  return weights.kind === 'http'
    ? httpModel(weights, { stopwatch: monotonicMs, budgetMs, catalogue })
    : logisticModel(weights, catalogue)
}

function damaged(symbol: string, version: string, why: string): OperatorError {
  return new OperatorError(
    `the model ${version} of ${symbol} cannot be used`,
    why,
    'restore the data directory from a copy',
    'artifact',
    500,
  )
}

/** The version that a retrain of a feature set is called when nobody names one: the set's own, else its last number raised. */
export function nextVersion(taken: readonly string[], set: string): string {
  let version = set
  while (taken.includes(version)) {
    version = /\d+$/.test(version) ? version.replace(/\d+$/, (digits) => String(Number(digits) + 1)) : `${version}.1`
    // v1.9 is raised to v1.9.1 and not to v1.10, which would read as another set.
    if (version === 'v1.10') version = 'v1.9.1'
  }
  return version
}
