// One prediction of boosted trees in the process, beside one that a model server on the same machine is asked for.
import { join } from 'node:path'
import { bundled } from './bundled.mjs'
import { inRounds, median, row } from './figures.mjs'
import { end, serveHelper, temporary } from './processes.mjs'

const TREES = 500
const DEPTH = 6
const FEATURES = 30
const ROWS = 20_000
const ASKED = 500
const MOST_US = 50

/** The same numbers each time. */
function draws(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Whole trees as XGBoost lays them out. */
function xgboostText() {
  const draw = draws(1)
  const inner = 2 ** DEPTH - 1
  const nodes = 2 ** (DEPTH + 1) - 1
  const places = Array.from({ length: nodes }, (_, i) => i)
  const trees = Array.from({ length: TREES }, (_, id) => ({
    id,
    left_children: places.map((i) => (i < inner ? 2 * i + 1 : -1)),
    right_children: places.map((i) => (i < inner ? 2 * i + 2 : -1)),
    split_indices: places.map((i) => (i < inner ? Math.floor(draw() * FEATURES) : 0)),
    split_conditions: places.map((i) => Math.fround(i < inner ? draw() * 2 - 1 : (draw() - 0.5) / 20)),
    default_left: places.map(() => Math.floor(draw() * 2)),
    split_type: places.map(() => 0),
  }))
  const param = { num_trees: String(TREES), num_parallel_tree: '1', size_leaf_vector: '0' }
  const model = { gbtree_model_param: param, tree_info: places.slice(0, 0).concat(trees.map(() => 0)), trees }
  return JSON.stringify({
    learner: {
      attributes: {},
      feature_names: [],
      gradient_booster: { name: 'gbtree', model },
      learner_model_param: { base_score: '5E-1', num_class: '0', num_feature: String(FEATURES), num_target: '1' },
      objective: { name: 'binary:logistic' },
    },
    version: [1, 7, 4],
  })
}

/** The same trees as LightGBM's. */
function lightgbmText() {
  const draw = draws(1)
  const inner = 2 ** DEPTH - 1
  const leaves = inner + 1
  const splits = Array.from({ length: inner }, (_, i) => i)
  const child = (i) => (i < inner ? i : inner - 1 - i)
  const line = (name, values) => `${name}=${values.join(' ')}`
  const trees = Array.from({ length: TREES }, (_, id) => [
    `Tree=${id}`,
    `num_leaves=${leaves}`,
    'num_cat=0',
    line(
      'split_feature',
      splits.map(() => Math.floor(draw() * FEATURES)),
    ),
    line(
      'threshold',
      splits.map(() => draw() * 2 - 1),
    ),
    line(
      'decision_type',
      splits.map(() => 8 + 2 * Math.floor(draw() * 2)),
    ),
    line(
      'left_child',
      splits.map((i) => child(2 * i + 1)),
    ),
    line(
      'right_child',
      splits.map((i) => child(2 * i + 2)),
    ),
    line(
      'leaf_value',
      Array.from({ length: leaves }, () => (draw() - 0.5) / 20),
    ),
    'is_linear=0',
    'shrinkage=0.1',
    '',
  ])
  const names = Array.from({ length: FEATURES }, (_, i) => `Column_${i}`)
  return [
    'tree',
    'version=v4',
    'num_class=1',
    'num_tree_per_iteration=1',
    `max_feature_idx=${FEATURES - 1}`,
    'objective=binary sigmoid:1',
    line('feature_names', names),
    '',
    ...trees.flat(),
    'end of trees',
    '',
  ].join('\n')
}

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchTrees() {
  const code = await bundled(join(temporary(), 'parts'), [
    ...['engine/models/tree-file.ts', 'engine/features/catalogue.ts', 'serving/http-model.ts'],
  ])
  const draw = draws(2)
  const rows = Array.from({ length: ROWS }, () =>
    Float64Array.from({ length: FEATURES }, () => (draw() < 0.05 ? Number.NaN : draw() * 2 - 1)),
  )
  const server = await serveHelper('model-server.mjs')
  try {
    const askedUs = median(await inRounds(() => askServer(code, server.url)))
    const measured = []
    for (const [library, text] of [
      ['XGBoost', xgboostText()],
      ['LightGBM', lightgbmText()],
    ]) {
      const began = performance.now()
      const file = code.readTreeFile(text)
      const readMs = performance.now() - began
      const us = median(await inRounds(async () => perPrediction(code, file, rows)))
      const size = `${TREES} trees of depth ${DEPTH}, ${FEATURES} features`
      measured.push(
        row({
          what: `a prediction by ${library}'s ${size}`,
          measured: us,
          unit: 'us of the processor',
          comparedTo: 'a model server of two features, one request after the other',
          comparison: askedUs,
          goal: `<= ${MOST_US} us`,
          met: us <= MOST_US,
        }),
        row({
          what: `reading its file of ${(text.length / 2 ** 20).toFixed(1)} MiB`,
          measured: readMs,
          unit: 'ms',
          goal: '',
          met: null,
        }),
      )
    }
    return measured
  } finally {
    await end(server.child)
  }
}

/** Microseconds of the processor, of rows that differ: the same one over and over would be predicted faster. */
function perPrediction(code, file, rows) {
  const row = new Float64Array(FEATURES)
  let sum = 0
  const before = process.cpuUsage()
  for (const values of rows) {
    row.set(values)
    sum += code.probabilityOf(file, row)
  }
  const { user, system } = process.cpuUsage(before)
  if (!(sum > 0)) throw new Error('it gave no probabilities')
  return (user + system) / rows.length
}

async function askServer(code, url) {
  const features = ['rsi14_z', 'vol1m_log']
  const label = { kind: 'move', horizonMin: 5, thresholdBp: 6 }
  const weights = {
    version: 'book-7',
    kind: 'http',
    url,
    model: 'book',
    modelVersion: null,
    input: 'input',
    output: null,
  }
  const model = code.httpModel(
    { ...weights, features, datatype: 'FP64', batch: 64, threshold: 0.5, label },
    { stopwatch: () => performance.now(), budgetMs: 1_000, catalogue: code.builtInCatalogue },
  )
  const values = new Float64Array(code.builtInCatalogue.names.length).fill(0.5)
  const began = performance.now()
  for (let i = 0; i < ASKED; i++) {
    const reply = await new Promise((resolve) => model.ask(values, resolve))
    if (!reply.ok) throw new Error(`the model server gave no score: ${reply.fault}`)
  }
  return ((performance.now() - began) * 1_000) / ASKED
}
