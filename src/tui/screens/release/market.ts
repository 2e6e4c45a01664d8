import type { DetailView } from '../../../control/panels.ts'
import type { MarketSpan, RoomView } from '../../../control/view.ts'
import { chartLines, PLOT_AT } from '../../large/chart.ts'
import { count, price } from '../../format.ts'
import { span, textLine, type Line, type Tone } from '../../line.ts'
import type { PanelOf } from './panel.ts'

const CHART_ROWS = 9
const SPAN_MS = 15 * 60_000

function chartOf({ market, room }: RoomView): Extract<DetailView, { kind: 'chart' }> {
  const untilMs = room.clock.marketMs
  return {
    kind: 'chart',
    title: 'price',
    series: [{ name: 'price', points: market.course.map(({ close }) => close) }],
    fromMs: untilMs - market.course.length * SPAN_MS,
    untilMs,
    limit: null,
    unit: '',
    note: '',
    close: true,
  }
}

/** Signals under the price: those that came true, those that did not, both in one quarter of an hour. */
function signalLine(course: readonly MarketSpan[], width: number): Line {
  const cells = Array.from({ length: width }, (_, x): { readonly glyph: string; readonly tone: Tone } => {
    const from = Math.floor((x * course.length) / width)
    const until = Math.max(from + 1, Math.floor(((x + 1) * course.length) / width))
    const spans = course.slice(from, until)
    const came = spans.some(({ cameTrue }) => cameTrue > 0)
    const not = spans.some(({ didNot }) => didNot > 0)
    if (came && not) return { glyph: '◐', tone: 'plain' }
    return came ? { glyph: '●', tone: 'good' } : { glyph: not ? '○' : ' ', tone: 'dim' }
  })
  return [
    span('signals'.padStart(PLOT_AT - 1).padEnd(PLOT_AT), 'dim'),
    ...cells.map(({ glyph, tone }) => span(glyph, tone)),
  ]
}

/** The price of the last 24 hours, and what became of each signal. */
export const marketPanel: PanelOf = (view, width, density) => {
  const { course } = view.market
  const came = course.reduce((sum, one) => sum + one.cameTrue, 0)
  const not = course.reduce((sum, one) => sum + one.didNot, 0)
  const signals = came + not === 0 ? 'no signal in 24 h' : `${count(came)} of ${count(came + not)} signals came true`
  const left = [span('MARKET', 'strong'), span(` ${price(view.market.price)}`)]
  if (density !== 'roomy' || course.length === 0) return { left, right: textLine(signals, 'dim'), lines: [] }
  const plot = Math.max(1, width - PLOT_AT - 2)
  const lines = (rows: number): readonly Line[] => [
    ...chartLines(chartOf(view), width, Math.max(4, rows - 2)),
    signalLine(course, plot),
    [
      span(' ● ', 'good'),
      span('came true  ', 'dim'),
      span('○ ', 'dim'),
      span('did not  ', 'dim'),
      span('◐ '),
      span('both within the quarter of an hour', 'dim'),
    ],
  ]
  return { left, right: textLine(signals, 'dim'), lines: lines(CHART_ROWS + 2), grown: lines }
}
