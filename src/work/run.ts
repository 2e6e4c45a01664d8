import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { conflict, invalid, OperatorError } from '../engine/kernel/errors.ts'
import type { OnProgress } from '../engine/kernel/progress.ts'
import { spanText } from '../engine/kernel/units.ts'
import { residentMiB } from './resident.ts'
import type { FromWorker, OutcomeOf, WorkerTask } from './task.ts'
import { wordsOf, type TaskWords } from './task-words.ts'

/** A training holds 20,000 rows of doubles and little else. */
const MEMORY_LIMIT_MB = 1_024
const LOOK_AT_MEMORY_MS = 200
const LOW_PRIORITY = 10
/** What V8 writes when its heap is full. */
const HEAP_FULL = 'heap out of memory'
const MAX_STDERR_CHARS = 8_192

export interface RunOptions {
  readonly signal: AbortSignal
  readonly onProgress?: OnProgress
  /** Ended when it takes longer; null for as long as it needs. */
  readonly timeLimitMs?: number | null
  /** Of the whole process, in MiB; 1,024 unless given. */
  readonly memoryLimitMb?: number
}

/**
 * Runs a task in a process of its own, not a thread: what it took of the memory goes back to the system when it ends, the
 * system can be told that it may wait, and no prediction waits for it.
 * @throws OperatorError when the data do not allow it, the signal ends it (`cancelled`), or it is past a limit (`time_limit`,
 *   `memory_limit`)
 */
export function runTask<Task extends WorkerTask>(task: Task, options: RunOptions): Promise<OutcomeOf<Task>> {
  const { signal, onProgress = () => undefined, timeLimitMs = null, memoryLimitMb = MEMORY_LIMIT_MB } = options
  const words = wordsOf(task)
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled(words))
      return
    }
    const worker = fork(workerFile(), [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${memoryLimitMb}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    giveWay(worker.pid)
    const stderr = tailOf(worker)
    const watch = watchMemory(worker, memoryLimitMb, () => stop(overMemory(words, memoryLimitMb)))
    const timer = timeLimitMs === null ? null : setTimeout(() => stop(overTime(words, timeLimitMs)), timeLimitMs)
    let ended = false
    const end = (settle: () => void): void => {
      if (ended) return
      ended = true
      signal.removeEventListener('abort', onAbort)
      if (timer !== null) clearTimeout(timer)
      watch.end()
      settle()
    }
    const stop = (why: OperatorError): void => {
      worker.kill('SIGKILL')
      end(() => reject(why))
    }
    const onAbort = (): void => stop(cancelled(words))
    signal.addEventListener('abort', onAbort, { once: true })
    worker.on('message', (message: FromWorker<OutcomeOf<Task>>) => {
      switch (message.kind) {
        case 'progress':
          if (!ended) onProgress(message.share, message.step)
          break
        case 'done':
          end(() => resolve(message.outcome))
          break
        case 'failed':
          end(() => reject(failure(words, message)))
          break
      }
    })
    worker.on('error', (error) => end(() => reject(error)))
    // And not `exit`: its last words are to be read first.
    worker.on('close', (code, by) => {
      const full = stderr().includes(HEAP_FULL)
      end(() => reject(full ? overMemory(words, memoryLimitMb) : crash(words, code ?? by, stderr())))
    })
    worker.send(task)
  })
}

function cancelled({ subject, again }: TaskWords): OperatorError {
  return conflict(`${subject} was cancelled`, 'it was cancelled by request', again, 'cancelled')
}

function overTime({ failed, again }: TaskWords, limitMs: number): OperatorError {
  return new OperatorError(failed, `it was ended after its limit of ${spanText(limitMs)}`, again, 'time_limit', 500)
}

function overMemory({ failed, again }: TaskWords, limitMb: number): OperatorError {
  const why = `it needed more than its limit of ${limitMb} MB of memory`
  return new OperatorError(failed, why, again, 'memory_limit', 500)
}

function failure(
  { failed, mend, code }: TaskWords,
  { message, refused, stack }: { message: string; refused: boolean; stack: string },
): Error {
  if (refused) return invalid(failed, message, mend, code)
  const error = new Error(message)
  error.stack = stack
  return error
}

function crash({ subject }: TaskWords, end: number | string | null, stderr: string): Error {
  const error = new Error(`the process for ${subject} ended ${end === null ? 'without an exit code' : `with ${end}`}`)
  if (stderr !== '') error.stack = `${error.stack ?? ''}\nits last words:\n${stderr}`
  return error
}

/** Looks at the memory of a process now and then. Its heap is bounded by V8 itself; what lies beside the heap is not. */
function watchMemory(worker: ChildProcess, limitMb: number, onExceeded: () => void): { readonly end: () => void } {
  let ended = false
  let timer: NodeJS.Timeout | null = null
  const look = async (): Promise<void> => {
    const held = worker.pid === undefined ? null : await residentMiB(worker.pid)
    if (ended) return
    if (held !== null && held > limitMb) onExceeded()
    else lookLater()
  }
  const lookLater = (): void => {
    timer = setTimeout(() => void look(), LOOK_AT_MEMORY_MS)
  }
  lookLater()
  return {
    end: () => {
      ended = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}

/** The end of what a process writes on its standard error, which would otherwise tear the screen. */
function tailOf(worker: ChildProcess): () => string {
  let tail = ''
  worker.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = `${tail}${text}`.slice(-MAX_STDERR_CHARS)
  })
  return () => tail
}

/** Predictions come first: a machine with few cores gives the work what serving leaves. */
export function giveWay(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, LOW_PRIORITY)
  } catch {
    // A system that does not allow it runs the work at the usual priority.
  }
}

/** The bundle has the worker beside it; run from the sources, it is the built one that is used. */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./worker.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../dist/worker.js', import.meta.url))
}
