/**
 * LightGBM's text, as `save_model("m.txt")` writes it: versions v2 to v4, objective `binary`, numerical and categorical splits.
 * Source: microsoft/LightGBM, the files of its versions 2 to 4 and how its documentation says they are predicted with.
 */
import { show } from './fields.ts'
import { ForestBuilder, RULE, type TreeFile } from './forest.ts'

const VERSIONS = ['v2', 'v3', 'v4']
/** Bits of `decision_type`; above them the kind of missing value: 0 none, 1 zero, 2 NaN. */
const CATEGORICAL = 1
const DEFAULT_LEFT = 2
const MISSING_SHIFT = 2
const MISSING_NONE = 0
const MISSING_ZERO = 1
const MISSING_NAN = 2
const END = 'end of trees'
/** Of some 50,000 trees. */
const MAX_LINES = 1_000_000

type Fields = ReadonlyMap<string, string>

/**
 * @param text the whole file
 * @throws RangeError for what is not supported, by its name, or cannot be
 */
export function readLightgbm(text: string): TreeFile {
  const lines = linesOf(text)
  const end = lines.indexOf(END)
  if (end < 0) throw new RangeError(`it has no line "${END}": it was cut short`)
  const starts = lines.flatMap((line, i) => (i < end && line.startsWith('Tree=') ? [i] : []))
  if (starts.length === 0) throw new RangeError('it has no trees')
  const head = fieldsIn(lines, 1, starts[0] ?? end)
  const { saved, slope } = checked(head)
  refuseRecoding(lines, end)
  const width = countOf(head, 'max_feature_idx', 'the head') + 1
  const builder = new ForestBuilder(width)
  const needed = new Set<number>()
  starts.forEach((start, i) => {
    if (lines[start] !== `Tree=${i}`) throw new RangeError(`${show(lines[start])} stands where Tree=${i} should be`)
    addTree(builder, fieldsIn(lines, start + 1, starts[i + 1] ?? end), needed, `tree ${i}`)
  })
  const sizes = words(head.get('tree_sizes') ?? '').length
  if (sizes > 0 && sizes !== starts.length)
    throw new RangeError(`tree_sizes has ${sizes} entries, and the file has ${starts.length} trees`)
  return {
    label: null,
    library: 'LightGBM',
    saved,
    names: namesOf(head, width),
    width,
    forest: builder.build({ base: 0, isSingle: false }),
    slope,
    divisor: head.has('average_output') ? starts.length : 1,
    needed: [...needed].sort((a, b) => a - b),
  }
}

/** @throws RangeError when there are more than any model has: a file of line feeds would take seconds */
function linesOf(text: string): readonly string[] {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
    if (++count > MAX_LINES) throw new RangeError(`it has more than ${MAX_LINES} lines`)
  return text.split(/\r?\n/)
}

/** Lines of `key=value`; one without a value is a switch. */
function fieldsIn(lines: readonly string[], from: number, until: number): Fields {
  const fields = new Map<string, string>()
  for (let i = from; i < until; i++) {
    const line = lines[i] ?? ''
    const at = line.indexOf('=')
    const key = at < 0 ? line.trim() : line.slice(0, at)
    if (key === '') continue
    if (fields.has(key)) throw new RangeError(`it has ${show(key)} twice where it may have it once`)
    fields.set(key, at < 0 ? '' : line.slice(at + 1))
  }
  return fields
}

function checked(head: Fields): { readonly saved: string; readonly slope: number } {
  const saved = head.get('version') ?? ''
  if (!VERSIONS.includes(saved))
    throw new RangeError(`its version is ${show(saved)}: ${VERSIONS[0]} to ${VERSIONS.at(-1) ?? ''} are supported`)
  const objective = head.get('objective')
  if (objective === undefined)
    throw new RangeError('it names no objective, as a fit with one of its own: binary is the one that is supported')
  const [name = '', ...options] = words(objective)
  if (name !== 'binary')
    throw new RangeError(`its objective is ${name}: binary is the one that gives a probability of one event`)
  for (const field of ['num_class', 'num_tree_per_iteration'])
    if (countOf(head, field, 'the head') !== 1)
      throw new RangeError(`${field} is ${head.get(field) ?? ''}: multiclass models are not supported`)
  let slope = 1
  for (const option of options) {
    const given = /^sigmoid:(.+)$/.exec(option)?.[1]
    if (given === undefined) throw new RangeError(`its objective has an option that is not known: ${show(option)}`)
    slope = Number(given)
    if (!(slope > 0 && Number.isFinite(slope))) throw new RangeError(`sigmoid must be above 0, not ${show(given)}`)
  }
  return { saved, slope }
}

function namesOf(head: Fields, width: number): readonly string[] | null {
  const names = words(head.get('feature_names') ?? '')
  if (names.length !== width)
    throw new RangeError(`feature_names has ${names.length} names, max_feature_idx is ${width - 1}`)
  // What it calls features that were given no names.
  return names.every((name, i) => name === `Column_${i}`) ? null : names
}

/** Categories of a data frame are numbered by their order in a list: only where that is 0, 1, 2 ... are values and numbers the same. */
function refuseRecoding(lines: readonly string[], end: number): void {
  const line = lines.slice(end).find((one) => one.startsWith('pandas_categorical:'))
  const text = line?.slice(line.indexOf(':') + 1).trim() ?? 'null'
  if (text === 'null' || text === '[]') return
  const numbers = /^\[(?:\[[\d, ]*\](?:, ?)?)+\]$/.test(text)
  const lists = numbers ? text.slice(1, -1).split(']') : ['x']
  if (
    !lists.every((list) => (list.match(/\d+/g) ?? []).every((number, i) => number === String(i)) && !list.includes('x'))
  )
    throw new RangeError('it recodes categories of a data frame (pandas_categorical): fit it on whole numbers instead')
}

function addTree(builder: ForestBuilder, fields: Fields, needed: Set<number>, name: string): void {
  if ((fields.get('is_linear') ?? '0') !== '0')
    throw new RangeError(`${name} has a linear model in its leaves: linear trees are not supported`)
  const leaves = countOf(fields, 'num_leaves', name)
  const values = numbersOf(fields, 'leaf_value', leaves, name)
  const splits = leaves - 1
  if (splits < 1) {
    builder.addTree({ feature: [-1], threshold: [0], left: [], right: [], rule: [0], value: values }, name)
    return
  }
  const list = (field: string): Float64Array => numbersOf(fields, field, splits, name)
  const [feature, threshold, types] = [list('split_feature'), list('threshold'), list('decision_type')]
  // Leaf j is written as -1 - j: here it follows the splits.
  const node = (child: number): number => (child >= 0 ? child : splits - 1 - child)
  const [left, right] = [list('left_child').map(node), list('right_child').map(node)]
  const sets = setsOf(builder, fields, name)
  const rule = new Uint8Array(splits)
  for (let i = 0; i < splits; i++) {
    const place = feature[i] ?? -1
    if (!(Number.isInteger(place) && place >= 0)) throw new RangeError(`${name} splits on feature ${place}`)
    const type = types[i] ?? -1
    if (!(Number.isInteger(type) && type >= 0)) throw new RangeError(`decision_type ${type} is not known`)
    if ((type & CATEGORICAL) !== 0) {
      const set = sets[threshold[i] ?? -1]
      if (set === undefined) throw new RangeError(`${name} names a set of categories that there is not`)
      threshold[i] = set
      // A missing category goes right, whatever else the node says.
      rule[i] = RULE.category | RULE.setLeft
    } else rule[i] = numericRule(type, threshold[i] ?? Number.NaN, () => needed.add(place))
  }
  const whole = (list: Float64Array, leaf: number): Float64Array => {
    const all = new Float64Array(splits + leaves).fill(leaf)
    all.set(list)
    return all
  }
  const value = new Float64Array(splits + leaves)
  value.set(values, splits)
  const rules = new Uint8Array(splits + leaves)
  rules.set(rule)
  builder.addTree(
    { feature: whole(feature, -1), threshold: whole(threshold, 0), left, right, rule: rules, value },
    name,
  )
}

/** @param onZero called where a missing value is taken for a zero: it was never missing when this was fitted */
function numericRule(type: number, threshold: number, onZero: () => void): number {
  const kind = type >> MISSING_SHIFT
  const byDefault = (type & DEFAULT_LEFT) !== 0 ? RULE.missingLeft : 0
  switch (kind) {
    case MISSING_NONE:
      onZero()
      return threshold >= 0 ? RULE.missingLeft : 0
    case MISSING_ZERO:
      return byDefault | RULE.zeroIsMissing
    case MISSING_NAN:
      return byDefault
    default:
      throw new RangeError(`decision_type ${type} is not known`)
  }
}

/** The sets of a tree by their number there, as their numbers in the forest. */
function setsOf(builder: ForestBuilder, fields: Fields, name: string): readonly number[] {
  const count = fields.has('num_cat') ? countOf(fields, 'num_cat', name) : 0
  if (count === 0) return []
  const bounds = numbersOf(fields, 'cat_boundaries', count + 1, name)
  const bits = words(fields.get('cat_threshold') ?? '').map(Number)
  if (!bits.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32))
    throw new RangeError(`cat_threshold of ${name} is not a list of 32-bit numbers`)
  return Array.from({ length: count }, (_, i) => {
    const [from, until] = [bounds[i] ?? -1, bounds[i + 1] ?? -1]
    if (!(Number.isInteger(from) && from >= 0 && from <= until && until <= bits.length))
      throw new RangeError(`cat_boundaries of ${name} do not lie within cat_threshold`)
    return builder.addSet(bits.slice(from, until))
  })
}

function countOf(fields: Fields, field: string, where: string): number {
  const text = fields.get(field)
  if (text === undefined) throw new RangeError(`${where} has no ${field}`)
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`${field} of ${where} must be a whole number, not ${show(text)}`)
  return Number(text)
}

/** As many numbers as there must be: what the file claims is compared with what it has before anything is made of it. */
function numbersOf(fields: Fields, field: string, count: number, where: string): Float64Array {
  const text = fields.get(field)
  if (text === undefined) throw new RangeError(`${where} has no ${field}`)
  const parts = words(text)
  if (parts.length !== count) throw new RangeError(`${field} of ${where} has ${parts.length} values, not ${count}`)
  return Float64Array.from(parts, (part) => Number(part))
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '')
}
