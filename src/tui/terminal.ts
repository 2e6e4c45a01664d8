/** The terminal itself: whether a screen can be drawn on it, and how it is taken and given back. */
import { isTooSmall, tooSmallText, type Size } from './size.ts'

/** Alternate screen, no cursor, no wrapping at the right edge, pastes marked as such, cleared. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[2J\x1b[H'
const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l'

/** Asks the terminal to put a text on the clipboard of whoever sits at it (OSC 52), over any connection. */
export function clipboardSequence(text: string): string {
  return `\x1b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\x07`
}

/** What a terminal has that does not tell its size. */
const USUAL: Size = { columns: 80, rows: 24 }

type Output = Pick<NodeJS.WriteStream, 'write'> & {
  readonly columns?: number
  readonly rows?: number
  readonly isTTY?: boolean
}
type Input = { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }

/** The window's size; some pseudo-terminals tell none, or 0. */
export function sizeOf(stdout: Output): Size {
  const { columns, rows } = stdout
  return {
    columns: columns !== undefined && columns > 0 ? columns : USUAL.columns,
    rows: rows !== undefined && rows > 0 ? rows : USUAL.rows,
  }
}

/** Why no screen can be drawn, in one sentence; null when it can. */
export function terminalProblem(stdout: Output, stdin: Input): string | null {
  // Without a terminal isTTY is undefined, not false.
  if (stdout.isTTY !== true) return 'standard output is not a terminal'
  if (stdin.isTTY !== true) return 'standard input is not a terminal, so no key could be read'
  const size = sizeOf(stdout)
  return isTooSmall(size) ? tooSmallText(size) : null
}

/** Holds the terminal while the screen is up and gives it back once, on whichever way out comes first. */
export class TerminalHold {
  private held = false

  constructor(
    private readonly stdout: Output,
    private readonly stdin: Input,
  ) {}

  enter(): void {
    if (this.held) return
    this.held = true
    // The monitor runs before the stack of an uncaught error is printed, which must land on the ordinary screen.
    process.on('exit', this.leave)
    process.on('uncaughtExceptionMonitor', this.leave)
    this.stdout.write(ENTER)
  }

  /** Synchronous, so that it works while the process ends. Does nothing when the terminal was given back already. */
  readonly leave = (): void => {
    if (!this.held) return
    this.held = false
    process.off('exit', this.leave)
    process.off('uncaughtExceptionMonitor', this.leave)
    try {
      this.stdin.setRawMode?.(false)
    } catch {
      // The terminal is gone: there is nothing left to restore.
    }
    this.stdout.write(LEAVE)
  }
}
