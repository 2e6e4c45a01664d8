/** Columns of the user's own: `onay features add FILE`, and `onay import features FILE`. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { askRoom, readRoom } from '../api/client.ts'
import { ColumnsFile } from '../api/own-fields.ts'
import type { KeyedOutcome, SaidOutcome } from '../control/own-commands.ts'
import type { DeclaredDocument, OutcomesDocument, OwnValuesDocument } from '../control/own-answers.ts'
import { sentenceOf } from '../control/sentences.ts'
import type { OwnColumn } from '../engine/features/own-column.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { MINUTE_MS } from '../engine/kernel/units.ts'
import { ownValuesOf } from '../feeds/own-values-file.ts'
import { declareColumns } from '../room/desk/declarations.ts'
import { addTo, importValues, pushedOf, surveyValues, takeOutcomes } from '../room/drivers/own-values.ts'
import { minutesOfOutcomes } from '../room/handlers/outcome-keys.ts'
import { asWriter, stopSignal } from './as-writer.ts'
import { BY, isRunning, noRoom } from './ask-room.ts'
import { type Context, symbolOf } from './context.ts'
import { readOutcomes, refuseContradictions } from './outcomes-file.ts'

const OUTCOMES_AT_A_TIME = 1_000

/** Where no room runs, the directory may be new: columns are declared before the first bar. */
export async function addColumns(context: Context, file: string | undefined): Promise<void> {
  if (file === undefined)
    throw new OperatorError(
      'no file was given',
      'it says which columns there are',
      'run: onay features add FILE',
      'usage',
    )
  const columns = readColumns(resolve(context.io.cwd, file))
  const symbol = symbolOf(context)
  const answer = isRunning(context.dataDir)
    ? await askRoom(context.dataDir, { kind: 'declareFeatures', by: BY, symbol, columns })
    : await asWriter(
        context,
        { what: 'features add', symbols: [symbol] },
        (desks): DeclaredDocument => declareColumns(desks.of(symbol), columns),
      )
  if (answer === null) throw noRoom('it ended meanwhile: run this again')
  context.print(answer, () => sentenceOf('declareFeatures', answer), 'features_declared/1')
}

export async function importFeatures(context: Context, path: string): Promise<void> {
  const symbol = symbolOf(context)
  const how = { wallMs: wallClock.now(), signal: stopSignal(context.io) }
  const answer = isRunning(context.dataDir)
    ? await sendValues(context, symbol, path, how)
    : await asWriter(context, { what: 'import features', symbols: [symbol] }, (desks) =>
        importValues(desks.of(symbol), path, how),
      )
  context.print(answer, () => sentenceOf('pushFeatures', answer), 'features_pushed/1')
}

/** `onay import outcomes FILE`: `ts_ms`, or in CSV `id` or `key` of a prediction, and `label`, 0 or 1. */
export async function importOutcomes(context: Context, path: string): Promise<void> {
  const symbol = symbolOf(context)
  const how = { wallMs: wallClock.now(), signal: stopSignal(context.io) }
  const outcomes = await readOutcomes(path, how)
  const sum = isRunning(context.dataDir)
    ? await sendOutcomes(context, symbol, path, outcomes)
    : await asWriter(context, { what: 'import outcomes', symbols: [symbol] }, async (desks) =>
        takeOutcomes(desks.of(symbol), desks.evidence, await minutesOfOutcomes(desks.of(symbol), outcomes)),
      )
  context.print(sum, () => sentenceOf('pushOutcomes', sum), 'outcomes_pushed/1')
}

async function sendOutcomes(
  { dataDir }: Context,
  symbol: string,
  path: string,
  outcomes: readonly (SaidOutcome | KeyedOutcome)[],
): Promise<OutcomesDocument> {
  const answersTo = async (said: typeof outcomes, dryRun: boolean): Promise<readonly OutcomesDocument[]> => {
    const answers: OutcomesDocument[] = []
    for (let from = 0; from < said.length; from += OUTCOMES_AT_A_TIME) {
      const piece = said.slice(from, from + OUTCOMES_AT_A_TIME)
      const answer = await askRoom(dataDir, { kind: 'pushOutcomes', by: BY, symbol, outcomes: piece, dryRun })
      if (answer === null) throw noRoom('it ended meanwhile: run this again')
      answers.push(answer)
    }
    return answers
  }
  const taken = (answers: readonly OutcomesDocument[]): OutcomesDocument => ({
    symbol,
    name: answers[0]?.name ?? '',
    added: answers.reduce((sum, { added }) => sum + added, 0),
    known: answers.reduce((sum, { known }) => sum + known, 0),
  })
  // One request takes all or nothing; of several, each is tried before the first is sent.
  if (outcomes.length <= OUTCOMES_AT_A_TIME) return taken(await answersTo(outcomes, false))
  const minutes = (await answersTo(outcomes, true)).flatMap(({ ts_ms: tsMs = [] }) => tsMs)
  const said = outcomes.map(({ label }, i) => ({ tsMs: minutes[i] ?? Number.NaN, label }))
  refuseContradictions(path, said)
  return taken(await answersTo(said, false))
}

async function sendValues(
  { dataDir }: Context,
  symbol: string,
  path: string,
  how: { readonly wallMs: number; readonly signal: AbortSignal },
): Promise<OwnValuesDocument> {
  const features = await readRoom(dataDir, { kind: 'features', symbol })
  await surveyValues(path, symbol, features?.own?.columns.map(({ name }) => name) ?? [], how)
  const sum = { added: 0, known: 0, late: 0, different: 0 }
  const named: OwnValuesDocument['different_named'][number][] = []
  for await (const chunk of ownValuesOf(path, how.wallMs + MINUTE_MS, how.signal)) {
    const piece = await askRoom(dataDir, { kind: 'pushFeatures', by: BY, symbol, rows: pushedOf(chunk) })
    if (piece === null) throw noRoom('it ended while the file was read: run this again')
    addTo(sum, named, piece)
  }
  return { symbol, ...sum, different_named: named }
}

function readColumns(path: string): readonly OwnColumn[] {
  let parsed: ReturnType<typeof ColumnsFile.safeParse>
  try {
    parsed = ColumnsFile.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new OperatorError(`no columns can be read from ${path}`, messageOf(error), EXAMPLE, 'columns_file')
  }
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new OperatorError(
    `no columns can be read from ${path}`,
    `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not a column'}`,
    EXAMPLE,
    'columns_file',
  )
}

const EXAMPLE = 'write it like [{"name": "funding_rate", "max_age_s": 28800, "unit": "1", "about": "..."}]'
