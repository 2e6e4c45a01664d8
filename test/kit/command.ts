/** Runs a command line in this process: the same code as in the program, without a process to start. */
import { EventEmitter } from 'node:events'
import { tmpdir } from 'node:os'
import { expect } from 'vitest'
import { run } from '../../src/cli/program.ts'
import type { Ended } from './program.ts'

export interface CommandEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What whoever sits there says to a question; left out, nobody does. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** And the line of text that they answer with. */
  readonly question?: (text: string) => Promise<string>
}

/** A command line without a terminal, in the temporary directory unless another is named. */
export async function command(args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  let stdout = ''
  let stderr = ''
  const code = await run(args, {
    cwd: options.cwd ?? tmpdir(),
    env: options.env ?? {},
    program: ['onay'],
    isTerminal: { out: false, err: false },
    confirm: options.confirm ?? null,
    question: options.question ?? null,
    signals: new EventEmitter(),
    endHungUp: () => undefined,
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
    exit: () => undefined,
  })
  return { code, stdout, stderr }
}

/** Runs with --json. @throws unless stdout is one JSON document and the exit code is among those allowed */
export async function commandJson(
  args: readonly string[],
  codes: readonly number[] = [0],
  options: CommandOptions = {},
): Promise<unknown> {
  const { code, stdout, stderr } = await command([...args, '--json'], options)
  if (!codes.includes(code)) throw new Error(`onay ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

/** Expects one line for people: what, why and what next, and no stack. */
export function expectTrouble(ended: CommandEnd | Ended, ...named: readonly string[]): void {
  expect(ended.code, ended.stderr).toBe(3)
  expect(ended.stdout).toBe('')
  expect(ended.stderr).toMatch(/^onay: [^\n]+: [^\n]+; [^\n]+\n$/)
  for (const name of named) expect(ended.stderr).toContain(name)
}
