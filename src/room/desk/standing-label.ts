import { labelText, sameLabel } from '../../engine/models/contract.ts'
import type { Desk } from './desk.ts'

/**
 * Keeps what is predicted. Where the configuration says something else than it did, what came of minutes is counted anew from here
 * on: figures of two labels are not comparable.
 */
export function noticeLabel(desk: Desk): void {
  const { symbol, tape, parts } = desk
  const { label } = parts.limits
  const known = parts.store.facts.of(symbol, 'label')
  if (known !== null && sameLabel(known.label, label)) return
  const sinceMs = known === null || tape.newestBar === null ? 0 : tape.newestBar.tsMs + 1
  desk.transaction(() => {
    parts.store.facts.setOf(symbol, 'label', { label, sinceMs })
    if (known !== null)
      desk.events.log(
        'training',
        'warning',
        `the label has changed, from ${labelText(known.label)} to ${labelText(label)}: outcomes count anew, and a model of the old one is not compared`,
      )
  })
  if (known !== null) desk.takeUpSlots()
}
