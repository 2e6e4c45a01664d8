import type { ModelView, RoomView, SettledView } from '../../../control/view.ts'
import { cutText, padLeft, padText } from '../../cells.ts'
import { count, dayTime, UNKNOWN } from '../../format.ts'
import { firstThatFits, span, textLine, type Line } from '../../line.ts'
import { bare } from './gates.ts'
import type { PanelOf } from './panel.ts'

/** What the rest of a title takes: number, rule, count of minutes. */
const TITLE_CELLS = 22
const ROLE_CELLS = 10
const VERSION_CELLS = 13
const TRAINED_CELLS = 14
const FIGURE_CELLS = 9
/** From here on what training promised has room beside what came of it. */
const PROMISED_FROM = ROLE_CELLS + VERSION_CELLS + TRAINED_CELLS + 3 * FIGURE_CELLS + 2

interface Row {
  readonly role: string
  readonly model: ModelView | null
  readonly settled: SettledView | null
  readonly version: string
}

function rowsOf({ models }: RoomView): readonly Row[] {
  const row = (role: string, model: ModelView | null): Row => ({
    role,
    model,
    settled: model?.settled ?? null,
    version: model?.version ?? 'none',
  })
  const { version, settled } = models.fallback
  return [
    row('in charge', models.baseline),
    row('shadow', models.candidate),
    row('former', models.former),
    { role: version, model: null, settled, version: '' },
  ]
}

/** `05-05..05-19` */
function trainedText(model: ModelView | null): string {
  if (model === null) return ''
  const day = (ms: number): string => dayTime(ms).slice(0, 5)
  return `${day(model.trained.fromMs)}..${day(model.trained.untilMs)}`
}

function logLossText(settled: SettledView | null): string {
  return settled === null ? UNKNOWN : bare(settled.logLoss, 4)
}

function aucText(auc: number | null | undefined): string {
  return auc === null || auc === undefined ? UNKNOWN : bare(auc, 3)
}

function settledCount(rows: readonly Row[]): number {
  return rows.find(({ settled }) => settled !== null)?.settled?.n ?? 0
}

/** Outcomes that the user brings and that should have come. */
function overdueText({ models: { overdueOutcomes } }: RoomView): Line {
  return overdueOutcomes === null || overdueOutcomes === 0 ? [] : [span(`  ${count(overdueOutcomes)} overdue`, 'warn')]
}

/** One line of what has settled, where there is no room for a table; with less room, log loss alone. */
function inOneLine(rows: readonly Row[], width: number): Line {
  const settled = rows.filter((row) => row.settled !== null)
  const line = (what: string, figures: (of: SettledView | null) => string): Line => [
    span('MODELS', 'strong'),
    span(`  ${what}:`, 'dim'),
    ...settled.flatMap(({ role, settled: of }): Line => [span(`  ${role} `, 'dim'), span(figures(of))]),
  ]
  if (settled.length === 0) return [span('MODELS', 'strong'), span('  nothing settled yet', 'dim')]
  return firstThatFits(
    [line('AUC, log loss', (of) => `${aucText(of?.auc)} ${logLossText(of)}`), line('log loss', logLossText)],
    width,
  )
}

/** Who has which role, what it was trained on, what that promised, and what came of it on the same settled minutes. */
export const modelsPanel: PanelOf = (view, width, density) => {
  const rows = rowsOf(view)
  const n = settledCount(rows)
  if (density === 'compact')
    return {
      left: inOneLine(rows, width - TITLE_CELLS),
      right: [...(n === 0 ? [] : textLine(`n ${count(n)}`, 'dim')), ...overdueText(view)],
      lines: [],
    }
  const promised = width >= PROMISED_FROM
  const head = [
    padText('', ROLE_CELLS + 1),
    padText('version', VERSION_CELLS),
    padText('trained on', TRAINED_CELLS),
    ...(promised ? [padLeft('promised', FIGURE_CELLS)] : []),
    padLeft('AUC', FIGURE_CELLS - 2),
    padLeft('log loss', FIGURE_CELLS + 1),
  ].join('')
  const lines = rows.map(
    ({ role, model, settled, version }): Line => [
      span(` ${padText(role, ROLE_CELLS)}`, 'dim'),
      span(
        `${padText(cutText(version, VERSION_CELLS - 1), VERSION_CELLS)}${padText(trainedText(model), TRAINED_CELLS)}`,
      ),
      ...(promised ? [span(padLeft(model === null ? '' : aucText(model.auc), FIGURE_CELLS), 'dim')] : []),
      span(
        version === 'none'
          ? ''
          : `${padLeft(aucText(settled?.auc), FIGURE_CELLS - 2)}${padLeft(logLossText(settled), FIGURE_CELLS + 1)}`,
      ),
    ],
  )
  const right = n === 0 ? 'nothing settled yet' : `on ${count(n)} settled minutes`
  const settledText = [...textLine(right, 'dim'), ...overdueText(view)]
  return { left: textLine('MODELS', 'strong'), right: settledText, lines: [textLine(head, 'dim'), ...lines] }
}
