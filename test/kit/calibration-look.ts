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
