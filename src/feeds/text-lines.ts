/** The lines of a text file of any length, a batch for each piece that is read. */
import { StringDecoder } from 'node:string_decoder'
import { OperatorError } from '../engine/kernel/errors.ts'

/** No line is longer; a file that has none could otherwise fill the memory. */
const MAX_LINE_CHARS = 65_536
const SNIFFED_BYTES = 4_096
const BOM = '\uFEFF'

interface TextFile {
  readonly path: string
  /** What it should be, for people: `a recording of bars`. */
  readonly what: string
}

/**
 * Their line feeds taken off. A last line without one counts; one torn by an error does not.
 * @throws OperatorError for bytes that are not those of a text, and a line without an end
 */
export async function* textLines(
  pieces: AsyncIterable<Buffer>,
  file: TextFile,
): AsyncGenerator<readonly string[], void, undefined> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let seen = 0
  let first = true
  for await (const piece of pieces) {
    if (first) refuseBinary(file, piece)
    const text = decoder.write(piece)
    const lines = (rest + (first && text.startsWith(BOM) ? text.slice(1) : text)).split('\n')
    first = false
    rest = lines.pop() ?? ''
    seen += lines.length
    if (rest.length > MAX_LINE_CHARS)
      throw notText(file, `line ${seen + 1} is longer than ${MAX_LINE_CHARS} characters`)
    yield lines
  }
  rest += decoder.end()
  if (rest !== '') yield [rest]
}

/** Text has no control characters but tab, line feed, form feed and carriage return. */
function refuseBinary(file: TextFile, piece: Buffer): void {
  const control = piece.subarray(0, SNIFFED_BYTES).some((byte) => byte < 9 || (byte > 13 && byte < 32))
  if (control) throw notText(file, 'its first bytes are not those of a text file')
}

function notText({ path, what }: TextFile, why: string): OperatorError {
  return new OperatorError(`${path} is not ${what}`, why, 'name a CSV file in UTF-8, gzip or not', 'not_text')
}
