import type { EChartsOption, LineSeriesOption } from 'echarts'
import { HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'

/** Draws a chart as SVG; as wide as a phone shows it unless told otherwise. */
export type Draw = (option: EChartsOption, heightPx: number, widthPx?: number) => string
/** A place on two axes; null leaves a gap. */
export type Point = [number | string, number | string | null]

/** Colours that occur nowhere else: in the finished drawing the page's own, which follow the reader's theme, take their place. */
export const COLOURS = {
  ink: '#010203',
  muted: '#010204',
  grid: '#010205',
  one: '#010206',
  two: '#010207',
  limit: '#010208',
  panel: '#010209',
  good: '#01020a',
  bad: '#01020b',
} as const

type LabelPlace = 'end' | 'insideStartTop' | 'insideStartBottom'

export function lineOf(name: string, color: string, type: 'solid' | 'dashed' | 'dotted' = 'solid'): LineSeriesOption {
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

export function limitLine(
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

export const AXIS = {
  axisLine: { show: true, lineStyle: { color: COLOURS.grid } },
  axisTick: { show: false },
  axisLabel: { color: COLOURS.muted, fontSize: 12 },
  splitLine: { show: true, lineStyle: { color: COLOURS.grid, width: 1 } },
  minorSplitLine: { show: false },
}

export const HOURS_AXIS = {
  type: 'value',
  min: 0,
  max: 24,
  interval: 6,
  ...AXIS,
  axisLabel: { ...AXIS.axisLabel, formatter: (hour: number): string => `${String(hour).padStart(2, '0')}h` },
} as const

export const LEGEND = { top: 0, left: 40, itemWidth: 26, textStyle: { color: COLOURS.ink, fontSize: 12 } }

/** An hour is drawn at its middle. */
export function hourOf(fromMs: UnixMs, dayMs: UnixMs): number {
  return (fromMs - dayMs) / HOUR_MS + 0.5
}

/** A logarithmic axis has no zero. */
export function floored(points: readonly Point[], least: number): Point[] {
  return points.map(([x, y]) => [x, typeof y === 'number' ? Math.max(least, y) : y])
}

export function figure(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(value < 0.1 ? 4 : 2)
}

export function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${Number(value.toPrecision(2))}`
}
