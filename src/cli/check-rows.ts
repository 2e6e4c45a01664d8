/** `onay models add --check`: what the model's own library predicts, against what it says here. */
import { readFileSync, statSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import type { Model } from '../engine/models/contract.ts'

const PREDICTION = 'prediction'
const TOLERANCE = 1e-6
const MAX_BYTES = 64 * 2 ** 20
const MISSING = ['', 'nan', 'na', 'null', 'none']

interface CheckedRows {
  readonly rows: number
  /** The largest distance from what the library predicts. */
  readonly away: number
}

interface Table {
  readonly places: readonly number[]
  readonly prediction: number
  readonly lines: readonly (readonly string[])[]
  /** The line of the first of them. */
  readonly firstLine: number
}

/**
 * @param path CSV or tab-separated: a column for each feature and `prediction`; without a header the features in the model's order, then
 *   the prediction
 * @param names of the features in the file's own words, in the model's order
 * @throws OperatorError that names the first row which differs by more than 1e-6, or what cannot be read
 */
export function checkRows(
  path: string,
  { model, names }: { readonly model: Model; readonly names: readonly string[] },
): CheckedRows {
  const { places, prediction, lines, firstLine } = tableOf(path, names, model)
  const values = new Float64Array(places.length)
  let away = 0
  lines.forEach((cells, i) => {
    const at = `row ${i + 1} (line ${firstLine + i})`
    places.forEach((place, j) => {
      values[model.places[j] ?? -1] = numberIn(path, cells[place] ?? '', at)
    })
    const theirs = numberIn(path, cells[prediction] ?? '', at)
    const ours = model.score(values)
    const apart = Math.abs(ours - theirs)
    if (!(apart <= TOLERANCE))
      throw new OperatorError(
        `${model.version} was not registered`,
        `${at} of ${path}: ${PREDICTION} ${theirs}, here it is ${ours}, and ${TOLERANCE} apart is allowed`,
        'let the library predict these rows by this very file, and give it the features in its order',
        'check',
      )
    away = Math.max(away, apart)
  })
  return { rows: lines.length, away }
}

function tableOf(path: string, names: readonly string[], model: Model): Table {
  const lines = linesOf(path)
  const [head = []] = lines
  if (head.every((cell) => isNumber(cell))) {
    if (head.length !== names.length + 1)
      throw unreadable(
        path,
        `without a header it needs ${names.length} features and the prediction a row, and has ${head.length} columns`,
      )
    return { places: names.map((_, j) => j), prediction: names.length, lines, firstLine: 1 }
  }
  const placesOf = (columns: readonly string[]): number[] => columns.map((name) => head.indexOf(name))
  const own = placesOf(names)
  const places = own.includes(-1) ? placesOf(model.features) : own
  const absent = [...names.filter((_, j) => places[j] === -1), ...(head.includes(PREDICTION) ? [] : [PREDICTION])]
  if (absent.length > 0) throw unreadable(path, `it has no column ${absent[0] ?? ''}`)
  if (lines.length === 1) throw unreadable(path, 'it has no rows')
  return { places, prediction: head.indexOf(PREDICTION), lines: lines.slice(1), firstLine: 2 }
}

function linesOf(path: string): readonly (readonly string[])[] {
  try {
    if (statSync(path).size > MAX_BYTES) throw new RangeError(`it is larger than ${MAX_BYTES / 2 ** 20} MiB`)
    const text = readFileSync(path, 'utf8')
    const delimiter = text.slice(0, text.indexOf('\n') + 1 || undefined).includes('\t') ? '\t' : ','
    const lines: string[][] = parse(text, { delimiter, bom: true, trim: true, skip_empty_lines: true })
    if (lines.length === 0) throw new RangeError('it is empty')
    return lines
  } catch (error) {
    throw unreadable(path, messageOf(error))
  }
}

function isNumber(cell: string): boolean {
  return MISSING.includes(cell.toLowerCase()) || !Number.isNaN(Number(cell))
}

function numberIn(path: string, cell: string, at: string): number {
  if (!isNumber(cell)) throw unreadable(path, `${at} has "${cell.slice(0, 40)}" where a number should be`)
  return MISSING.includes(cell.toLowerCase()) ? Number.NaN : Number(cell)
}

function unreadable(path: string, why: string): OperatorError {
  return new OperatorError(
    `${path} cannot be checked against`,
    why,
    `give CSV with a column for each feature and one named ${PREDICTION}`,
    'check',
  )
}
