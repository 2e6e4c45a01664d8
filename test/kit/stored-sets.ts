/** Rows of a set of five, as they are stored. */
import type { ActiveArmRow, GateLogRow, RetrainRunRow, SetNameRow, SetRow, SignalRow } from '../../src/db/sets.ts'
import { SET_NAMES } from '../../src/db/schema-sets.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import { SET_TARGETS, type SetTarget } from '../../src/engine/models/tree-set.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'
import { START } from './moments.ts'

const LEAF = { feature: [-1], threshold: [0], missing_left: [0], left: [-1], right: [-1], value: [0] }

/** Models that say what they are told, whatever the row is: in the unit of the target, of a yes or a no as log odds. */
export function constantModels(version: string, says: Partial<Record<SetTarget, number>> = {}, useful = false): string {
  const member = (target: SetTarget) => ({ useful, base: says[target] ?? 0, trees: [LEAF] })
  return canonicalJson({
    version,
    kind: 'set',
    features: ['rsi14_z'],
    horizon_min: 15,
    members: Object.fromEntries(SET_TARGETS.map((target) => [target, member(target)])),
  })
}

const MEMBER = {
  loss: 'log loss',
  value: 0.69,
  naive: 0.7,
  naive_predictor: 'its base rate',
  gain: { value: 0.01, lo: -0.01, hi: 0.03 },
  auc: null,
  useful: false,
  plain: 'no better',
  trees: 1,
  importance: { rsi14_z: 1 },
  partial_dependence: [],
}

/** A row of the registry. */
export function setRow(symbol: string, version: string, models = constantModels(version)): SetRow {
  const at = '2025-05-19T00:00:00.000Z'
  const report = {
    version,
    window: { from: at, until: at },
    features: ['rsi14_z'],
    horizon_min: 15,
    rows: 10,
    train_rows: 7,
    aside_rows: 1,
    test_rows: 2,
    train_until: at,
    test_from: at,
    embargo_hours: 24,
    seed: 1,
    models: Object.fromEntries(SET_TARGETS.map((target) => [target, MEMBER])),
  }
  const common = { windowFromMs: START, windowUntilMs: START, seconds: 1, tsMs: START, wallMs: 1 }
  return { symbol, version, sha256: sha256Hex(models), models, report: canonicalJson(report), ...common }
}

export function setName(symbol: string, name: SetNameRow['name'], version: string): SetNameRow {
  return { symbol, name, version, sinceMs: START, wallMs: 1 }
}

export const RETRAIN_RUN: Omit<RetrainRunRow, 'run' | 'symbol'> = {
  tsMs: START,
  tsIso: '2025-05-19T00:00:00.000Z',
  triggerReason: 'daily',
  byWhom: 'onay',
  gatePass: 0,
  gateDetails: '[]',
  paperDays: 3,
  closedTrades: 12,
  volPercentileLo: -8,
  volPercentileHi: -7,
  slippageMult: 2,
  trainingRows: null,
  modelsTrained: 0,
  modelDir: null,
  success: 0,
  errorMsg: null,
  durationSec: 0,
  embargoHours: null,
  wallMs: 1,
}

export const GATE_CHECK: Omit<GateLogRow, 'checkNo' | 'symbol'> = {
  gateName: 'paper_age',
  tsMs: START,
  tsIso: '2025-05-19T00:00:00.000Z',
  passed: 0,
  value: 3,
  threshold: 14,
  details: 'WAIT: 11 more days of trades needed',
  wallMs: 1,
}

export const ACTIVE_ARM: Omit<ActiveArmRow, 'symbol'> = {
  id: 1,
  activeArm: 'v2_paper',
  swappedAt: '2025-06-10T01:00:00.000Z',
  swapRunId: 7,
  wallMs: 1,
}

export const SIGNAL: Omit<SignalRow, 'symbol'> = {
  id: 'signal-1',
  tsMs: START,
  arm: 'v2_paper',
  setVersion: 'set-2',
  side: 'long',
  direction: 0.51,
  priceBp: 1,
  riskBp: 10,
  momentum: 0.5,
  volatility: -8,
  sizeMultiplier: 1,
  expectedCostBp: 12,
  worthIt: 0,
  reason: 'said',
  wallMs: 1,
}

/** Registers sets under names, each of models that say what they are told, and takes them up. */
export function standSets(
  desk: Desk,
  named: Partial<Record<SetNameRow['name'], string>>,
  says: Partial<Record<SetTarget, number>> = {},
  useful = false,
): void {
  const { store } = desk.parts
  desk.transaction(() => {
    for (const [name, version] of Object.entries(named)) {
      if (!store.sets.versions(desk.symbol).includes(version))
        store.sets.register(setRow(desk.symbol, version, constantModels(version, says, useful)))
      const known = SET_NAMES.find((one) => one === name)
      if (known !== undefined) store.sets.point(setName(desk.symbol, known, version))
    }
  })
  desk.sets.restore()
}
