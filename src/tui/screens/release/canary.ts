import { signed } from '../../../engine/kernel/figures.ts'
import { unreachable } from '../../../engine/kernel/unreachable.ts'
import type { CanaryDocument, LiveSideDocument } from '../../../evidence/documents/release-documents.ts'
import type { RoomView } from '../../../control/view.ts'
import { wrapText } from '../../cells.ts'
import { fixed } from '../../format.ts'
import { sides, span, textLine, type Line, type Tone } from '../../line.ts'
import { decisionText, phaseText } from '../../release.ts'
import { bakeLine, bakeLines, factLines, validationLine, validationLines } from './canary-after.ts'
import { judgeFigures, judgeTable, judgeWords } from './canary-judge.ts'
import { comparisonsText, countdown, phasesLine, shareSpans } from './canary-phases.ts'
import type { Density, PanelBlock, PanelOf } from './panel.ts'

const MAX_LINES: Readonly<Record<Density, number>> = { compact: 1, full: 2, roomy: 4 }

interface Place {
  readonly view: RoomView
  readonly width: number
  readonly density: Density
}

function title({ models: { canary } }: RoomView): Line {
  const words = [canary.plan_name, canary.mode, canary.profile].filter((word) => word !== null)
  return [span('CANARY', 'strong'), span(` ${words.join(', ')}`)]
}

function block(view: RoomView, state: string, tone: Tone, lines: readonly Line[]): PanelBlock {
  return { left: title(view), right: [span(state, tone)], lines }
}

function whoAnswers({ models: { baseline, killSwitch } }: RoomView): string {
  return killSwitch ? 'the fallback' : (baseline?.version ?? 'the fallback')
}

/** Who gets whose answers: what is being risked. */
function exposure(view: RoomView): Line {
  const { canary } = view.models
  return canary.mode === 'serve' && canary.share > 0
    ? textLine(` callers are exposed: their share gets ${canary.candidate ?? 'the candidate'}'s answers`, 'warn')
    : textLine(` no caller is exposed: callers get ${whoAnswers(view)}`)
}

function idle({ view, density }: Place): PanelBlock {
  const { candidate } = view.models
  const head = { left: textLine('CANARY', 'strong'), right: textLine('none yet', 'dim') }
  if (candidate === null || density === 'compact') return { ...head, lines: [] }
  const lines = [
    [
      span(' C', 'key'),
      span(` starts a canary of ${candidate.version}; callers get ${whoAnswers(view)} meanwhile`, 'dim'),
    ],
  ]
  return { ...head, lines }
}

function awaiting({ view, width, density }: Place): PanelBlock {
  const { canary } = view.models
  const { clock } = view.room
  const opens = [span(' it starts when a person types ONAY', 'warn'), span(': o opens the prompt')]
  const lines = density === 'compact' ? [opens] : [phasesLine(canary, clock.marketMs, width), opens, exposure(view)]
  return block(view, 'awaiting ONAY', 'warn', lines)
}

/** Two lines as the smallest window has room for; else the bar, the table and the judge's word. */
function running({ view, width, density }: Place): PanelBlock {
  const { canary } = view.models
  const { clock } = view.room
  const holds = canary.state === 'holding'
  const state = `${holds ? 'HOLDING' : 'ramping'} ${phaseText(canary)}`
  const tone = holds ? 'warn' : 'strong'
  if (density === 'compact') {
    const n = `n ${canary.live} live + ${canary.probes}`
    const word = canary.decision === null ? 'judge: no decision yet' : `judge: ${decisionText(canary.decision)}`
    return block(view, state, tone, [
      sides(
        phasesLine(canary, clock.marketMs, width - 36),
        textLine(`${countdown(canary, view, false)}  ${n} `),
        width,
      ),
      sides([span(' '), ...judgeFigures(canary)], textLine(`${word} `), width),
    ])
  }
  return block(view, state, tone, [
    phasesLine(canary, clock.marketMs, width),
    sides([span(' '), ...shareSpans(canary)], textLine(`${countdown(canary, view, true)} `), width),
    textLine(` ${comparisonsText(canary)}`),
    ...judgeTable(canary),
    ...liveLines(canary),
    ...judgeWords(canary, width, MAX_LINES[density]),
    exposure(view),
  ])
}

/** What came of a canary of days so far; the page of live operations has it all. */
function liveLines({ live_canary: live }: CanaryDocument): readonly Line[] {
  if (live === null) return []
  const { canary, in_charge: inCharge, days, policy, policy_changed: isChanged } = live
  const pair = (of: (side: LiveSideDocument) => number | null): string =>
    `${fixed(of(canary), 2)} / ${fixed(of(inCharge), 2)}`
  const { log_loss_difference: loss } = live
  const own = canary.own_trades + inCharge.own_trades
  const ownText = own === 0 ? '' : `, ${canary.own_trades} / ${inCharge.own_trades} of callers`
  const lossText =
    loss === null ? 'too few minutes' : `${signed(loss.value)} (95 % ${signed(loss.lo)} to ${signed(loss.hi)})`
  const money = `Sharpe ${pair(({ sharpe }) => sharpe)}, drawdown ${pair((side) => side.max_drawdown)}`
  return [
    textLine(` day ${days} of ${policy.min_days}: ${money}`),
    textLine(` ECE ${fixed(canary.ece, 3)}, ${canary.trades} / ${inCharge.trades} trades on paper${ownText}`),
    textLine(` log loss ${lossText}, paired`),
    ...(isChanged ? [textLine(' canary_policy.json has changed: the approved one holds', 'warn')] : []),
  ]
}

/** The reason before everything else, in a tone that cannot be overlooked. */
function reasonLines(canary: CanaryDocument, tone: Tone, width: number, maxLines: number): readonly Line[] {
  const reason = canary.reason ?? 'no reason was recorded'
  return wrapText(reason, Math.max(16, width - 2), maxLines).map((text) => textLine(` ${text}`, tone))
}

/** `aborted` or `inconclusive`: the share is 0, and why. */
function stopped({ view, width, density }: Place, word: string, tone: Tone): PanelBlock {
  const { canary } = view.models
  const { clock } = view.room
  const state = `${word} in phase ${phaseText(canary)}`
  const reason = reasonLines(canary, tone, width, MAX_LINES[density])
  if (density === 'compact') return block(view, state, tone, reason)
  const model = canary.candidate ?? 'the candidate'
  return block(view, state, tone, [
    ...reason,
    phasesLine(canary, clock.marketMs, width),
    textLine(` everything at 0 %: ${model} stays in the shadow`),
    textLine(` ${comparisonsText(canary)}`),
    ...judgeTable(canary),
    exposure(view),
    textLine(' C starts another one, from its first phase', 'dim'),
  ])
}

function succeeded({ view, width, density }: Place): PanelBlock {
  const { canary } = view.models
  const { clock } = view.room
  const { validation } = canary
  const state = 'succeeded'
  if (density === 'compact') return block(view, state, 'good', validation === null ? [] : [validationLine(validation)])
  return block(view, state, 'good', [
    phasesLine(canary, clock.marketMs, width),
    ...(validation === null ? [] : validationLines(validation, view, width)),
    exposure(view),
  ])
}

/** A canary that is over, of a model that has left the shadow since: its end says nothing about what serves now. */
function past({ view, width, density }: Place, end: string): PanelBlock {
  const { canary } = view.models
  const before = `the ${canary.plan_name ?? ''} canary of ${canary.candidate ?? 'a model'} ${end}; it is no longer in the shadow`
  const head = { left: textLine('CANARY', 'strong'), right: textLine('none runs', 'dim') }
  return { ...head, lines: density === 'compact' ? [] : factLines('before', before, width, 2) }
}

function stateBlock(place: Place): PanelBlock {
  const { state } = place.view.models.canary
  const left = place.view.models.candidate === null
  switch (state) {
    case 'idle':
      return idle(place)
    case 'awaiting_onay':
      return awaiting(place)
    case 'ramping':
    case 'holding':
      return running(place)
    case 'succeeded':
      return left ? past(place, 'succeeded') : succeeded(place)
    case 'aborted':
      return left ? past(place, 'was aborted') : stopped(place, 'ABORTED', 'bad')
    case 'inconclusive':
      return left ? past(place, 'was inconclusive') : stopped(place, 'INCONCLUSIVE', 'warn')
    default:
      return unreachable(state)
  }
}

/** What is being risked right now. Each state of the canary has its own lines; a bake stands below them, or alone. */
export const canaryPanel: PanelOf = (view, width, density) => {
  const place = { view, width, density }
  const { bake, state, validation } = view.models.canary
  if (bake === null) return stateBlock(place)
  const compact = density === 'compact'
  // The canary that led to this promotion is over; another one may run beside the bake.
  if (state === 'idle' || (state === 'succeeded' && validation === null)) {
    const left = [span('CANARY', 'strong'), span(' after promotion')]
    const lines = compact ? [bakeLine(bake)] : bakeLines(bake, view, width)
    return { left, right: textLine('bake runs', 'strong'), lines }
  }
  const block = stateBlock(place)
  return { ...block, lines: [...block.lines, bakeLine(bake)] }
}
