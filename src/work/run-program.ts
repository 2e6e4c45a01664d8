import { spawn } from 'node:child_process'
import { OperatorError } from '../engine/kernel/errors.ts'
import { giveWay } from './run.ts'

const MAX_CHARS = 1_048_576

/**
 * Runs this program again with other arguments, so that what takes long is in nobody's way.
 * @param words what starts it, and its arguments
 * @returns what it printed
 * @throws OperatorError with the last line that it said, when it ended with anything but 0 or by the signal
 */
export function runProgram(words: readonly string[], what: string, signal: AbortSignal): Promise<string> {
  const [command = process.execPath, ...args] = words
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' })
    // First: where the system has no descriptor left there are no streams, and the error comes later.
    child.once('error', (error) => reject(signal.aborted ? cancelled(what) : error))
    giveWay(child.pid)
    const [printed, said] = [collected(child.stdout), collected(child.stderr)]
    child.once('close', (code, by) => {
      if (code === 0) return resolve(printed())
      const [last = `it ended by ${code ?? by}`] = said().trim().split('\n').slice(-1)
      reject(
        new OperatorError(
          `${what} failed`,
          last.replace(/^onay: /, ''),
          `try it by hand: onay ${what}`,
          'program',
          500,
        ),
      )
    })
  })
}

function collected(stream: NodeJS.ReadableStream | null | undefined): () => string {
  let text = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (piece: string) => {
    text = (text + piece).slice(-MAX_CHARS)
  })
  return () => text
}

function cancelled(what: string): OperatorError {
  return new OperatorError(`${what} was cancelled`, 'the room closes', 'it is due again', 'cancelled')
}
