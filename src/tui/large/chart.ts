/**
 * A chart fitted to the window. asciichart draws one series at a time, all on the same scale; the drawings are laid over
 * each other here, because it knows no gaps and would make of one missing value a chart of nothing.
 */
import asciichart from 'asciichart'
import type { DetailView } from '../../control/panels.ts'
import { padLeft } from '../cells.ts'
import { dayTime, fixed } from '../format.ts'
import { firstThatFits, sides, span, textLine, type Line, type Span, type Tone } from '../line.ts'

type Chart = Extract<DetailView, { kind: 'chart' }>

const LABEL_CELLS = 10
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

function scaleOf(columns: readonly (readonly (number | null)[])[], limit: number | null): Scale | null {
  let min = Infinity
  let max = -Infinity
  for (const value of [...columns.flat(), limit]) {
    if (value === null || !Number.isFinite(value)) continue
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  if (min > max) return null
  // Most figures of the room begin at 0; an axis that does so too shows their size and not only their course.
  if (min > 0 && min < max) min = 0
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
    format: (value) => label(Math.abs(value) < range * 1e-9 ? 0 : value),
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
  const series = chart.series.slice(0, MAX_SERIES)
  const more = chart.series.length - series.length
  const limit = chart.limit === null ? [] : [`╌ limit ${chart.limit}`]
  const rest = more > 0 ? [`${more} more not drawn`] : []
  const named = (values: boolean): Line =>
    textLine(
      ` ${[
        ...series.map((one, i) => {
          const last = one.points.findLast((point) => point !== null) ?? null
          return `${LETTERS[i] ?? ''} ${one.name}${values ? ` ${fixed(last, 3)}` : ''}`
        }),
        ...limit,
        ...rest,
      ].join('   ')}`,
    )
  return firstThatFits([named(true), named(false)], width)
}

/** Chart, time axis and legend in exactly `height` lines. */
export function chartLines(chart: Chart, width: number, height: number): readonly Line[] {
  const plotWidth = Math.max(1, width - LABEL_CELLS - 2)
  const plotHeight = Math.max(2, height - 2)
  const columns = chart.series.slice(0, MAX_SERIES).map((one) => columnsOf(one.points, plotWidth))
  const scale = columns.flat().some((value) => value !== null) ? scaleOf(columns, chart.limit) : null
  if (scale === null) return [textLine(''), textLine(' no values yet')]
  const limit = chart.limit
  const axis = draw(columns[0] ?? [], scale, plotHeight, SYMBOLS)
  const grid = axis.map((row) => row.map((char, x): Cell => ({ char: x < LABEL_CELLS ? char : ' ', tone: 'dim' })))
  if (limit !== null) lay(grid, draw(columnsOf([limit], plotWidth), scale, plotHeight, LIMIT_SYMBOLS), '', 0, 'warn')
  for (const [i, values] of columns.entries()) {
    const offset = Math.floor((i * LETTER_EVERY) / columns.length)
    lay(grid, draw(values, scale, plotHeight, SYMBOLS), LETTERS[i] ?? '', offset, 'plain')
  }
  const rows = grid.slice(0, plotHeight).map(runs)
  const ends = sides(
    textLine(`${' '.repeat(LABEL_CELLS)}${dayTime(chart.fromMs)}`),
    textLine(`${dayTime(chart.untilMs)}  `),
    width,
  )
  return [...rows, ends, legend(chart, width)]
}
