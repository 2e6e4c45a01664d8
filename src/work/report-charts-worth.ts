import type { LineSeriesOption } from 'echarts'
import type { CalibrationPoint } from '../evidence/documents/day-figures.ts'
import type { Interval } from '../engine/stats/intervals.ts'
import type { OutcomeDocument } from '../evidence/documents/documents.ts'
import { AXIS, COLOURS, limitLine, lineOf, signed, type Draw } from './report-chart-parts.ts'

export function calibrationChart(draw: Draw, bins: readonly CalibrationPoint[]): string {
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
  const scale = { type: 'value', min: least, max: most, ...AXIS } as const
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

export function outcomeChart(draw: Draw, { difference, against_fallback }: OutcomeDocument): string | null {
  if (difference === null || against_fallback === null) return null
  const rows: readonly { name: string; interval: Interval }[] = [
    { name: 'minus fallback', interval: against_fallback },
    { name: 'minus in charge', interval: difference },
  ]
  const reach = Math.max(...rows.flatMap(({ interval }) => [Math.abs(interval.lo), Math.abs(interval.hi)])) * 1.15
  const edge = Math.ceil(reach * 1_000) / 1_000
  return draw(
    {
      grid: { left: 112, right: 26, top: 26, bottom: 26 },
      xAxis: {
        type: 'value',
        min: -edge,
        max: edge,
        interval: edge / 2,
        ...AXIS,
        axisLabel: { ...AXIS.axisLabel, formatter: (value: number) => signed(value) },
      },
      yAxis: { type: 'category', data: rows.map(({ name }) => name), ...AXIS, splitLine: { show: false } },
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
