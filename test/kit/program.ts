/** Runs the built program as people do: real processes, each with a directory and a port of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach } from 'vitest'
import { z } from 'zod'
import { command, commandJson, type CommandEnd } from './command.ts'
import { type Ended, Inside, type Started } from './inside.ts'
import { ROOT } from './samples.ts'
import { until } from './until.ts'

export const PROGRAM = join(ROOT, 'dist/onay.js')

if (!existsSync(PROGRAM)) throw new Error('dist/onay.js is missing: build it first with npm run build')

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Whose process it is, where it is not ours. */
  readonly uid?: number
}

/** A machine whose clock is so much ahead (behind, where it is negative) of ours, and goes at the same pace. */
export function clockAhead(ms: number): RunOptions {
  const shift = `const { now } = Date; Date.now = () => now() + ${ms}`
  return { env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}` } }
}

/** A machine whose clock goes so many times as fast as ours, from now on. */
export function fastClock(times: number): RunOptions {
  const pace = `const { now } = Date, begun = now(); Date.now = () => Math.round(begun + (now() - begun) * ${times})`
  return { env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(pace)}` } }
}

/** A process of the program, with what it said so far. */
export class Running implements Started {
  stdout = ''
  stderr = ''
  /** It was told to end: connections to it may break from now on. */
  dying = false
  readonly child: ChildProcess
  readonly ended: Promise<Ended>

  constructor(args: readonly string[], options: RunOptions = {}) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: options.cwd ?? tmpdir(),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = new Promise((done, fail) => {
      this.child.once('error', fail)
      this.child.once('close', (code, signal) => done({ code, signal, stdout: this.stdout, stderr: this.stderr }))
    })
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
    this.dying = true
    this.child.kill(signal)
    return this.ended
  }
}

const Health = z.object({
  ok: z.boolean(),
  model: z.string(),
  candidate: z.string().nullable(),
  market_time: z.string(),
})
export type HealthAnswer = z.infer<typeof Health>

export interface Answer {
  readonly status: number
  readonly text: string
  readonly json: unknown
}

export interface Asking {
  readonly body?: unknown
  /** Sent as it is, in place of `body`. */
  readonly raw?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A room that runs, in a process of its own (`Room<Running>`) or in that of the test. */
export class Room<S extends Started = Started> {
  constructor(
    readonly process: S,
    readonly dataDir: string,
    readonly url: string,
  ) {}

  get token(): string {
    return readFileSync(join(this.dataDir, 'token'), 'utf8').trim()
  }

  async ask(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    const body = asking.raw ?? (asking.body === undefined ? undefined : JSON.stringify(asking.body))
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(asking.token === undefined ? {} : { authorization: `Bearer ${asking.token}` }),
        ...asking.headers,
      },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    return { status: response.status, text, json: parsed(text) }
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path)
  }

  /** With the directory's own token. */
  change(path: string, body: object, method = 'POST'): Promise<Answer> {
    return this.ask(method, path, { body, token: this.token })
  }

  async health(): Promise<HealthAnswer> {
    return Health.parse((await this.get('/healthz')).json)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The configuration of every room here that is given no other: how quick this machine is just now is not what tests are about.
 * One test has limits that no machine keeps to (validate.test.ts).
 */
const PATIENT = {
  serving: { shadow_budget_ms: 5_000 },
  gates: { p95_ms: 5_000 },
  smoke: { timeout_ms: 120_000 },
  // The arms that the golden figures of paper trades are about.
  paper: {
    arms: [
      { label: 'f60', model: 'fallback', threshold: 0.6 },
      { label: 'f60-levels', model: 'fallback', threshold: 0.6, stop_bp: 30, target_bp: 45 },
    ],
  },
}
const CONFIG_FILE = 'onay.config.json'

export interface Stage {
  /** A path that nothing stands at yet. */
  fresh(): string
  /** `--config` with a file of its own: these groups, and the patience of all rooms here. */
  configured(groups: Readonly<Record<string, object>>): string[]
  /** A copy of a prepared data directory. */
  copy(of: string, to?: string): string
  start(args: readonly string[], options?: RunOptions): Running
  /** A command from its start to its end as a process of its own, for where that is the point. */
  process(args: readonly string[], options?: RunOptions): Promise<Ended>
  /** A command in this process. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandEnd>
  /** A command in this process, with --json. @throws unless stdout is one JSON document and the exit code is among those allowed */
  json(args: readonly string[], codes?: readonly number[]): Promise<unknown>
  /** A room that listens; its history may still run. */
  listening(
    dataDir: string,
    args?: readonly string[],
    options?: RunOptions,
    command?: 'serve' | 'start',
  ): Promise<Room<Running>>
  /** Processes that `act` starts outlive the test or hook, to the end of the file. */
  keeping<T>(act: () => Promise<T>): Promise<T>
  /** A room that is open, a process of its own, for where that is the point. */
  serve(dataDir: string, args?: readonly string[], options?: RunOptions): Promise<Room<Running>>
  /** A room that is open, in this process. */
  open(dataDir: string, args?: readonly string[], cwd?: string): Promise<Room>
}

const Holder = z.object({ pid: z.number(), url: z.string() })

/** What the tests of one file stand on: directories that go when they are through, and processes that never outlive a test. */
export function stage(): Stage {
  const root = mkdtempSync(join(tmpdir(), 'onay-e2e-'))
  writeFileSync(join(root, CONFIG_FILE), JSON.stringify(PATIENT))
  const running = new Set<Started>()
  const kept = new Set<Started>()
  let made = 0
  const end = async (those: ReadonlySet<Started>): Promise<void> => {
    await Promise.all([...those].map((one) => one.kill()))
  }
  afterEach(() => end(running))
  afterAll(async () => {
    await end(running)
    await end(kept)
    rmSync(root, { recursive: true, force: true })
  })
  const fresh = (): string => join(root, `${made++}`)
  const watched = <S extends Started>(one: S): S => {
    running.add(one)
    void one.ended.finally(() => running.delete(one))
    return one
  }
  const start = (args: readonly string[], options: RunOptions = {}): Running =>
    watched(new Running(args, { cwd: root, ...options }))
  const room = async <S extends Started>(one: S, dataDir: string, pid: number | undefined): Promise<Room<S>> => {
    const url = await until(`a room at ${dataDir}`, () => {
      if (!one.alive) throw new Error(`the room ended: ${one.stderr}`)
      return announced(dataDir, pid)
    })
    return new Room(one, dataDir, url)
  }
  const opened = async <S extends Started>(of: Room<S>): Promise<Room<S>> => {
    await until('the room to open', async () => (await of.get('/healthz')).status === 200)
    return of
  }
  const listening: Stage['listening'] = async (dataDir, args = [], options = {}, command = 'serve') => {
    const one = start([command, '--data-dir', dataDir, '--port', '0', ...args], options)
    return room(one, dataDir, one.child.pid)
  }
  return {
    fresh,
    configured: (groups) => {
      const path = `${fresh()}.json`
      writeFileSync(path, JSON.stringify({ ...PATIENT, ...groups }))
      return ['--config', path]
    },
    copy: (of, to = fresh()) => {
      cpSync(of, to, { recursive: true })
      return to
    },
    start,
    process: (args, options) => start(args, options).ended,
    run: (args, env = {}) => command(args, { cwd: root, env }),
    json: (args, codes) => commandJson(args, codes, { cwd: root }),
    listening,
    keeping: async (act) => {
      const before = new Set(running)
      const result = await act()
      for (const one of running) {
        if (before.has(one)) continue
        running.delete(one)
        kept.add(one)
      }
      return result
    },
    serve: async (dataDir, args, options) => opened(await listening(dataDir, args, options)),
    open: async (dataDir, args = [], cwd = root) => {
      const line = ['serve', '--data-dir', dataDir, '--port', '0', ...args]
      const one = watched(new Inside(line, { cwd, env: process.env, program: [process.execPath, PROGRAM] }))
      return opened(await room(one, dataDir, process.pid))
    },
  }
}

function announced(dataDir: string, pid: number | undefined): string | null {
  const path = join(dataDir, 'room.json')
  if (!existsSync(path)) return null
  const holder = Holder.safeParse(parsed(readFileSync(path, 'utf8')))
  return holder.success && holder.data.pid === pid ? holder.data.url : null
}
