import type { CommandOf, Handles, Validate } from '../../control/commands.ts'
import { NO_REASON } from '../../control/sentences.ts'
import type { RoomParts } from './room-parts.ts'
import type { AddingRequest } from '../training/plan-training.ts'
import { challenge } from '../training/challengers.ts'
import { retireCandidate } from '../training/retirement.ts'
import type { Asked, Retraining } from '../training/retraining.ts'
import type { Validation } from '../validation/validation-run.ts'
import type { WorkBoard } from '../../work/board.ts'

export interface TrainingParts extends Pick<RoomParts, 'desks' | 'turns' | 'openDesk'> {
  readonly retraining: Retraining
  readonly validation: Validation
  readonly work: WorkBoard
}

type TrainingKind =
  | 'startRetrain'
  | 'retrain'
  | 'startAddingModel'
  | 'addModel'
  | 'retireModel'
  | 'challengeModel'
  | 'startValidation'
  | 'validate'
  | 'cancelWork'

/** New versions: trained here or elsewhere, or held by a server of the user's own, and tried before anybody relies on them. */
export function trainingCommands({
  desks,
  turns,
  retraining,
  validation,
  work,
  openDesk,
}: TrainingParts): Handles<TrainingKind> {
  return {
    startRetrain: (command) => ({ said: retraining.start(openDesk(command.symbol), trainingOf(command)) }),
    retrain: (command) => retraining.run(openDesk(command.symbol), trainingOf(command)),
    startAddingModel: (command) => ({ said: retraining.startAdding(openDesk(command.symbol), modelOf(command)) }),
    addModel: (command) => retraining.add(openDesk(command.symbol), modelOf(command)),
    challengeModel: ({ symbol, version, by, reason }) =>
      turns.take(() => challenge(openDesk(symbol), desks.evidence, version, { by, reason: reason ?? NO_REASON })),
    retireModel: ({ symbol, version, by, reason }) =>
      turns.take(() => retireCandidate(openDesk(symbol), desks.evidence, version, { by, reason: reason ?? NO_REASON })),
    startValidation: (command) => ({ said: validation.start(openDesk(command.symbol), validationOf(command)) }),
    validate: (command) => validation.run(openDesk(command.symbol), validationOf(command)),
    cancelWork: ({ id }) => ({ said: work.cancel(id) }),
  }
}

function trainingOf({
  kind: _,
  symbol: _of,
  byPerson: _person,
  ...asked
}: CommandOf<'retrain' | 'startRetrain'>): Asked {
  return asked
}

function modelOf({
  kind: _,
  symbol: _of,
  byPerson: _person,
  ...asked
}: CommandOf<'addModel' | 'startAddingModel'>): AddingRequest {
  return asked
}

function validationOf({ version, profile }: Validate): Validate {
  return { version, profile }
}
