import { OperatorError } from '../engine/kernel/errors.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import type { ControlRoom } from '../control/control-room.ts'
import { loginName } from '../room/safety/login.ts'
import { terminalProblem } from '../tui/terminal.ts'

/** @param instead what can be done without a screen. @throws OperatorError where none can be drawn. */
export function refuseUnfit(instead = 'run the room without a screen: onay serve'): void {
  const problem = terminalProblem(process.stdout, process.stdin)
  if (problem !== null)
    throw new OperatorError('the screen cannot be drawn', problem, `enlarge the terminal, or ${instead}`, 'terminal')
}

/**
 * Shows the room until a person leaves or the room ends; leaving ends the room, unless it is to run on.
 * @param onDetach called when a person has left the room to run without a screen
 */
export async function show(
  room: ControlRoom,
  symbol: string | undefined,
  stop: AbortController,
  onDetach: () => void = () => undefined,
): Promise<void> {
  const { runScreen } = await import('../tui/run.tsx')
  let detached = false
  await runScreen(room, {
    ...(symbol === undefined ? {} : { symbol }),
    by: loginName(),
    stdin: process.stdin,
    stdout: process.stdout,
    env: process.env,
    wallNow: () => wallClock.now(),
    onQuit: (how) => {
      detached = how === 'detach'
      if (detached) onDetach()
      return Promise.resolve()
    },
    signal: stop.signal,
  })
  // Also where the terminal is gone: nobody has said that the room is to run on.
  if (!detached) stop.abort()
}
