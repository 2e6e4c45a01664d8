/** Why a key cannot be used now, in words; null when it can. What the room alone knows it refuses itself. */
import type { AlertView, RoomView } from '../room/control-room.ts'
import { plural } from './format.ts'
import { isHistory } from './panels/header.ts'
import { canaryRuns, phaseText, waitingPrompts } from './release.ts'
import type { UiState } from './state.ts'

export type WhyNot = (view: RoomView | null, ui: UiState) => string | null

/** Whether the screen sees the room from elsewhere and has nothing that opens it. */
export function mayOnlyLook(view: RoomView | null): boolean {
  return (view?.attached?.readOnly ?? null) !== null
}

export const needsRoom: WhyNot = (view) => (view === null ? 'the room has not answered yet' : null)

/** Speed, pause and next: only a recording that still plays can be steered. */
const needsReplay: WhyNot = (view, ui) => {
  if (view === null) return needsRoom(view, ui)
  if (view.clock.kind === 'real') return 'the feed is live: its time cannot be steered'
  if (view.phase === 'history') return 'history runs at full speed until the room opens'
  if (view.phase === 'closing') return 'the room is closing'
  return view.clock.ended ? 'the recording has ended' : null
}

/** What changes a model's place needs a room that is open. */
const needsOpen: WhyNot = (view, ui) => {
  if (view?.phase === 'history') return 'the room is not open yet: history is still running through'
  return view?.phase === 'closing' ? 'the room is closing' : needsRoom(view, ui)
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

const noCanaryRuns = of(({ canary, candidate }) => {
  if (canary.state === 'awaiting_onay') return 'a canary waits for ONAY: o opens its prompt'
  return canaryRuns(canary)
    ? `the canary of ${canary.candidate ?? candidate?.version ?? 'the candidate'} runs, phase ${phaseText(canary)}`
    : null
})

const hasCandidate = of((view) => (view.candidate === null ? 'no model is in the shadow: r retrains one' : null))

export const whyNotPause = needsReplay

export const whyNotNext = first(
  needsReplay,
  of(({ clock }) => (clock.nextMoment === null ? 'nothing waits for a later moment' : null)),
)

export const whyNotFaster = first(
  needsReplay,
  of((view) => {
    if (view.clock.speed === 'max') return 'max is the fastest'
    if (view.clock.speed !== 600) return null
    if (canaryRuns(view.canary)) return 'max is refused while a canary runs'
    return waitingPrompts(view).length > 0 ? 'max is refused while a prompt waits' : null
  }),
)

export const whyNotSlower = first(
  needsReplay,
  of(({ clock }) => (clock.speed === 1 ? '1x is the slowest; space pauses' : null)),
)

export const whyNotRetrain = first(needsOpen, noCanaryRuns)

export const whyNotValidate = first(
  needsOpen,
  hasCandidate,
  of((view) => {
    const running = view.work.find((work) => work.symbol === view.symbol && !isHistory(work, view))
    return running === undefined ? null : `${running.what} runs; validation can begin after it`
  }),
)

export const whyNotCanary = first(needsOpen, hasCandidate, noCanaryRuns)

export const whyNotPromote = first(
  needsOpen,
  hasCandidate,
  of(({ promotion, candidate }) => {
    if (promotion.possible) return null
    const { missing } = promotion
    const version = candidate?.version ?? 'the candidate'
    if (missing.length === 0) return `${version} cannot be promoted now`
    return `${version} cannot be promoted yet, ${plural(missing.length, 'thing')} missing: ${missing.join('; ')}`
  }),
)

export const whyNotRollback = first(
  needsOpen,
  of((view) => (view.baseline === null ? 'no model is in charge, so there is none to take back' : null)),
)

/** A view that is old may not keep anybody from aborting: the room knows. */
export const whyNotAbort = first(needsRoom, (view, ui) => {
  if (view === null || ui.lost !== null || canaryRuns(view.canary)) return null
  return view.canary.state === 'awaiting_onay' ? null : 'no canary runs, so there is nothing to abort'
})

export const whyNotPrompts = first(
  needsRoom,
  of((view) => (waitingPrompts(view).length === 0 ? 'no prompt waits for ONAY' : null)),
)

/** Alerts that fire and that nobody has said to have seen, as the room lists them. */
export function acknowledgeable(view: RoomView): readonly AlertView[] {
  return view.alerts.filter((alert) => alert.state === 'firing' && alert.acknowledged === null)
}

export const whyNotAcknowledge = first(
  needsRoom,
  of((view) => {
    if (acknowledgeable(view).length > 0) return null
    return view.alerts.some((alert) => alert.state === 'firing')
      ? 'every alert that fires is acknowledged'
      : 'no alert fires, so there is nothing to acknowledge'
  }),
)

export const whyNotCancel = first(
  needsRoom,
  of((view) => {
    if (view.work.some((work) => work.cancellable)) return null
    return view.work.some((work) => !isHistory(work, view))
      ? 'what runs now cannot be cancelled'
      : 'no work runs that could be cancelled'
  }),
)

export const whyNotSymbol = first(
  needsRoom,
  of((view) => (view.symbols.length < 2 ? `the room has one symbol, ${view.symbol}` : null)),
)
