/** Files of outcomes: by minute, or by the prediction that they are of. */
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import type { KeyedOutcome, SaidOutcome } from '../control/own-commands.ts'
import { timeOfId } from '../db/predictions.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { isoTime, MINUTE_MS } from '../engine/kernel/units.ts'
import { refuseUnlessFile, unpackedBytes } from '../feeds/bars-bytes.ts'
import { ownValuesOf } from '../feeds/own-values-file.ts'
import { isParquet } from '../feeds/parquet.ts'

const MAX_KEY_CHARS = 200

/** The whole file, before any of it is taken. */
export async function readOutcomes(
  path: string,
  how: { readonly wallMs: number; readonly signal: AbortSignal },
): Promise<readonly (SaidOutcome | KeyedOutcome)[]> {
  return (await byPrediction(path, how.signal)) ?? (await byMinute(path, how))
}

async function byMinute(
  path: string,
  how: { readonly wallMs: number; readonly signal: AbortSignal },
): Promise<readonly SaidOutcome[]> {
  const outcomes: SaidOutcome[] = []
  const seen = new Map<number, 0 | 1>()
  for await (const { names, rows } of ownValuesOf(path, how.wallMs + MINUTE_MS, how.signal)) {
    const at = names.indexOf('label')
    if (at < 0 || names.length > 1)
      throw new OperatorError(
        `${path} has no outcomes`,
        `its columns are ${names.join(', ')}`,
        'give it ts_ms and label, or in CSV id or key, and label',
        'columns',
      )
    for (const { line, tsMs, values } of rows) {
      const label = values[at]
      if (label !== 0 && label !== 1)
        throw new OperatorError(
          `${path} cannot be taken`,
          `line ${line}: its label is neither 0 nor 1`,
          'mend it: nothing of it was taken',
          'label',
        )
      if ((seen.get(tsMs) ?? label) !== label)
        throw new OperatorError(
          `${path} cannot be taken`,
          `line ${line}: the outcome of ${isoTime(tsMs)} is said twice, otherwise`,
          'mend it: nothing of it was taken',
          'outcome',
        )
      seen.set(tsMs, label)
      outcomes.push({ tsMs, label })
    }
  }
  return outcomes
}

/** CSV, perhaps gzip, with `id` or `key`, and `label`; null for a file by minute. */
async function byPrediction(
  path: string,
  signal: AbortSignal,
): Promise<readonly (SaidOutcome | KeyedOutcome)[] | null> {
  await refuseUnlessFile(path)
  if (isParquet(path)) return null
  const bytes = Readable.from(unpackedBytes(path, signal))
  const parser = bytes.pipe(parse({ bom: true, skip_empty_lines: true, trim: true, relax_column_count: true }))
  let header: readonly string[] | null = null
  let line = 1
  const outcomes: (SaidOutcome | KeyedOutcome)[] = []
  const seen = new Map<string | number, 0 | 1>()
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (header !== null) {
        const one = named(path, ++line, header, cells)
        const name = 'key' in one ? one.key : one.tsMs
        if ((seen.get(name) ?? one.label) !== one.label)
          throw faulty(
            path,
            line,
            `the outcome of ${'key' in one ? one.key : isoTime(one.tsMs)} is said twice, otherwise`,
          )
        seen.set(name, one.label)
        outcomes.push(one)
        continue
      }
      header = cells
      const names = header.toSorted().join()
      if (names !== 'id,label' && names !== 'key,label') return null
    }
  } catch (error) {
    if (error instanceof OperatorError) throw error
    throw new OperatorError(`${path} cannot be read`, messageOf(error), 'give CSV, gzip or Parquet', 'outcomes_file')
  } finally {
    bytes.destroy()
  }
  return header === null ? null : outcomes
}

function named(
  path: string,
  line: number,
  header: readonly string[],
  cells: readonly string[],
): SaidOutcome | KeyedOutcome {
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

function faulty(path: string, line: number, why: string): OperatorError {
  return new OperatorError(
    `${path} cannot be taken`,
    `line ${line}: ${why}`,
    'mend it: nothing of it was taken',
    'outcome',
  )
}
