import type { Command } from 'commander'
import type { RetrainDocument } from '../control/answers.ts'
import type { Profile } from '../engine/models/roles.ts'
import type { ControlRoom } from '../control/control-room.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { GatesDocument } from '../evidence/documents/documents.ts'
import type { CanaryRunDocument } from '../evidence/documents/release-documents.ts'
import type { EvalResultDocument } from '../evidence/documents/validation-documents.ts'
import { BY, runningRoom } from './ask-room.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import { EXIT_TROUBLE, reportError } from './errors.ts'
import { inPrivateRoom } from './private-room.ts'
import { gatesText } from './document-texts.ts'
import { profileOf } from './validate.ts'
import type { Io } from './io.ts'
import { replacing, type ReplacingOptions, withReplacing } from './replacing.ts'

interface PipelineOptions extends CommonOptions, ReplacingOptions {
  readonly version?: string
  readonly features?: string
  readonly profile?: string
}

/** What a candidate goes through on its way. Each step rejects when it is refused. */
interface Steps {
  retrain(): Promise<RetrainDocument>
  validate(version: string): Promise<EvalResultDocument>
  dryRun(): Promise<CanaryRunDocument>
  gates(): Promise<GatesDocument>
}

type StepName = keyof Steps

interface Results {
  retrain: RetrainDocument | null
  validate: EvalResultDocument | null
  dry_run: CanaryRunDocument | null
  gates: GatesDocument | null
}

interface PipelineDocument extends Readonly<Results> {
  readonly version: string | null
  /** What was done, in order, each in one line. */
  readonly steps: readonly { readonly step: StepName; readonly said: string }[]
  /** The step that refused, and why; null when all were gone through. */
  readonly stopped: { readonly step: StepName; readonly why: string } | null
  readonly verdict: GatesDocument['verdict'] | null
}

/** `onay pipeline`: everything up to the prompt, and never beyond it. */
export function addPipeline(program: Command, io: Io): void {
  withReplacing(withCommon(program.command('pipeline')))
    .description('retrain, validate, canary dry run, gates in one go; exit 1 while BLOCKED; never promotes')
    .option('--version <version>', 'what the candidate is called; default the next of its feature set')
    .option('--features <set>', 'the feature set; default the one named like the version, else v1.8.1')
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ')
    .action(async (options: PipelineOptions) => {
      const context = contextOf(options, io)
      const { version, features } = options
      const candidate = { symbol: context.symbol, version, features, profile: profileOf(options.profile) }
      const say = (line: string): void => {
        if (!context.json) io.out(`${line}\n`)
      }
      const replaced: Replaced = (make) => replacing(context, options, make)
      const running = runningRoom(context)
      const { document, error } =
        running === null
          ? await inPrivateRoom(context, 'pipeline', (room) => goThrough(stepsIn(room, candidate, replaced), say), true)
          : await goThrough(stepsIn(running, candidate, replaced), say)
      if (context.json) context.print(document, () => '', 'pipeline/1')
      io.exit(document.verdict === null ? EXIT_TROUBLE : document.verdict === 'ELIGIBLE' ? 0 : 1)
      if (error !== null) reportError(error, io)
    })
}

/** One step after the other. The first that refuses ends it; what is done stays done and is reported. */
async function goThrough(
  steps: Steps,
  say: (line: string) => void,
): Promise<{ document: PipelineDocument; error: unknown }> {
  const done: { step: StepName; said: string }[] = []
  const made: Results = { retrain: null, validate: null, dry_run: null, gates: null }
  const tell = (step: StepName, said: string): void => {
    done.push({ step, said })
    say(`${step.padEnd(10)}${said}`)
  }
  const end = (stopped: PipelineDocument['stopped']): PipelineDocument => ({
    version: made.retrain?.version ?? null,
    steps: done,
    stopped,
    verdict: made.gates?.verdict ?? null,
    ...made,
  })
  let step: StepName = 'retrain'
  try {
    const retrained = await steps.retrain()
    made.retrain = retrained
    tell(step, retrainSaid(retrained))
    step = 'validate'
    made.validate = await steps.validate(retrained.version)
    tell(step, validateSaid(made.validate))
    step = 'dryRun'
    made.dry_run = await steps.dryRun()
    tell(step, dryRunSaid(made.dry_run))
    step = 'gates'
    made.gates = await steps.gates()
    tell(step, `${made.gates.verdict}, ${made.gates.passed} of ${made.gates.of}`)
    say(gatesText(made.gates))
    return { document: end(null), error: null }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    say(`${step.padEnd(10)}refused: ${error.what}: ${error.why}`)
    say(
      done.length === 0 ? 'nothing was done' : `done already, and kept: ${done.map((entry) => entry.step).join(', ')}`,
    )
    return { document: end({ step, why: `${error.what}: ${error.why}` }), error }
  }
}

function retrainSaid({ version, replaced, offline, seconds }: RetrainDocument): string {
  const place = replaced === null ? '' : ` in place of ${replaced.version}`
  return `${version} is in the shadow${place}, AUC ${offline.auc.toFixed(4)}, P@20 ${offline.precision_at_20.toFixed(4)}, ${seconds.toFixed(1)} s`
}

function validateSaid({ verdict, checks, files }: EvalResultDocument): string {
  const failed = checks.filter((check) => !check.pass).map((check) => `${check.check}: ${check.said}`)
  return [`${verdict}, ${files.length} files`, ...failed].join('; ')
}

function dryRunSaid({ status, phases }: CanaryRunDocument): string {
  const reason = phases.at(-1)?.reason ?? ''
  return reason === '' ? status : `${status}: ${reason}`
}

interface Candidate {
  readonly symbol: string | undefined
  readonly version: string | undefined
  readonly features: string | undefined
  readonly profile: Profile | undefined
}

/** Makes the candidate, with a question where it would replace another. */
type Replaced = (make: (replace: boolean | undefined) => Promise<RetrainDocument>) => Promise<RetrainDocument>

/** The steps in a running room, or in one of this process. */
function stepsIn(
  room: Pick<ControlRoom, 'ask' | 'read'>,
  { symbol, version, features, profile }: Candidate,
  replaced: Replaced,
): Steps {
  return {
    retrain: () =>
      replaced((replace) => room.ask({ kind: 'retrain', by: BY, symbol, version, features, profile, replace })),
    validate: (trained) => room.ask({ kind: 'validate', by: BY, symbol, version: trained, profile }),
    dryRun: () => room.ask({ kind: 'rehearseCanary', by: BY, symbol, profile }),
    gates: () => room.read({ kind: 'gates', symbol }),
  }
}
