/** A new candidate takes the place of the one in the shadow: whoever sits there is asked beforehand. */
import type { Command } from 'commander'
import { conflict, OperatorError } from '../engine/kernel/errors.ts'
import type { Context } from './context.ts'

export interface ReplacingOptions {
  readonly replace?: boolean
}

export function withReplacing(command: Command): Command {
  return command
    .option('--replace', 'take the place of the candidate in the shadow without asking')
    .option('--no-replace', 'refuse where there is one; without either a terminal asks, and a script replaces it')
}

/**
 * Makes a candidate, after a question where it would replace another and a person sits there.
 * @param make asks the room; with `replace` false it refuses where there is a candidate
 * @throws OperatorError what the room refuses, or that the person said no
 */
export async function replacing<T>(
  { io, json }: Context,
  { replace }: ReplacingOptions,
  make: (replace: boolean | undefined) => Promise<T>,
): Promise<T> {
  if (replace !== undefined || json || io.confirm === null) return make(replace)
  try {
    return await make(false)
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'would_replace') throw error
    if (await io.confirm(`${error.what}, ${error.why}. Replace it?`)) return make(true)
    throw conflict('nothing was changed', 'the candidate stays', 'to replace it without a question: --replace', 'kept')
  }
}
