import { describe, expect, it } from 'vitest'
import { type Command, lowersRisk } from '../../src/control/commands.ts'
import { PANELS } from '../../src/control/panels.ts'
import type { RoomView } from '../../src/control/view.ts'
import type { Context, Intent, Step } from '../../src/tui/intents.ts'
import { outcomesOf } from '../../src/tui/outcomes.ts'
import { hintLine } from '../../src/tui/hints.ts'
import { TWICE_MS, typedText } from '../../src/tui/state.ts'
import { BLOCKED, HISTORY, changed } from '../kit/views.ts'
import { modeOf, MODES } from './modes.ts'
import { pressKeys, uiIn } from './pressing.ts'

const ON = changed(BLOCKED, { models: { killSwitch: true } })
const TEXT_MODES = ['prompt', 'ack', 'find']

function context(view: RoomView, wallMs: number): Context {
  return { view, by: 'mia', wallMs, pageRows: 10, listRows: 57, panels: PANELS }
}

function press(view: RoomView, mode: (typeof MODES)[number], keys: readonly (readonly [string, number])[]): Step {
  return pressKeys(
    uiIn(mode),
    keys.map(([name, wallMs]) => [name, context(view, wallMs)]),
  )
}

const switches = (enabled: boolean, symbol = 'BTCUSDT'): Command => {
  return { kind: 'switchKill', by: 'mia', symbol, reason: null, enabled }
}
const asks = (command: Command): Intent => ({ kind: 'ask', command })
const TWICE = [
  ['K', 1_000],
  ['K', 1_000 + TWICE_MS],
] as const

describe('K K', () => {
  it.each(MODES.filter((mode) => !TEXT_MODES.includes(modeOf(mode).kind)))(
    'throws the kill switch, wherever letters are keys: %s',
    (mode) => {
      const first = press(BLOCKED, mode, [['K', 1_000]])
      expect(first.intents).toEqual([])
      expect(first.ui.message?.text).toBe('K again within 2 s throws the kill switch of BTCUSDT: every answer abstains')
      const second = press(BLOCKED, mode, TWICE)
      expect(second.intents).toEqual([asks(switches(true))])
      expect(second.ui.mode).toEqual(modeOf(mode))
    },
  )

  it.each(MODES)('is Ctrl+X Ctrl+X as well, everywhere, within a text that is being typed too: %s', (mode) => {
    const twice = TWICE.map(([, wallMs]) => ['ctrl-x', wallMs] as const)
    const first = press(BLOCKED, mode, twice.slice(0, 1))
    const key = TEXT_MODES.includes(modeOf(mode).kind) ? 'Ctrl+X' : 'K'
    expect(first.intents).toEqual([])
    expect(first.ui.message?.text).toBe(
      `${key} again within 2 s throws the kill switch of BTCUSDT: every answer abstains`,
    )
    const second = press(BLOCKED, mode, twice)
    expect(second.intents).toEqual([asks(switches(true))])
    // What was typed so far stays.
    expect(second.ui.mode).toEqual(modeOf(mode))
    expect(press(ON, mode, twice).intents).toEqual([asks(switches(false))])
  })

  it.each(TEXT_MODES.map((mode) => [mode]))(
    'types two letters where text is typed, and says what throws it: %s',
    (mode) => {
      const open = MODES.find((one) => modeOf(one).kind === mode)
      if (open === undefined) throw new Error(`nothing opens ${mode}`)
      expect(press(BLOCKED, open, TWICE.slice(0, 1)).ui.message).toBeNull()
      const { ui, intents } = press(BLOCKED, open, TWICE)
      expect(intents).toEqual([])
      expect(typedText(ui.mode)).toBe('KK')
      expect(ui.message?.text).toBe('K is typed as text here: Ctrl+X twice throws the kill switch')
    },
  )

  it('stands on the bottom line of a text that is typed, at 80 columns', () => {
    for (const mode of TEXT_MODES) {
      const open = MODES.find((one) => modeOf(one).kind === mode)
      if (open === undefined) throw new Error(`nothing opens ${mode}`)
      const line = (view: RoomView): string =>
        hintLine(view, uiIn(open), 80)
          .map(({ text }) => text)
          .join('')
      expect(line(BLOCKED)).toContain('Ctrl+X Ctrl+X kill switch')
      expect(line(ON)).not.toContain('Ctrl+X')
    }
  })

  it('does so while history runs, and not with a second that comes too late, or for another key between', () => {
    expect(press(HISTORY, 'panels', TWICE).intents).toEqual([asks(switches(true, HISTORY.room.symbol))])
    const late = [
      ['K', 1_000],
      ['K', 1_001 + TWICE_MS],
    ] as const
    expect(press(BLOCKED, 'panels', late).intents).toEqual([])
    const other = [
      ['K', 1_000],
      ['b', 1_100],
      ['K', 1_200],
    ] as const
    expect(press(BLOCKED, 'panels', other).intents).toEqual([])
  })

  it('asks for it to be taken back where it is on', () => {
    expect(press(ON, 'panels', TWICE).intents).toEqual([asks(switches(false))])
  })

  it('waits for no other command when it throws it, and opens the prompt when it takes it back', () => {
    expect([lowersRisk(switches(true)), lowersRisk(switches(false))]).toEqual([true, false])
    expect(outcomesOf(switches(true), 'it is on', 'BTCUSDT')).toEqual([{ kind: 'said', text: 'it is on', good: true }])
    expect(outcomesOf(switches(false), 'it waits', 'BTCUSDT')).toContainEqual({
      kind: 'coming',
      action: 'kill_off',
      symbol: 'BTCUSDT',
    })
  })
})
