/** The command line in, the right command out. */
import module from 'node:module'
import { processIo } from './cli/io.ts'

// Node 22 and later keep what they have compiled; the program is loaded only then, so that it is kept.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache()

// By itself Node would open its inspector, which runs code for anybody on this machine.
process.on('SIGUSR1', () => undefined)

const { run } = await import('./cli/program.ts')
await run(process.argv.slice(2), processIo())
