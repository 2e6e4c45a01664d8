/** After the phases: the hours of validation, and the bake that follows a promotion. */
import { shortPercent } from '../../../engine/kernel/figures.ts'
import type { BakeDocument, CanaryDocument, ValidationDocument } from '../../../evidence/documents/release-documents.ts'
import type { RoomView } from '../../../control/view.ts'
import { wrapText } from '../../cells.ts'
import { dayTime, duration } from '../../format.ts'
import { barOf, span, textLine, type Line } from '../../line.ts'
import { timeOf } from '../../release.ts'

const BAR_CELLS = 24
const LABEL_CELLS = 11

/** A label and text behind it, wrapped below each other. */
export function factLines(label: string, text: string, width: number, maxLines: number): readonly Line[] {
  return wrapText(text, Math.max(16, width - LABEL_CELLS - 2), maxLines).map((part, i) => [
    span(` ${(i === 0 ? label : '').padEnd(LABEL_CELLS)}`),
    span(part),
  ])
}

function hoursText({ counted_h: counted, needed_h: needed }: ValidationDocument): string {
  return `${counted} of ${needed} h counted`
}

function untilText(iso: string | null): string {
  const ms = timeOf(iso)
  return ms === null ? '' : `, done ${dayTime(ms)} if all pass`
}

/** One line: `validation  14 of 24 h counted, done 05-27 04:00 if all pass`. */
export function validationLine(validation: ValidationDocument): Line {
  const done = validation.missing === '' ? ', done' : untilText(validation.until)
  return [span(` ${'validation'.padEnd(LABEL_CELLS)}`), span(hoursText(validation), 'strong'), span(done)]
}

/** What a succeeded canary still needs before it may be promoted. */
export function validationLines(validation: ValidationDocument, view: RoomView, width: number): readonly Line[] {
  const share = validation.needed_h <= 0 ? 1 : validation.counted_h / validation.needed_h
  const missing = validation.missing === '' ? [] : factLines('missing', validation.missing, width, 2)
  const { possible, missing: needs } = view.models.promotion
  const next = possible ? 'p asks for ONAY to promote' : `waits: ${needs.join('; ')}`
  return [
    validationLine(validation),
    [span(' '.repeat(LABEL_CELLS + 1)), span(barOf(share, Math.min(BAR_CELLS, Math.max(8, width - 20))))],
    ...missing,
    ...(possible || needs.length > 0 ? factLines('promotion', next, width, 2) : []),
  ]
}

function bakeEnd(bake: BakeDocument, view: RoomView): string {
  const until = timeOf(bake.until)
  if (until === null) return ', end unknown'
  return ` until ${dayTime(until)}, ${duration((until - view.room.clock.marketMs) / 1000)} left`
}

function rollsBack({ limits, profile }: CanaryDocument): string {
  const match = profile === 'equivalent' ? [`match < ${shortPercent(limits.match_rate.stop)}`] : []
  const rates = [`errors > ${shortPercent(limits.error_rate.stop)}`, `p95 > ${limits.p95_ms.stop} ms`, ...match]
  return `${rates.join(', ')}, or outcome worse, each with certainty`
}

/** One line for where there is no room for more. */
export function bakeLine(bake: BakeDocument): Line {
  const until = timeOf(bake.until)
  const end = until === null ? ', end unknown' : ` until ${dayTime(until)}`
  return textLine(` bake${end}: watched against ${bake.former}; last look: ${bake.decision}`)
}

/** Against what it is watched and until when, what the last look said, what would take the promotion back. */
export function bakeLines(bake: BakeDocument, view: RoomView, width: number): readonly Line[] {
  const serving = view.models.baseline?.version ?? 'the model in charge'
  return [
    ...factLines('bake', `${serving} is watched against ${bake.former}${bakeEnd(bake, view)}`, width, 2),
    ...factLines('last look', bake.decision, width, 2),
    ...factLines('rolls back', rollsBack(view.models.canary), width, 2),
    ...factLines('by hand', `b b puts ${bake.former} back at once`, width, 1),
  ]
}
