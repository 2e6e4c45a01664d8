/** The real screen under a pseudo-terminal: what it shows, and whether it keeps within its window. */
import { dirname } from 'node:path'
import xterm from '@xterm/headless'
import { PseudoTerminal } from './pseudo-terminal.ts'
import { PROGRAM } from './program.ts'
import { until } from './until.ts'

export const ENTER_ALTERNATE = '\u001b[?1049h'
export const LEAVE_ALTERNATE = '\u001b[?1049l'
const CLEARED = '\u001b[2J'
const LAST_LINE = /q leave|Esc back|Esc all rows|it ends|requests in|lets it run|leaves it waiting/
const REDRAW = '\u000c'
/** About a second's. */
const LOOKS_BEFORE_ANOTHER = 60

/** The bytes of the keys that the key table names. */
export const KEY_BYTES: Readonly<Record<string, string>> = {
  tab: '\t',
  'shift-tab': '\u001b[Z',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageup: '\u001b[5~',
  pagedown: '\u001b[6~',
  enter: '\r',
  esc: '\u001b',
  space: ' ',
  'ctrl-c': '\u0003',
  'ctrl-k': '\u000b',
  'ctrl-l': REDRAW,
}

export function openScreen(
  dataDir: string,
  [columns, rows]: readonly [number, number],
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): PseudoTerminal {
  const command = ['start', '--port', '0', '--data-dir', dataDir, ...args]
  // Where the directories of a test stand, there stands the configuration of its rooms too.
  return new PseudoTerminal(PROGRAM, command, columns, rows, env, dirname(dataDir))
}

/** Waits until the screen says it. @throws with what stood on the screen instead */
export async function shown(terminal: PseudoTerminal, what: string | RegExp): Promise<void> {
  await untilSeen(terminal, String(what), () =>
    typeof what === 'string' ? terminal.text.includes(what) : what.test(terminal.text),
  )
}

async function untilSeen(terminal: PseudoTerminal, what: string, look: () => boolean): Promise<void> {
  try {
    await until(what, look)
  } catch (error) {
    throw new Error(`the screen never showed ${what}:\n${terminal.text}`, { cause: error })
  }
}

/** Presses a key and waits until the screen has been drawn whole after it. */
export async function pressAndDraw(terminal: PseudoTerminal, key: string): Promise<void> {
  terminal.press(key)
  // A lone Esc and the start of a sequence look the same: the next key must not follow in the same breath.
  if (key === '\u001b') await shown(terminal, /q leave|y cancels|n stay/)
  await drawnWhole(terminal)
}

/** A screen that has begun to say something may still be half drawn: has it drawn whole. Takes the message line away. */
export async function drawnWhole(terminal: PseudoTerminal): Promise<string> {
  await drawnAfter(terminal, () => terminal.press(REDRAW))
  return terminal.text
}

/** Resizes the window and waits until the screen has been drawn whole for it. */
export async function resizeAndDraw(terminal: PseudoTerminal, columns: number, rows: number): Promise<void> {
  await drawnAfter(terminal, () => terminal.resize(columns, rows))
}

async function drawnAfter(terminal: PseudoTerminal, act: () => void): Promise<void> {
  const before = terminal.raw.length
  act()
  let looks = 0
  await untilSeen(terminal, 'a whole frame', () => {
    const drawn = terminal.raw.slice(before)
    const cleared = drawn.indexOf(CLEARED)
    const whole = cleared >= 0 && drawn.slice(cleared).includes('\u001b[1;1H')
    if (whole && LAST_LINE.test(terminal.lines.at(-1) ?? '')) return true
    // A message that came in after the key covers the last line until the next one.
    if (++looks % LOOKS_BEFORE_ANOTHER === 0) terminal.press(REDRAW)
    return false
  })
}

/** Lines that the last whole frame, and what came after it, would have written outside a window of this size. */
export async function outside(terminal: PseudoTerminal, columns: number, rows: number): Promise<readonly string[]> {
  const large = new xterm.Terminal({ cols: 400, rows: 120, allowProposedApi: true })
  const bytes = terminal.raw.slice(terminal.raw.lastIndexOf(CLEARED))
  await new Promise<void>((done) => large.write(bytes, done))
  const { active } = large.buffer
  const lines = Array.from({ length: 120 }, (_, y) => active.getLine(y)?.translateToString(true) ?? '')
  large.dispose()
  return lines.filter((line, y) => (y < rows ? line.length > columns : line !== ''))
}
