import type { BarSeriesOption, ScatterSeriesOption } from 'echarts'
import { HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { DayCharts, DayCourse, DayFigures } from '../evidence/documents/day-figures.ts'
import { AXIS, COLOURS, HOURS_AXIS, LEGEND, limitLine, lineOf, type Draw, type Point } from './report-chart-parts.ts'

interface Size {
  readonly widthPx: number
  readonly heightPx: number
  readonly markPx: number
}

const WIDE: Size = { widthPx: 1_120, heightPx: 430, markPx: 6 }
const NARROW: Size = { widthPx: 380, heightPx: 400, markPx: 4 }

/** Price and signals above, what was promised and what came below, in one chart for a wide window and one for a phone. */
export function courseCharts(draw: Draw, { course, decisions }: DayFigures, dayMs: UnixMs): DayCharts['course'] {
  if (course === null) return null
  const turns = turningPoints(decisions, dayMs)
  return {
    wide: courseChart(draw, course, turns, dayMs, WIDE),
    narrow: courseChart(draw, course, turns, dayMs, NARROW),
  }
}

/** When the model in charge changed; and from when to when canaries ran. */
interface TurningPoints {
  readonly changes: readonly { readonly xAxis: number; readonly name: string }[]
  readonly canaries: readonly (readonly [fromHour: number, untilHour: number])[]
}

function turningPoints(decisions: DayFigures['decisions'], dayMs: UnixMs): TurningPoints {
  const hour = (atMs: UnixMs): number => (atMs - dayMs) / HOUR_MS
  const changes = decisions
    .filter(({ kind }) => kind === 'promotion' || kind === 'rollback')
    .map(({ atMs, subject }) => ({ xAxis: hour(atMs), name: `${subject} in charge` }))
  const steps = decisions.filter(({ kind }) => kind === 'canary')
  const runs = [...new Set(steps.map(({ subject }) => subject))]
  const canaries = runs.map((run) => {
    const times = steps.filter(({ subject }) => subject === run).map(({ atMs }) => hour(atMs))
    return [Math.min(...times), Math.max(...times)] as const
  })
  return { changes, canaries }
}

function courseChart(
  draw: Draw,
  { closes, signals, hours }: DayCourse,
  { changes, canaries }: TurningPoints,
  dayMs: UnixMs,
  { widthPx, heightPx, markPx }: Size,
): string {
  const [left, right] = [58, 14]
  const place = (atMs: UnixMs, value: number): Point => [(atMs - dayMs) / HOUR_MS, value]
  const marks = (name: string, cameTrue: boolean): ScatterSeriesOption => ({
    name,
    type: 'scatter',
    silent: true,
    symbol: cameTrue ? 'circle' : 'diamond',
    symbolSize: cameTrue ? markPx : markPx + 1,
    itemStyle: cameTrue
      ? { color: COLOURS.good }
      : { color: COLOURS.panel, borderColor: COLOURS.bad, borderWidth: 1.2 },
    data: signals.filter((signal) => signal.cameTrue === cameTrue).map(({ atMs, close }) => place(atMs, close)),
  })
  const came: BarSeriesOption = {
    name: 'came true',
    type: 'bar',
    silent: true,
    xAxisIndex: 1,
    yAxisIndex: 1,
    barWidth: '62%',
    itemStyle: { color: COLOURS.grid },
    data: hours.map((hour) => shareOf(hour.cameTrue)),
  }
  const split = Math.round(heightPx * 0.66)
  const hoursAxis = { ...HOURS_AXIS, interval: widthPx > 600 ? 3 : 6 }
  return draw(
    {
      legend: {
        ...LEGEND,
        left: 10,
        right: 10,
        itemWidth: 14,
        itemGap: 24,
        data: ['price', 'signal, came true', 'signal, did not', 'promised', 'came true'],
      },
      grid: [
        { left, right, top: widthPx > 600 ? 44 : 62, bottom: heightPx - split },
        { left, right, top: split + 34, bottom: 8 },
      ],
      xAxis: [
        hoursAxis,
        // Each hour has a place of its own here, below that of the axis above.
        {
          type: 'category',
          gridIndex: 1,
          data: hours.map((_, hour) => hour),
          ...AXIS,
          axisLabel: { show: false },
          splitLine: { show: false },
        },
      ],
      yAxis: [
        { type: 'value', scale: true, ...AXIS },
        {
          type: 'value',
          gridIndex: 1,
          min: 0,
          max: 100,
          interval: 50,
          ...AXIS,
          axisLabel: { ...AXIS.axisLabel, formatter: '{value} %' },
        },
      ],
      series: [
        {
          ...lineOf('price', COLOURS.muted),
          symbol: 'none',
          lineStyle: { width: 1.2, color: COLOURS.muted },
          data: closes.map(({ atMs, close }) => place(atMs, close)),
          markLine: {
            ...limitLine(changes, 'end'),
            lineStyle: { color: COLOURS.two, type: 'dashed', width: 1.5 },
          },
          markArea: {
            silent: true,
            itemStyle: { color: COLOURS.two, opacity: 0.14 },
            data: canaries.map(([from, until]) => [{ xAxis: from }, { xAxis: until }]),
          },
        },
        marks('signal, came true', true),
        marks('signal, did not', false),
        came,
        {
          ...lineOf('promised', COLOURS.one),
          xAxisIndex: 1,
          yAxisIndex: 1,
          data: hours.map((hour) => shareOf(hour.promised)),
        },
      ],
    },
    heightPx,
    widthPx,
  )
}

function shareOf(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1_000) / 10
}
