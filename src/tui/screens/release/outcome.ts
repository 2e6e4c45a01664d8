import type { OutcomeDocument } from '../../../evidence/documents/documents.ts'
import type { OutcomeCourse } from '../../../control/view.ts'
import { wrapText } from '../../cells.ts'
import { chartLines } from '../../large/chart.ts'
import { outcomeChart } from '../../../control/outcome-chart.ts'
import { textLine, type Line } from '../../line.ts'
import { OUTCOME } from './gates.ts'
import type { PanelOf } from './panel.ts'

const CHART_ROWS = 10

function sentences(outcome: OutcomeDocument, width: number): readonly Line[] {
  return wrapText(outcome.text, Math.max(16, width - 2), 4).map((text) => textLine(` ${text}`))
}

function drawn(course: OutcomeCourse, width: number, rows: number): readonly Line[] {
  return chartLines(outcomeChart(course), width - 1, rows)
}

/** What the settled minutes say of the model in the shadow: the chart that decides. */
export const outcomePanel: PanelOf = (view, width, density) => {
  const { gates, outcome: course, candidate } = view.models
  if (gates === null || candidate === null) {
    return { left: textLine('OUTCOME', 'strong'), right: textLine('no model in the shadow', 'dim'), lines: [] }
  }
  const { words, tone } = OUTCOME[gates.outcome.verdict]
  const head = { left: textLine(`OUTCOME`, 'strong'), right: textLine(words, tone) }
  const said = sentences(gates.outcome, width)
  if (density === 'compact') return { ...head, lines: [] }
  if (density === 'full' || course === null) return { ...head, lines: said }
  const lines = (rows: number): readonly Line[] => [...said, ...drawn(course, width, Math.max(4, rows - said.length))]
  return { ...head, lines: lines(said.length + CHART_ROWS), grown: lines }
}
