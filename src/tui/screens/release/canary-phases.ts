/** Where in its plan a canary is: the bar, the time left, the comparisons so far. */
import { shortPercent } from '../../../engine/kernel/figures.ts'
import { unreachable } from '../../../engine/kernel/unreachable.ts'
import { MINUTE_MS } from '../../../engine/kernel/units.ts'
import type { CanaryDocument } from '../../../evidence/documents/release-documents.ts'
import type { RoomView } from '../../../control/view.ts'
import { count, duration, percent } from '../../format.ts'
import { barOf, span, textLine, type Line, type Span } from '../../line.ts'
import { canaryRuns, timeOf, wallSeconds } from '../../release.ts'

const MAX_BAR_CELLS = 10
/** With less than this for each phase, only the one that runs has a bar. */
const MIN_BAR_CELLS = 3

/** `5 %`, `12.5 %` */
export function splitText(split: number): string {
  return shortPercent(split, 1)
}

/** Market seconds until the phase ends; null while none runs. */
function phaseLeftSec(canary: CanaryDocument, nowMs: number): number | null {
  const until = canaryRuns(canary) ? timeOf(canary.until) : null
  return until === null ? null : Math.max(0, (until - nowMs) / 1000)
}

/** How much of the phase that runs is over, 0 to 1; a phase that is extended has both its lengths to go through. */
function elapsedShare(canary: CanaryDocument, nowMs: number): number {
  const left = phaseLeftSec(canary, nowMs)
  const phase = canary.plan[(canary.phase ?? 0) - 1]
  if (left === null || phase === undefined) return 0
  const since = timeOf(canary.since)
  const until = timeOf(canary.until)
  const held = canary.state === 'holding' && since !== null && until !== null ? (until - since) / 1000 : null
  const whole = held ?? (phase.duration_min * MINUTE_MS) / 1000
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, 1 - left / whole))
}

/** A phase that ended badly is crossed out, one that could not be judged is in question. */
function phaseBar(canary: CanaryDocument, number: number, nowMs: number, cells: number): Span {
  const at = canary.phase ?? 0
  if (number < at) return span(barOf(1, cells))
  if (number > at && canary.state !== 'succeeded') return span(barOf(0, cells), 'dim')
  switch (canary.state) {
    case 'succeeded':
      return span(barOf(1, cells))
    case 'aborted':
      return span('x'.repeat(cells), 'bad')
    case 'inconclusive':
      return span('?'.repeat(cells), 'warn')
    case 'holding':
      return span(barOf(elapsedShare(canary, nowMs), cells), 'warn')
    case 'idle':
    case 'awaiting_onay':
    case 'ramping':
      return span(barOf(elapsedShare(canary, nowMs), cells), 'strong')
    default:
      return unreachable(canary.state)
  }
}

/** `5 % ██████ │ 25 % ███░░░ │ 100 % ░░░░░░`, in at most `width` cells as long as the plan is not absurd. */
export function phasesLine(canary: CanaryDocument, nowMs: number, width: number): Line {
  const { plan } = canary
  if (plan.length === 0) return textLine(' no phases')
  const labels = plan.map((phase) => splitText(phase.split))
  const taken = labels.reduce((sum, label) => sum + label.length + 5, 0)
  const cells = Math.min(MAX_BAR_CELLS, Math.floor((width - taken) / plan.length))
  if (cells >= MIN_BAR_CELLS) {
    return labels.flatMap((label, i) => [
      span(i === 0 ? '' : ' │', 'dim'),
      span(` ${label} `),
      phaseBar(canary, i + 1, nowMs, cells),
    ])
  }
  const at = Math.min(plan.length, Math.max(1, canary.phase ?? 1))
  const label = `${at} of ${plan.length}: ${labels[at - 1] ?? ''} `
  const bar = Math.min(MAX_BAR_CELLS, Math.max(MIN_BAR_CELLS, width - label.length - 2))
  return [span(` ${label}`), phaseBar(canary, at, nowMs, bar)]
}

/** `next in 18:20 (18 s)`: on the market clock, and in wall seconds as the recording plays now. */
export function countdown(canary: CanaryDocument, view: RoomView, wall: boolean): string {
  const left = phaseLeftSec(canary, view.room.clock.marketMs)
  if (left === null) return ''
  const last = canary.phase === canary.plan.length
  const what = canary.state === 'holding' ? 'hold ends' : last ? 'ends' : 'next'
  const { clock } = view.room
  const stands = clock.ended ? ' (the recording has ended)' : clock.paused ? ' (paused)' : ''
  const seconds = wallSeconds(left, view)
  const real = seconds === null ? stands : seconds < 120 ? ` (${Math.round(seconds)} s)` : ` (${duration(seconds)})`
  return `${what} in ${duration(left)}${wall ? real : ''}`
}

/** `share 25 %, realised 24.6 %`; a split that chance does not explain is marked. */
export function shareSpans(canary: CanaryDocument): Line {
  const p = canary.split_p_value
  const odd = p !== null && p < 0.001
  return [
    span(`share ${splitText(canary.share)}, realised ${percent(canary.realised_share, 1)}`),
    ...(odd ? [span(` split deviates from plan, p ${p.toExponential(0)}`, 'bad')] : []),
  ]
}

/** `26 live + 214 of 300 probes`, and what is missing for a word at the phase's end. */
export function comparisonsText(canary: CanaryDocument): string {
  const missing = canary.limits.min_comparisons - canary.live - canary.probes
  const more = missing > 0 && canaryRuns(canary) ? `, ${count(missing)} more needed` : ''
  return `${count(canary.live)} live + ${count(canary.probes)} of ${count(canary.probes_planned)} probes${more}`
}
