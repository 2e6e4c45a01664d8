import type { RoomView, ServingView } from '../../../control/view.ts'
import { count, fixed, millis, percent, plural, shortTime } from '../../format.ts'
import { EMPTY_LINE, span, textLine, type Line, type Tone } from '../../line.ts'
import type { PanelOf } from './panel.ts'

function answeredBy(serving: ServingView): string {
  const shares = Object.entries(serving.answeredBy).filter(([, share]) => share > 0)
  return shares
    .sort((a, b) => b[1] - a[1])
    .map(([who, share]) => `${who} ${percent(share, share === 1 ? 0 : 1)}`)
    .join(', ')
}

/** A count with its noun, in red where there should be none. */
function faults(n: number, noun: string, tone: Tone = 'bad'): Line {
  return [span(n === 0 ? `0 ${noun}s` : plural(n, noun), n > 0 ? tone : 'plain')]
}

function rate(serving: ServingView): string {
  return `${fixed(serving.requestsPerMinute, serving.requestsPerMinute < 10 ? 1 : 0)}/min`
}

function withUnit(ms: number | null): string {
  return ms === null ? millis(ms) : `${millis(ms)} ms`
}

function compactLine({ watch: { serving } }: RoomView): Line {
  const { match, meanDelta } = serving
  const compared = match === null ? '' : `match ${percent(match.rate, 1)}  delta ${fixed(meanDelta, 3)}  `
  const breaker = serving.breaker === 'open' ? [span('  breaker OPEN', 'bad')] : []
  return [
    span('SERVING', 'strong'),
    span(`  ${rate(serving)}  p95 ${withUnit(serving.p95Ms)}  ${compared}`),
    ...faults(serving.modelErrors, 'error'),
    ...breaker,
  ]
}

/** A row can lie ahead of the clock, when that was set back. */
function ageText(sec: number): string {
  return sec < 0 ? `${count(-sec)} s ahead of the clock` : `${count(sec)} s old`
}

function requestsLine(serving: ServingView): Line {
  if (serving.requests === 0) return textLine(' no requests')
  const by = answeredBy(serving)
  return [span(` ${plural(serving.requests, 'request')}, ${rate(serving)}`), span('   answered by ', 'dim'), span(by)]
}

function latencyLine({ p50Ms, p95Ms, p99Ms }: ServingView): Line {
  const part = (name: string, ms: number | null): Line => [span(`${name} `, 'dim'), span(`${millis(ms)}   `)]
  const unit = p50Ms === null ? '' : 'ms'
  return [span(' '), ...part('p50', p50Ms), ...part('p95', p95Ms), ...part('p99', p99Ms), span(unit, 'dim')]
}

function failuresLine(serving: ServingView): Line {
  const { stalenessSec } = serving
  return [
    span(' '),
    ...faults(serving.modelErrors, 'error'),
    span('   '),
    span(`${count(serving.abstained)} abstained`),
    ...(stalenessSec === null ? [] : [span('   features ', 'dim'), span(ageText(stalenessSec))]),
  ]
}

/** How often the shadow agrees with what is in charge, and by how much it differs. */
function agreementLine({ match, meanDelta, deltaLimit }: ServingView): Line {
  if (match === null) return [span(' match ', 'dim'), span('nothing to compare yet')]
  const bounds = `${fixed(match.lo * 100, 1)} to ${fixed(match.hi * 100, 1)}, n ${count(match.n)}`
  return [
    span(' match ', 'dim'),
    span(percent(match.rate, 1)),
    span(` (${bounds})   delta `, 'dim'),
    span(fixed(meanDelta, 3)),
    span(` < ${deltaLimit}`, 'dim'),
  ]
}

function shadowLine(serving: ServingView): Line {
  const open = serving.breaker === 'open'
  return [
    span(' shadow ', 'dim'),
    span(`${count(serving.shadowTried)} tried, `),
    ...faults(serving.shadowErrors, 'error'),
    span(', p95 ', 'dim'),
    span(withUnit(serving.shadowP95Ms)),
    span(', breaker ', 'dim'),
    span(open ? 'OPEN' : serving.breaker, open ? 'bad' : 'plain'),
  ]
}

function lastLine({ watch: { serving }, room }: RoomView): Line {
  const { last } = serving
  if (last === null) return textLine(' no minute scored yet')
  return [
    span(' last ', 'dim'),
    span(`${shortTime(last.atMs, room.clock.marketMs)}  ${fixed(last.score, 3)}`),
    span(` by ${last.by}`, 'dim'),
    ...(last.candidateScore === null ? [] : [span('   shadow ', 'dim'), span(fixed(last.candidateScore, 3))]),
  ]
}

/** Is it serving: what callers got in the last 15 minutes, and what the shadow did beside it. */
export const servingPanel: PanelOf = (view, _width, density) => {
  if (density === 'compact') return { left: compactLine(view), right: EMPTY_LINE, lines: [] }
  const { serving } = view.watch
  const compared = serving.breaker === 'no candidate' ? [] : [agreementLine(serving), shadowLine(serving)]
  return {
    left: textLine('SERVING', 'strong'),
    right: textLine('last 15 minutes', 'dim'),
    lines: [requestsLine(serving), latencyLine(serving), failuresLine(serving), ...compared, lastLine(view)],
  }
}
