/**
 * A chart fitted to the window. asciichart draws one series at a time, all on the same scale; the drawings are laid over
 * each other here, because it knows no gaps and would make of one missing value a chart of nothing.
 */
import asciichart from 'asciichart'
import type { DetailView } from '../../control/panels.ts'
import { padLeft, wrapText } from '../cells.ts'
import { dayTime, fixed } from '../format.ts'
import { EMPTY_LINE, firstThatFits, sides, span, textLine, type Line, type Span, type Tone } from '../line.ts'

type Chart = Extract<DetailView, { kind: 'chart' }>

const LABEL_CELLS = 10
/** Where a chart's first column stands. */
export const PLOT_AT = LABEL_CELLS
const SYMBOLS = ['┼', '┤', '╶', '╴', '─', '╰', '╭', '╮', '╯', '│']
const LIMIT_SYMBOLS = ['╌', '┤', '╌', '╌', '╌', '╌', '╌', '╌', '╌', '╌']
/** A letter on each line tells it from the others, so that colour is not needed. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const LETTER_EVERY = 16
const MAX_SERIES = LETTERS.length

interface Cell {
  readonly char: string
  readonly tone: Tone
}

/** One value a column: the highest of those that fall into it, null where there is none. */
export function columnsOf(points: readonly (number | null)[], width: number): readonly (number | null)[] {
  if (points.length === 0) return Array.from({ length: width }, () => null)
  return Array.from({ length: width }, (_, x) => {
    const from = Math.floor((x * points.length) / width)
    const until = Math.max(from + 1, Math.floor(((x + 1) * points.length) / width))
    const values = points
      .slice(from, until)
      .filter((value): value is number => value !== null && Number.isFinite(value))
    return values.length === 0 ? null : Math.max(...values)
  })
}

interface Scale {
  readonly min: number
  readonly max: number
}

function scaleOf(columns: readonly (readonly (number | null)[])[], limit: number | null, close: boolean): Scale | null {
  let min = Infinity
  let max = -Infinity
  for (const value of [...columns.flat(), limit]) {
    if (value === null || !Number.isFinite(value)) continue
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  if (min > max) return null
  // Most figures of the room begin at 0; an axis that does so too shows their size and not only their course.
  if (!close && min > 0 && min < max) min = 0
  return min === max
    ? { min: min - Math.max(0.5, Math.abs(min) / 2), max: max + Math.max(0.5, Math.abs(max) / 2) }
    : { min, max }
}

function label(value: number): string {
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 1 : 3
  return `${padLeft(fixed(value, digits), LABEL_CELLS - 3)}  `
}

/** The height to ask of asciichart for at most `rows` rows: it rounds both ends of the scale, so it may draw one more. */
function stepsFor(scale: Scale, rows: number): number {
  const range = scale.max - scale.min
  const drawn = (steps: number): number => {
    const ratio = steps / range
    return Math.abs(Math.round(scale.max * ratio) - Math.round(scale.min * ratio)) + 1
  }
  let steps = Math.max(1, rows - 1)
  while (steps > 1 && drawn(steps) > rows) steps -= 1
  return steps
}

/** The drawing of one series as rows of characters; columns without a value are blank. */
function draw(
  values: readonly (number | null)[],
  scale: Scale,
  height: number,
  symbols: readonly string[],
  shown: (value: number) => number,
): readonly string[][] {
  const first = values.find((value) => value !== null) ?? scale.min
  let last = first
  // One point more than columns, since asciichart draws what lies between two.
  const filled = [...values, values.at(-1) ?? null].map((value) => (last = value ?? last))
  const range = scale.max - scale.min
  const plot = asciichart.plot(filled, {
    min: scale.min,
    max: scale.max,
    height: stepsFor(scale, height),
    // asciichart puts the whole label into the first cell and the axis into the second.
    offset: 2,
    format: (value) => label(shown(Math.abs(value) < range * 1e-9 ? 0 : value)),
    symbols: [...symbols],
  })
  // What is not the axis and has no value is blanked; the label of each row is one entry of its row.
  return plot
    .split('\n')
    .map((row) => Array.from(row, (char, x) => (x >= LABEL_CELLS && values[x - LABEL_CELLS] === null ? ' ' : char)))
}

/** Lays `top` over `grid` in the plot area, with the series' letter here and there. */
function lay(grid: Cell[][], top: readonly string[][], letter: string, offset: number, tone: Tone): void {
  for (const [y, row] of top.entries()) {
    const target = grid[y]
    if (target === undefined) continue
    for (let x = LABEL_CELLS; x < row.length; x++) {
      const char = row[x] ?? ' '
      if (char === ' ') continue
      const marked = letter !== '' && char === '─' && (x - LABEL_CELLS + offset) % LETTER_EVERY === 0
      target[x] = { char: marked ? letter : char, tone }
    }
  }
}

function runs(row: readonly Cell[]): Line {
  const spans: { text: string; tone: Tone }[] = []
  for (const cell of row) {
    const before = spans.at(-1)
    if (before?.tone === cell.tone) before.text += cell.char
    else spans.push({ text: cell.char, tone: cell.tone })
  }
  return spans.map((part): Span => span(part.text, part.tone))
}

function legend(chart: Chart, width: number): Line {
  const series = chart.series.filter(({ faint }) => faint !== true)
  // One line that stands alone needs no name: the title has it.
  if (series.length === 1 && chart.limit === null) return EMPTY_LINE
  const drawn = series.slice(0, MAX_SERIES)
  const more = series.length - drawn.length
  const limit =
    chart.limit === null || chart.close === true ? [] : [`╌ ${chart.limit === 0 ? '0' : `limit ${chart.limit}`}`]
  const rest = more > 0 ? [`${more} more not drawn`] : []
  const named = (values: boolean): Line =>
    textLine(
      ` ${[
        ...drawn.map((one, i) => {
          const last = one.points.findLast((point) => point !== null) ?? null
          return `${drawn.length === 1 ? '─' : LETTERS[i]} ${one.name}${values ? ` ${fixed(last, 3)}` : ''}`
        }),
        ...limit,
        ...rest,
      ].join('   ')}`,
      'dim',
    )
  return firstThatFits([named(true), named(false)], width)
}

/** Nothing below it is told apart on a logarithmic axis: PSI of less is no drift. */
const LOG_FLOOR = 0.001

/** Series as they are drawn: on a logarithmic axis their logarithms. */
function plotted(chart: Chart): {
  readonly of: (value: number) => number
  readonly back: (value: number) => number
} {
  if (chart.logarithmic !== true) return { of: (value) => value, back: (value) => value }
  return { of: (value) => Math.log10(Math.max(LOG_FLOOR, value)), back: (value) => 10 ** value }
}

/** A mark in each column whose moment it is; later ones lie over earlier ones. */
function markLine(chart: Chart, width: number): readonly Line[] {
  const marks = chart.marks ?? []
  if (marks.length === 0) return []
  const length = chart.untilMs - chart.fromMs
  const cells = Array.from({ length: width }, () => ' ')
  for (const [i, { atMs }] of marks.entries()) {
    const x = Math.min(width - 1, Math.max(0, Math.floor(((atMs - chart.fromMs) / length) * width)))
    cells[x] = String((i + 1) % 10)
  }
  const names = marks.map(({ text }, i) => `${(i + 1) % 10} ${text}`).join('   ')
  return [
    [span(padLeft('', LABEL_CELLS)), span(cells.join(''), 'strong')],
    ...wrapText(names, Math.max(16, width), 3).map((text) => textLine(` ${text}`, 'dim')),
  ]
}

/** Chart, marks, time axis and legend in exactly `height` lines. */
export function chartLines(chart: Chart, width: number, height: number): readonly Line[] {
  const plotWidth = Math.max(1, width - LABEL_CELLS - 2)
  const marks = markLine(chart, plotWidth)
  const below = height - 2 - marks.length >= 4 ? marks : []
  const plotHeight = Math.max(2, height - 2 - below.length)
  const { of, back } = plotted(chart)
  const shown = chart.series.filter(({ faint }) => faint !== true).slice(0, MAX_SERIES)
  const series = [...chart.series.filter(({ faint }) => faint === true), ...shown]
  const columns = series.map((one) =>
    columnsOf(one.points, plotWidth).map((value) => (value === null ? null : of(value))),
  )
  const limit = chart.limit === null ? null : of(chart.limit)
  const known = columns.flat().some((value) => value !== null)
  const scale = known ? scaleOf(columns, limit, chart.close === true || chart.logarithmic === true) : null
  if (scale === null) return [textLine(''), textLine(' no values yet')]
  const axis = draw(columns[0] ?? [], scale, plotHeight, SYMBOLS, back)
  const grid = axis.map((row) => row.map((char, x): Cell => ({ char: x < LABEL_CELLS ? char : ' ', tone: 'dim' })))
  if (limit !== null)
    lay(grid, draw(columnsOf([limit], plotWidth), scale, plotHeight, LIMIT_SYMBOLS, back), '', 0, 'warn')
  for (const [i, values] of columns.entries()) {
    const faint = series[i]?.faint === true
    const place = i - (series.length - shown.length)
    const offset = Math.floor((place * LETTER_EVERY) / Math.max(1, shown.length))
    const letter = faint || shown.length === 1 ? '' : (LETTERS[place] ?? '')
    lay(
      grid,
      draw(values, scale, plotHeight, SYMBOLS, back),
      letter,
      offset,
      faint ? 'dim' : place === 0 ? 'strong' : 'plain',
    )
  }
  const rows = grid.slice(0, plotHeight).map(runs)
  const ends = sides(
    textLine(`${' '.repeat(LABEL_CELLS)}${dayTime(chart.fromMs)}`, 'dim'),
    textLine(`${dayTime(chart.untilMs)}  `, 'dim'),
    width,
  )
  return [...rows, ...below, ends, legend(chart, width)]
}
