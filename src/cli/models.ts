import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { ScoreboardDocument, ScoredModel } from '../control/answers.ts'
import { sentenceOf } from '../control/sentences.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { ask, readHere } from './ask-room.ts'
import { checkRows } from './check-rows.ts'
import { stopSignal } from './as-writer.ts'
import { contextOf, noSuchCommand, parseTime, withCommon, type CommonOptions } from './context.ts'
import { retrainText, spanOf } from './retrain.ts'
import { modelsText, modelText } from './document-texts.ts'
import type { Io } from './io.ts'
import { type ModelFileOptions, modelToTry, readModelFile } from './model-file.ts'
import { replacing, type ReplacingOptions, withReplacing } from './replacing.ts'

interface ModelsOptions extends CommonOptions, ReplacingOptions, ModelFileOptions {
  readonly profile?: string
  readonly window?: string
  readonly until?: string
  readonly reason?: string
  readonly check?: string
  readonly trainedUntil?: string
}

/** `onay models`: the registry, and how a model that was trained elsewhere gets into it. */
export function addModels(program: Command, io: Io): void {
  withReplacing(withCommon(program.command('models [what] [subject]')))
    .description(
      'the registry: list; show VERSION; add FILE: put a model that was trained elsewhere into the shadow; retire VERSION: take it out of there; challenge VERSION: let it run beside the candidate, unjudged; scoreboard: what each is worth',
    )
    .option('--profile <profile>', 'add: equivalent, meant to agree; improve, meant to differ')
    .option('--version <version>', 'add: what it is called, default as the file says or is called')
    .option('--features <columns>', 'add: its features in its order, where the file does not name them')
    .option('--threshold <probability>', 'add: scores from it on are a signal, default its top 20 % on the window')
    .option('--check <rows>', 'add: rows with what its own library predicts; refused where it says something else here')
    .option('--trained-until <time>', 'add: the end of what it was trained on; only what came later is its window')
    .option('--window <duration>', 'add: the rows that it is asked about, default 14d')
    .option('--until <time>', 'add: where the window ends, default the last UTC midnight')
    .option('--reason <text>', 'retire, challenge: why')
    .action(async (what: string | undefined, subject: string | undefined, options: ModelsOptions) => {
      const context = contextOf(options, io)
      const { symbol } = context
      switch (what ?? 'list') {
        case 'list': {
          const list = await readHere(context, 'models', { symbol })
          context.print(list, () => modelsText(list.items))
          break
        }
        case 'show': {
          const version = named(subject, 'no version was given', 'see them with: onay models')
          const document = await readHere(context, 'model', { symbol, version })
          context.print(document, () => modelText(document))
          break
        }
        case 'add': {
          const path = resolve(io.cwd, named(subject, 'no file was given', 'run: onay models add FILE'))
          const model = readModelFile(path, options)
          const checked =
            options.check === undefined
              ? null
              : checkRows(resolve(io.cwd, options.check), await modelToTry(path, model, stopSignal(io)))
          const trainedUntilMs = options.trainedUntil === undefined ? undefined : parseTime(options.trainedUntil)
          const taken = { symbol, model, ...spanOf(options), trainedUntilMs }
          const document = await replacing(context, options, (replace) =>
            ask(context, 'models add', 'addModel', { ...taken, replace }),
          )
          context.print(document, () => [...checkText(checked), retrainText(document)].join('\n'))
          break
        }
        case 'retire': {
          const version = named(subject, 'no version was given', 'run: onay models retire VERSION')
          const reason = options.reason ?? null
          const document = await ask(context, 'models retire', 'retireModel', { symbol, version, reason })
          context.print(document, () => sentenceOf('retireModel', document))
          break
        }
        case 'challenge': {
          const version = named(subject, 'no version was given', 'run: onay models challenge VERSION')
          const reason = options.reason ?? null
          const document = await ask(context, 'models challenge', 'challengeModel', { symbol, version, reason })
          context.print(document, () => sentenceOf('challengeModel', document))
          break
        }
        case 'scoreboard': {
          const document = await readHere(context, 'scoreboard', { symbol })
          context.print(document, () => scoreboardText(document))
          break
        }
        default:
          throw noSuchCommand('models', what, 'list, show, add, retire, challenge and scoreboard', 'models')
      }
    })
}

function checkText(checked: ReturnType<typeof checkRows> | null): readonly string[] {
  if (checked === null) return []
  return [`${checked.rows} rows predicted as by its own library, at most ${checked.away.toExponential(1)} apart`]
}

function named(subject: string | undefined, what: string, next: string): string {
  if (subject !== undefined) return subject
  throw new OperatorError(what, 'this command needs one', next, 'usage')
}

function scoreboardText({ symbol, items }: ScoreboardDocument): string {
  if (items.length === 0) return `${symbol}: no model has a role yet`
  const width = Math.max(...items.map(({ version }) => version.length))
  const cell = (value: ScoredModel['auc'], digits: number): string =>
    (value === null
      ? '-'
      : `${value.value.toFixed(digits)} (${value.lo.toFixed(digits)}..${value.hi.toFixed(digits)})`
    ).padStart(26)
  return [
    `${symbol}  the last 7 days at most, 95 % intervals`,
    `  ${''.padEnd(width)}  ${'role'.padEnd(10)}${'minutes'.padStart(9)}${'log loss'.padStart(26)}${'AUC'.padStart(26)}${'trades'.padStart(8)}${'bp a trade'.padStart(26)}`,
    ...items.map(
      (one) =>
        `  ${one.version.padEnd(width)}  ${one.role.padEnd(10)}${String(one.n).padStart(9)}${cell(one.log_loss, 4)}${cell(one.auc, 4)}${String(one.trades).padStart(8)}${cell(one.expectancy_bp, 1)}`,
    ),
  ].join('\n')
}
