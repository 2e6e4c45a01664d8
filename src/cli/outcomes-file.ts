/** Files of outcomes: by minute, or by the prediction that they are of. */
import type { KeyedOutcome, SaidOutcome } from '../control/own-commands.ts'
import { timeOfId } from '../db/predictions.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { isoTime, MINUTE_MS } from '../engine/kernel/units.ts'
import { refuseUnlessFile, unpackedBytes } from '../feeds/bars-bytes.ts'
import { csvRows } from '../feeds/csv-rows.ts'
import { ownValuesOf } from '../feeds/own-values-file.ts'
import { isParquet } from '../feeds/parquet.ts'

const MAX_KEY_CHARS = 200

type Outcome = SaidOutcome | KeyedOutcome
type Name = 'ts_ms' | 'id' | 'key'

/** The whole file, before any of it is taken. @throws OperatorError that names the line which cannot be */
export async function readOutcomes(
  path: string,
  how: { readonly wallMs: number; readonly signal: AbortSignal },
): Promise<readonly Outcome[]> {
  await refuseUnlessFile(path)
  const name = isParquet(path) ? 'ts_ms' : await nameIn(path, how.signal)
  const outcomes: Outcome[] = []
  const seen = new Map<string | number, 0 | 1>()
  const lines = name === 'ts_ms' ? byMinute(path, how) : byPrediction(path, how.signal)
  for await (const { line, outcome } of lines) {
    const named = 'key' in outcome ? outcome.key : outcome.tsMs
    if ((seen.get(named) ?? outcome.label) !== outcome.label) throw faulty(path, line, twice(named))
    seen.set(named, outcome.label)
    outcomes.push(outcome)
  }
  return outcomes
}

/** @throws OperatorError where keys of one minute have been given different labels */
export function refuseContradictions(path: string, minutes: readonly SaidOutcome[]): void {
  const seen = new Map<number, 0 | 1>()
  for (const { tsMs, label } of minutes) {
    if ((seen.get(tsMs) ?? label) !== label) throw unusable(path, twice(tsMs))
    seen.set(tsMs, label)
  }
}

function twice(named: string | number): string {
  const of = typeof named === 'number' ? isoTime(named) : named
  return `the outcome of ${of} is given twice, with different labels`
}

interface Line {
  readonly line: number
  readonly outcome: Outcome
}

async function* byMinute(
  path: string,
  how: { readonly wallMs: number; readonly signal: AbortSignal },
): AsyncGenerator<Line, void, undefined> {
  for await (const { names, rows } of ownValuesOf(path, how.wallMs + MINUTE_MS, how.signal)) {
    if (names.join() !== 'label') throw wrongColumns(path, names)
    for (const { line, tsMs, values } of rows) {
      const [label] = values
      if (label !== 0 && label !== 1) throw faulty(path, line, 'its label is neither 0 nor 1')
      yield { line, outcome: { tsMs, label } }
    }
  }
}

/** What a CSV file names its outcomes by. @throws OperatorError where that is not clear */
async function nameIn(path: string, signal: AbortSignal): Promise<Name> {
  for await (const header of cellsOf(path, signal)) {
    const name = (['ts_ms', 'id', 'key'] as const).find(
      (one) => header.toSorted().join() === [one, 'label'].sort().join(),
    )
    if (name === undefined) throw wrongColumns(path, header)
    return name
  }
  throw new OperatorError(`${path} cannot be read`, 'it is empty', 'give CSV, gzip or Parquet', 'outcomes_file')
}

async function* byPrediction(path: string, signal: AbortSignal): AsyncGenerator<Line, void, undefined> {
  let header: readonly string[] | null = null
  let line = 1
  for await (const cells of cellsOf(path, signal)) {
    if (header === null) header = cells
    else yield { line: ++line, outcome: named(path, line, header, cells) }
  }
}

async function* cellsOf(path: string, signal: AbortSignal): AsyncGenerator<readonly string[], void, undefined> {
  try {
    yield* csvRows(unpackedBytes(path, signal)) as AsyncIterable<string[]>
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw new OperatorError(`${path} cannot be read`, messageOf(error), 'give CSV, gzip or Parquet', 'outcomes_file')
  }
}

function named(path: string, line: number, header: readonly string[], cells: readonly string[]): Outcome {
  if (cells.length !== header.length)
    throw faulty(path, line, `it has ${cells.length} cells, the header ${header.length}`)
  const [name = '', said = ''] = header[0] === 'label' ? [cells[1], cells[0]] : cells
  const label = said === '1' ? 1 : 0
  if (said !== '0' && said !== '1') throw faulty(path, line, 'its label is neither 0 nor 1')
  if (header.includes('key')) {
    if (name === '' || name.length > MAX_KEY_CHARS) throw faulty(path, line, 'it has no key of 1 to 200 characters')
    return { key: name, label }
  }
  const tsMs = timeOfId(name)
  if (tsMs === null) throw faulty(path, line, 'its id is not the id of an answer')
  return { tsMs, label }
}

function wrongColumns(path: string, names: readonly string[]): OperatorError {
  return new OperatorError(
    `${path} has no outcomes`,
    `its columns are ${names.join(', ')}`,
    'give it two: label, and ts_ms or in CSV id or key',
    'columns',
  )
}

function faulty(path: string, line: number, why: string): OperatorError {
  return unusable(path, `line ${line}: ${why}`)
}

function unusable(path: string, why: string): OperatorError {
  return new OperatorError(`${path} cannot be imported`, why, 'correct the file: nothing was imported', 'outcome')
}
