/** The chart that decides, as the panel and its large view draw it. */
import type { DetailView } from './panels.ts'
import type { OutcomeCourse } from './view.ts'

type Chart = Extract<DetailView, { kind: 'chart' }>

/** The sums of the differences of log loss as a chart: what is below 0 speaks for the model in the shadow. */
export function outcomeChart(course: OutcomeCourse): Chart {
  const { fromMs, untilMs, againstInCharge, againstFallback, band } = course
  return {
    kind: 'chart',
    title: 'Cumulative difference of log loss, shadow minus others',
    series: [
      { name: 'minus in charge', points: againstInCharge },
      { name: 'minus fallback', points: againstFallback },
      { name: '95 % low', points: band.map(({ lo }) => lo), faint: true },
      { name: '95 % high', points: band.map(({ hi }) => hi), faint: true },
    ],
    fromMs,
    untilMs,
    limit: 0,
    unit: 'below 0 it is better',
    note: '',
  }
}
