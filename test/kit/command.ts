/** Runs a command line in this process: the same code as in the program, without a process to start. */
import { tmpdir } from 'node:os'
import { expect } from 'vitest'
import { type Ended, Inside } from './inside.ts'

export interface CommandEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** What whoever sits there says to a question; left out, nobody does. */
  readonly confirm?: (question: string) => Promise<boolean>
  /** And the line of text that they answer with. */
  readonly question?: (text: string) => Promise<string>
}

/** A command line without a terminal, in the temporary directory unless another is named. */
export async function command(args: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> {
  const { cwd = tmpdir(), env = {}, confirm = null, question = null } = options
  const { code, stdout, stderr } = await new Inside(args, { cwd, env, confirm, question }).ended
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
