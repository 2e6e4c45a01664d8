/** A screen on a real terminal over a fake room; prints what was asked of the room once the terminal is given back. */
import { wallClock } from '../../../src/engine/kernel/clock.ts'
import { terminalProblem } from '../../../src/tui/terminal.ts'
import { runScreen } from '../../../src/tui/run.tsx'
import { COMMAND_ANSWERS } from '../../kit/answers.ts'
import { FakeRoom } from '../../kit/fake-room.ts'
import { SHADOW } from '../../kit/views.ts'

const room = new FakeRoom(SHADOW)
const ended = new AbortController()
process.on('SIGTERM', () => ended.abort())

const problem = terminalProblem(process.stdout, process.stdin)
if (problem === null) {
  if (process.argv[2] === 'crash') {
    room.commands = {
      ...room.commands,
      setSpeed: () => {
        void Promise.reject(new Error('a bug'))
        return COMMAND_ANSWERS.setSpeed
      },
    }
  }
  await runScreen(room, {
    by: 'mia',
    stdin: process.stdin,
    stdout: process.stdout,
    env: process.env,
    wallNow: () => wallClock.now(),
    onQuit: async (how) => console.log(`${how} was asked`),
    signal: ended.signal,
  })
  console.log(`asked: ${room.asked.join(', ')}`)
} else {
  console.log(problem)
}
