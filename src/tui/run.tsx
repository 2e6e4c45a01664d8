/** Puts the screen up, keeps it alive, and takes it down on every way out. */
import { render, type Instance } from 'ink'
import type { ReactNode } from 'react'
import type { ControlRoom } from '../control/control-room.ts'
import { ScreenView } from './app.tsx'
import type { Screen } from './frame.ts'
import { KeyReader } from './keys/input.ts'
import { Session } from './session.ts'
import type { Leaving } from './state.ts'
import { clipboardSequence, sizeOf, TerminalHold } from './terminal.ts'
import { themeFrom } from './theme.ts'
import { FrameWriter, standInStdout } from './writer.ts'

export interface ScreenOptions {
  /** The symbol to show first; the room's first one when left out. */
  readonly symbol?: string
  /** Who sits at it. */
  readonly by: string
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  readonly wallNow: () => number
  /** Called after `q` or Ctrl+C, when the terminal has been given back. Not called when `signal` ended the screen. */
  readonly onQuit: (how: Leaving) => Promise<void>
  /** Ends the screen: process signals, or a room that closes by itself. */
  readonly signal: AbortSignal
}

/**
 * The screen of a room, until a person quits or `signal` aborts. The caller has asked `terminalProblem` before and has set
 * NODE_ENV to production before React was loaded.
 * @throws what went wrong while drawing, after the terminal has been given back
 */
export async function runScreen(room: ControlRoom, options: ScreenOptions): Promise<void> {
  const { stdin, stdout, signal } = options
  const theme = themeFrom(options.env)
  const hold = new TerminalHold(stdout, stdin)
  const writer = new FrameWriter(stdout)
  const size = (): ReturnType<typeof sizeOf> => sizeOf(stdout)
  let ink: Instance | null = null
  const session = new Session({
    room,
    symbol: options.symbol,
    by: options.by,
    theme,
    wallNow: options.wallNow,
    size,
    draw: (screen) => ink?.rerender(element(screen)),
    forget: () => writer.forget(),
    copy: (text) => stdout.write(clipboardSequence(text)),
  })
  const stop = (): void => session.stop()
  const gone = (): void => {
    writer.close()
    hold.leave()
    session.stop()
  }
  const keys = new KeyReader(stdin, session.press)
  const element = (screen: Screen): ReactNode => <ScreenView screen={screen} onGone={gone} />
  if (signal.aborted) return
  signal.addEventListener('abort', stop, { once: true })
  stdin.once('end', stop)
  stdin.once('error', stop)
  // It stays: a terminal that was closed fails each later write, and nobody is left to be told.
  stdout.on('error', stop)
  stdout.on('resize', session.resized)
  hold.enter()
  try {
    ink = render(element(session.first()), {
      stdout: standInStdout(writer, size),
      stdin,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
    })
    keys.start()
    try {
      await Promise.race([session.run(), ink.waitUntilExit()])
    } finally {
      keys.stop()
      session.stop()
      ink.unmount()
    }
  } finally {
    gone()
    signal.removeEventListener('abort', stop)
    stdin.off('end', stop)
    stdin.off('error', stop)
    stdout.off('resize', session.resized)
  }
  if (session.left !== null) await options.onQuit(session.left)
}
