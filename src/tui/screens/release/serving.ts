import type { RoomView, ServingView } from '../../../control/view.ts'
import { count, fixed, millis, percent, shortTime } from '../../format.ts'
import { EMPTY_LINE, span, textLine, type Line } from '../../line.ts'
import type { PanelOf } from './panel.ts'

function fact(name: string, ...rest: Line): Line {
  return [span(` ${name.padEnd(9)} `), ...rest]
}

function answeredBy(serving: ServingView): string {
  const shares = Object.entries(serving.answeredBy).filter(([, share]) => share > 0)
  if (shares.length === 0) return 'nobody'
  return shares
    .sort((a, b) => b[1] - a[1])
    .map(([who, share]) => `${who} ${percent(share, share === 1 ? 0 : 1)}`)
    .join(', ')
}

function errors(serving: ServingView): Line {
  const tone = serving.modelErrors > 0 ? 'bad' : 'plain'
  return [span(`${count(serving.modelErrors)} errors`, tone)]
}

function requestsText(serving: ServingView): string {
  if (serving.requests === 0) return 'none'
  return `${count(serving.requests)}  ${rate(serving)}  answered by ${answeredBy(serving)}`
}

function matchText(serving: ServingView): string {
  const match = serving.match
  if (match === null) return 'nothing to compare'
  return `${percent(match.rate, 1)}  [${fixed(match.lo * 100, 1)}, ${fixed(match.hi * 100, 1)}]  n ${count(match.n)}`
}

function rate(serving: ServingView): string {
  return `${fixed(serving.requestsPerMinute, serving.requestsPerMinute < 10 ? 1 : 0)}/min`
}

function compactLine(view: RoomView): Line {
  const { serving } = view.watch
  const facts = [
    rate(serving),
    `p95 ${millis(serving.p95Ms)}${serving.p95Ms === null ? '' : ' ms'}`,
    serving.match === null ? 'no match yet' : `match ${percent(serving.match.rate, 1)}`,
    `delta ${fixed(serving.meanDelta, 3)}`,
  ]
  const breaker = serving.breaker === 'open' ? [span('  breaker OPEN', 'bad')] : []
  return [span('SERVING', 'strong'), span(`  ${facts.join('  ')}  `), ...errors(serving), ...breaker]
}

function lastLine(view: RoomView): Line {
  const { last, stalenessSec } = view.watch.serving
  if (last === null) return fact('last', span('no minute scored yet'))
  const candidate = last.candidateScore === null ? '' : `, candidate ${fixed(last.candidateScore, 3)}`
  const age = stalenessSec === null ? '' : `, features ${ageText(stalenessSec)}`
  const at = shortTime(last.atMs, view.room.clock.marketMs)
  return fact('last', span(`${at} score ${fixed(last.score, 3)} by ${last.by}${candidate}${age}`))
}

/** A row can lie ahead of the clock, when that was set back. */
function ageText(sec: number): string {
  return sec < 0 ? `${count(-sec)} s ahead of the clock` : `${count(sec)} s old`
}

/** Is it serving: what callers got in the last 15 minutes, and what the shadow did beside it. */
export const servingPanel: PanelOf = (view, _width, density) => {
  if (density === 'compact') return { left: compactLine(view), right: EMPTY_LINE, lines: [] }
  const { serving } = view.watch
  const unit = serving.p50Ms === null ? '' : ' ms'
  const shadow =
    serving.breaker === 'no candidate'
      ? [span('no candidate')]
      : [
          span(`${count(serving.shadowTried)} tried, `),
          span(`${count(serving.shadowErrors)} errors`, serving.shadowErrors > 0 ? 'bad' : 'plain'),
          span(`, p95 ${millis(serving.shadowP95Ms)}${serving.shadowP95Ms === null ? '' : ' ms'}, breaker `),
          span(serving.breaker === 'open' ? 'OPEN' : serving.breaker, serving.breaker === 'open' ? 'bad' : 'plain'),
        ]
  return {
    left: textLine('SERVING', 'strong'),
    right: textLine('last 15 minutes', 'dim'),
    lines: [
      fact('requests', span(requestsText(serving))),
      fact(
        'latency',
        span(`p50 ${millis(serving.p50Ms)}  p95 ${millis(serving.p95Ms)}  p99 ${millis(serving.p99Ms)}${unit}`),
      ),
      fact('failures', ...errors(serving), span(`, ${count(serving.abstained)} abstained`)),
      fact('match', span(matchText(serving))),
      fact('delta', span(`${fixed(serving.meanDelta, 3)}  `), span(`< ${serving.deltaLimit}`, 'dim')),
      fact('shadow', ...shadow),
      lastLine(view),
    ],
  }
}
