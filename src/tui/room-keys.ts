/** Keys that ask something of the room at once; the key table has checked that they may. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { Command } from '../control/commands.ts'
import type { RoomView, Speed } from '../control/view.ts'
import { percent } from './format.ts'
import { openCanaryForm } from './forms.ts'
import { open } from './focus-and-scroll.ts'
import { openPrompts } from './prompt-form.ts'
import { pageOf, TWICE_MS, typedText, type Mode, type UiState } from './state.ts'
import { asking, only, say, type Context, type Intent, type Step } from './intents.ts'

const SPEEDS: readonly Speed[] = [1, 60, 600, 'max']

export type RoomKey =
  | 'pause'
  | 'faster'
  | 'slower'
  | 'next'
  | 'retrain'
  | 'validate'
  | 'canary'
  | 'rehearse'
  | 'promote'
  | 'prompts'
  | 'cancel'
  | 'symbol'

export function roomKey(ui: UiState, action: RoomKey, view: RoomView, context: Context): Step {
  const { by } = context
  const { symbol, clock } = view.room
  switch (action) {
    case 'pause':
      return asking(ui, { kind: 'setSpeed', by, symbol, speed: clock.paused ? 'play' : 'pause' })
    case 'faster':
    case 'slower': {
      const at = SPEEDS.indexOf(clock.speed) + (action === 'faster' ? 1 : -1)
      const speed = SPEEDS[at]
      return speed === undefined ? only(ui) : asking(ui, { kind: 'setSpeed', by, symbol, speed })
    }
    case 'next':
      return asking(ui, { kind: 'setSpeed', by, symbol, speed: 'next' })
    case 'retrain': {
      const mode = { kind: 'form', choices: null, index: 0, profile: 'equivalent' } as const
      return only({ ...ui, mode }, { kind: 'choices', symbol })
    }
    case 'validate':
      return asking(ui, { kind: 'startValidation', by, symbol, version: view.models.candidate?.version })
    case 'canary':
      return openCanaryForm(ui, view)
    case 'rehearse': {
      const { ui: opened, intents } = open(ui, 'rehearsal', view)
      const said = say(opened, 'rehearsing the last 28 days; this page has it once it is through', true, context)
      return only(said, { kind: 'ask', command: { kind: 'rehearse', by, symbol } }, ...intents)
    }
    case 'promote':
      return asking(ui, { kind: 'promote', by, symbol })
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
  const work = view.room.work.find((item) => item.cancellable)
  if (work === undefined) return only(ui)
  const what = work.share === null ? work.what : `${work.what} (${percent(work.share, 0)})`
  return only({ ...ui, mode: { kind: 'ask', ask: { kind: 'cancel', id: work.id, what }, below: pageOf(ui) } })
}

function nextSymbol(ui: UiState, view: RoomView): Step {
  const { symbols, symbol } = view.room
  return showSymbol(ui, symbols[(symbols.indexOf(symbol) + 1) % symbols.length] ?? symbol)
}

function showSymbol(ui: UiState, symbol: string): Step {
  const page = pageOf(ui)
  const mode = page.kind === 'large' ? { ...page, detail: null, selected: 0 } : ui.mode
  const detail: readonly Intent[] = page.kind === 'large' ? [{ kind: 'detail', symbol, panel: page.panel }] : []
  return { ui: { ...ui, symbol, mode }, intents: [{ kind: 'look' }, ...detail] }
}

export type SymbolsKey = 'symbols' | 'symbolUp' | 'symbolDown' | 'showSymbol'

/** Opens the list of all markets, goes through it, and shows the chosen one. */
export function symbolsKey(ui: UiState, action: SymbolsKey, view: RoomView): Step {
  const { symbols, symbol } = view.room
  if (ui.mode.kind !== 'symbols') return only({ ...ui, mode: { kind: 'symbols', chosen: symbol } })
  const { chosen } = ui.mode
  if (action === 'showSymbol') return showSymbol({ ...ui, mode: { kind: 'panels' } }, chosen)
  const by = action === 'symbolUp' ? symbols.length - 1 : 1
  const next = symbols[(Math.max(0, symbols.indexOf(chosen)) + by) % symbols.length] ?? chosen
  return only({ ...ui, mode: { kind: 'symbols', chosen: next } })
}

export type TwiceKey = 'abort' | 'rollback' | 'kill'

/** What lowers risk needs no approval, but a stray key may not do it: the second keystroke acts. */
export function twice(ui: UiState, action: TwiceKey, view: RoomView, context: Context): Step {
  const { armed } = ui
  const { symbol } = view.room
  if (armed?.action === action && armed.symbol === symbol && context.wallMs <= armed.untilWallMs) {
    return asking({ ...ui, armed: null, mode: afterTwice(ui, action, symbol) }, twiceCommand(action, view, context))
  }
  const untilWallMs = context.wallMs + TWICE_MS
  const message = { text: twiceText(ui, action, view), good: false, untilWallMs }
  return only({ ...ui, armed: { action, symbol, untilWallMs }, message })
}

/** Two keystrokes leave no time for a reason: the record says that none was given. */
function twiceCommand(action: TwiceKey, { room: { symbol }, models }: RoomView, { by }: Context): Command {
  const asked = { by, symbol, reason: null }
  switch (action) {
    case 'abort':
      return { kind: 'abortCanary', ...asked }
    case 'rollback':
      return { kind: 'rollback', ...asked }
    case 'kill':
      return { kind: 'switchKill', ...asked, enabled: !models.killSwitch }
    default:
      return unreachable(action)
  }
}

/** Aborting inside the prompt of the same canary closes the prompt; `o` opens it again should the room have refused. */
function afterTwice({ mode }: UiState, action: TwiceKey, symbol: string): Mode {
  const own = mode.kind === 'prompt' && mode.shown.action === 'canary_start' && mode.shown.symbol === symbol
  return action === 'abort' && own ? { kind: 'panels' } : mode
}

function twiceText(ui: UiState, action: TwiceKey, view: RoomView): string {
  const isText = typedText(ui.mode) !== null
  const key = isText ? 'Ctrl+K' : action === 'abort' ? 'a (or Ctrl+K)' : 'b'
  if (action === 'abort') return `${key} again within 2 s aborts the canary of ${view.room.symbol}: its share goes to 0`
  const killKey = isText ? 'Ctrl+X' : 'K'
  if (action === 'kill')
    return view.models.killSwitch
      ? `${killKey} again within 2 s asks to take the kill switch of ${view.room.symbol} back, which waits for ONAY`
      : `${killKey} again within 2 s throws the kill switch of ${view.room.symbol}: every answer abstains`
  const former = view.models.canary.bake?.former ?? 'the former model'
  return `${key} again within 2 s puts ${former} back in charge of ${view.room.symbol}`
}
