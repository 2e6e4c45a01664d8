import type { EnsembleDocument } from '../../src/evidence/documents/ensemble-document.ts'
import type { CalibrationDocument } from '../../src/evidence/documents/calibration-document.ts'

/** A look that has taken a calibration over. */
export function calibrationLook(symbol: string, model: string, at: string): CalibrationDocument {
  const bins = [{ n: 144, mean_score: 0.3, mean_label: 0.28 }]
  return {
    symbol,
    model,
    model_sha256: 'a'.repeat(64),
    at,
    n: 2_000,
    verdict: 'taken',
    reason: 'log loss 0.6512 against 0.6633 on 500 minutes that it has not seen',
    tried: {
      kind: 'platt',
      fitted: 1_494,
      tested: 500,
      log_loss: { before: 0.6633, after: 0.6512 },
      ece: { before: 0.06, after: 0.02 },
      difference: { value: -0.0121, lo: -0.02, hi: -0.004 },
    },
    day: { n: 1_440, ece: 0.02, mean_score: 0.3, mean_label: 0.28, artifact: bins, answers: bins },
    kind: 'platt',
    raised_by: 0.01,
    threshold: 0.61,
    sha256: 'b'.repeat(64),
  }
}

/** A step of the weights of a mix that is a model. */
export function ensembleLook(symbol: string, at: string): EnsembleDocument {
  const member = (version: string, weight: number) => ({
    version,
    weight,
    money_weight: 0.5,
    target: weight,
    money_target: null,
    log_loss: 0.65,
    sharpe: null,
    trades: 12,
  })
  return {
    symbol,
    at,
    model: 'mix-1',
    minutes: 9_000,
    members: [member('v1.8-b0', 0.6), member('fallback', 0.4)],
    kept: null,
    money_kept: 'a member has 12 of 30 trades on paper',
    best_member: 'v1.8-b0',
    difference: { value: 0.001, lo: -0.002, hi: 0.004 },
    plain: 'it is not certain that the mix beats its best member v1.8-b0',
  }
}
