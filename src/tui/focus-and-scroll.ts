/** What the screen does by itself: focus, opening large, scrolling, questions. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import { isLivePage, isPage, LIVE_PAGES, type Opened, PAGES, panelKey, PANELS, PAPER_PAGES } from '../control/panels.ts'
import type { RoomView } from '../control/view.ts'
import { plural } from './format.ts'
import { canaryRuns, phaseText } from './release.ts'
import { pageOf, type UiState } from './state.ts'
import { asking, only, type Context, type Step } from './intents.ts'
import { isHistory } from './running-work.ts'

/** The next panel: of the page, or large of all that there are; from a page the next one of its kind. */
export function focus(ui: UiState, by: 1 | -1, { view, panels }: Context): Step {
  if (ui.mode.kind === 'large' && isPage(ui.mode.panel)) {
    const { panel: shown } = ui.mode
    const pages: readonly Opened[] = isLivePage(shown) ? LIVE_PAGES : PAPER_PAGES
    return open(ui, pages[(pages.indexOf(shown) + by + pages.length) % pages.length] ?? shown, view)
  }
  const all = ui.mode.kind === 'large' || panels.length === 0 ? PANELS : panels
  const panel = all[(all.indexOf(ui.focus) + by + all.length) % all.length] ?? ui.focus
  return ui.mode.kind === 'large' ? open(ui, panel, view) : only({ ...ui, focus: panel })
}

/** @param key of the panel, as its title has it */
export function openNumbered(ui: UiState, key: string, view: RoomView | null): Step {
  const panel = PANELS.find((one) => panelKey(one) === key)
  return panel === undefined ? only(ui) : open(ui, panel, view)
}

/** Turns from the panels to the pages of paper trading and of live operations, one after the other, and back to the panels. */
export function turnPage(ui: UiState, by: 1 | -1, view: RoomView | null): Step {
  const pages = [null, ...PAGES]
  const { mode } = ui
  const at = mode.kind === 'large' && isPage(mode.panel) ? pages.indexOf(mode.panel) : 0
  const page = pages[(at + by + pages.length) % pages.length] ?? null
  return page === null ? only({ ...ui, mode: { kind: 'panels' } }) : open(ui, page, view)
}

export function open(ui: UiState, panel: Opened, view: RoomView | null): Step {
  if (view === null) return only(ui)
  const mode = { kind: 'large', panel, detail: null, selected: 0, find: '', least: 'all' } as const
  const focused = isPage(panel) ? ui.focus : panel
  return only({ ...ui, focus: focused, mode }, { kind: 'detail', symbol: view.room.symbol, panel })
}

export type Scroll = 'scrollUp' | 'scrollDown' | 'pageUp' | 'pageDown' | 'top' | 'bottom'

export function scroll(ui: UiState, how: Scroll, context: Context): UiState {
  if (ui.mode.kind !== 'help' && ui.mode.kind !== 'prompt') return ui
  const page = Math.max(1, context.pageRows)
  const last = Math.max(0, context.listRows - page)
  const by = { scrollUp: -1, scrollDown: 1, pageUp: -page, pageDown: page, top: -Infinity, bottom: Infinity }[how]
  const from = Math.min(ui.mode.scroll, last)
  return { ...ui, mode: { ...ui.mode, scroll: Math.min(last, Math.max(0, from + by)) } }
}

/** What would end with the room: a canary, work that somebody started, answers to callers. */
function endsWith(view: RoomView): readonly string[] {
  const { canary, baseline } = view.models
  const { requests } = view.watch.serving
  const risk = canaryRuns(canary) ? [`the canary of ${canary.candidate ?? '?'}, phase ${phaseText(canary)}`] : []
  const work = view.room.work.filter((item) => !isHistory(item, view)).map((item) => item.what)
  const serving =
    requests === 0 ? [] : [`${baseline?.version ?? 'the fallback'} (${plural(requests, 'request')} in 15 min)`]
  return [...risk, ...work, ...serving]
}

/** A room of one's own is asked about: most programs' `q` leaves a view, and this one would end a service. */
export function quit(ui: UiState, view: RoomView | null): Step {
  const asks = view !== null && view.attached === undefined && view.room.phase === 'open'
  if (!asks) return only(ui, { kind: 'quit', how: 'end' })
  return only({ ...ui, mode: { kind: 'ask', ask: { kind: 'quit', running: endsWith(view) }, below: pageOf(ui) } })
}

export type AnswerKey = 'yes' | 'no' | 'end' | 'detach'

/** A key that answers the question on the bottom line; the key table has checked that it does. */
export function answer(ui: UiState, action: AnswerKey, { by }: Context): Step {
  if (ui.mode.kind !== 'ask') return only(ui)
  const { ask, below } = ui.mode
  const back = { ...ui, mode: below }
  switch (action) {
    case 'no':
      return only(back)
    case 'end':
    case 'detach':
      return only(back, { kind: 'quit', how: action })
    case 'yes':
      if (ask.kind === 'replace') return asking({ ...ui, mode: { kind: 'panels' } }, ask.command)
      return ask.kind === 'cancel' ? asking(back, { kind: 'cancelWork', by, id: ask.id }) : only(ui)
    default:
      return unreachable(action)
  }
}
