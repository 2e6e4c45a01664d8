import type { Stopwatch } from '../../engine/kernel/clock.ts'
import { notFound } from '../../engine/kernel/errors.ts'
import type { ServingDoor } from '../../serving/door.ts'
import type { PredictionService } from '../../serving/service.ts'
import type { Desk } from '../desk/desk.ts'
import type { SmokeRuns } from '../validation/smoke-run.ts'

interface ServingDoorParts {
  readonly service: PredictionService
  readonly smokes: SmokeRuns
  readonly stopwatch: Stopwatch
  /** @throws OperatorError 404 for a symbol that the room does not have, 503 while it is not open */
  readonly openDesk: (symbol: string | undefined) => Desk
}

/** Finds the desk that answers: the symbol's own, or for a smoke run one with the run's models in its slots. */
export function servingDoor({ service, smokes, stopwatch, openDesk }: ServingDoorParts): ServingDoor {
  return {
    stopwatch,
    ask: ({ symbol, features, key, acceptedMs, smokeRun }, asker) => {
      const desk = openDesk(symbol)
      if (smokeRun === null) return service.ask(desk, { source: 'caller', features, key, acceptedMs }, asker)
      const onShadow = smokes.listener(smokeRun)
      if (onShadow === null)
        throw notFound(
          'there is no such smoke run',
          'it has ended, or the room was restarted',
          'run it again',
          'no_run',
        )
      const answering = smokes.deskOf(smokeRun, desk)
      return service.ask(answering, { source: 'smoke', features, key, acceptedMs, onShadow }, asker)
    },
  }
}
