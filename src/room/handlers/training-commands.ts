import type { AddModel, Handles, Retrain, Validate } from '../../control/commands.ts'
import type { RoomParts } from './room-parts.ts'
import type { HttpCandidateRequest } from '../training/http-candidate.ts'
import type { Retraining } from '../training/retraining.ts'
import type { Validation } from '../validation/validation-run.ts'
import type { WorkBoard } from '../../work/board.ts'

export interface TrainingParts extends Pick<RoomParts, 'openDesk'> {
  readonly retraining: Retraining
  readonly validation: Validation
  readonly work: WorkBoard
}

type TrainingKind =
  | 'startRetrain'
  | 'retrain'
  | 'startAddingModel'
  | 'addModel'
  | 'startValidation'
  | 'validate'
  | 'cancelWork'

/** New versions: trained here, or held by a server of the user's own, and tried before anybody relies on them. */
export function trainingCommands({ retraining, validation, work, openDesk }: TrainingParts): Handles<TrainingKind> {
  return {
    startRetrain: (command) => ({ said: retraining.start(openDesk(command.symbol), trainingOf(command)) }),
    retrain: (command) => retraining.run(openDesk(command.symbol), trainingOf(command)),
    startAddingModel: (command) => ({ said: retraining.startAdding(openDesk(command.symbol), modelOf(command)) }),
    addModel: (command) => retraining.add(openDesk(command.symbol), modelOf(command)),
    startValidation: (command) => ({ said: validation.start(openDesk(command.symbol), validationOf(command)) }),
    validate: (command) => validation.run(openDesk(command.symbol), validationOf(command)),
    cancelWork: ({ id }) => ({ said: work.cancel(id) }),
  }
}

function trainingOf({ version, features, profile, windowMs, untilMs, dryRun }: Retrain): Retrain {
  return { version, features, profile, windowMs, untilMs, dryRun }
}

function modelOf({ model, profile, windowMs, untilMs }: AddModel): HttpCandidateRequest {
  return { model, profile, windowMs, untilMs }
}

function validationOf({ version, profile }: Validate): Validate {
  return { version, profile }
}
