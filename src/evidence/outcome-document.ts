import type { Outcome } from '../engine/gates/outcome.ts'
import type { OutcomeDocument } from './documents/documents.ts'

/** What the settled minutes say, as documents have it. @param text one plain sentence */
export function outcomeDocument(outcome: Outcome, text: string): OutcomeDocument {
  const { verdict, n, logLoss, difference, againstFallback } = outcome
  return { verdict, n, log_loss: logLoss, difference, against_fallback: againstFallback, text }
}
