import { pipeline, Readable } from 'node:stream'
import { type Options, parse, type Parser } from 'csv-parse'

const USUAL: Options = { bom: true, skip_empty_lines: true, trim: true, relax_column_count: true }

/** Rows of CSV, each its cells unless the options say otherwise. A fault of the bytes is thrown to whoever reads the rows. */
export function csvRows(bytes: AsyncIterable<Buffer> | Iterable<Buffer>, options: Options = {}): Parser {
  // Whoever reads is told by the parser, which the pipeline ends with the fault.
  return pipeline(Readable.from(bytes), parse({ ...USUAL, ...options }), () => undefined)
}
