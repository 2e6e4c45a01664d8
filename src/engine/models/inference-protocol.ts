/**
 * The REST part of the Open Inference Protocol, version 2, as text: what is asked of a model server and what its answer says.
 * Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md.
 */
import { isRecord, tryJson } from '../kernel/json.ts'
import type { HttpWeights } from './contract.ts'

/** Where a model is asked, relative to the server's address. */
export function inferPath({ model, modelVersion }: HttpWeights): string {
  const version = modelVersion === null ? '' : `/versions/${encodeURIComponent(modelVersion)}`
  return `/v2/models/${encodeURIComponent(model)}${version}/infer`
}

/**
 * @param places of the features in a row's values
 * @param rows values in the catalogue's order, at least one row; shape [rows, features], row by row
 */
export function inferBody(
  { features, input, datatype, output }: HttpWeights,
  places: Int32Array,
  rows: readonly Float64Array[],
): string {
  const data = rows.flatMap((values) => Array.from(places, (place) => values[place] ?? Number.NaN))
  const inputs = [{ name: input, shape: [rows.length, features.length], datatype, data }]
  return JSON.stringify(output === null ? { inputs } : { inputs, outputs: [{ name: output }] })
}

/**
 * The scores of an answer, one for each row that was asked about: NaN where the server gave none for a row, null when the
 * text is not an answer to the question. A tensor of shape [rows, 2] holds the probabilities of two classes; the second counts.
 */
export function scoresOf(text: string, rows: number, output: string | null): number[] | null {
  const answer = parsed(text)
  const outputs: unknown = isRecord(answer) ? answer.outputs : null
  if (!Array.isArray(outputs)) return null
  const tensor: unknown = outputs.find((one: unknown) => isRecord(one) && (output === null || one.name === output))
  if (!isRecord(tensor) || !Array.isArray(tensor.data)) return null
  const data: unknown[] = tensor.data.flat(3)
  const classes = data.length === 2 * rows && Array.isArray(tensor.shape) && tensor.shape.at(-1) === 2 ? 2 : 1
  if (data.length !== classes * rows) return null
  const scores: number[] = []
  for (let row = 0; row < rows; row++) {
    const score = data[row * classes + classes - 1]
    if (typeof score === 'number') scores.push(score)
    else if (score === null) scores.push(Number.NaN)
    else return null
  }
  return scores
}

/** Some servers write NaN and Infinity, which JSON does not have: those rows have no score, and the others still count. */
function parsed(text: string): unknown {
  return tryJson(text) ?? tryJson(text.replace(/-?\b(?:NaN|Infinity)\b/g, 'null'))
}
