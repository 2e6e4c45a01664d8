/** Runs a program under a pseudo-terminal and reads its screen as a person would see it. */
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { spawn, type IPty } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { build } from 'esbuild'
import { afterEach } from 'vitest'
import { ROOT } from './samples.ts'

const DEADLINE_MS = 240_000

export interface Bundle {
  readonly file: string
  remove(): Promise<void>
}

/** Packages in CommonJS call `require`, which an ES module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

/** The given source with its packages, as the program is built: that starts far quicker than some thousand modules. */
export async function bundle(source: string): Promise<Bundle> {
  const dir = await mkdtemp(join(tmpdir(), 'onay-tui-'))
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  const file = join(dir, 'screen.mjs')
  await build({
    entryPoints: { screen: join(ROOT, source) },
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is only loaded where it is asked for, as Ink's tools for development, stays out of the first file.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['react-devtools-core', 'better-sqlite3'],
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: REQUIRE },
    logLevel: 'error',
  })
  return { file, remove: () => rm(dir, { recursive: true, force: true }) }
}

export class PseudoTerminal {
  /** Everything the program wrote that the screen shows by now, escape codes included. */
  raw = ''
  readonly ended: Promise<{ readonly exitCode: number; readonly signal: number }>

  private readonly terminal: xterm.Terminal
  private readonly pty: IPty
  private readonly waiting = new Set<() => void>()

  constructor(
    file: string,
    args: readonly string[],
    columns: number,
    rows: number,
    env: Readonly<Record<string, string>>,
    cwd = ROOT,
  ) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
    this.pty = spawn(process.execPath, [file, ...args], {
      name: 'xterm-256color',
      cols: columns,
      rows,
      cwd,
      env: {
        PATH: process.env['PATH'] ?? '',
        TERM: 'xterm-256color',
        NODE_ENV: 'production',
        LANG: 'en_US.UTF-8',
        ...env,
      },
    })
    this.pty.onData((data) => {
      this.terminal.write(data, () => {
        this.raw += data
        for (const check of this.waiting) check()
      })
    })
    this.ended = new Promise((done) => {
      // Behind what was written before.
      this.pty.onExit(({ exitCode, signal = 0 }) => this.terminal.write('', () => done({ exitCode, signal })))
    })
  }

  /** The rows of the screen as text. */
  get lines(): readonly string[] {
    const { active } = this.terminal.buffer
    return Array.from(
      { length: this.terminal.rows },
      (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
    )
  }

  get text(): string {
    return this.lines.join('\n')
  }

  get onAlternateScreen(): boolean {
    return this.terminal.buffer.active.type === 'alternate'
  }

  press(keys: string): void {
    this.pty.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows)
    this.pty.resize(columns, rows)
  }

  signal(name: string): void {
    this.pty.kill(name)
  }

  /** Closes the window: the terminal is gone. */
  hangUp(): void {
    const destroy: unknown = Reflect.get(this.pty, 'destroy')
    if (typeof destroy !== 'function') throw new Error('this terminal cannot be closed')
    Reflect.apply(destroy, this.pty, [])
  }

  /** Resolves once the screen satisfies `wanted`. @throws with what stood there instead, when it never does */
  until(what: string, wanted: (screen: PseudoTerminal) => boolean): Promise<void> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.waiting.delete(check)
        fail(new Error(`the screen never showed ${what}:\n${this.text}`))
      }, DEADLINE_MS)
      const check = (): void => {
        if (!wanted(this)) return
        clearTimeout(timer)
        this.waiting.delete(check)
        done()
      }
      this.waiting.add(check)
      check()
    })
  }

  untilText(text: string): Promise<void> {
    return this.until(text, (screen) => screen.text.includes(text))
  }
}

/** Keeps the terminals of a file's tests: one whose program still runs when its test is over is killed. */
export function keptTerminals(): (terminal: PseudoTerminal) => PseudoTerminal {
  const open = new Set<PseudoTerminal>()
  afterEach(async () => {
    await Promise.all(
      [...open].map((terminal) => {
        terminal.signal('SIGKILL')
        return terminal.ended
      }),
    )
  })
  return (terminal) => {
    open.add(terminal)
    void terminal.ended.then(() => open.delete(terminal))
    return terminal
  }
}
