/** What a command has of the process that it runs in. A test runs it without a process of its own. */
export interface Io {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** The screen is drawn where `out` is a terminal, progress is shown where `err` is one. */
  readonly isTerminal: { readonly out: boolean; readonly err: boolean }
  /** Tells of SIGINT, SIGTERM and SIGHUP. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'once'>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** What the program ends with once nothing runs any more; the last word counts. */
  readonly exit: (code: number) => void
}

/** The io of the process itself. */
export function processIo(): Io {
  return {
    cwd: process.cwd(),
    env: process.env,
    isTerminal: { out: process.stdout.isTTY, err: process.stderr.isTTY },
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
  }
}
