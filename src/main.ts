/** The command line in, the right command out. */
import { Command, CommanderError } from 'commander'
import { addAttach } from './cli/attach.ts'
import { addAsking } from './cli/asking.ts'
import { addEvidence } from './cli/evidence.ts'
import { addReport } from './cli/report.ts'
import { addImport } from './cli/import.ts'
import { addPipeline } from './cli/pipeline.ts'
import { addModels } from './cli/models.ts'
import { addNotify } from './cli/notify.ts'
import { addReading } from './cli/reading.ts'
import { addReplay } from './cli/replay.ts'
import { addRetrain } from './cli/retrain.ts'
import { addRoom } from './cli/room.ts'
import { addRelease } from './cli/release.ts'
import { addSmoke } from './cli/smoke.ts'
import { addValidate } from './cli/validate.ts'
import { reportError } from './cli/errors.ts'
import { VERSION } from './cli/version.ts'

const program = new Command('onay')
  .description('A control room for letting machine-learning models into trading, one approval at a time.')
  .version(VERSION)
  .showHelpAfterError('(see: onay --help)')
  .enablePositionalOptions()
  .exitOverride()

addRoom(program)
addAttach(program)
addReplay(program)
addReading(program)
addModels(program)
addRetrain(program)
addValidate(program)
addPipeline(program)
addImport(program)
addSmoke(program)
addAsking(program)
addNotify(program)
addReport(program)
addRelease(program)
addEvidence(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 3
  else process.exitCode = reportError(error)
}
