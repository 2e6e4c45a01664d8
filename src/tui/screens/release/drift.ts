import type { DriftView } from '../../../control/view.ts'
import type { DriftLevel } from '../../../engine/drift/snapshot.ts'
import { padLeft, padText } from '../../cells.ts'
import { fixed } from '../../format.ts'
import { EMPTY_LINE, span, textLine, type Line, type Tone } from '../../line.ts'
import { sparkline, sparkScale } from '../../spark.ts'
import type { Density, PanelOf } from './panel.ts'

const MAX_NAME_CELLS = 16
const MAX_SPARK_CELLS = 84

const TONE: Readonly<Record<DriftLevel, Tone>> = { stable: 'plain', warning: 'warn', critical: 'bad' }

interface Row {
  readonly name: string
  readonly psi: number | null
  /** A level, or the verdict in small letters while there is none. */
  readonly word: string
  readonly tone: Tone
  readonly course: readonly (number | null)[]
}

function overallRow(drift: DriftView): Row {
  const { overall_psi: psi, level, verdict } = drift.snapshot
  return {
    name: 'overall',
    psi,
    word: level ?? verdict.toLowerCase(),
    tone: level === null ? 'warn' : TONE[level],
    course: drift.course['overall'] ?? [],
  }
}

/** Features, the most drifted first: what does not fit on the screen is what matters least. */
function featureRows(drift: DriftView): readonly Row[] {
  return Object.entries(drift.snapshot.features)
    .map(([name, feature]) => ({
      name,
      psi: feature.psi,
      word: feature.level,
      tone: TONE[feature.level],
      course: drift.course[name] ?? [],
    }))
    .sort((a, b) => b.psi - a.psi)
}

function rowLine(row: Row, nameCells: number, width: number): Line {
  const psi = row.psi !== null && Math.abs(row.psi) >= 100 ? fixed(row.psi, 0) : fixed(row.psi, 3)
  const sparkCells = Math.max(0, Math.min(MAX_SPARK_CELLS, width - nameCells - 19))
  return [
    span(` ${padText(row.name, nameCells)} ${padLeft(psi, 6)} `),
    span(padText(row.word, 9), row.tone),
    ...sparkline(row.course, sparkCells),
  ]
}

function why(drift: DriftView): Line {
  return textLine(` ${drift.snapshot.reason}`, 'dim')
}

/** The model in charge: its overall figure, then features. The one in the shadow: one line, or as much where there is room. */
function modelLines(
  drift: DriftView,
  width: number,
  nameCells: number,
  density: Density,
  first: boolean,
): readonly Line[] {
  if (!first && density !== 'roomy') return [rowLine({ ...overallRow(drift), name: drift.model }, nameCells, width)]
  const lines = [overallRow(drift), ...featureRows(drift)].map((row) => rowLine(row, nameCells, width))
  const reason = density === 'roomy' && drift.snapshot.reason !== '' ? [why(drift)] : []
  return first ? [...lines, ...reason] : [[span(' '), span(drift.model, 'strong')], ...lines, ...reason]
}

/** Everything in the title: the overall figure with its course, then the features that drift most. */
function inOneLine(drift: DriftView, width: number): Line {
  const { psi, word, tone, course } = overallRow(drift)
  const worst = featureRows(drift).slice(0, 2)
  const names = worst.map(({ name, psi: of }) => `  ${name} ${fixed(of, 3)}`).join('')
  return [
    span('DRIFT', 'strong'),
    span('  overall ', 'dim'),
    span(`${fixed(psi, 3)} `),
    span(`${word} `, tone),
    ...sparkline(course, Math.max(8, Math.min(16, width - 62))),
    span(names),
  ]
}

/** Is the world still the one that the models know: PSI a feature, its level, and the last seven days. */
export const driftPanel: PanelOf = (view, width, density) => {
  const first = view.watch.drift[0]
  if (first === undefined) {
    return {
      left: [span('DRIFT', 'strong'), span(' not measured: no model has a reference yet', 'dim')],
      right: EMPTY_LINE,
      lines: [],
    }
  }
  if (density === 'compact') return { left: inOneLine(first, width), right: EMPTY_LINE, lines: [] }
  const names = [
    'overall',
    ...view.watch.drift.flatMap((drift) => [drift.model, ...Object.keys(drift.snapshot.features)]),
  ]
  const nameCells = Math.min(MAX_NAME_CELLS, Math.max(...names.map((name) => name.length)))
  const days = width >= 56 ? ', 7 days' : ''
  return {
    left: [span('DRIFT', 'strong'), span(` of ${first.model}${days}`)],
    right: [span(sparkScale(), 'dim')],
    lines: view.watch.drift.flatMap((drift, i) => modelLines(drift, width, nameCells, density, i === 0)),
  }
}
