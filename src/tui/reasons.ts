/** Why a key cannot be used now, in words; null when it can. What the room alone knows it refuses itself. */
import { type Opened, panelKey } from '../control/panels.ts'
import type { AlertView, RoomView } from '../control/view.ts'
import { plural } from './format.ts'
import { canaryRuns, phaseText, waitingPrompts } from './release.ts'
import type { UiState } from './state.ts'
import { isHistory } from './running-work.ts'

type WhyNot = (view: RoomView | null, ui: UiState) => string | null

/** Whether the screen sees the room from elsewhere and may not change anything. */
export function mayOnlyLook(view: RoomView | null): boolean {
  return (view?.attached?.readOnly ?? null) !== null
}

export const needsRoom: WhyNot = (view) => (view === null ? 'the room has not answered yet' : null)

/** A key answers the question that it belongs to. */
export function whyNotAnswer(ui: UiState, to: 'leaving' | 'yes or no'): string | null {
  if (ui.mode.kind !== 'ask') return null
  const { kind } = ui.mode.ask
  if ((kind === 'quit') === (to === 'leaving')) return null
  if (kind === 'quit') return 'd leaves it running, e ends it, n stays'
  return kind === 'cancel' ? 'y cancels it, n lets it run' : 'y retrains, n keeps it'
}

/** Speed, pause and next: only a recording that is still playing has them. */
const needsReplay: WhyNot = (view, ui) => {
  if (view === null) return needsRoom(view, ui)
  if (view.room.clock.kind === 'real') return 'the feed is live: its speed cannot be changed'
  if (view.room.phase === 'history') return 'history runs at full speed until the room opens'
  if (view.room.phase === 'closing') return 'the room is closing'
  return view.room.clock.ended ? 'the recording has ended' : null
}

/** What changes a model's place needs a room that is open. */
const needsOpen: WhyNot = (view, ui) => {
  if (view?.room.phase === 'history') return 'the room is not open yet: the recorded history is still being replayed'
  return view?.room.phase === 'closing' ? 'the room is closing' : needsRoom(view, ui)
}

/** The first reason of several. */
const first =
  (...whys: readonly WhyNot[]): WhyNot =>
  (view, ui) => {
    for (const why of whys) {
      const reason = why(view, ui)
      if (reason !== null) return reason
    }
    return null
  }

/** A reason that is looked for once the room has answered. */
const of =
  (why: (view: RoomView) => string | null): WhyNot =>
  (view) =>
    view === null ? null : why(view)

const noCanaryRuns = of(({ models: { canary, candidate } }) => {
  if (canary.state === 'awaiting_onay') return 'a canary waits for ONAY: o opens its prompt'
  return canaryRuns(canary)
    ? `the canary of ${canary.candidate ?? candidate?.version ?? 'the candidate'} is running, phase ${phaseText(canary)}`
    : null
})

const hasCandidate = of(({ models }) => {
  if (models.candidate !== null) return null
  return models.baseline === null
    ? 'no model yet: the first is trained automatically once there are enough bars'
    : 'no model is in the shadow: r retrains one'
})

export const whyNotPause = needsReplay

export const whyNotNext = first(
  needsReplay,
  of(({ room: { clock } }) => (clock.nextMoment === null ? 'no event is awaited that could be played to' : null)),
)

export const whyNotFaster = first(
  needsReplay,
  of((view) => {
    if (view.room.clock.speed === 'max') return 'max is the fastest'
    if (view.room.clock.speed !== 600) return null
    if (canaryRuns(view.models.canary)) return 'max is refused while a canary is running'
    return waitingPrompts(view).length > 0 ? 'max is refused while a prompt is waiting' : null
  }),
)

export const whyNotSlower = first(
  needsReplay,
  of(({ room: { clock } }) => (clock.speed === 1 ? '1x is the slowest; space pauses' : null)),
)

export const whyNotRetrain = first(needsOpen, noCanaryRuns)

export const whyNotValidate = first(
  needsOpen,
  hasCandidate,
  of((view) => {
    const running = view.room.work.find((work) => work.symbol === view.room.symbol && !isHistory(work, view))
    return running === undefined ? null : `${running.what} is running; validation can start after it`
  }),
)

export const whyNotCanary = first(needsOpen, hasCandidate, noCanaryRuns)

/** What it is about: drift, and canaries. */
const REHEARSED_ON: readonly Opened[] = ['drift', 'canary', 'driftDay', 'liveCanary', 'rehearsal']

export const whyNotRehearse = first(
  (_, ui) => {
    const shown = ui.mode.kind === 'large' ? ui.mode.panel : ui.focus
    return REHEARSED_ON.includes(shown)
      ? null
      : `R rehearses rules on the panels of drift and canary: ${panelKey('drift')} or ${panelKey('canary')} opens one`
  },
  needsOpen,
  of((view) => (view.models.baseline === null ? 'no model is in charge, so there is nothing to rehearse' : null)),
)

export const whyNotPromote = first(
  needsOpen,
  hasCandidate,
  of(({ models: { promotion, candidate } }) => {
    if (promotion.possible) return null
    const { missing } = promotion
    const version = candidate?.version ?? 'the candidate'
    if (missing.length === 0) return `${version} cannot be promoted now`
    return `${version} cannot be promoted yet, ${plural(missing.length, 'thing')} missing: ${missing.join('; ')}`
  }),
)

export const whyNotRollback = first(
  needsOpen,
  of((view) => (view.models.baseline === null ? 'no model is in charge, so there is nothing to roll back' : null)),
)

/** Before the room is open as well: what it answers must stop at any time. */
export const whyNotKill = needsRoom

/** An outdated view must not keep anybody from aborting: the room knows. */
export const whyNotAbort = first(needsRoom, (view, ui) => {
  if (view === null || ui.lost !== null || canaryRuns(view.models.canary)) return null
  return view.models.canary.state === 'awaiting_onay' ? null : 'no canary is running, so there is nothing to abort'
})

export const whyNotPrompts = first(
  needsRoom,
  of((view) => (waitingPrompts(view).length === 0 ? 'no prompt is waiting for ONAY' : null)),
)

/** Firing alerts that nobody has acknowledged, as the room lists them. */
export function acknowledgeable(view: RoomView): readonly AlertView[] {
  return view.watch.alerts.filter((alert) => alert.state === 'firing' && alert.acknowledged === null)
}

export const whyNotAcknowledge = first(
  needsRoom,
  of((view) => {
    if (acknowledgeable(view).length > 0) return null
    return view.watch.alerts.some((alert) => alert.state === 'firing')
      ? 'every firing alert is acknowledged'
      : 'no alert is firing, so there is nothing to acknowledge'
  }),
)

export const whyNotCancel = first(
  needsRoom,
  of((view) => {
    if (view.room.work.some((work) => work.cancellable)) return null
    return view.room.work.some((work) => !isHistory(work, view))
      ? 'the work that is running cannot be cancelled'
      : 'no work is running that could be cancelled'
  }),
)

export const whyNotSymbol = first(
  needsRoom,
  of((view) => (view.room.symbols.length < 2 ? `the room has only one symbol, ${view.room.symbol}` : null)),
)
