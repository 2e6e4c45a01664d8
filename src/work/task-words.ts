import { unreachable } from '../engine/kernel/unreachable.ts'
import type { WorkerTask } from './task.ts'

/** The words for people about a task that does not finish. */
export interface TaskWords {
  /** What the task does: "was cancelled" can follow. */
  readonly subject: string
  readonly failed: string
  /** What to do when the data do not allow it. */
  readonly mend: string
  /** How to start it again. */
  readonly again: string
  /** Of the error, for programs. */
  readonly code: string
}

export function wordsOf(task: WorkerTask): TaskWords {
  switch (task.kind) {
    case 'train':
      return {
        subject: `training ${task.version}`,
        failed: `${task.version} could not be trained`,
        mend: 'choose another window, or bring in more bars',
        again: 'start it again with: onay retrain',
        code: 'training',
      }
    case 'drift':
      return validation(task.reference.version, 'its drift could not be measured')
    case 'smoke':
      return validation(task.version, 'its smoke test could not be run')
    case 'report': {
      const again = `make it again with: onay report daily --date ${task.date} --html`
      const subject = `the page of ${task.date}`
      return { subject, failed: `${subject} could not be made`, mend: again, again, code: 'report_page' }
    }
    case 'digest': {
      const subject = `the digest of ${task.date}`
      const again = 'it is made again after the next start'
      return { subject, failed: `${subject} could not be made`, mend: again, again, code: 'digest' }
    }
    case 'ab': {
      const subject = `comparing ${task.armA} and ${task.armB}`
      return {
        subject,
        failed: `${task.armA} and ${task.armB} could not be compared`,
        mend: 'choose other arms, or another moment',
        again: 'start it again with: onay ab',
        code: 'ab',
      }
    }
    case 'rehearse':
      return {
        subject: `the rehearsal on ${task.version}`,
        failed: `the rehearsal on ${task.version} failed`,
        mend: 'name fewer days',
        again: 'start it again with: onay rehearse',
        code: 'rehearsal',
      }
    case 'set':
      return {
        subject: `training ${task.version}`,
        failed: `${task.version} could not be trained`,
        mend: 'wait for more rows, or bring in more bars',
        again: 'start it again with: onay paper-retrain',
        code: 'training',
      }
    case 'onnx':
      return {
        subject: `trying ${task.version}`,
        failed: `${task.version} cannot be used as a model`,
        mend: 'see docs/own-models.md for what is read',
        again: 'start it again with: onay models add',
        code: 'model_file',
      }
    default:
      return unreachable(task)
  }
}

function validation(version: string, why: string): TaskWords {
  const again = 'start it again with: onay validate'
  const failed = `${version} could not be validated, ${why}`
  return { subject: `validating ${version}`, failed, mend: again, again, code: 'validation' }
}
