/** Logistic models that stand in the registry of a desk, so that they come back from the database as any other. */
import type { Column } from '../../src/engine/features/catalogue.ts'
import type { LogisticWeights, ModelWeights } from '../../src/engine/models/contract.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'
import type { Profile, SlotName } from '../../src/db/models.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import { START } from './moments.ts'
import { offlineReport } from './stored.ts'

export interface ModelOptions {
  readonly profile?: Profile
  /** Since when it stands in its slot. */
  readonly sinceMs?: number
  /** How long before that its reference begins. */
  readonly windowMs?: number
  /** Logit of a row whose features are all at their mean. */
  readonly bias?: number
  readonly weight?: number
  /** What it is given, in place of two features of its own. */
  readonly features?: readonly Column[]
  /** In place of a logistic model's. */
  readonly weights?: ModelWeights
  readonly auc?: number
  readonly precisionAt20?: number
  /** Rows of each of the four bins of `rsi14_z`, then of the missing ones. */
  readonly referenceCounts?: readonly number[]
}

const FEATURES: readonly Column[] = ['mid_logret_1m', 'rsi14_z']
const EDGES = [-0.3, 0, 0.3]

export function weightsOf(version: string, options: ModelOptions = {}): LogisticWeights {
  const { bias = 0.2, weight = 0.5, features = FEATURES } = options
  const each = (value: number): Record<string, number> => Object.fromEntries(features.map((name) => [name, value]))
  return {
    version,
    kind: 'logistic',
    features,
    bias,
    weights: each(weight),
    mean: each(0),
    std: { ...each(1), ...(features === FEATURES ? { mid_logret_1m: 0.001 } : {}) },
    lo: each(-5),
    hi: each(5),
    platt: { a: 1, b: 0 },
    threshold: 0.6,
    label: { kind: 'move', horizonMin: 5, thresholdBp: 6 },
  }
}

/** Registers a model and puts it in a slot, without the files and the chain entries of a training. @returns its SHA-256 */
export function registerModel(desk: Desk, slot: SlotName, version: string, options: ModelOptions = {}): string {
  const { sinceMs = START, profile = 'equivalent', auc = 0.7, precisionAt20 = 0.65 } = options
  const { store, wallNow } = desk.parts
  const { symbol } = desk
  const counts = options.referenceCounts ?? [250, 250, 250, 250, 0]
  const window = { fromMs: sinceMs - (options.windowMs ?? 60_000), untilMs: sinceMs }
  const artifact = options.weights ?? weightsOf(version, options)
  const weights = canonicalJson(artifact)
  const sha256 = sha256Hex(weights)
  desk.transaction(() => {
    store.models.register({
      symbol,
      version,
      kind: artifact.kind,
      featureSet: 'v1.8.1',
      sha256,
      windowFromMs: window.fromMs,
      windowUntilMs: window.untilMs,
      weights,
      reference: canonicalJson({
        version,
        window,
        n: counts.reduce((sum, n) => sum + n, 0),
        features: { rsi14_z: { bins: { kind: 'edges', edges: EDGES }, counts } },
        withinReference: null,
      }),
      scaler: '{}',
      manifest: '{}',
      offline: canonicalJson(
        offlineReport({
          version,
          auc,
          auc_interval: { value: auc, lo: auc - 0.01, hi: auc + 0.01 },
          precision_at_20: precisionAt20,
          ece: 0.02,
          base_rate: 0.4,
        }),
      ),
      seconds: 1,
      tsMs: sinceMs,
      wallMs: wallNow(),
    })
    store.models.putSlot({ symbol, slot, version, profile, sinceMs, wallMs: wallNow() })
  })
  desk.reloadSlots()
  return sha256
}
