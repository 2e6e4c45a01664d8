import type { Catalogue } from '../features/catalogue.ts'
import type {
  EnsembleMember,
  EnsembleWeights,
  HttpWeights,
  LogisticWeights,
  ModelWeights,
  OnnxWeights,
  TreeWeights,
} from './contract.ts'
import { between, featuresOf, fieldsOf, labelOf, numberOf, recordOf, show, textOf } from './fields.ts'

const MAX_BATCH = 1_024
const MAX_MEMBERS = 8
/** Of weights that are written with a few digits. */
const SUM_TOLERANCE = 1e-6

/**
 * Reads the weights file of any model that is registered, from parsed JSON.
 * @param catalogue which features there are
 * @throws TypeError when a field is missing or of another type, RangeError when its value cannot be; both name the field
 */
export function parseWeights(value: unknown, catalogue: Catalogue): ModelWeights {
  const file = fieldsOf(value, 'weights file')
  if (file.kind === 'http') return parseHttpWeights(file, catalogue)
  if (file.kind === 'trees') return parseTreeWeights(file, catalogue)
  if (file.kind === 'onnx') return parseOnnxWeights(file, catalogue)
  return file.kind === 'ensemble' ? parseEnsembleWeights(file, catalogue) : parseLogisticWeights(file, catalogue)
}

/** As `parseWeights`, for a model behind HTTP. Fields that it does not know are left out. */
export function parseHttpWeights(value: unknown, catalogue: Catalogue): HttpWeights {
  const file = fieldsOf(value, 'weights file')
  if (file.kind !== 'http') throw new RangeError(`kind must be "http", not ${show(file.kind)}`)
  const datatype = file.datatype ?? 'FP64'
  if (datatype !== 'FP32' && datatype !== 'FP64')
    throw new RangeError(`datatype must be "FP32" or "FP64", not ${show(datatype)}`)
  const batch = numberOf(file.batch ?? 64, 'batch')
  if (!Number.isInteger(batch) || batch < 1 || batch > MAX_BATCH)
    throw new RangeError(`batch must be a whole number from 1 to ${MAX_BATCH}, not ${batch}`)
  return {
    version: textOf(file.version, 'version'),
    kind: 'http',
    features: featuresOf(file.features, catalogue),
    url: urlOf(file.url),
    model: textOf(file.model, 'model'),
    modelVersion: file.modelVersion == null ? null : textOf(file.modelVersion, 'modelVersion'),
    input: textOf(file.input ?? 'input', 'input'),
    output: file.output == null ? null : textOf(file.output, 'output'),
    datatype,
    batch,
    threshold: between(numberOf(file.threshold, 'threshold'), 0, 1, 'threshold'),
    label: labelOf(file.label),
  }
}

/** As the URL standard writes them: 169.254.0.0/16, the same within IPv6, and fe80::/10. */
const LINK_LOCAL = /^(169\.254\.|\[::ffff:a9fe:|\[fe[89ab])/

/** What is registered is shown and exported: a password in an address would be shown with it. */
function urlOf(value: unknown): string {
  const text = textOf(value, 'url')
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new RangeError(`url is not a valid address: ${show(text)}`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new RangeError(`url must begin with http or https, not ${show(url.protocol)}`)
  if (url.username !== '' || url.password !== '') throw new RangeError('url must not hold a name or a password')
  if (url.search !== '' || url.hash !== '') throw new RangeError('url must end before any ? or #')
  if (LINK_LOCAL.test(url.hostname))
    throw new RangeError(
      `url names ${url.hostname}, a link-local address, where clouds hand out credentials; give a server that is meant a host name`,
    )
  return url.href.replace(/\/+$/, '')
}

/**
 * Reads the weights of a logistic model from a parsed JSON file. Fields that it does not know are left out.
 * @throws TypeError when a field is missing or of another type, RangeError when its value cannot be; both name the field
 */
export function parseLogisticWeights(value: unknown, catalogue: Catalogue): LogisticWeights {
  const file = fieldsOf(value, 'weights file')
  if (file.kind !== 'logistic') throw new RangeError(`kind must be "logistic", not ${show(file.kind)}`)
  const features = featuresOf(file.features, catalogue)
  const parsed: LogisticWeights = {
    version: textOf(file.version, 'version'),
    kind: 'logistic',
    features,
    bias: numberOf(file.bias, 'bias'),
    weights: recordOf(file.weights, 'weights', features),
    mean: recordOf(file.mean, 'mean', features),
    std: recordOf(file.std, 'std', features),
    lo: recordOf(file.lo, 'lo', features),
    hi: recordOf(file.hi, 'hi', features),
    platt: plattOf(file.platt),
    threshold: between(numberOf(file.threshold, 'threshold'), 0, 1, 'threshold'),
    label: labelOf(file.label),
  }
  for (const name of features) {
    if (!((parsed.std[name] ?? 0) > 0)) throw new RangeError(`std.${name} must be above 0, not ${parsed.std[name]}`)
    const [lo, hi] = [parsed.lo[name] ?? 0, parsed.hi[name] ?? 0]
    if (lo > hi) throw new RangeError(`lo.${name} (${lo}) must not lie above hi.${name} (${hi})`)
  }
  return parsed
}

/** As `parseWeights`, for the trees of another library. What its file holds is read by `treesModel`. */
export function parseTreeWeights(value: unknown, catalogue: Catalogue): TreeWeights {
  return savedWeights(value, 'trees', catalogue)
}

/** As `parseWeights`, for an ONNX model. What its file holds is read by onnxruntime-node, where there is one. */
export function parseOnnxWeights(value: unknown, catalogue: Catalogue): OnnxWeights {
  return savedWeights(value, 'onnx', catalogue)
}

type SavedWeights<Kind> = Omit<TreeWeights, 'kind'> & { readonly kind: Kind }

/** A model that is a file of another library. */
function savedWeights<Kind extends string>(value: unknown, kind: Kind, catalogue: Catalogue): SavedWeights<Kind> {
  const file = fieldsOf(value, 'weights file')
  if (file.kind !== kind) throw new RangeError(`kind must be "${kind}", not ${show(file.kind)}`)
  return {
    version: textOf(file.version, 'version'),
    kind,
    features: featuresOf(file.features, catalogue),
    file: textOf(file.file, 'file'),
    fileSha256: textOf(file.fileSha256, 'fileSha256'),
    threshold: between(numberOf(file.threshold, 'threshold'), 0, 1, 'threshold'),
    label: labelOf(file.label),
  }
}

function plattOf(value: unknown): LogisticWeights['platt'] {
  const platt = fieldsOf(value, 'platt')
  return { a: numberOf(platt.a, 'platt.a'), b: numberOf(platt.b, 'platt.b') }
}

/** As `parseWeights`, for a mix with its members whole. */
export function parseEnsembleWeights(value: unknown, catalogue: Catalogue): EnsembleWeights {
  const file = fieldsOf(value, 'weights file')
  if (file.kind !== 'ensemble') throw new RangeError(`kind must be "ensemble", not ${show(file.kind)}`)
  const label = labelOf(file.label)
  const members = membersOf(file.members).map((entry, i): EnsembleMember => {
    const field = `members[${i}]`
    const member = fieldsOf(entry, field)
    const model = fieldsOf(member.model, `${field}.model`)
    return {
      version: textOf(member.version, `${field}.version`),
      sha256: member.sha256 === null ? null : textOf(member.sha256, `${field}.sha256`),
      weight: between(numberOf(member.weight, `${field}.weight`), 0, 1, `${field}.weight`),
      model: memberOf(model, catalogue),
    }
  })
  const total = members.reduce((sum, { weight }) => sum + weight, 0)
  if (Math.abs(total - 1) > SUM_TOLERANCE) throw new RangeError(`the weights must sum to 1, not ${total}`)
  return {
    version: textOf(file.version, 'version'),
    kind: 'ensemble',
    features: featuresOf(file.features, catalogue),
    members,
    envelope: between(numberOf(file.envelope, 'envelope'), 0, 1, 'envelope'),
    ...(isByRegime(file.regimes) ? { regimes: true } : {}),
    threshold: between(numberOf(file.threshold, 'threshold'), 0, 1, 'threshold'),
    label,
  }
}

/** @throws TypeError unless it is true, false or left out */
export function isByRegime(regimes: unknown): boolean {
  if (regimes !== undefined && typeof regimes !== 'boolean')
    throw new TypeError(`regimes must be true or false, not ${show(regimes)}`)
  return regimes === true
}

function memberOf(model: Readonly<Record<string, unknown>>, catalogue: Catalogue): EnsembleMember['model'] {
  if (model.kind === 'heuristic') return { kind: 'heuristic' }
  if (model.kind === 'trees') return parseTreeWeights(model, catalogue)
  return model.kind === 'onnx' ? parseOnnxWeights(model, catalogue) : parseLogisticWeights(model, catalogue)
}

/** @throws TypeError or RangeError unless it is a list of 2 to `MAX_MEMBERS` members, none named twice */
export function membersOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`members must be a list, not ${show(value)}`)
  if (value.length < 2 || value.length > MAX_MEMBERS)
    throw new RangeError(`a mix has 2 to ${MAX_MEMBERS} members, not ${value.length}`)
  const names = value.map((member: unknown, i) =>
    textOf(fieldsOf(member, `members[${i}]`).version, `members[${i}].version`),
  )
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new RangeError(`members lists ${twice} twice`)
  return value
}
