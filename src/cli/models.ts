import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { roomAnswer } from '../api/client.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import type { ModelDocument } from '../evidence/documents.ts'
import { measureHttp, planHttp } from '../room/training/http-candidate.ts'
import { modelDocument, modelDocuments } from '../room/queries/readings.ts'
import { contextOf, readHere, withCommon, type CommonOptions, type Context } from './context.ts'
import { candidateHere, type RetrainDocument, retrainText, spanOf } from './retrain.ts'
import { modelsText, modelText } from './texts.ts'
import type { Io } from './io.ts'

interface ModelsOptions extends CommonOptions {
  readonly profile?: string
  readonly window?: string
  readonly until?: string
}

/** `onay models`: the registry, and the way into it for a model that a server of the user's own holds. */
export function addModels(program: Command, io: Io): void {
  withCommon(program.command('models [what] [subject]'))
    .description('the registry: list, show VERSION, or add FILE: a model behind HTTP, into the shadow')
    .option('--profile <profile>', 'add: equivalent, meant to agree; improve, meant to differ')
    .option('--window <duration>', 'add: the rows that its server is asked about, default 14d')
    .option('--until <time>', 'add: where the window ends, default the last UTC midnight')
    .action(async (what: string | undefined, subject: string | undefined, options: ModelsOptions) => {
      const context = contextOf(options, io)
      switch (what ?? 'list') {
        case 'list': {
          const items = readHere(context, (desks) => modelDocuments(desks, context.symbol))
          context.print({ items }, () => modelsText(items))
          break
        }
        case 'show': {
          const version = named(subject, 'no version was named', 'see them with: onay models')
          const document = readHere<ModelDocument>(context, (desks) => modelDocument(desks, context.symbol, version))
          context.print(document, () => modelText(document))
          break
        }
        case 'add': {
          const document = await add(
            context,
            named(subject, 'no file was named', 'name one: onay models add FILE'),
            options,
          )
          context.print(document, () => retrainText(document))
          break
        }
        default:
          throw new OperatorError(`models ${what} is not there`, 'it is list, show or add', 'ask: onay models', 'usage')
      }
    })
}

async function add(context: Context, file: string, options: ModelsOptions): Promise<RetrainDocument> {
  const span = spanOf(options)
  const model = readModel(file)
  const there = await roomAnswer<RetrainDocument>(context.dataDir, 'POST', '/models', {
    symbol: context.symbol,
    model,
    profile: span.profile,
    window_ms: span.windowMs,
    until_ms: span.untilMs,
    wait: true,
  })
  if (there !== null) return there
  return candidateHere(context, 'models add', false, (desk) => {
    const planned = planHttp(desk, context.config, context.dataDir, desk.nowMs(), { ...span, model })
    return { plan: planned.plan, make: (onProgress, signal) => measureHttp(desk, planned, onProgress, signal) }
  })
}

/** The engine reads the fields: here it need only be JSON. */
function readModel(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new OperatorError(`${file} cannot be read as a model`, messageOf(error), 'name a JSON file', 'model_file')
  }
}

function named(subject: string | undefined, what: string, next: string): string {
  if (subject !== undefined) return subject
  throw new OperatorError(what, 'it needs one', next, 'usage')
}
