/** Commands that wait for the end of what they have asked for: the room does it, they look. */
import { REAL_PAUSES } from '../room/drivers/pace.ts'
import type { ControlRoom } from '../control/control-room.ts'
import type { ClockView } from '../control/view.ts'
import { percent } from '../engine/kernel/figures.ts'
import { minuteText, type UnixMs } from '../engine/kernel/units.ts'
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { ApprovalDocument, CanaryDocument } from '../evidence/documents/release-documents.ts'
import { stopped, stopSignal } from './as-writer.ts'
import { noRoom, runningRoom } from './ask-room.ts'
import type { Context } from './context.ts'
import { progressLine } from './progress.ts'

const LOOK_EVERY_MS = 500

/** It goes on, and how far it has come; or it has ended, with the exit code that says how. */
type Look = { readonly said: string } | { readonly code: 0 | 1 }

type RunningRoom = Pick<ControlRoom, 'read'>

/**
 * Looks until it has ended; what it says meanwhile is shown on stderr. Ctrl+C ends the waiting alone.
 * @param goesOn what goes on without this, for people. @returns the exit code
 * @throws OperatorError where no room runs, or it ends meanwhile
 */
export async function waitFor(
  context: Context,
  goesOn: string,
  look: (room: RunningRoom) => Promise<Look>,
): Promise<0 | 1> {
  const room = runningRoom(context)
  if (room === null) throw noRoom(`${goesOn} in a running room`)
  const signal = stopSignal(context.io)
  const progress = progressLine(context)
  try {
    for (let said = ''; ; ) {
      const seen = await look(room)
      if ('code' in seen) return seen.code
      said = seen.said
      progress.say(said)
      await REAL_PAUSES.wait(LOOK_EVERY_MS, signal)
      if (signal.aborted) throw stopped('waiting', said, `${goesOn} meanwhile`)
    }
  } finally {
    progress.end()
  }
}

/** How far a recording has come on its way to a stop. Somebody may have sent it elsewhere, or it may have ended before. */
export function clockLook({ stop, marketMs, paused }: ClockView, untilMs: UnixMs): Look {
  if (stop === null || stop.atMs !== untilMs) return { code: marketMs >= untilMs ? 0 : 1 }
  return { said: `${paused ? 'paused at ' : ''}${minuteText(marketMs)} of ${minuteText(untilMs)} UTC` }
}

/** How a canary stands: 0 once it has succeeded, 1 once it has ended otherwise. */
export function canaryLook(canary: CanaryDocument): Look {
  switch (canary.state) {
    case 'awaiting_onay':
      return { said: 'waits for ONAY' }
    case 'ramping':
    case 'holding': {
      const { state, phase, plan, share, until } = canary
      const end = until === null ? '' : ` until ${minuteText(until)} UTC`
      return { said: `${state}, phase ${phase ?? 0} of ${plan.length}, share ${percent(share, 1)}${end}` }
    }
    case 'aborted':
    case 'inconclusive':
      return { code: 1 }
    case 'succeeded':
    case 'idle':
      return { code: 0 }
    default:
      return unreachable(canary.state)
  }
}

/** How a prompt stands: 0 once it was approved and carried out, 1 once it is over otherwise. */
export function promptLook({ state, given, needs }: ApprovalDocument): Look {
  if (state !== 'waiting') return { code: state === 'approved' ? 0 : 1 }
  return { said: needs > 1 ? `waits for ONAY, ${given.length} of ${needs} given` : 'waits for ONAY' }
}

/**
 * As `canaryLook`, of a canary that was just asked for.
 * @param isOpen whether its approval still waits. @param beforeId the run before it: where that is still the last, it was refused
 */
export function startedLook(canary: CanaryDocument, isOpen: boolean, beforeId: string | null): Look {
  if (isOpen) return { said: 'waits for ONAY' }
  const isActive = canary.state === 'ramping' || canary.state === 'holding'
  const isRefused = !isActive && (canary.state === 'idle' || canary.run_id === beforeId)
  return isRefused ? { code: 1 } : canaryLook(canary)
}
