import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { ScoreboardDocument, ScoredModel } from '../control/answers.ts'
import { sentenceOf } from '../control/sentences.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { ask, readHere } from './ask-room.ts'
import { contextOf, noSuchCommand, withCommon, type CommonOptions } from './context.ts'
import { retrainText, spanOf } from './retrain.ts'
import { modelsText, modelText } from './document-texts.ts'
import type { Io } from './io.ts'
import { replacing, type ReplacingOptions, withReplacing } from './replacing.ts'

interface ModelsOptions extends CommonOptions, ReplacingOptions {
  readonly profile?: string
  readonly window?: string
  readonly until?: string
  readonly reason?: string
}

/** `onay models`: the registry, and how a model on a server of the user's own gets into it. */
export function addModels(program: Command, io: Io): void {
  withReplacing(withCommon(program.command('models [what] [subject]')))
    .description(
      'the registry: list; show VERSION; add FILE: put a model behind HTTP into the shadow; retire VERSION: take it out of there; challenge VERSION: let it run beside the candidate, unjudged; scoreboard: what each is worth',
    )
    .option('--profile <profile>', 'add: equivalent, meant to agree; improve, meant to differ')
    .option('--window <duration>', 'add: the rows that its server is asked about, default 14d')
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
          const model = readModel(named(subject, 'no file was given', 'run: onay models add FILE'))
          const taken = { symbol, model, ...spanOf(options) }
          const document = await replacing(context, options, (replace) =>
            ask(context, 'models add', 'addModel', { ...taken, replace }),
          )
          context.print(document, () => retrainText(document))
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

/** Here it need only be JSON: the engine reads the fields. */
function readModel(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new OperatorError(`${file} cannot be read as a model`, messageOf(error), 'give a JSON file', 'model_file')
  }
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
