/** What the screen does by itself: focus, opening large, scrolling, questions. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import { PANELS, type Panel } from '../control/panels.ts'
import type { RoomView } from '../control/view.ts'
import { canaryRuns, phaseText } from './release.ts'
import { pageOf, type UiState } from './state.ts'
import { asking, only, type Context, type Step } from './intents.ts'
import { isHistory } from './running-work.ts'

export function focus(ui: UiState, by: 1 | -1, view: RoomView | null): Step {
  const at = (PANELS.indexOf(ui.focus) + by + PANELS.length) % PANELS.length
  const panel = PANELS[at] ?? ui.focus
  return ui.mode.kind === 'large' ? open(ui, panel, view) : only({ ...ui, focus: panel })
}

export function open(ui: UiState, panel: Panel, view: RoomView | null): Step {
  if (view === null) return only(ui)
  const mode = { kind: 'large', panel, detail: null, scroll: 0 } as const
  return only({ ...ui, focus: panel, mode }, { kind: 'detail', symbol: view.room.symbol, panel })
}

export type Scroll = 'scrollUp' | 'scrollDown' | 'pageUp' | 'pageDown' | 'top' | 'bottom'

export function scroll(ui: UiState, how: Scroll, context: Context): UiState {
  if (ui.mode.kind !== 'large' && ui.mode.kind !== 'help' && ui.mode.kind !== 'prompt') return ui
  const page = Math.max(1, context.pageRows)
  const last = Math.max(0, context.listRows - page)
  const by = { scrollUp: -1, scrollDown: 1, pageUp: -page, pageDown: page, top: -Infinity, bottom: Infinity }[how]
  const from = Math.min(ui.mode.scroll, last)
  return { ...ui, mode: { ...ui.mode, scroll: Math.min(last, Math.max(0, from + by)) } }
}

/** What a person leaves running: a canary, work that somebody started. */
function running(view: RoomView): readonly string[] {
  const { canary } = view.models
  const risk = canaryRuns(canary) ? [`the canary of ${canary.candidate ?? '?'}, phase ${phaseText(canary)},`] : []
  return [...risk, ...view.room.work.filter((work) => !isHistory(work, view)).map((work) => work.what)]
}

export function quit(ui: UiState, view: RoomView | null): Step {
  // A room that is elsewhere runs on, whoever looks.
  const left = view === null || view.attached !== undefined ? [] : running(view)
  if (left.length === 0) return only(ui, { kind: 'quit' })
  return only({ ...ui, mode: { kind: 'ask', ask: { kind: 'quit', running: left }, below: pageOf(ui) } })
}

/** `y` or `n` to the question that stands on the message line. */
export function answer(ui: UiState, yes: boolean, { by }: Context): Step {
  if (ui.mode.kind !== 'ask') return only(ui)
  const { ask, below } = ui.mode
  const back = { ...ui, mode: below }
  if (!yes) return only(back)
  switch (ask.kind) {
    case 'quit':
      return only(back, { kind: 'quit' })
    case 'cancel':
      return asking(back, { kind: 'cancelWork', by, id: ask.id })
    default:
      return unreachable(ask)
  }
}
