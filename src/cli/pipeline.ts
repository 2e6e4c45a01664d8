import type { Command } from 'commander'
import { roomAnswer } from '../api/client.ts'
import { holderOf } from '../db/lock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { GatesDocument } from '../evidence/documents.ts'
import type { CanaryRunDocument } from '../evidence/release-documents.ts'
import type { EvalResultDocument } from '../evidence/validation-documents.ts'
import { runDryRun } from '../room/release/canary-dryrun.ts'
import { gatesNow } from '../room/queries/readings.ts'
import type { Retrained } from '../room/training/retraining.ts'
import { contextOf, withCommon, type CommonOptions, type Context } from './context.ts'
import { EXIT_TROUBLE, reportError } from './errors.ts'
import type { LiveRoom } from '../room/live-room.ts'
import { inPrivateRoom } from './private-room.ts'
import { gatesText } from './texts.ts'
import { profileOf, validateHere, validateThere } from './validate.ts'
import type { Io } from './io.ts'

interface PipelineOptions extends CommonOptions {
  readonly version?: string
  readonly features?: string
  readonly profile?: string
}

interface Asked {
  readonly version: string | undefined
  readonly features: string | undefined
  readonly profile: 'equivalent' | 'improve' | undefined
}

/** What a candidate goes through on its way, in a running room or in one of this process. Each rejects when it is refused. */
interface Steps {
  retrain(): Promise<Retrained>
  validate(version: string): Promise<EvalResultDocument>
  dryRun(): Promise<CanaryRunDocument>
  gates(): Promise<GatesDocument>
}

type StepName = keyof Steps

interface Made {
  retrain: Retrained | null
  validate: EvalResultDocument | null
  dry_run: CanaryRunDocument | null
  gates: GatesDocument | null
}

interface PipelineDocument extends Readonly<Made> {
  readonly version: string | null
  /** What was done, in order, each in one line. */
  readonly steps: readonly { readonly step: StepName; readonly said: string }[]
  /** The step that refused, and why; null when all were gone through. */
  readonly stopped: { readonly step: StepName; readonly why: string } | null
  readonly verdict: GatesDocument['verdict'] | null
}

/** `onay pipeline`: everything up to the prompt, and never beyond it. */
export function addPipeline(program: Command, io: Io): void {
  withCommon(program.command('pipeline'))
    .description('retrain, validate, canary dry run, gates in one go; exit 1 while BLOCKED; never promotes')
    .option('--version <version>', 'what the candidate is called; default the next of its feature set')
    .option('--features <set>', 'the feature set; default the one named like the version, else v1.8.1')
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ')
    .action(async (options: PipelineOptions) => {
      const context = contextOf(options, io)
      const asked = { version: options.version, features: options.features, profile: profileOf(options.profile) }
      const say = (line: string): void => {
        if (!context.json) io.out(`${line}\n`)
      }
      const running = (holderOf(context.dataDir)?.url ?? null) !== null
      const { document, error } = running
        ? await goThrough(stepsThere(context, asked), say)
        : await inPrivateRoom(context, 'pipeline', (room) => goThrough(stepsHere(context, room, asked), say))
      if (context.json) context.print(document, () => '')
      io.exit(document.verdict === null ? EXIT_TROUBLE : document.verdict === 'ELIGIBLE' ? 0 : 1)
      if (error !== null) reportError(error, io)
    })
}

/** One step after the other. The first that refuses ends it; what is done stays done and is told. */
async function goThrough(
  steps: Steps,
  say: (line: string) => void,
): Promise<{ document: PipelineDocument; error: unknown }> {
  const done: { step: StepName; said: string }[] = []
  const made: Made = { retrain: null, validate: null, dry_run: null, gates: null }
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
    tell(step, `${made.gates.verdict}, ${made.gates.passed} of 6`)
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

function retrainSaid({ version, offline, seconds }: Retrained): string {
  return `${version} is in the shadow, AUC ${offline.auc.toFixed(4)}, P@20 ${offline.precision_at_20.toFixed(4)}, ${seconds.toFixed(1)} s`
}

function validateSaid({ verdict, checks, files }: EvalResultDocument): string {
  const failed = checks.filter((check) => !check.pass).map((check) => `${check.check}: ${check.said}`)
  return [`${verdict}, ${files.length} files`, ...failed].join('; ')
}

function dryRunSaid({ status, phases }: CanaryRunDocument): string {
  const reason = phases.at(-1)?.reason ?? ''
  return reason === '' ? status : `${status}: ${reason}`
}

/** Asked of the room that runs. */
function stepsThere(context: Context, { version, features, profile }: Asked): Steps {
  const { dataDir, symbol } = context
  const query = symbol === undefined ? '' : `?symbol=${encodeURIComponent(symbol)}`
  return {
    retrain: () =>
      answered(roomAnswer<Retrained>(dataDir, 'POST', '/retrain', { symbol, version, features, profile, wait: true })),
    validate: (trained) => answered(validateThere(context, { version: trained, profile })),
    dryRun: () =>
      answered(roomAnswer<CanaryRunDocument>(dataDir, 'POST', '/canary/start', { symbol, profile, live: false })),
    gates: () => answered(roomAnswer<GatesDocument>(dataDir, 'GET', `/gates${query}`)),
  }
}

/** Done in a room of this process. */
function stepsHere(context: Context, room: LiveRoom, { version, features, profile }: Asked): Steps {
  const { desks } = room
  return {
    retrain: () =>
      room.retraining.run(room.openDesk(context.symbol), {
        version,
        features,
        profile,
      }),
    validate: (trained) => validateHere(context, room, { version: trained, profile }),
    dryRun: () => runDryRun(desks, context.symbol, profile === undefined ? {} : { profile }),
    gates: () => Promise.resolve(gatesNow(desks, room.judging.judge, context.symbol, 'now')),
  }
}

async function answered<T>(answer: Promise<T | null>): Promise<T> {
  const given = await answer
  if (given !== null) return given
  throw new OperatorError('the room has gone', 'it ended meanwhile', 'start it and run again', 'no_room', 503)
}
