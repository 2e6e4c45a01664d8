import { userInfo } from 'node:os'
import { OperatorError } from '../engine/kernel/errors.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import type { ControlRoom } from '../control/control-room.ts'
import { terminalProblem } from '../tui/terminal.ts'

/** @param instead what can be done without a screen. @throws OperatorError where none can be drawn. */
export function refuseUnfit(instead = 'run the room without a screen: onay serve'): void {
  const problem = terminalProblem(process.stdout, process.stdin)
  if (problem !== null)
    throw new OperatorError('the screen cannot be drawn', problem, `enlarge the terminal, or ${instead}`, 'terminal')
}

/** Shows the room until a person quits or the room ends. */
export async function show(room: ControlRoom, symbol: string | undefined, stop: AbortController): Promise<void> {
  const { runScreen } = await import('../tui/run.tsx')
  await runScreen(room, {
    ...(symbol === undefined ? {} : { symbol }),
    by: userInfo().username,
    stdin: process.stdin,
    stdout: process.stdout,
    env: process.env,
    wallNow: () => wallClock.now(),
    onQuit: () => {
      stop.abort()
      return Promise.resolve()
    },
    signal: stop.signal,
  })
}
