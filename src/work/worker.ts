/** The worker process: one task a process, its messages are those of `task.ts`. */
import { OperatorError } from '../engine/kernel/errors.ts'
import { unreachable } from '../engine/kernel/unreachable.ts'
import { compareStoredArms } from './ab-task.ts'
import { digestRows } from './digest-task.ts'
import { measureDrift } from './drift-task.ts'
import { tryOnnx } from './onnx-task.ts'
import { rehearseRules } from './rehearse-task.ts'
import { renderReport } from './report-task.ts'
import { fireSmoke } from './smoke-task.ts'
import { trainStoredSet } from './set-task.ts'
import type { FromWorker, OutcomeOf, WorkerTask } from './task.ts'
import { runTraining } from './train-task.ts'

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

function run(task: WorkerTask): Outcome | Promise<Outcome> {
  switch (task.kind) {
    case 'train':
      return runTraining(task, onProgress)
    case 'drift':
      return measureDrift(task)
    case 'smoke':
      return fireSmoke(task, (done) => onProgress(done / task.requests, `${done} of ${task.requests}`))
    case 'report':
      return renderReport(task)
    case 'digest':
      return digestRows(task)
    case 'rehearse':
      return rehearseRules(task)
    case 'ab':
      return compareStoredArms(task)
    case 'set':
      return trainStoredSet(task, onProgress)
    case 'onnx':
      return tryOnnx(task)
    default:
      return unreachable(task)
  }
}
