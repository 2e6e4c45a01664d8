import { constants } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { panelKey, PANELS } from '../../src/control/panels.ts'
import { BINDINGS } from '../../src/tui/keys/keys.ts'
import { keptTerminals, type PseudoTerminal } from '../kit/pseudo-terminal.ts'
import { reading } from '../kit/contents.ts'
import { prepare } from '../kit/prepared.ts'
import { stage } from '../kit/program.ts'
import { until } from '../kit/until.ts'
import {
  drawnWhole,
  ENTER_ALTERNATE,
  KEY_BYTES,
  LEAVE_ALTERNATE,
  openScreen,
  outside,
  pressAndDraw,
  resizeAndDraw,
  shown,
} from '../kit/screens.ts'

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
  [100, 30],
  [80, 24],
] as const
/** They end the screen, draw it anew, or begin what goes on to change it, which would be taken for an answer to the next key. */
const LEAVE_AS_IT_IS: readonly string[] = ['quit', 'leave', 'redraw', 'validate', 'next', 'faster', 'slower', 'pause']

const shell = stage()
const kept = keptTerminals()
let prepared = ''

beforeAll(async () => {
  prepared = await prepare(shell, 'candidate')
})

function start(
  dataDir: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): PseudoTerminal {
  return kept(openScreen(dataDir, [120, 40], args, env))
}

async function expectGivenBack(terminal: PseudoTerminal): Promise<void> {
  expect((await terminal.ended).exitCode).toBe(0)
  expect(terminal.raw.split(ENTER_ALTERNATE)).toHaveLength(2)
  expect(terminal.raw.split(LEAVE_ALTERNATE)).toHaveLength(2)
  expect(terminal.raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001b[?25l'))
  await terminal.until('the ordinary screen', (screen) => !screen.onAlternateScreen)
}

const clockOf = (dataDir: string): number =>
  reading(dataDir, (db) => Number(db.prepare('SELECT clock_ms FROM feeds').pluck().get()))

describe('the control room on a fresh directory', () => {
  it('shows the way through history, opens, plays at the speeds of its keys, is there again after a quit, and ends in good order when its window is closed', async () => {
    const dataDir = shell.fresh()
    // A day for its first model and half a day after it; drift is known by then, so that the next moment is a midnight.
    const briefly = shell.configured({
      training: { window_days: 1 },
      history: { open_after_days: 0.5 },
      drift: { window_days: 0.5 },
    })
    const terminal = start(dataDir, briefly)
    await shown(terminal, /history +[█░]+ +\d+ %/)
    await shown(terminal, /2025-05-06 1\d:\d\d UTC +> 60x/)
    expect(terminal.text).toContain('in charge v1.8-b0')

    terminal.press(' ')
    await shown(terminal, '|| paused')
    terminal.press(' ')
    await shown(terminal, '> 60x')
    terminal.press('+')
    await shown(terminal, '> 600x')
    terminal.press('n')
    await shown(terminal, /2025-05-07 0\d:\d\d UTC +> 600x/)
    terminal.press('-')
    await shown(terminal, '> 60x')

    terminal.press('q')
    await shown(terminal, 'e it ends')
    terminal.press('e')
    await expectGivenBack(terminal)
    const stoodAt = clockOf(dataDir)
    const again = start(dataDir, [...briefly, '--speed', '1'])
    await shown(again, new Date(stoodAt).toISOString().slice(0, 16).replace('T', ' '))
    // The window is closed: the room ends in good order, and nothing is given back to a terminal that is gone.
    again.hangUp()
    expect(await again.ended).toEqual({ exitCode: 0, signal: constants.signals.SIGHUP })
    expect(clockOf(dataDir) - stoodAt).toBeLessThanOrEqual(60_000)
  })
})

describe('the control room on 26 May', () => {
  it('opens BLOCKED by gates 1 and 4, and plays', async () => {
    const terminal = start(await prepare(shell, 'opening'))
    await shown(terminal, 'BLOCKED 1/6')
    await shown(terminal, /1 psi +FAIL +1\.391/)
    await shown(terminal, /4 offline +FAIL +\.613/)
    await shown(terminal, /2025-05-26 \d\d:\d\d UTC +> 60x/)
    expect(terminal.text).toMatch(/mid +5\.340/)
    expect(terminal.text).toContain('in charge v1.8-b0')
    terminal.press('\u0003')
    await expectGivenBack(terminal)
  })
})

describe('a room that is left to run on', () => {
  it('gives the terminal back, answers as before, outlives the terminal, and ends as a room without a screen does', async () => {
    const terminal = start(shell.copy(prepared), ['--speed', '1'])
    await shown(terminal, 'BLOCKED 2/6')
    terminal.press('q')
    await shown(terminal, 'd the room runs on without a screen')
    terminal.press('d')
    await terminal.until('the ordinary screen', (screen) => !screen.onAlternateScreen)
    await shown(terminal, 'onay attach shows it again')
    const url = /the room runs on at (http:\S+)/.exec(terminal.text)?.[1] ?? ''
    const healthy = async (): Promise<boolean> => (await fetch(`${url}/healthz`)).ok
    expect(await healthy()).toBe(true)
    terminal.signal('SIGHUP')
    expect(await healthy()).toBe(true)
    terminal.signal('SIGINT')
    expect((await terminal.ended).exitCode).toBe(0)
  })
})

describe('the screen of a room', () => {
  /** Of one room that stands as good as still, for tests that leave the panels as they found them. */
  let terminal: PseudoTerminal

  beforeAll(async () => {
    terminal = openScreen(shell.copy(prepared), [120, 40], ['--speed', '1'])
    await shown(terminal, 'BLOCKED 2/6')
  })
  afterAll(async () => {
    terminal.signal('SIGKILL')
    await terminal.ended
  })

  it('stays within the window at every size and while it is resized', async () => {
    for (const [columns, rows] of SIZES) {
      await resizeAndDraw(terminal, columns, rows)
      expect(terminal.lines[rows - 1]).toContain('q leave')
      expect(terminal.lines).toHaveLength(rows)
      expect(await outside(terminal, columns, rows)).toEqual([])
      for (const panel of ['GATES', 'CANARY', 'DRIFT', 'SERVING', 'EVENTS']) expect(terminal.text).toContain(panel)
    }
    for (let i = 0; i < 30; i++) terminal.resize(80 + ((i * 37) % 120), 24 + ((i * 13) % 36))
    await resizeAndDraw(terminal, 120, 40)
    expect(await outside(terminal, 120, 40)).toEqual([])
  })

  it('says that the window is too small while it is, and comes back', async () => {
    terminal.resize(40, 10)
    await shown(terminal, 'too small')
    await resizeAndDraw(terminal, 120, 40)
    await shown(terminal, 'BLOCKED 2/6')
    expect(terminal.onAlternateScreen).toBe(true)
  })

  it('validates with v, cancels with c and y, and says so', async () => {
    terminal.press('v')
    await shown(terminal, /validate v1\.8\.1 +[█░]+ +\d+ %/)
    terminal.press('c')
    await shown(terminal, 'Cancel validate v1.8.1')
    terminal.press('y')
    await shown(terminal, /v1\.8\.1 was not validated/)
  })

  it('lists its keys under ?, made of the table that dispatches', async () => {
    await resizeAndDraw(terminal, 120, 80)
    terminal.press('?')
    for (const binding of BINDINGS.filter((one) => one.where.includes('panels'))) await shown(terminal, binding.does)
    await pressAndDraw(terminal, '\u001b')
    await resizeAndDraw(terminal, 120, 40)
  })

  it('opens each panel large and comes back', async () => {
    const titles = new Set<string>()
    for (const panel of PANELS) {
      await pressAndDraw(terminal, panelKey(panel))
      await shown(terminal, 'Esc back')
      await until('its content', () => !/asking the room|waiting/.test(terminal.text))
      expect(await outside(terminal, 120, 40)).toEqual([])
      titles.add(terminal.lines.slice(2, 4).join(' ').trim())
      await pressAndDraw(terminal, '\u001b')
      await shown(terminal, 'last 15 minutes')
    }
    expect(titles.size).toBe(PANELS.length)
  })

  it('is plain ASCII without colours where the environment asks for that, and gives the terminal back on SIGHUP', async () => {
    const terminal = start(shell.copy(prepared), [], { NO_COLOR: '1', LANG: 'C', LC_ALL: 'C' })
    await shown(terminal, 'BLOCKED 2/6')
    await shown(terminal, /1 psi +WAIT/)
    terminal.signal('SIGHUP')
    await expectGivenBack(terminal)
    expect(Buffer.from(terminal.raw).filter((byte) => byte > 0x7f)).toHaveLength(0)
    const codes = terminal.raw.split('\u001b').filter((part) => /^\[[\d;]*m/.test(part))
    expect(codes.filter((part) => /^\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[\d;]*)?m/.test(part))).toEqual([])
  })

  // It leaves the panels otherwise than it found them.
  it('answers every key of its table with something to see, and stays within the window', async () => {
    const onPanels = BINDINGS.filter(({ action }) => !LEAVE_AS_IT_IS.includes(action)).flatMap(({ keys }) => keys)
    for (const name of [...new Set(onPanels), 'Z', 'ctrl-b']) {
      const before = terminal.text
      terminal.press(KEY_BYTES[name] ?? (name === 'ctrl-b' ? '\u0002' : name))
      await until(`an answer to ${name}`, () => terminal.text !== before)
      await drawnWhole(terminal)
      expect(await outside(terminal, 120, 40), name).toEqual([])
      for (let back = 0; back < 3 && !terminal.text.includes('last 15 minutes'); back++)
        await pressAndDraw(terminal, '\u001b')
      expect(terminal.text, name).toContain('last 15 minutes')
    }
  })

  // The last one: it ends the room that the others look at.
  it('gives the terminal back on SIGTERM', async () => {
    terminal.signal('SIGTERM')
    await expectGivenBack(terminal)
  })
})
