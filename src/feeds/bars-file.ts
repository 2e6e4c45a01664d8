/**
 * Recordings of bars: CSV, gzip or not, read as a stream.
 *
 * Lines are split here and not by csv-parse: with the line numbers that a bad row is named by (its option `info`) that one
 * reads about 300,000 rows a second before any number is made of them, where the room wants to spend at most 5 microseconds
 * a row on all of it; and one stray quote would swallow every line up to the next. It does read the lines that have quotes.
 */
import { createHash } from 'node:crypto'
import { OperatorError } from '../engine/kernel/errors.ts'
import { BrokenGzip, fileBytes, type ReadOptions, unpackedBytes } from './bars-bytes.ts'
import { type BarsLayout, layoutOf, rowOf, type WrittenRow } from './bars-row.ts'
import { textLines } from './text-lines.ts'

export interface BarsChunk {
  /** At least 1 and at most 1,000, in the file's order. */
  readonly rows: readonly WrittenRow[]
}

const CHUNK_ROWS = 1_000

/**
 * The rows of a recording. Blank lines are left out but counted as lines. The file is closed when the loop ends or is left.
 * @throws OperatorError for a file that is missing, unreadable, empty, not text, without the columns, or cut short (after
 *   the rows before the break)
 */
export async function* openBarsFile(path: string, options: ReadOptions): AsyncGenerator<BarsChunk, void, undefined> {
  let layout: BarsLayout | null = null
  let line = 0
  let rows: WrittenRow[] = []
  try {
    const pieces = unpackedBytes(path, options.signal)
    for await (const lines of textLines(pieces, { path, what: 'a recording of bars' })) {
      for (const raw of lines) {
        line++
        const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw
        if (layout !== null && line <= options.skipLines) continue
        if (text.trim() === '') continue
        if (layout === null) {
          layout = layoutOf(text, path)
          continue
        }
        rows.push(rowOf(line, text, layout))
        if (rows.length === CHUNK_ROWS) {
          yield { rows }
          rows = []
        }
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof BrokenGzip)) throw thrown
    if (rows.length > 0) yield { rows }
    throw cutShort(path, line, thrown)
  }
  if (layout === null)
    throw new OperatorError(`${path} is empty`, 'it has no lines', 'name a recording of bars', 'empty')
  if (rows.length > 0) yield { rows }
}

/** SHA-256 of a file's bytes as they stand, and how many they are. @throws OperatorError when it cannot be read */
export async function fileFingerprint(path: string, signal?: AbortSignal): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of fileBytes(path, signal)) {
    hash.update(piece)
    bytes += piece.length
  }
  return { sha256: hash.digest('hex'), bytes }
}

function cutShort(path: string, line: number, broken: BrokenGzip): OperatorError {
  return new OperatorError(
    `${path} is cut short after line ${line}`,
    `its gzip data are cut short or damaged (${broken.message})`,
    'download it again; the run continues from that line',
    'cut_short',
  )
}
