import type { OutcomeVerdict } from '../../../engine/gates/outcome.ts'
import type {
  EvidenceCount,
  GateDocument,
  GatesDocument,
  OfflineFigures,
} from '../../../evidence/documents/documents.ts'
import type { Verdict } from '../../../engine/kernel/verdict.ts'
import { unreachable } from '../../../engine/kernel/unreachable.ts'
import { ruleNamed } from '../../../engine/alerts/rules.ts'
import type { RoomView } from '../../../control/view.ts'
import { padText, wrapText } from '../../cells.ts'
import { count, fixed, millis, UNKNOWN } from '../../format.ts'
import { span, textLine, type Line, type Span, type Tone } from '../../line.ts'
import type { Density, PanelOf } from './panel.ts'

const NAME_CELLS = 8
const VALUE_CELLS = 7
const LIMIT_CELLS = 8
/** Where reasons begin: number, name, verdict, value, limit, and the blanks between them. */
const REASON_AT = 3 + NAME_CELLS + 1 + 6 + VALUE_CELLS + 1 + LIMIT_CELLS + 1
const MAX_REASON_LINES = 3

const TONE: Readonly<Record<Verdict, Tone>> = { PASS: 'good', FAIL: 'bad', WAIT: 'warn', ERROR: 'bad' }

export const OUTCOME: Readonly<Record<OutcomeVerdict, { readonly words: string; readonly tone: Tone }>> = {
  too_early: { words: 'too early', tone: 'plain' },
  better: { words: 'better', tone: 'good' },
  worse: { words: 'worse', tone: 'bad' },
  no_worse: { words: 'no difference shown', tone: 'plain' },
  undecided: { words: 'undecided', tone: 'plain' },
}

function isOffline(value: GateDocument['value'] | GateDocument['threshold']): value is OfflineFigures {
  return typeof value === 'object' && value !== null && 'auc' in value
}

function isEvidence(value: GateDocument['value']): value is EvidenceCount {
  return typeof value === 'object' && value !== null && 'present' in value
}

function numberOf(value: GateDocument['value'] | GateDocument['threshold']): number | null {
  return typeof value === 'number' ? value : null
}

/** 0.6134 as `.613`: two figures must fit where one stands elsewhere. */
export function bare(value: number, digits = 3): string {
  return fixed(value, digits).replace(/^(-?)0\./, '$1.')
}

function exceeds(value: number | null, threshold: number | null): boolean {
  return value !== null && threshold !== null && value >= threshold
}

/** The gate's name as the panel writes it. */
function gateName(gate: GateDocument): string {
  return gate.name === 'alert_silence' ? 'alerts' : gate.name
}

/** What was measured and what is allowed, one pair a line: the offline gate has two. */
function gateFigures(gate: GateDocument): readonly { readonly value: string; readonly limit: string }[] {
  const value = numberOf(gate.value)
  const threshold = numberOf(gate.threshold)
  const below = threshold === null ? '' : `< ${threshold}`
  switch (gate.name) {
    case 'psi':
      return [{ value: fixed(value, 3), limit: below }]
    case 'delta':
      // Under improve the difference is wanted: what is above the limit passes, so the limit is not one.
      return [
        { value: fixed(value, 3), limit: exceeds(value, threshold) && gate.verdict === 'PASS' ? 'no limit' : below },
      ]
    case 'p95':
      return [
        { value: value === null ? UNKNOWN : `${millis(value)} ms`, limit: threshold === null ? '' : `${below} ms` },
      ]
    case 'alert_silence':
      return [{ value: count(value), limit: threshold === null ? '' : `= ${threshold}` }]
    case 'offline': {
      const limit = isOffline(gate.threshold) ? gate.threshold : null
      const limits = limit === null ? ['', ''] : [`>= ${bare(limit.auc)}`, `>= ${bare(limit.precision_at_20)}`]
      const figures = isOffline(gate.value)
        ? [bare(gate.value.auc), bare(gate.value.precision_at_20)]
        : [UNKNOWN, UNKNOWN]
      return figures.map((figure, i) => ({ value: figure, limit: limits[i] ?? '' }))
    }
    case 'evidence':
      return [{ value: isEvidence(gate.value) ? `${gate.value.present}/${gate.value.required}` : UNKNOWN, limit: '' }]
    default:
      return unreachable(gate.name)
  }
}

/** Why, with what the gate itself cannot say: which alerts it leaves to another one. */
function reasonOf(gate: GateDocument, drifting: number): string {
  if (gate.name !== 'alert_silence' || drifting === 0) return gate.reason
  return `${drifting === 1 ? '1 on drift counts' : `${drifting} on drift count`} in gate 1; ${gate.reason}`
}

/** One gate: a line, a second one for a second figure, and more where a long reason may wrap. */
function gateLines(gate: GateDocument, width: number, density: Density, drifting: number): readonly Line[] {
  const all = gateFigures(gate)
  const figures = density === 'compact' ? all.slice(0, 1) : all
  const reasons = wrapText(
    reasonOf(gate, drifting),
    Math.max(8, width - REASON_AT),
    density === 'roomy' ? MAX_REASON_LINES : 1,
  )
  const second = density === 'compact' && all.length > 1 ? ` ${all[1]?.value ?? ''} ${all[1]?.limit ?? ''};` : ''
  const lines: Line[] = []
  for (let i = 0; i < Math.max(figures.length, reasons.length); i++) {
    const figure = figures[i]
    const reason = i === 0 && second !== '' ? `${second.trim()} ${reasons[0] ?? ''}` : (reasons[i] ?? '')
    const head =
      i === 0
        ? [
            span(` ${gate.gate} ${padText(gateName(gate), NAME_CELLS)} `),
            span(padText(gate.verdict, 6), TONE[gate.verdict]),
          ]
        : [span(' '.repeat(3 + NAME_CELLS + 1 + 6))]
    lines.push([
      ...head,
      span(`${padText(figure?.value ?? '', VALUE_CELLS)} `),
      span(`${padText(figure?.limit ?? '', LIMIT_CELLS)} `, 'dim'),
      span(reason, gate.verdict === 'FAIL' || gate.verdict === 'ERROR' ? 'plain' : 'dim'),
    ])
  }
  return lines
}

/** Whether it may go live, in two words; a model that is in charge and fails nothing has nothing to be promoted to. */
function verdictSpan(gates: GatesDocument, inCharge: boolean): Span {
  const counted = `${gates.passed}/${gates.of}`
  if (inCharge && gates.gates.every(({ verdict }) => verdict === 'PASS' || verdict === 'WAIT'))
    return span('in charge: nothing to promote', 'dim')
  if (gates.verdict !== 'ELIGIBLE') return span(`${gates.verdict} ${counted}`, 'bad')
  return gates.outcome.verdict === 'worse'
    ? span(`${gates.verdict} ${counted}, outcome WORSE`, 'warn')
    : span(`${gates.verdict} ${counted}`, 'good')
}

/** Whether the model in the shadow is better, in a word and as long a sentence as there is room for. */
function outcomeLines({ outcome }: GatesDocument, width: number, density: Density): readonly Line[] {
  const { words, tone } = OUTCOME[outcome.verdict]
  const wordCells = Math.max(10, words.length + 2)
  const head = NAME_CELLS + 4
  const said = wrapText(outcome.text, Math.max(8, width - head - wordCells), density === 'roomy' ? MAX_REASON_LINES : 1)
  return (said.length === 0 ? [''] : said).map((text, i) =>
    i === 0
      ? [span(`   ${padText('outcome', NAME_CELLS + 1)}`), span(padText(words, wordCells), tone), span(text, 'dim')]
      : [span(' '.repeat(head + wordCells)), span(text, 'dim')],
  )
}

/** The six gates of promotion and the outcome beside them. */
export const gatesPanel: PanelOf = (view, width, density) => {
  const { gates, candidate } = view.models
  if (gates === null) {
    return { left: textLine('GATES', 'strong'), right: textLine('no model yet', 'dim'), lines: [] }
  }
  const of = gates.model === null ? '' : ` of ${gates.model}`
  const drifting = driftAlerts(view)
  const lines = gates.gates.flatMap((gate) => gateLines(gate, width, density, drifting))
  return {
    left: [span('GATES', 'strong'), span(of)],
    right: [verdictSpan(gates, candidate === null)],
    lines: candidate === null ? lines : [...lines, ...outcomeLines(gates, width, density)],
  }
}

/** Firing alerts that gate 1 judges by their figure, so that gate 3 leaves them out. */
function driftAlerts({ watch }: RoomView): number {
  return watch.alerts.filter(({ rule, state }) => state === 'firing' && ruleNamed(rule)?.driftRule === true).length
}
