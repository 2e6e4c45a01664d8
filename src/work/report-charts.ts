import type { LineSeriesOption } from 'echarts'
import { DAY_MS, isoDate, type UnixMs } from '../engine/kernel/units.ts'
import type {
  ComparedHour,
  DayCharts,
  DayFigures,
  DriftPage,
  LatencyHour,
  PageLimits,
} from '../evidence/documents/day-figures.ts'
import {
  AXIS,
  COLOURS,
  figure,
  floored,
  hourOf,
  HOURS_AXIS,
  LEGEND,
  limitLine,
  lineOf,
  type Draw,
  type Point,
} from './report-chart-parts.ts'
import { courseCharts } from './report-charts-day.ts'
import { calibrationChart, outcomeChart } from './report-charts-worth.ts'

/** As wide as a phone shows it, so that its letters keep their size there. */
const WIDTH_PX = 380
const HEIGHT_PX = 210
/** The least PSI that a logarithmic axis shows. */
const LEAST_PSI = 0.001
const LEAST_MS = 0.01

/** Draws every chart of the page as SVG; a chart without figures is null. */
export async function drawDay(figures: DayFigures, limits: PageLimits, dayMs: UnixMs): Promise<DayCharts> {
  const { init } = await import('echarts/dist/echarts.esm.min.mjs')
  const draw: Draw = (option, heightPx, widthPx = WIDTH_PX) => {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width: widthPx, height: heightPx })
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'system-ui, sans-serif', color: COLOURS.ink },
      ...option,
    })
    const svg = chart.renderToSVGString()
    chart.dispose()
    return Object.entries(COLOURS).reduce((text, [name, colour]) => text.replaceAll(colour, `var(--${name})`), svg)
  }
  return {
    course: courseCharts(draw, figures, dayMs),
    drift: figures.drift.map((page) => ({
      features: psiByFeature(draw, page, limits),
      course: psiCourse(draw, page, limits, dayMs + DAY_MS),
    })),
    match: figures.compared.length === 0 ? null : matchByHour(draw, figures.compared, limits, dayMs),
    delta: figures.compared.length === 0 ? null : deltaByHour(draw, figures.compared, limits, dayMs),
    latency: figures.latency.length === 0 ? null : latencyByHour(draw, figures.latency, limits, dayMs),
    calibration: figures.calibration.length === 0 ? null : calibrationChart(draw, figures.calibration),
    outcome: figures.outcome === null ? null : outcomeChart(draw, figures.outcome),
  }
}

function psiByFeature(draw: Draw, { snapshot }: DriftPage, { psi }: PageLimits): string {
  const features = Object.entries(snapshot.features).sort(([, a], [, b]) => a.psi - b.psi)
  const most = Math.max(psi.feature, ...features.map(([, { psi: value }]) => value))
  const symbols = { stable: 'circle', warning: 'diamond', critical: 'triangle' } as const
  const series: LineSeriesOption = {
    ...lineOf('psi', COLOURS.one),
    lineStyle: { width: 0 },
    data: features.map(([name, { psi: value, level }]) => ({
      value: [Math.max(LEAST_PSI, value), name],
      symbol: symbols[level],
      symbolSize: 11,
    })),
    label: {
      show: true,
      position: 'right',
      color: COLOURS.ink,
      textBorderColor: COLOURS.panel,
      textBorderWidth: 3,
      formatter: ({ dataIndex }) => figure(features[dataIndex]?.[1].psi),
    },
    markLine: limitLine([{ xAxis: psi.feature, name: `limit ${psi.feature}` }], 'end'),
  }
  return draw(
    {
      grid: { left: 106, right: 52, top: 20, bottom: 26 },
      xAxis: {
        type: 'log',
        min: LEAST_PSI,
        max: 10 ** Math.ceil(Math.log10(most)),
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, formatter: (value: number) => String(value) },
      },
      yAxis: { type: 'category', data: features.map(([name]) => name), ...AXIS, splitLine: { show: false } },
      series: [series],
    },
    46 + 24 * features.length,
  )
}

function psiCourse(draw: Draw, { snapshot, course }: DriftPage, { psi }: PageLimits, untilMs: UnixMs): string {
  const overall: Point[] = course.map((hour) => [hour.atMs, hour.overall])
  const worst: Point[] = course.map((hour) => [hour.atMs, hour.worst])
  const name = snapshot.worst?.feature
  const most = Math.max(psi.feature, ...course.flatMap((hour) => [hour.overall ?? 0, hour.worst ?? 0]))
  return draw(
    {
      legend: LEGEND,
      grid: { left: 46, right: 16, top: 32, bottom: 26 },
      xAxis: {
        type: 'value',
        min: untilMs - 7 * DAY_MS,
        max: untilMs,
        interval: DAY_MS,
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, formatter: (atMs: number) => isoDate(atMs).slice(5), hideOverlap: true },
      },
      yAxis: { type: 'log', min: LEAST_PSI, max: 10 ** Math.ceil(Math.log10(most)), ...AXIS },
      series: [
        {
          ...lineOf('overall', COLOURS.one),
          data: floored(overall, LEAST_PSI),
          ...(course.length < 3 ? {} : { symbol: 'none' }),
          markLine: limitLine([{ yAxis: psi.overall, name: `limit ${psi.overall}` }], 'insideStartTop'),
        },
        ...(name === undefined
          ? []
          : [
              {
                ...lineOf(`worst: ${name}`, COLOURS.two, 'dashed'),
                data: floored(worst, LEAST_PSI),
                ...(course.length < 3 ? {} : { symbol: 'none' }),
              },
            ]),
      ],
    },
    HEIGHT_PX,
  )
}

function matchByHour(draw: Draw, hours: readonly ComparedHour[], { matchRate }: PageLimits, dayMs: UnixMs): string {
  const percent: Point[] = hours.map((hour) => [
    hourOf(hour.fromMs, dayMs),
    hour.matchRate === null ? null : hour.matchRate * 100,
  ])
  const least = Math.min(
    matchRate * 100,
    ...hours.flatMap((hour) => (hour.matchRate === null ? [] : [hour.matchRate * 100])),
  )
  return draw(
    {
      grid: { left: 46, right: 16, top: 14, bottom: 26 },
      xAxis: HOURS_AXIS,
      yAxis: {
        type: 'value',
        min: Math.max(0, Math.floor(least / 5) * 5 - 5),
        max: 100,
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, formatter: '{value} %' },
      },
      series: [
        {
          ...lineOf('match rate', COLOURS.one),
          data: percent,
          markLine: limitLine(
            [{ yAxis: matchRate * 100, name: `alert below ${matchRate * 100} %` }],
            'insideStartBottom',
          ),
        },
      ],
    },
    HEIGHT_PX,
  )
}

function deltaByHour(draw: Draw, hours: readonly ComparedHour[], { meanDelta }: PageLimits, dayMs: UnixMs): string {
  const most = Math.max(meanDelta, ...hours.map((hour) => hour.meanDelta ?? 0))
  return draw(
    {
      grid: { left: 46, right: 16, top: 14, bottom: 26 },
      xAxis: HOURS_AXIS,
      yAxis: { type: 'value', min: 0, max: Math.ceil(most * 120) / 100, ...AXIS },
      series: [
        {
          ...lineOf('mean delta', COLOURS.one),
          data: hours.map((hour): Point => [hourOf(hour.fromMs, dayMs), hour.meanDelta]),
          markLine: limitLine([{ yAxis: meanDelta, name: `limit ${meanDelta}` }], 'insideStartTop'),
        },
      ],
    },
    HEIGHT_PX,
  )
}

function latencyByHour(draw: Draw, hours: readonly LatencyHour[], { p95Ms }: PageLimits, dayMs: UnixMs): string {
  const known = hours.flatMap((hour) => [hour.p50Ms, hour.p99Ms].filter((ms) => ms !== null))
  const least = Math.max(LEAST_MS, Math.min(1, ...known))
  const most = Math.max(p95Ms * 1.25, ...known)
  const of = (
    name: string,
    colour: string,
    type: 'solid' | 'dashed' | 'dotted',
    read: (hour: LatencyHour) => number | null,
  ): LineSeriesOption => ({
    ...lineOf(name, colour, type),
    data: floored(
      hours.map((hour) => [hourOf(hour.fromMs, dayMs), read(hour)]),
      LEAST_MS,
    ),
  })
  return draw(
    {
      legend: LEGEND,
      grid: { left: 56, right: 16, top: 32, bottom: 26 },
      xAxis: HOURS_AXIS,
      yAxis: {
        type: 'log',
        min: 10 ** Math.floor(Math.log10(least)),
        max: 10 ** Math.ceil(Math.log10(most)),
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, formatter: (ms: number) => `${ms} ms` },
      },
      series: [
        of('p50', COLOURS.muted, 'dotted', (hour) => hour.p50Ms),
        {
          ...of('p95', COLOURS.one, 'solid', (hour) => hour.p95Ms),
          markLine: limitLine([{ yAxis: p95Ms, name: `limit ${p95Ms} ms` }], 'insideStartTop'),
        },
        of('p99', COLOURS.two, 'dashed', (hour) => hour.p99Ms),
      ],
    },
    HEIGHT_PX,
  )
}
