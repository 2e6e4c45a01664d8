// The static checks and the tests, at the same time: while the first rooms are waited for, a core is idle. Checks that fail end
// the tests at once.
import { spawn } from 'node:child_process'

// The type checkers collect garbage while they read: within two gigabytes they need not, which halves what they take of the
// processor, and one thread at a time takes less than two that share types.
const sparing = { GOGC: 'off', GOMEMLIMIT: '2GiB', GOMAXPROCS: '1' }
const checks = started('npm', ['run', '--silent', 'check:static'], {
  stdio: ['ignore', 'pipe', 'pipe'],
  env: { ...sparing, ...process.env },
})
// A group of its own, so that the rooms that tests have started end with it.
const tests = started('npx', ['vitest', 'run', ...process.argv.slice(2)], { stdio: 'inherit', detached: true })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tests.end(signal))

const checked = await checks.ended
if (checked !== 0) {
  tests.end('SIGINT')
  await tests.ended
  console.error(`\nThe static checks failed, and the tests were not waited for:\n${checks.output}`)
  process.exit(1)
}
process.exitCode = await tests.ended

function started(command, args, options) {
  const child = spawn(command, args, options)
  const run = {
    output: '',
    ended: new Promise((done) => child.once('close', (code) => done(code ?? 1))),
    end: (signal) => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal)
    },
  }
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (run.output += text))
  return run
}
