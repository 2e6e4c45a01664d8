/**
 * XGBoost's JSON, as `save_model("m.json")` writes it: boosters gbtree and dart of `binary:logistic`. Its sums and comparisons are in
 * 32 bits, and so are these. Source: xgboost.readthedocs.io, "Introduction to Model IO", and the files of versions 1.7 to 3.
 */
import { isRecord, tryJson } from '../kernel/json.ts'
import { fieldsOf, show, textOf } from './fields.ts'
import { type Forest, ForestBuilder, RULE, type TreeFile } from './forest.ts'

const OBJECTIVE = 'binary:logistic'
const NEWEST_MAJOR = 3
/** XGBoost's own limit: numbers from here on cannot be told apart in 32 bits. */
const MAX_CATEGORY = 16_777_216
const SKLEARN = 'scikit_learn'
/** XGBoost's own files are nine deep. */
const MAX_NESTING = 64
const [QUOTE, OPENS_LIST, CLOSES_LIST, OPENS_OBJECT, CLOSES_OBJECT] = [0x22, 0x5b, 0x5d, 0x7b, 0x7d]

/**
 * The JSON of a text that may hold numbers which JSON does not have, as at category splits; undefined when it is none.
 * @throws RangeError when it is nested deeper than any model, which takes a parser seconds
 */
export function looseJson(text: string): unknown {
  if (nesting(text) > MAX_NESTING) throw new RangeError(`it has lists within lists, more than ${MAX_NESTING} deep`)
  return tryJson(text) ?? tryJson(withoutNaN(text))
}

/** How deep the lists and objects of a JSON text lie within each other; a number past the limit once it is past it. */
function nesting(text: string): number {
  let deepest = 0
  let depth = 0
  for (let at = 0; at < text.length && deepest <= MAX_NESTING; at++) {
    const sign = text.charCodeAt(at)
    if (sign === OPENS_LIST || sign === OPENS_OBJECT) deepest = Math.max(deepest, ++depth)
    else if (sign === CLOSES_LIST || sign === CLOSES_OBJECT) depth--
    else if (sign === QUOTE) at = endOfText(text, at)
  }
  return deepest
}

/** Where the text that begins with the quote at `from` has its other one. */
function endOfText(text: string, from: number): number {
  let end = text.indexOf('"', from + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

/** The text with null for NaN and Infinity, outside of its strings. */
function withoutNaN(text: string): string {
  const parts: string[] = []
  let from = 0
  while (from < text.length) {
    const quote = text.indexOf('"', from)
    const plain = quote < 0 ? text.slice(from) : text.slice(from, quote)
    parts.push(plain.replace(/-?\b(?:NaN|Infinity)\b/gi, 'null'))
    if (quote < 0) break
    const end = endOfText(text, quote)
    parts.push(text.slice(quote, end + 1))
    from = end + 1
  }
  return parts.join('')
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text[at - 1 - slashes] === '\\') slashes++
  return slashes % 2 === 1
}

/**
 * @param file parsed by `looseJson`
 * @throws TypeError when a field is missing or of another type, RangeError for what is not supported, by its name, or cannot be
 */
export function readXgboost(file: Readonly<Record<string, unknown>>): TreeFile {
  const learner = fieldsOf(file.learner, 'learner')
  const saved = savedBy(file.version)
  const objective = textOf(fieldsOf(learner.objective, 'learner.objective').name, 'learner.objective.name')
  if (objective !== OBJECTIVE)
    throw new RangeError(`its objective is ${objective}: ${OBJECTIVE} is the one that gives a probability of one event`)
  const param = fieldsOf(learner.learner_model_param, 'learner.learner_model_param')
  const classes = countOf(param.num_class ?? '0', 'num_class')
  if (classes > 1) throw new RangeError(`it has ${classes} classes: multiclass models are not supported`)
  if (countOf(param.num_target ?? '1', 'num_target') > 1)
    throw new RangeError(`it has ${show(param.num_target)} targets: models of several targets are not supported`)
  const width = countOf(param.num_feature, 'num_feature')
  const names = namesOf(learner.feature_names, width)
  const { model, weights } = boosterOf(learner)
  const rounds = roundsOf(model, learner.attributes)
  return {
    label: null,
    library: 'XGBoost',
    saved,
    names,
    width,
    forest: forestOf(model, width, weights, rounds, marginOf(param.base_score)),
    slope: 1,
    divisor: 1,
    needed: [],
  }
}

function savedBy(version: unknown): string {
  if (!Array.isArray(version) || !version.every((part) => Number.isInteger(part)))
    throw new TypeError(`version must be a list of numbers, not ${show(version)}`)
  const text = version.slice(0, 3).join('.')
  if (!(version[0] >= 1 && version[0] <= NEWEST_MAJOR))
    throw new RangeError(`it was saved by XGBoost ${text}: 1 to ${NEWEST_MAJOR} are supported`)
  return text
}

/** A number that the file has as text. */
function countOf(value: unknown, field: string): number {
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (!Number.isSafeInteger(count) || Number(count) < 0)
    throw new RangeError(`${field} must be a whole number, not ${show(value)}`)
  return Number(count)
}

function namesOf(value: unknown, width: number): readonly string[] | null {
  const names = value ?? []
  if (!Array.isArray(names)) throw new TypeError(`learner.feature_names must be a list, not ${show(value)}`)
  if (names.length === 0) return null
  if (names.length !== width)
    throw new RangeError(`learner.feature_names has ${names.length} names, num_feature is ${width}`)
  return names.map((name: unknown, i) => textOf(name, `learner.feature_names[${i}]`))
}

/** The log odds that the sum begins with. Newer versions write a list of one. */
function marginOf(value: unknown): number {
  const text = typeof value === 'string' ? value.replace(/^\[(.*)\]$/, '$1') : ''
  if (text.includes(',')) throw new RangeError('base_score has several values: several outputs are not supported')
  const score = text.trim() === '' ? Number.NaN : Math.fround(Number(text))
  if (!(score > 0 && score < 1)) throw new RangeError(`base_score must lie between 0 and 1, not ${show(value)}`)
  return Math.fround(-Math.fround(Math.log(Math.fround(Math.fround(1 / score) - 1))))
}

interface Booster {
  readonly model: Readonly<Record<string, unknown>>
  /** Of each tree, where the booster drops some; else null. */
  readonly weights: readonly number[] | null
}

function boosterOf(learner: Readonly<Record<string, unknown>>): Booster {
  const booster = fieldsOf(learner.gradient_booster, 'learner.gradient_booster')
  const { name } = booster
  const field = 'learner.gradient_booster.model'
  if (name === 'gbtree') return { model: fieldsOf(booster.model, field), weights: null }
  if (name !== 'dart') throw new RangeError(`its booster is ${show(name)}: gbtree and dart are supported`)
  const inner = fieldsOf(booster.gbtree, 'learner.gradient_booster.gbtree')
  return { model: fieldsOf(inner.model, field), weights: numbersOf(booster.weight_drop, 'weight_drop') }
}

/**
 * How many rounds predict. A fit that was stopped early keeps the rounds after its best one; XGBoost's scikit-learn classes leave them
 * out when they predict, its Booster does not. A file says which of them has saved it.
 */
function roundsOf(model: Readonly<Record<string, unknown>>, attributes: unknown): number {
  const param = fieldsOf(model.gbtree_model_param, 'gbtree_model_param')
  const vector = countOf(param.size_leaf_vector ?? '0', 'size_leaf_vector')
  if (vector > 1) throw new RangeError(`its leaves hold ${vector} values: vector leaves are not supported`)
  const parallel = Math.max(1, countOf(param.num_parallel_tree ?? '1', 'num_parallel_tree'))
  const trees = listOf(model.trees, 'trees').length
  if (countOf(param.num_trees, 'num_trees') !== trees)
    throw new RangeError(`num_trees is ${show(param.num_trees)}, and the file has ${trees} trees`)
  if (trees === 0) throw new RangeError('it has no trees')
  const groups = listOf(model.tree_info, 'tree_info')
  if (groups.length !== trees || groups.some((group) => group !== 0))
    throw new RangeError('tree_info names several groups of trees: multiclass models are not supported')
  if (isRecord(model.cats) && Array.isArray(model.cats.enc) && model.cats.enc.length > 0)
    throw new RangeError("it recodes categories of a data frame ('cats'): fit it on whole numbers instead")
  const known = isRecord(attributes) ? attributes : {}
  refuseOwnMissing(known[SKLEARN])
  if (!(SKLEARN in known) || known.best_iteration === undefined) return trees
  const rounds = countOf(known.best_iteration, 'best_iteration') + 1
  if (rounds * parallel > trees)
    throw new RangeError(`best_iteration is ${rounds - 1}, and there are ${trees / parallel} rounds`)
  return rounds * parallel
}

/** A class of scikit-learn may take another value than NaN for missing; older versions say so in the file. */
function refuseOwnMissing(settings: unknown): void {
  const said = typeof settings === 'string' ? looseJson(settings) : undefined
  if (isRecord(said) && typeof said.missing === 'number')
    throw new RangeError(`it takes ${said.missing} for a missing value: fit it with missing values as NaN`)
}

function forestOf(
  model: Readonly<Record<string, unknown>>,
  width: number,
  weights: readonly number[] | null,
  count: number,
  base: number,
): Forest {
  const trees = listOf(model.trees, 'trees')
  if (weights !== null && weights.length !== trees.length)
    throw new RangeError(`weight_drop has ${weights.length} weights for ${trees.length} trees`)
  const builder = new ForestBuilder(width)
  trees.slice(0, count).forEach((tree, i) => addTree(builder, tree, weights?.[i] ?? 1, `tree ${i}`))
  return builder.build({ base, isSingle: true })
}

function addTree(builder: ForestBuilder, value: unknown, weight: number, name: string): void {
  const tree = fieldsOf(value, name)
  const lists = (field: string): readonly number[] => numbersOf(tree[field], `${field} of ${name}`)
  const [left, right, conditions] = [lists('left_children'), lists('right_children'), lists('split_conditions')]
  const [indices, missing] = [lists('split_indices'), lists('default_left')]
  const types = tree.split_type === undefined ? [] : lists('split_type')
  const nodes = left.length
  for (const list of [right, conditions, indices, missing, ...(types.length > 0 ? [types] : [])])
    if (list.length !== nodes) throw new RangeError(`the lists of ${name} differ in length`)
  const rule = missing.map((isLeft) => (isLeft === 1 ? RULE.missingLeft : 0))
  const threshold = conditions.map((condition) => below(Math.fround(condition)))
  addCategories(builder, tree, types, { rule, threshold }, name)
  builder.addTree(
    {
      feature: indices.map((index, node) => (left[node] === -1 ? -1 : featureOf(index, name))),
      threshold,
      left,
      right,
      rule,
      value: conditions.map((condition) => Math.fround(Math.fround(condition) * Math.fround(weight))),
    },
    name,
  )
}

function featureOf(index: number, name: string): number {
  if (Number.isInteger(index) && index >= 0) return index
  throw new RangeError(`${name} splits on feature ${index}`)
}

/** Sets of categories that go right, by the node that asks. */
function addCategories(
  builder: ForestBuilder,
  tree: Readonly<Record<string, unknown>>,
  types: readonly number[],
  { rule, threshold }: { readonly rule: number[]; readonly threshold: number[] },
  name: string,
): void {
  const lists = (field: string): readonly number[] => numbersOf(tree[field] ?? [], `${field} of ${name}`)
  const [nodes, from, size, categories] = [
    lists('categories_nodes'),
    lists('categories_segments'),
    lists('categories_sizes'),
    lists('categories'),
  ]
  const told = new Set(nodes)
  const without = types.findIndex((type, node) => type === 1 && !told.has(node))
  if (without >= 0) throw new RangeError(`${name} has no categories for node ${without}`)
  nodes.forEach((node, i) => {
    const [begin, count] = [from[i] ?? -1, size[i] ?? -1]
    if (types[node] !== 1 || !(begin >= 0 && count >= 0 && begin + count <= categories.length))
      throw new RangeError(`${name} has categories for node ${node} that it cannot have`)
    const words = wordsOf(categories.slice(begin, begin + count), name)
    rule[node] = (rule[node] ?? 0) | RULE.category
    threshold[node] = builder.addSet(words)
  })
}

function wordsOf(categories: readonly number[], name: string): Uint32Array {
  let most = 0
  for (const category of categories) {
    if (!(Number.isInteger(category) && category >= 0 && category < MAX_CATEGORY))
      throw new RangeError(`${name} has a category ${category}, which must be a whole number below ${MAX_CATEGORY}`)
    most = Math.max(most, category)
  }
  const words = new Uint32Array(Math.floor(most / 32) + 1)
  for (const category of categories) {
    const at = Math.floor(category / 32)
    words[at] = (words[at] ?? 0) | (1 << (category % 32))
  }
  return words
}

/** The next 32-bit number below: what lies below a threshold is at most that. */
function below(x: number): number {
  if (!Number.isFinite(x)) return x
  if (x === 0) return -MIN_SINGLE
  bits.setFloat32(0, x)
  bits.setInt32(0, bits.getInt32(0) + (x > 0 ? -1 : 1))
  return bits.getFloat32(0)
}

const bits = new DataView(new ArrayBuffer(4))
const MIN_SINGLE = 2 ** -149

function listOf(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${field} must be a list, not ${show(value)}`)
  return value
}

/** Truth values count as 0 and 1; null, which stands for NaN, as NaN. */
function numbersOf(value: unknown, field: string): readonly number[] {
  return listOf(value, field).map((one, i) => {
    if (typeof one === 'number') return one
    if (typeof one === 'boolean') return Number(one)
    if (one === null) return Number.NaN
    throw new TypeError(`${field}[${i}] must be a number, not ${show(one)}`)
  })
}
