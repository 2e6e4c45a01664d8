import type { EChartsOption, LineSeriesOption } from 'echarts'
import { DAY_MS, HOUR_MS, isoDate, type UnixMs } from '../engine/kernel/units.ts'
import type { DayCharts } from '../evidence/daily-page.ts'
import type {
  CalibrationPoint,
  ComparedHour,
  DayFigures,
  DriftPage,
  LatencyHour,
  PageLimits,
} from '../evidence/day-figures.ts'
import type { Interval, OutcomeDocument } from '../evidence/documents.ts'

type Draw = (option: EChartsOption, heightPx: number) => string
type Point = [number | string, number | string | null]

/** As wide as a phone shows it, so that its letters keep their size there. */
const WIDTH_PX = 380
const HEIGHT_PX = 210
/** The least PSI that a logarithmic axis shows. */
const LEAST_PSI = 0.001
const LEAST_MS = 0.01

/** Colours that occur nowhere else: in the finished drawing the page's own, which follow the reader's theme, take their place. */
const COLOURS = {
  ink: '#010203',
  muted: '#010204',
  grid: '#010205',
  one: '#010206',
  two: '#010207',
  limit: '#010208',
  panel: '#010209',
} as const

/** Draws every chart of the page as SVG; a chart without figures is null. */
export async function drawDay(figures: DayFigures, limits: PageLimits, dayMs: UnixMs): Promise<DayCharts> {
  const { init } = await import('echarts/dist/echarts.esm.min.mjs')
  const draw: Draw = (option, heightPx) => {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH_PX, height: heightPx })
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
    drift: figures.drift.map((page) => ({
      features: psiByFeature(draw, page, limits),
      course: psiCourse(draw, page, limits, dayMs + DAY_MS),
    })),
    match: figures.compared.length === 0 ? null : matchByHour(draw, figures.compared, limits, dayMs),
    delta: figures.compared.length === 0 ? null : deltaByHour(draw, figures.compared, limits, dayMs),
    latency: figures.latency.length === 0 ? null : latencyByHour(draw, figures.latency, limits, dayMs),
    calibration: figures.calibration.length === 0 ? null : calibration(draw, figures.calibration),
    outcome: figures.outcome === null ? null : outcome(draw, figures.outcome),
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
        ...axis(),
        axisLabel: { ...axis().axisLabel, formatter: (value: number) => String(value) },
      },
      yAxis: { type: 'category', data: features.map(([name]) => name), ...axis(), splitLine: { show: false } },
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
      legend: legend(),
      grid: { left: 46, right: 16, top: 32, bottom: 26 },
      xAxis: {
        type: 'value',
        min: untilMs - 7 * DAY_MS,
        max: untilMs,
        interval: DAY_MS,
        ...axis(),
        axisLabel: { ...axis().axisLabel, formatter: (atMs: number) => isoDate(atMs).slice(5), hideOverlap: true },
      },
      yAxis: { type: 'log', min: LEAST_PSI, max: 10 ** Math.ceil(Math.log10(most)), ...axis() },
      series: [
        {
          ...lineOf('overall', COLOURS.one),
          data: floored(overall, LEAST_PSI),
          showSymbol: course.length < 3,
          markLine: limitLine([{ yAxis: psi.overall, name: `limit ${psi.overall}` }], 'insideStartTop'),
        },
        ...(name === undefined
          ? []
          : [
              {
                ...lineOf(`worst: ${name}`, COLOURS.two, 'dashed'),
                data: floored(worst, LEAST_PSI),
                showSymbol: course.length < 3,
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
      xAxis: hoursAxis(),
      yAxis: {
        type: 'value',
        min: Math.max(0, Math.floor(least / 5) * 5 - 5),
        max: 100,
        ...axis(),
        axisLabel: { ...axis().axisLabel, formatter: '{value} %' },
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
      xAxis: hoursAxis(),
      yAxis: { type: 'value', min: 0, max: Math.ceil(most * 120) / 100, ...axis() },
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
      legend: legend(),
      grid: { left: 56, right: 16, top: 32, bottom: 26 },
      xAxis: hoursAxis(),
      yAxis: {
        type: 'log',
        min: 10 ** Math.floor(Math.log10(least)),
        max: 10 ** Math.ceil(Math.log10(most)),
        ...axis(),
        axisLabel: { ...axis().axisLabel, formatter: (ms: number) => `${ms} ms` },
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

function calibration(draw: Draw, bins: readonly CalibrationPoint[]): string {
  const most = Math.min(1, Math.ceil(Math.max(...bins.flatMap((bin) => [bin.mean_score, bin.hi])) * 10) / 10)
  const least = Math.max(0, Math.floor(Math.min(...bins.flatMap((bin) => [bin.mean_score, bin.lo])) * 10) / 10)
  const whiskers = bins.map(
    ({ mean_score, lo, hi }): LineSeriesOption => ({
      ...lineOf('interval', COLOURS.one),
      data: [
        [mean_score, lo],
        [mean_score, hi],
      ],
      showSymbol: false,
      lineStyle: { width: 1.2, color: COLOURS.one },
    }),
  )
  const scale = { type: 'value', min: least, max: most, ...axis() } as const
  const title = { nameLocation: 'middle', nameTextStyle: { color: COLOURS.muted, fontSize: 12 } } as const
  return draw(
    {
      grid: { left: 56, right: 16, top: 14, bottom: 44 },
      xAxis: { ...scale, ...title, name: 'mean score of the bin', nameGap: 26 },
      yAxis: { ...scale, ...title, name: 'share that came true', nameGap: 36 },
      series: [
        {
          ...lineOf('agreement', COLOURS.muted, 'dashed'),
          data: [
            [least, least],
            [most, most],
          ],
          showSymbol: false,
        },
        ...whiskers,
        {
          ...lineOf('bins', COLOURS.one),
          lineStyle: { width: 0 },
          symbolSize: 7,
          data: bins.map((bin) => [bin.mean_score, bin.mean_label]),
        },
      ],
    },
    270,
  )
}

function outcome(draw: Draw, { difference, against_fallback }: OutcomeDocument): string | null {
  if (difference === null || against_fallback === null) return null
  const rows: readonly { name: string; interval: Interval }[] = [
    { name: 'minus the fallback', interval: against_fallback },
    { name: 'minus what serves', interval: difference },
  ]
  const reach = Math.max(...rows.flatMap(({ interval }) => [Math.abs(interval.lo), Math.abs(interval.hi)])) * 1.15
  const edge = Math.ceil(reach * 1_000) / 1_000
  return draw(
    {
      grid: { left: 126, right: 20, top: 26, bottom: 26 },
      xAxis: {
        type: 'value',
        min: -edge,
        max: edge,
        interval: edge / 2,
        ...axis(),
        axisLabel: { ...axis().axisLabel, formatter: (value: number) => signed(value) },
      },
      yAxis: { type: 'category', data: rows.map(({ name }) => name), ...axis(), splitLine: { show: false } },
      series: [
        {
          ...lineOf('zero', COLOURS.muted),
          data: [],
          markLine: {
            ...limitLine([{ xAxis: 0, name: 'better | worse' }], 'end'),
            lineStyle: { color: COLOURS.muted, type: 'solid', width: 1 },
          },
        },
        ...rows.map(
          ({ name, interval }): LineSeriesOption => ({
            ...lineOf(name, COLOURS.one),
            symbol: 'none',
            lineStyle: { width: 3, color: COLOURS.one },
            data: [
              [interval.lo, name],
              [interval.hi, name],
            ],
          }),
        ),
        {
          ...lineOf('value', COLOURS.one),
          lineStyle: { width: 0 },
          symbolSize: 10,
          data: rows.map(({ name, interval }) => [interval.value, name]),
        },
      ],
    },
    130,
  )
}

function lineOf(name: string, color: string, type: 'solid' | 'dashed' | 'dotted' = 'solid'): LineSeriesOption {
  return {
    name,
    type: 'line',
    silent: true,
    symbol: 'circle',
    symbolSize: 4,
    emphasis: { disabled: true },
    itemStyle: { color },
    lineStyle: { color, type, width: 2 },
  }
}

type LabelPlace = 'end' | 'insideStartTop' | 'insideStartBottom'

function limitLine(
  data: readonly ({ yAxis: number; name: string } | { xAxis: number; name: string })[],
  position: LabelPlace,
): NonNullable<LineSeriesOption['markLine']> {
  return {
    silent: true,
    symbol: 'none',
    data: [...data],
    lineStyle: { color: COLOURS.limit, type: 'dashed', width: 1.5 },
    label: {
      position,
      color: COLOURS.ink,
      fontSize: 11,
      formatter: '{b}',
      textBorderColor: COLOURS.panel,
      textBorderWidth: 3,
    },
  }
}

function axis() {
  return {
    axisLine: { show: true, lineStyle: { color: COLOURS.grid } },
    axisTick: { show: false },
    axisLabel: { color: COLOURS.muted, fontSize: 12 },
    splitLine: { show: true, lineStyle: { color: COLOURS.grid, width: 1 } },
    minorSplitLine: { show: false },
  }
}

function hoursAxis() {
  const formatter = (hour: number): string => `${String(hour).padStart(2, '0')}h`
  return {
    type: 'value',
    min: 0,
    max: 24,
    interval: 6,
    ...axis(),
    axisLabel: { ...axis().axisLabel, formatter },
  } as const
}

function legend() {
  return { top: 0, left: 40, itemWidth: 26, textStyle: { color: COLOURS.ink, fontSize: 12 } }
}

/** An hour stands at its middle. */
function hourOf(fromMs: UnixMs, dayMs: UnixMs): number {
  return (fromMs - dayMs) / HOUR_MS + 0.5
}

/** A logarithmic axis has no zero. */
function floored(points: readonly Point[], least: number): Point[] {
  return points.map(([x, y]) => [x, typeof y === 'number' ? Math.max(least, y) : y])
}

function figure(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(value < 0.1 ? 4 : 2)
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${Number(value.toPrecision(2))}`
}
