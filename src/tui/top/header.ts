/** The two lines at the top: the market and the moment, then who has which role and what is predicted. */
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { ClockView, RoomView, WorkView } from '../../control/view.ts'
import { change, dayTime, duration, longTime, percent, plural, price } from '../format.ts'
import { cutText } from '../cells.ts'
import { barOf, cellsOfLine, fitLine, sides, span, type Line, type Span, type Tone } from '../line.ts'
import { canaryRuns, waitingPrompts } from '../release.ts'
import { plainSpark } from '../../control/spark.ts'
import { leastPlace, longPlace, placeOf, shortPlace, type Place } from './place.ts'

/** Longer version names are cut in the header; the panels show them whole. */
const MAX_VERSION_CELLS = 20
const MAX_SYMBOL_CELLS = 24
const MIN_SPARK_CELLS = 6
const MAX_SPARK_CELLS = 32

/** `> 60x`, `|| paused`, `>> max`, `[] recording ended`, `live`. */
function speedText(clock: ClockView, short: boolean): string {
  if (clock.kind === 'real') return 'live'
  if (clock.ended) return short ? '[] ended' : '[] recording ended'
  if (clock.paused) return '|| paused'
  const speed = clock.speed === 'max' ? '>> max' : `> ${clock.speed}x`
  return clock.stop === null || short ? speed : `${speed} to ${dayTime(clock.stop.atMs)}`
}

function speedTone({ paused, ended }: ClockView): Tone {
  return paused || ended ? 'warn' : 'plain'
}

interface Wording {
  readonly name: string
  readonly attached: (place: Place) => string
  readonly time: (ms: UnixMs) => string
  readonly short: boolean
  readonly gap: string
}

const LONGEST: Wording = { name: ' onay  ', attached: longPlace, time: longTime, short: false, gap: '  ' }
const LEAST: Wording = {
  name: ' ',
  attached: leastPlace,
  time: (ms) => dayTime(ms).slice(-5),
  short: true,
  gap: ' ',
}

const WORDINGS: readonly Wording[] = [
  LONGEST,
  { ...LONGEST, attached: shortPlace },
  { ...LONGEST, name: ' ', attached: shortPlace, time: dayTime, short: true },
  { ...LEAST, attached: shortPlace, time: dayTime },
  { ...LEAST, attached: shortPlace },
  LEAST,
]

/** Where the market stands; without the clock's own minute before a first bar. */
function timeSpans(view: RoomView, wording: Wording, lost: boolean): Line {
  const { clock } = view.room
  const time = clock.marketMs > 0 ? `${wording.time(clock.marketMs)} UTC` : 'no bar yet'
  const speed = lost ? span('OLD', 'bad') : span(speedText(clock, wording.short), speedTone(clock))
  return [span(`${time}${wording.gap}`), speed]
}

/** `2 alerts, 1 critical`: those that nobody has acknowledged; `3 alerts, all seen`. */
function alertSpan(view: RoomView, short: boolean): Span {
  const firing = view.watch.alerts.filter((alert) => alert.state === 'firing')
  const open = firing.filter((alert) => alert.acknowledged === null)
  const critical = open.filter((alert) => alert.severity === 'critical').length
  if (firing.length > 0 && open.length === 0) return span(`${plural(firing.length, 'alert')}, all seen`, 'dim')
  const words = plural(open.length, 'alert')
  if (open.length === 0) return span(words, 'dim')
  return span(critical === 0 || short ? words : `${words}, ${critical} critical`, critical > 0 ? 'bad' : 'warn')
}

/** Alerts of the other markets, which are not on this screen: `ETHUSDT 2`. */
function elsewhere({ room: { overview, symbol } }: RoomView, short: boolean): Line {
  const others = overview.filter((one) => one.symbol !== symbol && one.alerts > 0)
  const [first] = others
  if (first === undefined) return []
  const tone = others.some(({ critical }) => critical > 0) ? 'bad' : 'warn'
  const sum = others.reduce((all, { alerts }) => all + alerts, 0)
  const words =
    others.length === 1 && !short ? `${cutText(first.symbol, MAX_SYMBOL_CELLS)} ${first.alerts}` : `S ${sum}`
  return [span(' ('), span(words, tone), span(')')]
}

function placeText(view: RoomView): string {
  const { symbols, symbol } = view.room
  return symbols.length > 1 ? ` ${symbols.indexOf(symbol) + 1}/${symbols.length}` : ''
}

/** The top line: the market and where it moves, when it is, how fast time passes, what must never be overlooked. */
export function headerLine(view: RoomView, width: number, lost = false): Line {
  const where = placeOf(view)
  const { market } = view
  const prompts = waitingPrompts(view).length
  const closes = market.course.map(({ close }) => close)
  const ends = WORDINGS.map((wording) => {
    const { gap, short } = wording
    const left = [
      span(wording.name, 'strong'),
      ...(where === null ? [] : [span(wording.attached(where), where.readOnly ? 'warn' : 'plain'), span(gap)]),
      span(cutText(view.room.symbol, MAX_SYMBOL_CELLS), 'strong'),
      span(`${placeText(view)}${gap}${price(market.price)}${gap}${change(market.dayChange)}${gap}`),
    ]
    const right = [
      ...timeSpans(view, wording, lost),
      span(short ? '  ' : '    '),
      ...(prompts === 0 ? [] : [span(plural(prompts, 'prompt'), 'bad'), span(gap)]),
      alertSpan(view, gap === LEAST.gap),
      ...elsewhere(view, short),
      span(' '),
    ]
    return { left, right, short, room: width - cellsOfLine(left) - cellsOfLine(right) - 2 }
  })
  // Of a room that is elsewhere, where it is matters more than where its market went.
  const named = where === null ? ends : ends.slice(0, -1)
  const chosen = named.find(({ room }) => room >= MIN_SPARK_CELLS) ?? ends.find(({ room }) => room >= 0) ?? ends.at(-1)
  if (chosen === undefined) return []
  const { left, right, room, short } = chosen
  const unit = short ? '' : ' 24 h'
  const cells = Math.min(MAX_SPARK_CELLS, room - unit.length)
  const spark = cells < MIN_SPARK_CELLS ? [] : [span(plainSpark(closes, cells)), span(unit, 'dim')]
  return sides([...left, ...spark], right, width)
}

function versionOf(model: { readonly version: string } | null): string {
  return model === null ? 'none' : cutText(model.version, MAX_VERSION_CELLS)
}

/** What the shadow does beside watching: a canary runs with it. */
function canarySpans({ models: { canary } }: RoomView): Line {
  if (!canaryRuns(canary)) return []
  const phase = `${canary.phase ?? 0}/${canary.plan.length}`
  return canary.state === 'holding' ? [span(` HOLD ${phase}`, 'warn')] : [span(` canary ${phase}`, 'strong')]
}

/** The three roles, in the same three words everywhere. */
function roleSpans(view: RoomView, former: boolean): Line {
  const { baseline, candidate, killSwitch } = view.models
  const gap = former ? '   ' : '  '
  return [
    ...(killSwitch ? [span(' '), span('KILL ON', 'bad'), span(' ')] : []),
    span(' in charge ', 'dim'),
    span(baseline === null ? 'none, the fallback answers' : versionOf(baseline), 'strong'),
    span(`${gap}shadow `, 'dim'),
    span(versionOf(candidate)),
    ...canarySpans(view),
    ...(former ? [span(`${gap}former `, 'dim'), span(versionOf(view.models.former))] : []),
  ]
}

function predictedIn({ kind, horizonMin, thresholdBp, name }: RoomView['market']['predicts']): {
  readonly what: string
  readonly short: string
} {
  if (kind === 'pushed') return { what: `${name ?? ''} within ${horizonMin} min`, short: name ?? '' }
  const short = `${kind === 'move' ? '' : 'up '}> ${thresholdBp} bp in ${horizonMin} min`
  return { what: kind === 'move' ? `a move of ${short}` : `a rise of > ${thresholdBp} bp in ${horizonMin} min`, short }
}

/** What is predicted, what the newest score says of it, and how often it happens anyway; longest first. */
function predictionLines({ market, watch, room, models }: RoomView): readonly Line[] {
  const { horizonMin } = market.predicts
  const { what, short } = predictedIn(market.predicts)
  const { last } = watch.serving
  const old = last !== null && room.clock.marketMs - last.atMs > (horizonMin + 1) * 60_000
  const score = last === null ? 'no score yet' : `${percent(last.score, 0)}${old ? ' (old)' : ''}`
  const signal = last === null ? '' : last.score >= market.threshold ? 'yes' : 'no'
  const from = percent(market.threshold, 0)
  const yes: Tone = signal === 'yes' ? 'strong' : 'plain'
  const base = market.baseRate === null ? '' : `   base rate ${percent(market.baseRate, 0)}`
  const long: Line = [span(`${what}: `, 'dim'), span(score, 'strong')]
  const said: Line = models.killSwitch
    ? [span('   answers abstain', 'bad')]
    : signal === ''
      ? []
      : [span(`   signal from ${from}: `, 'dim'), span(signal, yes)]
  return [
    [...long, ...said, span(`${base} `, 'dim')],
    [...long, ...said, span(' ')],
    [span(`${short}: `, 'dim'), span(score, 'strong'), span(signal === '' ? '' : `, signal from ${from} `, 'dim')],
    [span(`${short}: `, 'dim'), span(`${score} `, 'strong')],
    [span(last === null ? '' : 'score ', 'dim'), span(`${score} `, 'strong')],
  ]
}

/** The second line: who is in charge, in the shadow, and was before; what is predicted, and what the newest score says. */
export function roleLine(view: RoomView, width: number): Line {
  // A former model is never left out; that there is none may be.
  const named = view.models.former === null ? [true, false] : [true]
  const pairs = predictionLines(view).flatMap((right) =>
    named.map((former) => ({ left: roleSpans(view, former), right })),
  )
  const chosen = pairs.find(({ left, right }) => cellsOfLine(left) + cellsOfLine(right) + 2 <= width) ?? pairs.at(-1)
  return chosen === undefined ? [] : sides(chosen.left, chosen.right, width)
}

/** One line a piece of work: what, how far, what now, how long still. */
export function workLine(work: WorkView, view: RoomView, width: number): Line {
  const share = work.share === null ? '' : ` ${percent(work.share, 0)}`
  const eta = work.etaSec === null ? '' : `  ${duration(work.etaSec)} to go`
  const owner = view.room.symbols.length > 1 ? ` ${work.symbol}` : ''
  const hint = work.cancellable ? '  c cancels' : ''
  const bar = barOf(work.share, Math.max(10, Math.min(40, Math.floor(width / 5))))
  return fitLine(
    [
      span(' '),
      span(`${work.what}${owner}`, 'strong'),
      span(`  ${bar}${share}  `),
      span(work.step),
      span(eta),
      span(hint, 'dim'),
    ],
    width,
  )
}
