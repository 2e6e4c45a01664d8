import { isatty } from 'node:tty'
import { setFlagsFromString } from 'node:v8'
import { OperatorError } from '../engine/kernel/errors.ts'

/** What a command has of the process that it runs in. A test runs it without a process of its own. */
export interface Io {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** What starts the program again, word by word. */
  readonly program: readonly string[]
  /** The screen is drawn where `out` is a terminal, progress is shown where `err` is one. */
  readonly isTerminal: { readonly out: boolean; readonly err: boolean }
  /** Asks whoever sits there, yes or no; null where nobody does. */
  readonly confirm: ((question: string) => Promise<boolean>) | null
  /** Asks for a line of text; null where nobody sits there. @throws OperatorError where the input ends instead */
  readonly question: ((text: string) => Promise<string>) | null
  /** Tells of SIGINT, SIGTERM and SIGHUP. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'once'>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** What the program ends with once nothing runs any more; the last word counts. */
  readonly exit: (code: number) => void
  /** The last act of a program that had a screen: where its terminal is gone it ends by SIGHUP, heard or not. */
  readonly endHungUp: () => void
  /** Called by what goes on for weeks, before it takes memory. */
  readonly livesLong: () => void
}

/** Enter alone is a no. */
async function confirmed(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}

async function asked(text: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new Promise<never>((_, fail) => {
    lines.once('close', () => fail(new OperatorError('nothing was answered', 'the input ended', 'run it again')))
  })
  try {
    return (await Promise.race([lines.question(text), ended])).trim()
  } finally {
    // Closing ends the input as well, which nobody waits for any more.
    ended.catch(() => undefined)
    lines.close()
  }
}

/** The io of the process itself. */
export function processIo(): Io {
  // Whoever read the output has seen enough, as in `onay events | head`. The end of a terminal is SIGHUP's to tell.
  if (!process.stdout.isTTY)
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit()
    })
  return {
    cwd: process.cwd(),
    env: process.env,
    program: process.argv.slice(0, 2),
    isTerminal: { out: process.stdout.isTTY, err: process.stderr.isTTY },
    confirm: process.stdin.isTTY && process.stderr.isTTY ? confirmed : null,
    question: process.stdin.isTTY && process.stderr.isTTY ? asked : null,
    signals: process,
    out: (text) => {
      process.stdout.write(text)
    },
    err: (text) => {
      process.stderr.write(text)
    },
    exit: (code) => {
      process.exitCode = code
    },
    // At its end Node gives the terminal back, and aborts where there is none any more.
    endHungUp: () => {
      // What they were at the start is kept; whether it is a terminal still is asked anew.
      if ([process.stdin, process.stdout, process.stderr].every(({ isTTY, fd }) => !isTTY || isatty(fd))) return
      process.removeAllListeners('SIGHUP')
      process.kill(process.pid, 'SIGHUP')
    },
    // On some 25 MB of values the heap grows by itself to four times that before it is cleared.
    livesLong: () => setFlagsFromString('--heap-growing-percent=30'),
  }
}
