import type { Command } from 'commander'
import { roomAnswer } from '../api/client.ts'
import { monotonicMs } from '../engine/kernel/clock.ts'
import { isoTime } from '../engine/kernel/units.ts'
import type { OfflineReport } from '../evidence/documents.ts'
import { register } from '../room/training/register-model.ts'
import { planTraining, type PlannedTraining, type TrainingRequest } from '../room/training/plan-training.ts'
import type { Desk } from '../room/desk/desk.ts'
import { runTask } from '../work/run.ts'
import type { TrainOutcome } from '../work/task.ts'
import { contextOf, parseDuration, parseTime, withCommon, type CommonOptions, type Context } from './context.ts'
import { progressLine } from './progress.ts'
import { profileOf } from './validate.ts'
import { measureDrift } from '../room/watch/measure-drift.ts'
import { asWriter, stopSignal } from './writing.ts'
import type { Io } from './io.ts'

interface RetrainOptions extends CommonOptions {
  readonly version?: string
  readonly features?: string
  readonly profile?: string
  readonly window?: string
  readonly until?: string
  readonly dryRun?: boolean
}

export interface RetrainDocument {
  readonly version: string
  readonly slot: string | null
  readonly offline: OfflineReport
  readonly seconds: number
}

/** `onay retrain`: trains a candidate and puts it into the shadow. */
export function addRetrain(program: Command, io: Io): void {
  withCommon(program.command('retrain'))
    .description('train a candidate on the last full days and put it into the shadow')
    .option('--version <version>', 'what it is called; default the next of its feature set')
    .option('--features <set>', 'v1.8-b0, v1.8.1 or v1.9; default the set named like the version, else v1.8.1')
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ')
    .option('--window <duration>', 'how much it is trained on, default 14d')
    .option('--until <time>', 'where the window ends, default the last UTC midnight')
    .option('--dry-run', 'train and report, register nothing')
    .action(async (options: RetrainOptions) => {
      const context = contextOf(options, io)
      const document = await retrain(context, options)
      context.print(document, () => retrainText(document))
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
  return candidateHere(context, 'retrain', dryRun, (desk) => {
    const plan = planTraining(desk, context.config, context.dataDir, desk.nowMs(), request, 'candidate')
    return { plan, make: (onProgress, signal) => runTask(plan.task, { signal, onProgress }) }
  })
}

/** How a candidate comes about, once it is clear that it may. */
export interface Making {
  readonly plan: PlannedTraining
  readonly make: (onProgress: (share: number, step: string) => void, signal: AbortSignal) => Promise<TrainOutcome>
}

/** Makes a candidate and puts it into the shadow in a directory whose room does not run. */
export async function candidateHere(
  context: Context,
  what: string,
  dryRun: boolean,
  planned: (desk: Desk) => Making,
): Promise<RetrainDocument> {
  const signal = stopSignal(context.io)
  const progress = progressLine(context)
  const began = monotonicMs()
  try {
    return await asWriter(context, { what }, async (desks) => {
      const desk = desks.of(context.symbol)
      const atMs = desk.nowMs()
      const { plan, make } = planned(desk)
      const { version } = plan.task
      const outcome = await make((share, step) => progress.say(`${step}, ${Math.round(share * 100)} %`), signal)
      if (dryRun)
        return {
          version,
          slot: null,
          offline: { ...outcome.report, timestamp: isoTime(atMs) },
          seconds: outcome.seconds,
        }
      const offline = register(desk, desks.evidence, plan, outcome, atMs, context.version)
      desk.transaction(() => measureDrift(desk, desks.evidence, atMs))
      desks.drainOutbox()
      return { version, slot: plan.slot, offline, seconds: (monotonicMs() - began) / 1_000 }
    })
  } finally {
    progress.end()
  }
}

/** What came of it, for people. */
export function retrainText({ version, slot, offline, seconds }: RetrainDocument): string {
  return [
    `${version}: ${slot === null ? 'trained and not kept (dry run)' : `in the ${slot} slot`}, ${seconds.toFixed(1)} s`,
    `  AUC ${offline.auc.toFixed(4)}, P@20 ${offline.precision_at_20.toFixed(4)}, log loss ${offline.log_loss.toFixed(4)}, ECE ${offline.ece.toFixed(4)} on ${offline.rows} rows`,
    `  ${offline.plain}`,
  ].join('\n')
}

function requestOf(options: RetrainOptions): TrainingRequest {
  return { ...spanOf(options), version: options.version, features: options.features }
}

/** The options that every way to a candidate has. @throws OperatorError for a profile that is none */
export function spanOf({
  profile,
  window,
  until,
}: Pick<RetrainOptions, 'profile' | 'window' | 'until'>): Pick<TrainingRequest, 'profile' | 'windowMs' | 'untilMs'> {
  return {
    profile: profileOf(profile),
    windowMs: window === undefined ? undefined : parseDuration(window),
    untilMs: until === undefined ? undefined : parseTime(until),
  }
}
