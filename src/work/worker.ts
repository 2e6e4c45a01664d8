/** The worker process: one task a process, its messages are those of `task.ts`. */
import { OperatorError } from '../engine/kernel/errors.ts'
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { FromWorker, OutcomeOf, WorkerTask } from './task.ts'

type Outcome = OutcomeOf<WorkerTask>

const send = (message: FromWorker<Outcome>): void => {
  process.send?.(message)
}
/** The last word. The channel stays open until all of it has gone: a large outcome does not fit the pipe at once. */
const end = (message: FromWorker<Outcome>): void => {
  process.send?.(message, () => process.disconnect())
}
const room = process.ppid
const onProgress = (share: number, step: string): void => {
  // While a task works it hears nothing of a room that was killed.
  if (process.ppid !== room) process.exit()
  send({ kind: 'progress', share, step })
}

// By itself Node would open its inspector.
process.on('SIGUSR1', () => undefined)
// A room that died takes its work with it.
process.on('disconnect', () => process.exit())
// The room sends a task that it made itself, one a process.
process.once('message', (task: WorkerTask) => void work(task))

async function work(task: WorkerTask): Promise<void> {
  try {
    end({ kind: 'done', outcome: await run(task) })
  } catch (error) {
    const refused = error instanceof RangeError || error instanceof OperatorError
    const thrown = error instanceof Error ? error : new Error(String(error))
    end({ kind: 'failed', message: thrown.message, refused, stack: thrown.stack ?? '' })
  }
}

/** A part is loaded when its task is there: most tasks take less time than it would take to load them all. */
async function run(task: WorkerTask): Promise<Outcome> {
  switch (task.kind) {
    case 'train':
      return (await import('./train-task.ts')).runTraining(task, onProgress)
    case 'drift':
      return (await import('./drift-task.ts')).measureDrift(task)
    case 'smoke':
      return (await import('./smoke-task.ts')).fireSmoke(task, (done) =>
        onProgress(done / task.requests, `${done} of ${task.requests}`),
      )
    case 'report':
      return (await import('./report-task.ts')).renderReport(task)
    case 'digest':
      return (await import('./digest-task.ts')).digestRows(task)
    case 'rehearse':
      return (await import('./rehearse-task.ts')).rehearseRules(task)
    case 'ab':
      return (await import('./ab-task.ts')).compareStoredArms(task)
    case 'set':
      return (await import('./set-task.ts')).trainStoredSet(task, onProgress)
    case 'onnx':
      return (await import('./onnx-task.ts')).tryOnnx(task, onProgress)
    default:
      return unreachable(task)
  }
}
