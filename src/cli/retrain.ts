import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { FeatureSetFields } from '../api/own-fields.ts'
import type { RetrainDocument } from '../control/answers.ts'
import type { FeatureSet } from '../engine/features/catalogue.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { minuteText } from '../engine/kernel/units.ts'
import type { Retrain } from '../control/commands.ts'
import { ask } from './ask-room.ts'
import { contextOf, parseDuration, parseTime, withCommon, type CommonOptions } from './context.ts'
import { profileOf } from './validate.ts'
import type { Io } from './io.ts'
import { replacing, type ReplacingOptions, withReplacing } from './replacing.ts'

interface RetrainOptions extends CommonOptions, ReplacingOptions {
  readonly version?: string
  readonly features?: string
  readonly profile?: string
  readonly window?: string
  readonly until?: string
  readonly dryRun?: boolean
}

/** `onay retrain`: trains a candidate and puts it into the shadow. */
export function addRetrain(program: Command, io: Io): void {
  withReplacing(withCommon(program.command('retrain')))
    .description('train a candidate on the last full days and put it into the shadow')
    .option('--version <version>', 'what it is called; default the next of its feature set')
    .option(
      '--features <set>',
      'v1.8-b0, v1.8.1, v1.9, or a file with a set of your own; default the set named like the version, else v1.8.1',
    )
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ')
    .option('--window <duration>', 'how much it is trained on, default 14d')
    .option('--until <time>', 'where the window ends, default the last UTC midnight')
    .option('--dry-run', 'train and report, register nothing')
    .action(async (options: RetrainOptions) => {
      const context = contextOf(options, io)
      const { version, features, dryRun } = options
      const set = features === undefined ? undefined : setOf(resolve(io.cwd, features), features)
      const taken = { symbol: context.symbol, version, features: set, ...spanOf(options), dryRun: dryRun === true }
      const document = await replacing(context, options, (replace) =>
        ask(context, 'retrain', 'retrain', { ...taken, replace }),
      )
      context.print(document, () => retrainText(document))
    })
}

/** A file that is there has a set of the user's own; anything else is the name of one. */
function setOf(path: string, name: string): FeatureSet | string {
  if (!existsSync(path) && !name.endsWith('.json')) return name
  try {
    return FeatureSetFields.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new OperatorError(
      `no feature set can be read from ${path}`,
      error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : messageOf(error),
      'write it like {"name": "mine", "model": ["funding_rate", "rsi14_z"], "drift": ["funding_rate"]}',
      'set_file',
    )
  }
}

/** What came of it, for people. */
export function retrainText({ version, slot, replaced, offline, seconds }: RetrainDocument): string {
  return [
    `${version}: ${slot === null ? 'trained and not kept (dry run)' : `in the ${slot} slot`}, ${seconds.toFixed(1)} s`,
    ...(replaced === null
      ? []
      : [
          `  ${replaced.version} left the shadow, where it had ${replaced.comparisons} comparisons since ${minuteText(replaced.since)} UTC`,
        ]),
    `  AUC ${offline.auc.toFixed(4)}, P@20 ${offline.precision_at_20.toFixed(4)}, log loss ${offline.log_loss.toFixed(4)}, ECE ${offline.ece.toFixed(4)} on ${offline.rows} rows`,
    `  ${offline.plain}`,
  ].join('\n')
}

/** The options that every way to a candidate has. @throws OperatorError for one that is not valid */
export function spanOf({
  profile,
  window,
  until,
}: Pick<RetrainOptions, 'profile' | 'window' | 'until'>): Pick<Retrain, 'profile' | 'windowMs' | 'untilMs'> {
  return {
    profile: profileOf(profile),
    windowMs: window === undefined ? undefined : parseDuration(window),
    untilMs: until === undefined ? undefined : parseTime(until),
  }
}
