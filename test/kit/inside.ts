/** A command line that runs in the process of the test: the same code as in the program, without a process to start. */
import { EventEmitter } from 'node:events'
import { tmpdir } from 'node:os'
import { run } from '../../src/cli/program.ts'
import type { Io } from '../../src/cli/io.ts'

/** What is left of a program, and what it ended with. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Something that was started and can be told to end. */
export interface Started {
  readonly alive: boolean
  readonly stdout: string
  readonly stderr: string
  readonly ended: Promise<Ended>
  kill(signal?: 'SIGTERM' | 'SIGINT'): Promise<Ended>
}

/** It has no terminal, and ends in good order: only a process can be killed. */
export class Inside implements Started {
  stdout = ''
  stderr = ''
  alive = true
  readonly ended: Promise<Ended & { readonly code: number }>
  private readonly signals = new EventEmitter()

  /** @param io what the command has besides; the temporary directory is where it runs, unless another is named */
  constructor(args: readonly string[], io: Partial<Io> = {}) {
    this.ended = run(args, {
      cwd: tmpdir(),
      env: {},
      program: ['onay'],
      isTerminal: { out: false, err: false },
      confirm: null,
      question: null,
      signals: this.signals,
      endHungUp: () => undefined,
      livesLong: () => undefined,
      out: (text) => (this.stdout += text),
      err: (text) => (this.stderr += text),
      exit: () => undefined,
      ...io,
    }).then((code) => {
      this.alive = false
      return { code, signal: null, stdout: this.stdout, stderr: this.stderr }
    })
  }

  async kill(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<Ended> {
    this.signals.emit(signal)
    return this.ended
  }
}
