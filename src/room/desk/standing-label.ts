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
  // Before the first bar there is no moment that an event could be of, and nothing that was settled.
  const changed = known !== null && tape.newestBar !== null
  const sinceMs = changed ? (tape.newestBar?.tsMs ?? 0) + 1 : 0
  desk.transaction(() => {
    parts.store.facts.setOf(symbol, 'label', { label, sinceMs })
    if (changed)
      desk.events.log(
        'training',
        'warning',
        `the label has changed, from ${labelText(known.label)} to ${labelText(label)}: outcomes count anew, and a model of the old one is not compared`,
      )
  })
  if (changed) desk.takeUpSlots()
}
