import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { OperatorError } from '../engine/kernel/errors.ts'
import type {
  DriftOutcome,
  DriftTask,
  FromWorker,
  ReportOutcome,
  ReportTask,
  SmokeOutcome,
  SmokeTask,
  TrainOutcome,
  TrainTask,
  WorkerTask,
} from './task.ts'

/**
 * A training holds 20,000 rows of doubles and little else. It has a process of its own, not a thread: what it took of the
 * memory goes back to the system when it ends, and the system can be told that it may wait.
 */
const MEMORY_MB = 1_024
const LOW_PRIORITY = 10

type OnProgress = (share: number, step: string) => void

/** What is said of a task that does not come to its end. */
interface Words {
  /** Begins "was cancelled", "could not be done". */
  readonly subject: string
  readonly again: string
  readonly failed: { readonly what: string; readonly next: string; readonly code: string }
}

/**
 * Trains in a process of its own, so that no prediction waits for it.
 * @throws OperatorError when the data do not allow it or the signal ends it
 */
export function runInWorker(task: TrainTask, onProgress: OnProgress, signal: AbortSignal): Promise<TrainOutcome> {
  const words = {
    subject: `training ${task.version}`,
    again: 'start it again with: onay retrain',
    failed: {
      what: `${task.version} could not be trained`,
      next: 'choose another window, or bring in more bars',
      code: 'training',
    },
  }
  return inProcess<TrainOutcome>({ ...task, kind: 'train' }, words, onProgress, signal)
}

/** Measures drift from the rows in a process of its own. @throws OperatorError when the signal ends it */
export function runDrift(task: DriftTask, signal: AbortSignal): Promise<DriftOutcome> {
  const words = validationWords(task.reference.version, 'its drift could not be measured')
  return inProcess<DriftOutcome>({ ...task, kind: 'drift' }, words, () => undefined, signal)
}

/**
 * Fires requests from a process of its own: fired from the room's loop, they would wait for the very work that they measure.
 * @throws OperatorError when the signal ends it
 */
export function runSmoke(
  task: SmokeTask,
  version: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<SmokeOutcome> {
  const words = validationWords(version, 'its smoke could not be fired')
  return inProcess<SmokeOutcome>({ ...task, kind: 'smoke' }, words, onProgress, signal)
}

/** Lays the page of a day out in a process of its own. @throws OperatorError when the signal ends it or the day has no report */
export function runReport(task: ReportTask, signal: AbortSignal): Promise<ReportOutcome> {
  const again = `make it again with: onay report daily --date ${task.date} --html`
  const words = {
    subject: `the page of ${task.date}`,
    again,
    failed: { what: `the page of ${task.date} could not be made`, next: again, code: 'report_page' },
  }
  return inProcess<ReportOutcome>({ ...task, kind: 'report' }, words, () => undefined, signal)
}

function validationWords(version: string, failed: string): Words {
  const again = 'start it again with: onay validate'
  return {
    subject: `validating ${version}`,
    again,
    failed: { what: `${version} could not be validated, ${failed}`, next: again, code: 'validation' },
  }
}

function inProcess<Outcome>(
  work: WorkerTask,
  words: Words,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const cancelled = (): OperatorError =>
      new OperatorError(`${words.subject} was cancelled`, 'somebody asked for it', words.again, 'cancelled', 409)
    if (signal.aborted) {
      reject(cancelled())
      return
    }
    const worker = fork(workerFile(), [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${MEMORY_MB}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    giveWay(worker.pid)
    const cancel = (): void => {
      worker.kill('SIGKILL')
      reject(cancelled())
    }
    const finish = (end: () => void): void => {
      signal.removeEventListener('abort', cancel)
      end()
    }
    signal.addEventListener('abort', cancel, { once: true })
    worker.on('message', (message: FromWorker<Outcome>) => {
      switch (message.kind) {
        case 'progress':
          onProgress(message.share, message.step)
          break
        case 'done':
          finish(() => resolve(message.outcome))
          break
        case 'failed':
          finish(() => reject(failure(words, message)))
          break
      }
    })
    worker.on('error', (error) => finish(() => reject(error)))
    worker.on('exit', (code, by) =>
      finish(() => reject(new Error(`the process of ${words.subject} ended with ${code ?? by ?? 'nothing'}`))),
    )
    worker.send(work)
  })
}

function failure(
  { failed }: Words,
  { message, refused, stack }: { message: string; refused: boolean; stack: string },
): Error {
  if (refused) return new OperatorError(failed.what, message, failed.next, failed.code, 422)
  const error = new Error(message)
  error.stack = stack
  return error
}

/** Predictions come first: a machine with few cores gives the work what serving leaves. */
function giveWay(pid: number | undefined): void {
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
