/**
 * The one thing to do now, and its key. Rules stand in their order of importance: what is at risk, what waits for a person, what
 * runs, what blocks and what to do about it; the first that applies speaks. Pure.
 */
import { ruleNamed } from '../../engine/alerts/rules.ts'
import type { GateDocument } from '../../evidence/documents/documents.ts'
import type { AlertView, RoomView } from '../../control/view.ts'
import { dayTime, duration, plural } from '../format.ts'
import { keyed, type Line, type Tone } from '../line.ts'
import { canaryRuns, expiresInSec, phaseText, timeOf, waitingPrompts, wallSeconds } from '../release.ts'
import { isHistory } from '../running-work.ts'
import { promptName } from './waiting.ts'

/** What to do now: its words, and how urgent they are. */
interface NextStep {
  readonly tone: Tone
  readonly words: Line
}

type Rule = (view: RoomView) => NextStep | null

/** @param text with its keys between backquotes */
function step(tone: Tone, text: string): NextStep {
  return { tone, words: keyed(text) }
}

const inCharge = ({ models }: RoomView): string => models.baseline?.version ?? 'the fallback'
const candidateOf = ({ models }: RoomView): string => models.candidate?.version ?? 'the shadow'

/** A text of the room within a sentence of the screen: its keys are not ours. */
const quoted = (text: string): string => text.replaceAll('`', "'")

function onDrift({ rule }: AlertView): boolean {
  return ruleNamed(rule)?.driftRule === true
}

/** Firing alerts that nobody has seen. Those on drift are answered by a model in the shadow that does not drift. */
function openAlerts(view: RoomView): readonly AlertView[] {
  return view.watch.alerts.filter((alert) => alert.state === 'firing' && alert.acknowledged === null && !onDrift(alert))
}

const alertStep = (alert: AlertView, tone: Tone): NextStep =>
  step(tone, `${alert.rule}: ${quoted(alert.text)}. \`6\` says what to do, \`x\` acknowledges it.`)

const closing: Rule = ({ room }) =>
  room.phase === 'closing'
    ? step('dim', 'the room is closing: it finishes what it has begun, then the screen ends.')
    : null

const history: Rule = ({ room }) =>
  room.phase === 'history' ? step('dim', 'nothing to do: the recorded history runs first, then the room opens.') : null

const trouble: Rule = ({ room }) => {
  const [first] = room.troubles
  if (first === undefined) return null
  const more = room.troubles.length > 1 ? `, and ${plural(room.troubles.length - 1, 'more trouble')}` : ''
  return step('bad', `mend this first${more}: ${quoted(first)}`)
}

const killed: Rule = ({ models }) =>
  models.killSwitch
    ? step(
        'bad',
        'the kill switch is on: every answer abstains. `7` shows who threw it, and why; `K K` asks for ONAY to take it back.',
      )
    : null

/** The model in charge fails: callers are affected. */
const fails: Rule = (view) => {
  const { modelErrors } = view.watch.serving
  if (modelErrors === 0 || view.models.baseline === null) return null
  const back = view.models.former
  const cure = back === null ? '`r` retrains it, `5` shows since when.' : `\`b b\` puts ${back.version} back.`
  const times = modelErrors === 1 ? 'once' : `${modelErrors} times`
  return step('bad', `${inCharge(view)} failed ${times} in 15 minutes, and the fallback answered instead. ${cure}`)
}

/** `18:20`, and in wall seconds as the recording plays now. */
function left(untilIso: string | null, view: RoomView): string {
  const until = timeOf(untilIso)
  if (until === null) return 'a while'
  const seconds = Math.max(0, (until - view.room.clock.marketMs) / 1000)
  const wall = wallSeconds(seconds, view)
  return wall === null || view.room.clock.speed === 1
    ? duration(seconds)
    : `${duration(seconds)} (${duration(wall)} from now)`
}

const mayPlayOn = ({ room: { clock } }: RoomView): boolean =>
  clock.kind !== 'real' && !clock.ended && clock.nextMoment !== null

const holds: Rule = (view) => {
  const { canary } = view.models
  if (canary.state !== 'holding') return null
  const why = canary.reason === null ? '' : ` (${quoted(canary.reason)})`
  return step('warn', `the canary holds${why}: it is judged again in ${left(canary.until, view)}. \`a a\` stops it.`)
}

/** Drift is told below, with what to do about it. */
const critical: Rule = (view) => {
  const worst = openAlerts(view).find((alert) => alert.severity === 'critical' && !onDrift(alert))
  return worst === undefined ? null : alertStep(worst, 'bad')
}

/** Without rows every answer abstains, whatever else there is to do. */
const silent: Rule = (view) => {
  const gap = openAlerts(view).find(({ rule }) => rule === 'MLDataGap' || rule === 'MLFeatureStaleness')
  return gap === undefined ? null : alertStep(gap, 'bad')
}

const breaker: Rule = (view) =>
  view.watch.serving.breaker === 'open'
    ? step(
        'warn',
        `${candidateOf(view)} fails in the shadow and is hardly asked any more; callers are not affected. \`5\` shows its errors.`,
      )
    : null

const prompt: Rule = (view) => {
  const [oldest] = waitingPrompts(view)
  if (oldest === undefined) return null
  const sec = expiresInSec(oldest, view.room.clock)
  const until = sec === null ? '' : `, for another ${duration(sec)}`
  return step('warn', `${quoted(promptName(oldest, view))} waits for a person${until}: \`o\` opens the prompt.`)
}

const canary: Rule = (view) => {
  const { canary: run } = view.models
  if (!canaryRuns(run)) return null
  const go = mayPlayOn(view) ? '`n` goes there, ' : ''
  return step('plain', `phase ${phaseText(run)} of the canary ends in ${left(run.until, view)}; ${go}\`a a\` stops it.`)
}

const work: Rule = (view) => {
  const running = view.room.work.find((item) => !isHistory(item, view))
  if (running === undefined) return null
  const eta = running.etaSec === null ? '' : `, ${duration(running.etaSec)} to go`
  return step('plain', `${quoted(running.what)} runs${eta}.${running.cancellable ? ' `c` cancels it.' : ''}`)
}

const noModel: Rule = ({ models, room }) =>
  models.baseline === null
    ? step(
        'plain',
        `no model yet, the fallback answers: the first is trained automatically at the first midnight UTC with a whole training window of bars before it (${plural(room.bars, 'bar')} so far).`,
      )
    : null

/** Nothing is in the shadow, and what is in charge has left the world that it knows. */
const drifted: Rule = (view) => {
  const { candidate, gates } = view.models
  const psi = candidate === null ? gates?.gates.find(({ name }) => name === 'psi') : undefined
  if (psi?.verdict !== 'FAIL') return null
  const worst = view.watch.drift[0]?.snapshot.worst
  const what = worst === null || worst === undefined ? '' : `, ${quoted(worst.feature)} most of all`
  return step('warn', `${inCharge(view)} has drifted${what}. \`r\` trains a model on features that drift less.`)
}

const ready: Rule = (view) => {
  const { promotion, gates } = view.models
  if (!promotion.possible) return null
  const doubt = gates?.outcome.verdict === 'worse' ? 'nothing blocks it, but its outcome is worse' : 'nothing blocks it'
  return step('good', `${candidateOf(view)}: ${doubt}. \`p\` shows what speaks for and against it, and asks for ONAY.`)
}

const stopped: Rule = (view) => {
  const { canary: run, candidate } = view.models
  if (candidate === null || (run.state !== 'aborted' && run.state !== 'inconclusive')) return null
  const why = run.reason === null ? '' : `: ${quoted(run.reason)}`
  const how = run.state === 'aborted' ? 'was aborted' : 'was inconclusive'
  const differs = run.profile === 'equivalent' && run.match_rate !== null && run.match_rate < run.limits.match_rate.stop
  const cure = differs
    ? 'If it is meant to differ: `C`, profile improve. If not: `r`.'
    : '`C` starts another one, `r` trains another model.'
  return step('warn', `the canary ${how}${why}. ${cure}`)
}

const CURES: Readonly<Record<GateDocument['name'], string>> = {
  psi: '`r` trains another model on features that drift less.',
  p95: '`5` shows the latency.',
  alert_silence: '`6` shows what fired; it passes after 24 quiet hours.',
  offline: '`r` trains another model.',
  delta: '`r` trains another model, or `C` with the profile improve says that it is meant to differ.',
  evidence: '`1` lists the files and how each is made.',
}

/** What a wait alone does not mend. */
const blocked: Rule = ({ models: { gates } }) => {
  const gate = gates?.gates.find(({ verdict }) => verdict === 'FAIL' || verdict === 'ERROR')
  if (gates === null || gate === undefined) return null
  const how = gate.verdict === 'FAIL' ? 'fails' : 'cannot be judged'
  return step(
    'warn',
    `${gates.model ?? 'it'} ${how} at gate ${gate.gate} (${quoted(gate.reason)}). ${CURES[gate.name]}`,
  )
}

function missingFiles({ models: { gates } }: RoomView): readonly { readonly make: string }[] {
  return (gates?.gates ?? []).flatMap(({ value }) =>
    typeof value === 'object' && value !== null && 'missing' in value ? value.missing : [],
  )
}

/** What a person has to begin: checks, a dry run, the canary. */
const begin: Rule = (view) => {
  const { candidate, canary: run } = view.models
  if (candidate === null) return null
  const missing = missingFiles(view)
  const checks = missing.filter(({ make }) => make.startsWith('onay validate')).length
  if (checks > 0)
    return step('plain', `\`v\` checks ${candidate.version} offline: it makes ${plural(checks, 'file')} of gate 6.`)
  if (missing.some(({ make }) => make === 'onay canary start'))
    return step('plain', `\`C\` rehearses the canary of ${candidate.version}: a dry run, which changes nothing.`)
  return run.state === 'idle'
    ? step('plain', `\`C\` starts the canary of ${candidate.version}; run live, it asks for ONAY.`)
    : null
}

const warning: Rule = (view) => {
  const [first] = openAlerts(view)
  return first === undefined ? null : alertStep(first, 'warn')
}

const stands: Rule = ({ room: { clock } }) => {
  if (clock.kind === 'real') return null
  if (clock.ended)
    return step('plain', 'the recording has ended: `q` leaves; what was measured stays in the directory.')
  return clock.paused ? step('plain', 'the recording is paused: `space` plays on.') : null
}

/** Until when nothing is to be done, and why until then. */
function quietUntil(view: RoomView): string {
  const { clock, jobs } = view.room
  const { bake } = view.models.canary
  const end = timeOf(bake?.until ?? null)
  const go = (atMs: number): string => (mayPlayOn(view) && clock.nextMoment?.atMs === atMs ? '; `n` goes there' : '')
  if (bake !== null && end !== null)
    return `until ${dayTime(end)}, when the bake ends (\`b b\` puts ${quoted(bake.former)} back)${go(end)}`
  if (clock.nextMoment !== null) {
    const { atMs, why } = clock.nextMoment
    return `until ${dayTime(atMs)}, ${quoted(why)}${go(atMs)}`
  }
  const due = jobs
    .flatMap(({ name, nextMs }) => (nextMs === null ? [] : [{ name, nextMs }]))
    .filter(({ name }) => name.startsWith('psi') || name.endsWith('report'))
    .sort((a, b) => a.nextMs - b.nextMs)[0]
  return due === undefined ? 'for now' : `until ${dayTime(due.nextMs)}, ${due.name}`
}

/** A model is on its way and only time is missing; or nothing is. */
const quiet: Rule = (view) =>
  view.models.candidate === null
    ? step('good', `all well: nothing to do ${quietUntil(view)}.`)
    : step('plain', `${candidateOf(view)} waits: nothing to do ${quietUntil(view)}.`)

const ORDER: readonly Rule[] = [
  closing,
  history,
  trouble,
  killed,
  fails,
  holds,
  critical,
  silent,
  breaker,
  prompt,
  canary,
  work,
  noModel,
  drifted,
  ready,
  stopped,
  blocked,
  begin,
  warning,
  stands,
  quiet,
]

/** @param lost why the room does not answer, while it does not */
export function nextStep(view: RoomView, lost: string | null): NextStep {
  if (lost !== null)
    return step(
      'bad',
      'the room does not answer: what stands here is old. Look at its terminal or its log; this screen asks again by itself.',
    )
  for (const rule of ORDER) {
    const found = rule(view)
    if (found !== null) return found
  }
  return step('good', 'all well.')
}
