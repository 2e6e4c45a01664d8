/** What a command works with in a directory, without a terminal: what it prints goes nowhere. */
import { EventEmitter } from 'node:events'
import { contextOf, type Context } from '../../src/cli/context.ts'

export function commandContext(dir: string): Context {
  return contextOf(
    { dataDir: `${dir}/data`, evidenceDir: `${dir}/evidence` },
    {
      cwd: dir,
      env: {},
      program: ['onay'],
      isTerminal: { out: false, err: false },
      confirm: null,
      question: null,
      signals: new EventEmitter(),
      endHungUp: () => undefined,
      livesLong: () => undefined,
      out: () => undefined,
      err: () => undefined,
      exit: () => undefined,
    },
  )
}
