import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, keptTerminals, PseudoTerminal, type Bundle } from '../../kit/pseudo-terminal.ts'

const ENTER = '\x1b[?1049h'
const LEAVE = '\x1b[?1049l'
const SHOW_CURSOR = '\x1b[?25h'

const kept = keptTerminals()
let screen: Bundle

beforeAll(async () => {
  screen = await bundle('test/e2e/tui/fixture-screen.ts')
})

afterAll(() => screen.remove())

function start(
  columns: number,
  rows: number,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): PseudoTerminal {
  return kept(new PseudoTerminal(screen.file, args, columns, rows, env))
}

/** A screen that shows its panels. */
async function panels(...how: Parameters<typeof start>): Promise<PseudoTerminal> {
  const terminal = start(...how)
  await terminal.untilText('BLOCKED 2/6')
  return terminal
}

/** Presses keys, each time waiting until the screen says all that they lead to. */
async function expectAnswers(
  terminal: PseudoTerminal,
  ...steps: readonly (readonly [keys: string, ...said: readonly string[]])[]
): Promise<void> {
  for (const [keys, ...said] of steps) {
    terminal.press(keys)
    for (const text of said) await terminal.untilText(text)
  }
}

async function quit(terminal: PseudoTerminal, key = 'q'): Promise<void> {
  terminal.press(key)
  if (key === 'q') await expectAnswers(terminal, ['', 'e it ends'])
  if (key === 'q') terminal.press('e')
  await expectRestored(terminal, 0)
}

async function expectRestored(terminal: PseudoTerminal, exitCode: number): Promise<void> {
  expect((await terminal.ended).exitCode).toBe(exitCode)
  expect(terminal.raw.split(LEAVE)).toHaveLength(2)
  expect(terminal.raw.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(terminal.raw.lastIndexOf('\x1b[?25l'))
  expect(terminal.raw.lastIndexOf('\x1b[?7h')).toBeGreaterThan(terminal.raw.lastIndexOf('\x1b[?7l'))
  await terminal.until('the ordinary screen', (shown) => !shown.onAlternateScreen)
}

describe('the screen on a real terminal', () => {
  it('draws on the alternate screen at 80x24, follows the window to 120x40 and 200x60, and gives it back on q', async () => {
    const terminal = start(80, 24)
    await terminal.until('the whole frame', (shown) => shown.lines[23]?.endsWith('q leave') === true)
    expect(terminal.onAlternateScreen).toBe(true)
    expect(terminal.raw).toContain(ENTER)
    expect(terminal.lines[0]).toMatch(/BTCUSDT .* 05-26 02:41 UTC > 60x/)
    expect(terminal.text).toContain('BLOCKED 2/6')

    terminal.resize(120, 40)
    await terminal.until(
      'two columns',
      (shown) => shown.lines[2]?.includes('┬─ 2 CANARY') === true && shown.lines[39]?.includes('q leave') === true,
    )
    terminal.resize(200, 60)
    await terminal.until('a taller screen', (shown) => shown.lines[59]?.includes('q leave') === true)
    expect(terminal.lines[0]?.length).toBeGreaterThan(190)
    terminal.resize(80, 24)
    await terminal.until(
      'one column again',
      (shown) => shown.lines[23]?.includes('q leave') === true && !shown.text.includes('│'),
    )

    await quit(terminal)
    expect(terminal.raw.slice(terminal.raw.lastIndexOf(LEAVE))).toContain('end was asked')
  })

  it('acts on keys, also on several that arrive at once', async () => {
    const terminal = await panels(120, 40)
    await expectAnswers(
      terminal,
      [' ', '|| paused', 'the recording is paused'],
      [' +', '> 600x'],
      ['n', 'cannot play on: an approval waits; answer it first'],
      ['a', 'no canary is running'],
      ['\x1b[1;5P'],
      ['r', 'refused: too few bars'],
      ['p\r', 'retraining v1.8.1'],
    )
    await quit(terminal, '\x03')
    expect(terminal.raw).toContain('asked: speed pause, speed play, speed 600, speed next, retrain v1.8.1 improve')
  })

  it('starts a canary by a whole approval, and aborts it', async () => {
    const terminal = await panels(100, 36)
    await expectAnswers(
      terminal,
      ['C', 'CANARY of v1.8.1'],
      ['\t\t\t ', 'asks for ONAY, then ramps'],
      ['\r', 'Type ONAY and Enter'],
    )
    expect(terminal.text).toContain('ONAY: Canary START 5 %/30 min observe (v1.8.1)')
    await expectAnswers(
      terminal,
      ['quiet week\tonay\r', '"onay" is not the phrase'],
      ['\x15\x1b[200~ONAY\x1b[201~', 'ONAY is typed, not pasted'],
      ['ONAY\r', 'ramping 2 of 3'],
      ['q', 'e it ends, with the canary of v1.8.1'],
      ['n', 'a a abort'],
      ['aa', 'ABORTED in phase 2 of 3'],
    )
    await quit(terminal)
    expect(terminal.raw).toContain(
      'asked: canary mini equivalent live, approve start-1 ONAY "quiet week", abort BTCUSDT',
    )
  })

  it('opens a table and a chart large, and the help', async () => {
    const terminal = await panels(100, 30)
    await expectAnswers(terminal, ['\r', 'rows 1 to 18 of 57', 'reason   row 1: within'])
    await expectAnswers(terminal, ['\x1b[6~', 'rows 10 to 27 of 57', 'reason   row 19: within'])
    expect(terminal.lines[29]).toContain('Esc back')
    await expectAnswers(
      terminal,
      ['y', 'was given to the terminal'],
      ['/off\r', 'find "off", rows 1 to 18 of 28'],
      ['\x1b', 'of 57'],
    )
    expect(terminal.raw).toContain(`\x1b]52;c;${Buffer.from('gate: 19\nname: psi').toString('base64').slice(0, 20)}`)
    await expectAnswers(terminal, ['\t\t\t', 'limit 0.2'], ['\x1b', 'BLOCKED 2/6'], ['?', 'abort the canary'])
    await quit(terminal)
  })

  it('says in one line that the window became too small, and comes back when it grows', async () => {
    const terminal = await panels(80, 24)
    terminal.resize(50, 5)
    await terminal.untilText('terminal too small: 50x5, needs 60x15')
    terminal.resize(80, 24)
    await terminal.untilText('BLOCKED 2/6')
    await quit(terminal)
  })

  it('starts no screen where there is no room for one, and says so once', async () => {
    const terminal = start(20, 5)
    await terminal.ended
    expect(terminal.raw.trim()).toBe('terminal too small: 20x5, needs 60x15')
  })

  it('writes neither colour nor anything but ASCII where the environment asks for that', async () => {
    const terminal = await panels(80, 24, { NO_COLOR: '1', LANG: 'C', CI: '' })
    await expectAnswers(terminal, ['\r', 'gate  name'])
    await quit(terminal)
    // oxlint-disable-next-line no-control-regex
    expect(terminal.raw).toMatch(/^[\x00-\x7f]*$/)
    // oxlint-disable-next-line no-control-regex
    expect(terminal.raw).not.toMatch(/\x1b\[[1-9][0-9;]*m/)
  })

  it('gives the terminal back when the room is told to end', async () => {
    const terminal = await panels(80, 24)
    terminal.signal('SIGTERM')
    await expectRestored(terminal, 0)
    expect(terminal.raw).not.toContain('end was asked')
  })

  it('gives the terminal back before the stack of a bug is printed', async () => {
    const terminal = await panels(80, 24, {}, ['crash'])
    terminal.press(' ')
    await expectRestored(terminal, 1)
    expect(terminal.raw.indexOf('a bug')).toBeGreaterThan(terminal.raw.lastIndexOf(LEAVE))
  })

  it('leaves the terminal as it was when a signal kills it that nobody handles', async () => {
    const terminal = await panels(80, 24)
    terminal.signal('SIGINT')
    await terminal.ended
    expect(terminal.raw).toContain(LEAVE)
    expect(terminal.raw.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(terminal.raw.lastIndexOf('\x1b[?25l'))
  })
})
