import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
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
      'the registry: list; show VERSION; add FILE: put a model behind HTTP into the shadow; retire VERSION: take it out of there',
    )
    .option('--profile <profile>', 'add: equivalent, meant to agree; improve, meant to differ')
    .option('--window <duration>', 'add: the rows that its server is asked about, default 14d')
    .option('--until <time>', 'add: where the window ends, default the last UTC midnight')
    .option('--reason <text>', 'retire: why')
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
        default:
          throw noSuchCommand('models', what, 'list, show, add and retire', 'models')
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
