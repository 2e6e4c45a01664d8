import type { Command } from 'commander'
import { roomAnswer } from '../api/client.ts'
import { monotonicMs } from '../engine/kernel/clock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { isoTime } from '../engine/kernel/units.ts'
import type { OfflineReport } from '../evidence/documents.ts'
import { register } from '../room/registration.ts'
import { planTraining, type TrainingRequest } from '../room/training.ts'
import { runInWorker } from '../work/run.ts'
import { contextOf, parseDuration, parseTime, withCommon, type CommonOptions, type Context } from './context.ts'
import { progressLine } from './progress.ts'
import { asWriter, stopSignal } from './writing.ts'

interface RetrainOptions extends CommonOptions {
  readonly version?: string
  readonly features?: string
  readonly profile?: string
  readonly window?: string
  readonly until?: string
  readonly dryRun?: boolean
}

interface RetrainDocument {
  readonly version: string
  readonly slot: string | null
  readonly offline: OfflineReport
  readonly seconds: number
}

/** `onay retrain`: trains a candidate and puts it into the shadow. */
export function addRetrain(program: Command): void {
  withCommon(program.command('retrain'))
    .description('train a candidate on the last full days and put it into the shadow')
    .option('--version <version>', 'what it is called; default the next of its feature set')
    .option('--features <set>', 'v1.8-b0, v1.8.1 or v1.9; default the set named like the version, else v1.8.1')
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ')
    .option('--window <duration>', 'how much it is trained on, default 14d')
    .option('--until <time>', 'where the window ends, default the last UTC midnight')
    .option('--dry-run', 'train and report, register nothing')
    .action(async (options: RetrainOptions) => {
      const context = contextOf(options)
      const document = await retrain(context, options)
      const { offline } = document
      context.print(document, () =>
        [
          `${document.version}: ${document.slot === null ? 'trained and not kept (dry run)' : `in the ${document.slot} slot`}, ${document.seconds.toFixed(1)} s`,
          `  AUC ${offline.auc.toFixed(4)}, P@20 ${offline.precision_at_20.toFixed(4)}, log loss ${offline.log_loss.toFixed(4)}, ECE ${offline.ece.toFixed(4)} on ${offline.rows} rows`,
          `  ${offline.plain}`,
        ].join('\n'),
      )
    })
}

async function retrain(context: Context, options: RetrainOptions): Promise<RetrainDocument> {
  const request = requestOf(options)
  const answered = await roomAnswer<RetrainDocument>(context.dataDir, 'POST', '/retrain', {
    symbol: context.symbol,
    version: request.version,
    features: request.features,
    profile: request.profile,
    window_ms: request.windowMs,
    until_ms: request.untilMs,
    dry_run: options.dryRun === true,
    wait: true,
  })
  return answered ?? retrainHere(context, request, options.dryRun === true)
}

async function retrainHere(context: Context, request: TrainingRequest, dryRun: boolean): Promise<RetrainDocument> {
  const signal = stopSignal()
  const progress = progressLine(context.json)
  const began = monotonicMs()
  try {
    return await asWriter(context, { what: 'retrain', signal }, async (core) => {
      const { desk, jobs } = core.station(context.symbol)
      const atMs = desk.nowMs()
      const plan = planTraining(desk, context.config, context.dataDir, atMs, request, 'candidate')
      const { version } = plan.task
      const outcome = await runInWorker(
        plan.task,
        (share, step) => progress.say(`${step}, ${Math.round(share * 100)} %`),
        signal,
      )
      if (dryRun)
        return {
          version,
          slot: null,
          offline: { ...outcome.report, timestamp: isoTime(atMs) },
          seconds: outcome.seconds,
        }
      const offline = register(desk, core.evidence, plan, outcome, atMs, context.version)
      core.store.db.transaction(() => jobs.measurePsi(atMs))
      core.drainOutbox()
      return { version, slot: plan.slot, offline, seconds: (monotonicMs() - began) / 1_000 }
    })
  } finally {
    progress.end()
  }
}

function requestOf(options: RetrainOptions): TrainingRequest {
  const { profile } = options
  if (profile !== undefined && profile !== 'equivalent' && profile !== 'improve') {
    throw new OperatorError(
      `there is no profile ${profile}`,
      'it is equivalent or improve',
      'name one of them with --profile',
      'profile',
    )
  }
  return {
    version: options.version,
    features: options.features,
    profile,
    windowMs: options.window === undefined ? undefined : parseDuration(options.window),
    untilMs: options.until === undefined ? undefined : parseTime(options.until),
  }
}
