import type { OutcomeVerdict } from '../../../engine/gates/outcome.ts'
import type { GateDocument, OfflineFigures, EvidenceCount } from '../../../evidence/documents/documents.ts'
import type { Verdict } from '../../../engine/kernel/verdict.ts'
import { unreachable } from '../../../engine/kernel/unreachable.ts'
import { padText, wrapText } from '../../cells.ts'
import { count, fixed, millis, UNKNOWN } from '../../format.ts'
import { span, textLine, type Line, type Tone } from '../../line.ts'
import type { Density, PanelOf } from './panel.ts'

const NAME_CELLS = 8
const VALUE_CELLS = 7
const LIMIT_CELLS = 8
/** Where reasons begin: number, name, verdict, value, limit, and the blanks between them. */
const REASON_AT = 3 + NAME_CELLS + 1 + 6 + VALUE_CELLS + 1 + LIMIT_CELLS + 1
const MAX_REASON_LINES = 3

const TONE: Readonly<Record<Verdict, Tone>> = { PASS: 'good', FAIL: 'bad', WAIT: 'warn', ERROR: 'bad' }

const OUTCOME: Readonly<Record<OutcomeVerdict, { readonly words: string; readonly tone: Tone }>> = {
  too_early: { words: 'too early', tone: 'plain' },
  better: { words: 'better', tone: 'good' },
  worse: { words: 'worse', tone: 'bad' },
  no_worse: { words: 'no worse', tone: 'plain' },
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
function bare(value: number): string {
  return fixed(value, 3).replace(/^(-?)0\./, '$1.')
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
    case 'delta':
      return [{ value: fixed(value, 3), limit: below }]
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

/** One gate: a line, a second one for a second figure, and more where a long reason may wrap. */
function gateLines(gate: GateDocument, width: number, density: Density): readonly Line[] {
  const all = gateFigures(gate)
  const figures = density === 'compact' ? all.slice(0, 1) : all
  const reasons = wrapText(gate.reason, Math.max(8, width - REASON_AT), density === 'roomy' ? MAX_REASON_LINES : 1)
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
      span(reason),
    ])
  }
  return lines
}

/** The six gates of promotion and the outcome beside them. */
export const gatesPanel: PanelOf = (view, width, density) => {
  const gates = view.models.gates
  if (gates === null) {
    return { left: textLine('GATES', 'strong'), right: textLine('not measured yet'), lines: [] }
  }
  const of = gates.model === null ? '' : ` for ${gates.model}`
  const outcome = OUTCOME[gates.outcome.verdict]
  const outcomeText = wrapText(gates.outcome.text, Math.max(8, width - 22), density === 'roomy' ? MAX_REASON_LINES : 1)
  const outcomeLines = (outcomeText.length === 0 ? [''] : outcomeText).map((text, i) =>
    i === 0
      ? [span(` ${padText('outcome', NAME_CELLS + 3)}`), span(padText(outcome.words, 10), outcome.tone), span(text)]
      : [span(' '.repeat(NAME_CELLS + 14)), span(text)],
  )
  return {
    left: [span('GATES', 'strong'), span(of)],
    right: [span(`${gates.verdict} ${gates.passed}/${gates.of}`, gates.verdict === 'ELIGIBLE' ? 'good' : 'bad')],
    lines: [...gates.gates.flatMap((gate) => gateLines(gate, width, density)), ...outcomeLines],
  }
}
