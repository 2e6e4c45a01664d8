/** Keys that ask something of the room at once; the table has checked that they may. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { RoomView, Speed } from '../room/control-room.ts'
import { percent } from './format.ts'
import { openCanaryForm } from './forms.ts'
import { openPrompts } from './prompting.ts'
import { pageOf, TWICE_MS, type Mode, type UiState } from './state.ts'
import { only, type Context, type Intent, type Step } from './step.ts'

const SPEEDS: readonly Speed[] = [1, 60, 600, 'max']

export type Command =
  | 'pause'
  | 'faster'
  | 'slower'
  | 'next'
  | 'retrain'
  | 'validate'
  | 'canary'
  | 'promote'
  | 'prompts'
  | 'cancel'
  | 'symbol'

export function command(ui: UiState, action: Command, view: RoomView): Step {
  const { symbol } = view
  switch (action) {
    case 'pause':
      return only(ui, { kind: 'pause', paused: !view.clock.paused })
    case 'faster':
    case 'slower': {
      const at = SPEEDS.indexOf(view.clock.speed) + (action === 'faster' ? 1 : -1)
      const speed = SPEEDS[at]
      return speed === undefined ? only(ui) : only(ui, { kind: 'speed', speed })
    }
    case 'next':
      return only(ui, { kind: 'next', symbol })
    case 'retrain': {
      const mode = { kind: 'form', choices: null, index: 0, profile: 'equivalent' } as const
      return only({ ...ui, mode }, { kind: 'choices', symbol })
    }
    case 'validate':
      return only(ui, { kind: 'validate', request: { symbol, version: view.candidate?.version } })
    case 'canary':
      return openCanaryForm(ui, view)
    case 'promote':
      return only(ui, { kind: 'promote', symbol })
    case 'prompts':
      return openPrompts(ui, view)
    case 'cancel':
      return cancel(ui, view)
    case 'symbol':
      return nextSymbol(ui, view)
    default:
      return unreachable(action)
  }
}

function cancel(ui: UiState, view: RoomView): Step {
  const work = view.work.find((item) => item.cancellable)
  if (work === undefined) return only(ui)
  const what = work.share === null ? work.what : `${work.what} (${percent(work.share, 0)})`
  return only({ ...ui, mode: { kind: 'ask', ask: { kind: 'cancel', id: work.id, what }, below: pageOf(ui) } })
}

function nextSymbol(ui: UiState, view: RoomView): Step {
  const symbol = view.symbols[(view.symbols.indexOf(view.symbol) + 1) % view.symbols.length] ?? view.symbol
  const page = pageOf(ui)
  const mode = page.kind === 'large' ? { ...page, detail: null, scroll: 0 } : ui.mode
  const detail: readonly Intent[] = page.kind === 'large' ? [{ kind: 'detail', symbol, panel: page.panel }] : []
  return { ui: { ...ui, symbol, mode }, intents: [{ kind: 'look' }, ...detail] }
}

/** Abort and rollback lower risk and need no approval, but a stray key may not do them: the second keystroke acts. */
export function twice(ui: UiState, action: 'abort' | 'rollback', view: RoomView, context: Context): Step {
  const { armed } = ui
  const { symbol } = view
  if (armed?.action === action && armed.symbol === symbol && context.wallMs <= armed.untilWallMs) {
    return only({ ...ui, armed: null, mode: afterTwice(ui, action, symbol) }, { kind: action, symbol })
  }
  const untilWallMs = context.wallMs + TWICE_MS
  const message = { text: twiceText(ui, action, view), good: false, untilWallMs }
  return only({ ...ui, armed: { action, symbol, untilWallMs }, message })
}

/** The prompt for a canary that is aborted inside it goes with it; `o` opens it again should the room not have done it. */
function afterTwice({ mode }: UiState, action: 'abort' | 'rollback', symbol: string): Mode {
  const own = mode.kind === 'prompt' && mode.shown.action === 'canary_start' && mode.shown.symbol === symbol
  return action === 'abort' && own ? { kind: 'panels' } : mode
}

function twiceText(ui: UiState, action: 'abort' | 'rollback', view: RoomView): string {
  const key = ui.mode.kind === 'prompt' ? 'Ctrl+K' : action === 'abort' ? 'a (or Ctrl+K)' : 'b'
  if (action === 'abort') return `${key} again within 2 s aborts the canary of ${view.symbol}: its share goes to 0`
  const former = view.canary.bake?.former ?? 'the former model'
  return `${key} again within 2 s puts ${former} back in charge of ${view.symbol}`
}
