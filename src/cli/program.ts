/** The command line: which part knows a command, and what the program ends with. */
import { Command, CommanderError, Option } from 'commander'
import { errorDocument, EXIT_TROUBLE, plainJson, plainText, reportError } from './errors.ts'
import { addGuides, COMMON, HELP_LAYOUT } from './help.ts'
import type { Io } from './io.ts'
import { VERSION } from './version.ts'

type Part = (program: Command, io: Io) => void

/** A part is loaded when one of its commands runs: a short command is done before all of the program could be read. */
const PARTS: readonly { readonly commands: readonly string[]; readonly load: () => Promise<Part> }[] = [
  { commands: ['start', 'serve'], load: async () => (await import('./room.ts')).addRoom },
  { commands: ['attach'], load: async () => (await import('./attach.ts')).addAttach },
  { commands: ['replay'], load: async () => (await import('./replay.ts')).addReplay },
  { commands: ['status'], load: async () => (await import('./status.ts')).addStatus },
  { commands: ['events'], load: async () => (await import('./events.ts')).addEvents },
  { commands: ['predict'], load: async () => (await import('./predict.ts')).addPredict },
  { commands: ['backup', 'restore'], load: async () => (await import('./backup.ts')).addBackups },
  { commands: ['calibrate'], load: async () => (await import('./calibrate.ts')).addCalibrate },
  { commands: ['rehearse'], load: async () => (await import('./rehearse.ts')).addRehearse },
  { commands: ['ensemble'], load: async () => (await import('./ensemble.ts')).addEnsemble },
  { commands: ['drift'], load: async () => (await import('./drift.ts')).addDrift },
  { commands: ['gates', 'psi', 'features'], load: async () => (await import('./gates-psi-features.ts')).addReading },
  { commands: ['paper'], load: async () => (await import('./paper.ts')).addPaper },
  { commands: ['execution'], load: async () => (await import('./execution.ts')).addExecution },
  { commands: ['paper-retrain'], load: async () => (await import('./paper-retrain.ts')).addPaperRetrain },
  { commands: ['models'], load: async () => (await import('./models.ts')).addModels },
  { commands: ['retrain'], load: async () => (await import('./retrain.ts')).addRetrain },
  { commands: ['validate'], load: async () => (await import('./validate.ts')).addValidate },
  { commands: ['pipeline'], load: async () => (await import('./pipeline.ts')).addPipeline },
  { commands: ['ab'], load: async () => (await import('./ab.ts')).addAb },
  { commands: ['import'], load: async () => (await import('./import.ts')).addImport },
  { commands: ['smoke'], load: async () => (await import('./smoke.ts')).addSmoke },
  { commands: ['speed', 'token', 'config'], load: async () => (await import('./speed-token-config.ts')).addAsking },
  { commands: ['notify'], load: async () => (await import('./notify.ts')).addNotify },
  { commands: ['report'], load: async () => (await import('./report.ts')).addReport },
  {
    commands: ['canary', 'approvals', 'approve', 'reject', 'promote', 'rollback'],
    load: async () => (await import('./release.ts')).addRelease,
  },
  { commands: ['kill'], load: async () => (await import('./kill.ts')).addKill },
  { commands: ['ticks'], load: async () => (await import('./ticks.ts')).addTicks },
  { commands: ['checklist'], load: async () => (await import('./checklist.ts')).addChecklist },
  { commands: ['init'], load: async () => (await import('./init.ts')).addInit },
  { commands: ['doctor'], load: async () => (await import('./doctor.ts')).addDoctor },
  { commands: ['completion'], load: async () => (await import('./completion.ts')).addCompletion },
  { commands: ['schedule'], load: async () => (await import('./schedule.ts')).addSchedule },
  { commands: ['evidence'], load: async () => (await import('./evidence.ts')).addEvidence },
]

/**
 * Runs one command line, without the program's name in front.
 * @returns the exit code: 0 done, 1 a verdict that says no, 3 trouble
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code = 0
  let isPrinted = false
  const plain = args.includes('--json') ? plainJson : plainText
  const exit = (to: number): void => {
    code = to
    io.exit(to)
  }
  const out = (text: string): void => {
    isPrinted = true
    io.out(plain(text))
  }
  // One document is promised: where a command has printed its own, the error stands on stderr alone.
  const document = (error: object): void => {
    if (args.includes('--json') && !isPrinted) out(`${JSON.stringify({ error })}\n`)
  }
  try {
    const program = programOf({ ...io, out })
    const line = await withDefault(args, io)
    for (const { load } of partsFor(line)) (await load())(program, { ...io, out, exit })
    addGuides(program)
    await program.parseAsync(line, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0)
        document({ code: 'usage', message: oneLine(error.message), next: `see: ${helpFor(args)}` })
      exit(error.exitCode === 0 ? 0 : EXIT_TROUBLE)
    } else {
      document(errorDocument(error))
      exit(reportError(error, io))
    }
  }
  return code
}

function programOf(io: Io): Command {
  return new Command('onay')
    .description('A control room for letting machine-learning models into trading, one approval at a time.')
    .version(VERSION)
    .addHelpOption(new Option('-h, --help', 'show this help').helpGroup(COMMON))
    .configureHelp(HELP_LAYOUT)
    .showHelpAfterError('(see: onay --help)')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
}

/** A line that names no command opens the room; a word that is not a command never does, wherever it stands. */
async function withDefault(args: readonly string[], io: Io): Promise<readonly string[]> {
  const [first] = args
  if (first === undefined) return ['start']
  if (!first.startsWith('-') || ['-h', '--help', '-V', '--version'].includes(first)) return args
  const word = await wordIn(args, io)
  if (word === undefined) return ['start', ...args]
  const at = args.indexOf(word)
  return [word, ...args.slice(0, at), ...args.slice(at + 1)]
}

/** The first word of a line that begins with options: what is neither an option nor the value of one. */
async function wordIn(args: readonly string[], io: Io): Promise<string | undefined> {
  const silent = { ...io, out: () => undefined, err: () => undefined }
  const probe = programOf(silent)
  for (const { load } of partsFor(['start'])) (await load())(probe, silent)
  const start = probe.commands.find((command) => command.name() === 'start')
  return start?.parseOptions([...args]).operands[0]
}

/** The part of the command that is named, or all of them, where it is help that lists them. */
function partsFor([first]: readonly string[]): typeof PARTS {
  if (first === '--version' || first === '-V') return []
  // A completion is made of every command.
  if (first === 'completion') return PARTS
  const own = PARTS.filter(({ commands }) => commands.includes(first ?? ''))
  return own.length > 0 ? own : PARTS
}

function oneLine(message: string): string {
  return message.replace(/^error: /, '').replaceAll('\n', ' ')
}

function helpFor([first]: readonly string[]): string {
  const isKnown = PARTS.some(({ commands }) => commands.includes(first ?? ''))
  return isKnown ? `onay ${first} --help` : 'onay --help'
}
