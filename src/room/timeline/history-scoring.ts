import type { FeatureRow } from '../../engine/features/row.ts'
import { scoreHistory as record } from '../../serving/score-history.ts'
import type { Desk } from '../desk/desk.ts'

/** Scores a row without answering anybody, for bars that are run through as history. Inside the caller's transaction. */
export function scoreHistory(desk: Desk, row: FeatureRow, id: string, wallMs: number): void {
  const { store, limits } = desk.parts
  record(desk, row, { id, wallMs }, store.predictions, limits.serving)
}
