import type { UnixMs } from '../../../engine/kernel/units.ts'
import type { ClockView, RoomView, WorkView } from '../../../control/view.ts'
import { dayTime, duration, longTime, percent, plural } from '../../format.ts'
import { cutText } from '../../cells.ts'
import { barOf, cellsOfLine, fitLine, sides, span, type Line, type Span, type Tone } from '../../line.ts'
import { canaryRuns, waitingPrompts } from '../../release.ts'
import { leastPlace, longPlace, placeOf, shortPlace, type Place } from './place.ts'

/** Longer version names are cut in the header; the panels show them whole. */
const MAX_VERSION_CELLS = 20

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

/** Who answers callers: the model in charge, or the fallback while there is none or the kill switch is on. */
function inCharge(view: RoomView): string {
  if (view.models.killSwitch || view.models.baseline === null) return 'fallback'
  return cutText(view.models.baseline.version, MAX_VERSION_CELLS)
}

const serves = (who: string): string => `${who} serves`

interface Wording {
  readonly name: string
  readonly attached: (place: Place) => string
  readonly time: (ms: UnixMs) => string
  readonly short: boolean
  readonly gap: string
  readonly serves: (who: string) => string
  readonly shadow: (version: string) => string
}

const LEAST: Wording = {
  name: ' ',
  attached: leastPlace,
  time: (ms) => dayTime(ms).slice(-5),
  short: true,
  gap: ' ',
  serves: (who) => who,
  shadow: (version) => `+ ${version}`,
}

const LONGEST: Wording = {
  name: ' onay  ',
  attached: longPlace,
  time: longTime,
  short: false,
  gap: '   ',
  serves,
  shadow: (version) => `${version} in the shadow`,
}

const SHORTER: Wording = { ...LONGEST, name: ' onay ', attached: shortPlace, time: dayTime, gap: '  ' }

const SHORT: Wording = { ...SHORTER, name: ' ', short: true, shadow: (version) => `${version} shadow` }

const WORDINGS: readonly Wording[] = [
  LONGEST,
  SHORTER,
  SHORT,
  { ...SHORT, gap: ' ', shadow: LEAST.shadow },
  { ...LEAST, attached: shortPlace },
  LEAST,
]

/** What the candidate does: it stands in the shadow, and a canary loads it while one runs. */
function shadowSpan(view: RoomView, wording: Wording): Span {
  if (view.models.candidate === null) return span('no shadow')
  const version = cutText(view.models.candidate.version, MAX_VERSION_CELLS)
  if (!canaryRuns(view.models.canary)) return span(wording.shadow(version))
  const phase = `${view.models.canary.phase ?? 0}/${view.models.canary.plan.length}`
  return view.models.canary.state === 'holding'
    ? span(`${version} HOLD ${phase}`, 'warn')
    : span(`${version} ${wording.short ? 'ramp' : 'canary'} ${phase}`, 'strong')
}

/** The top line: what is shown, when it is, how fast, who serves, and what must never be overlooked. */
export function headerLine(view: RoomView, width: number, lost = false): Line {
  const where = placeOf(view)
  const prompts = waitingPrompts(view).length
  const firing = view.watch.alerts.filter((alert) => alert.state === 'firing')
  const worst = firing.some((alert) => alert.severity === 'critical') ? 'bad' : 'warn'
  const place =
    view.room.symbols.length > 1
      ? ` ${view.room.symbols.indexOf(view.room.symbol) + 1}/${view.room.symbols.length}`
      : ''
  const versions = WORDINGS.map((wording) => {
    const time = wording.time(view.room.clock.marketMs)
    const gap = wording.gap.slice(1) || ' '
    const left = [
      span(wording.name, 'strong'),
      ...(where === null ? [] : [span(wording.attached(where), where.readOnly ? 'warn' : 'plain'), span(gap)]),
      span(view.room.symbol, 'strong'),
      span(`${place}${gap}${time} UTC${gap}`),
      ...(lost ? [span('OLD', 'bad')] : [span(speedText(view.room.clock, wording.short), speedTone(view.room.clock))]),
    ]
    const right = [
      span(wording.serves(inCharge(view)), 'strong'),
      span(wording.gap),
      shadowSpan(view, wording),
      span(wording.gap),
      span(view.models.killSwitch ? 'KILL ON' : 'kill off', view.models.killSwitch ? 'bad' : 'dim'),
      span(wording.gap),
      ...(prompts === 0 ? [] : [span(plural(prompts, 'prompt'), 'bad'), span(wording.gap)]),
      span(plural(firing.length, 'alert'), firing.length === 0 ? 'dim' : worst),
      span(' '),
    ]
    return { left, right }
  })
  const fitting = versions.find(({ left, right }) => cellsOfLine(left) + cellsOfLine(right) + 1 <= width)
  const chosen = fitting ?? versions.at(-1)
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
