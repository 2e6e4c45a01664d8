/** The figures that an approval is bound to as a person reads them: the three models beside each other, then the gates. */
import { count, percent, UNKNOWN } from '../format.ts'
import { cellsOfLine, span, type Line, type Tone } from '../line.ts'
import { padLeft, padText } from '../cells.ts'
import { bare } from '../screens/release/gates.ts'

const INDENT = 4
const LABEL_CELLS = 21
const FIGURE_CELLS = 11

type Figures = Readonly<Record<string, unknown>>

/** What stands at a path of nested objects; undefined where there is nothing. */
function at(from: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? Object.entries(value).find(([k]) => k === key)?.[1] : undefined,
    from,
  )
}

function numberAt(from: unknown, ...path: readonly string[]): number | null {
  const value = at(from, ...path)
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

const COLUMNS = [
  ['shadow', 'candidate'],
  ['in charge', 'baseline'],
  ['fallback', 'fallback'],
] as const

function figureRow(figures: Figures, label: string, key: string, digits: number): readonly Line[] {
  const values = COLUMNS.map(([, of]) => numberAt(figures, 'outcome', key, of))
  if (values.every((value) => value === null)) return []
  const cells = values.map((value) => padLeft(value === null ? UNKNOWN : bare(value, digits), FIGURE_CELLS))
  return [[span(' '.repeat(INDENT)), span(padText(label, LABEL_CELLS), 'dim'), span(cells.join(''))]]
}

/** Settled minutes, log loss and AUC of each model, and how sure the difference is. */
function settledLines(figures: Figures): readonly Line[] {
  const rows = [...figureRow(figures, 'log loss', 'logLoss', 4), ...figureRow(figures, 'AUC', 'auc', 3)]
  if (rows.length === 0) return []
  const head = COLUMNS.map(([name]) => padLeft(name, FIGURE_CELLS)).join('')
  const n = `settled ${count(numberAt(figures, 'outcome', 'n'))} min`
  return [[span(' '.repeat(INDENT)), span(padText(n, LABEL_CELLS)), span(head, 'dim')], ...rows]
}

const TONE: Readonly<Record<string, Tone>> = { PASS: 'good', FAIL: 'bad', ERROR: 'bad', WAIT: 'warn' }

function gateValue(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : bare(value)
  const auc = numberAt(value, 'auc')
  if (auc !== null) return bare(auc)
  const present = numberAt(value, 'present')
  return present === null ? '' : `${present}/${numberAt(value, 'required') ?? '?'}`
}

/** `psi .035 PASS`: each gate as it was when the prompt opened. */
function gateFacts(figures: Figures): readonly Line[] {
  const gates = at(figures, 'gates')
  if (!Array.isArray(gates)) return []
  return gates.flatMap((gate: unknown): readonly Line[] => {
    const [name, verdict] = [at(gate, 'name'), at(gate, 'verdict')]
    if (typeof name !== 'string' || typeof verdict !== 'string') return []
    const value = gateValue(at(gate, 'value'))
    const label = name === 'alert_silence' ? 'alerts' : name
    return [[span(`${label} `, 'dim'), span(value === '' ? '' : `${value} `), span(verdict, TONE[verdict] ?? 'plain')]]
  })
}

function otherFacts(figures: Figures): readonly Line[] {
  const rate = numberAt(figures, 'match', 'rate')
  const auc = numberAt(figures, 'offline', 'auc')
  const match: readonly Line[] =
    rate === null
      ? []
      : [
          [
            span('match ', 'dim'),
            span(percent(rate, 1)),
            span(` of ${count(numberAt(figures, 'match', 'n'))} in 24 h`, 'dim'),
          ],
        ]
  const offline: readonly Line[] =
    auc === null
      ? []
      : [
          [
            span('AUC in training ', 'dim'),
            span(bare(auc)),
            span(` (limit ${bare(numberAt(figures, 'offline', 'limit') ?? Number.NaN)})`, 'dim'),
          ],
        ]
  return [...match, ...offline]
}

/** Facts beside each other, as many on a line as fit. */
function packed(facts: readonly Line[], width: number): readonly Line[] {
  const lines: Line[] = []
  for (const fact of facts) {
    const before = lines.at(-1)
    if (before !== undefined && cellsOfLine(before) + 3 + cellsOfLine(fact) <= width)
      lines[lines.length - 1] = [...before, span('   '), ...fact]
    else lines.push([span(' '.repeat(INDENT)), ...fact])
  }
  return lines
}

/** The table; nothing where the figures have none of what it shows. */
export function figureTable(figures: Figures, width: number): readonly Line[] {
  return [...settledLines(figures), ...packed([...gateFacts(figures), ...otherFacts(figures)], width - 1)]
}
