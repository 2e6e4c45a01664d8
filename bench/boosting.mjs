// Boosted trees, beside scikit-learn's and XGBoost's on the same rows and one thread, where these are installed.
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundled } from './bundled.mjs'
import { inRounds, median, row } from './figures.mjs'
import { onay, sample, SYMBOL, temporary } from './processes.mjs'

const run = promisify(execFile)
const TRAIN_ROWS = 14_000
const FASTER_THAN_SKLEARN = 10
const SLOWER_THAN_XGBOOST = 3
const AUC_TOLERANCE = 0.005

/** Trains each library's model and prints seconds and AUC. */
const PYTHON = `
import json, sys, time
import numpy as np
a = np.loadtxt(sys.argv[1], delimiter=',')
n = int(sys.argv[2])
x, y = a[:, :-1], a[:, -1]
out = {}
def tried(name, make):
    try:
        from sklearn.metrics import roc_auc_score
        best = 1e9
        for _ in range(3):
            m = make()
            t = time.perf_counter(); m.fit(x[:n], y[:n]); best = min(best, time.perf_counter() - t)
        out[name] = {'seconds': best, 'auc': float(roc_auc_score(y[n:], m.predict_proba(x[n:])[:, 1]))}
    except ImportError as e:
        out[name] = None
def sk():
    from sklearn.ensemble import GradientBoostingClassifier
    return GradientBoostingClassifier(n_estimators=100, max_depth=3, learning_rate=0.1, random_state=0)
def xg():
    import xgboost
    return xgboost.XGBClassifier(n_estimators=100, max_depth=3, learning_rate=0.1, tree_method='hist', n_jobs=1, random_state=0)
tried('sklearn', sk); tried('xgboost', xg)
print(json.dumps(out))
`

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchBoosting() {
  const dir = temporary()
  const room = join(dir, 'room')
  await onay(['replay', sample, '--symbol', SYMBOL, '--data-dir', room, '--until', '2025-05-20'])
  const code = await bundled(join(dir, 'parts'), [
    ...['db/store.ts', 'engine/training/boosting.ts', 'engine/models/trees.ts', 'engine/training/labels.ts'],
    'engine/stats/ranking.ts',
  ])
  const store = code.openStore(room, 'read')
  const table = store.features.table(SYMBOL, 0, Number.MAX_SAFE_INTEGER)
  store.db.close()
  const label = { kind: 'move', horizonMin: 5, thresholdBp: 6 }
  const labels = code.labelsOf(table.tsMs, table.columns.mid, label)
  const names = table.catalogue.set('v2-paper').model
  const whole = [...table.tsMs.keys()].filter(
    (i) => !Number.isNaN(labels[i]) && names.every((name) => Number.isFinite(table.columns[name][i])),
  )
  const pick = (values, places) => Float64Array.from(places, (i) => values[i])
  const rowsOf = (places) => ({
    columns: names.map((name) => pick(table.columns[name], places)),
    target: pick(labels, places),
  })
  const [train, test] = [whole.slice(0, TRAIN_ROWS), whole.slice(TRAIN_ROWS)]
  const fitted = rowsOf(train)
  let ensemble = null
  const ours = await inRounds(async () => {
    const started = performance.now()
    ensemble = code.fitBoosted(fitted, { ...code.BOOSTING, trees: 100 }).ensemble
    return (performance.now() - started) / 1_000
  })
  const scores = test.map((i) =>
    code.sumOfLeaves(
      ensemble,
      names.map((name) => table.columns[name][i]),
    ),
  )
  const auc = code.auc(
    test.map((i) => labels[i]),
    scores,
  )
  const csv = join(dir, 'rows.csv')
  writeFileSync(
    csv,
    [...train, ...test].map((i) => [...names.map((name) => table.columns[name][i]), labels[i]].join(',')).join('\n'),
  )
  // Debian's own, where there is one: what its packages bring is for that.
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
  const others = await run(python, ['-c', PYTHON, csv, String(TRAIN_ROWS)]).then(
    ({ stdout }) => JSON.parse(stdout),
    () => ({}),
  )
  const seconds = median(ours)
  const beside = (name, title, most) => {
    const theirs = others[name] ?? null
    const what = `${TRAIN_ROWS.toLocaleString('en-US')} x ${names.length}, 100 trees of depth 3, log loss`
    const goal = `<= ${most < 1 ? `1/${1 / most}` : most} times, AUC within ${AUC_TOLERANCE}`
    if (theirs === null)
      return row({ what, measured: seconds, unit: 's', comparedTo: `${title}: not installed`, goal, met: null })
    const isLevel = auc > theirs.auc - AUC_TOLERANCE
    return row({
      what: `${what}; AUC ${auc.toFixed(4)} against ${theirs.auc.toFixed(4)}`,
      measured: seconds,
      unit: 's',
      comparedTo: `${title}, one thread`,
      comparison: theirs.seconds,
      goal,
      met: isLevel && seconds <= most * theirs.seconds,
    })
  }
  return [
    beside('sklearn', "scikit-learn's GradientBoosting", 1 / FASTER_THAN_SKLEARN),
    beside('xgboost', "XGBoost's hist", SLOWER_THAN_XGBOOST),
  ]
}
