/** Everything of a user's own, made of the recording: a column, what came of each minute, and a tree that knows the column. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { labelsOf } from '../../src/engine/training/labels.ts'
import type { Bar } from '../../src/engine/market/bar.ts'
import { readSampleBars } from './golden/sample-features.ts'
import { DAY, MINUTE } from './moments.ts'

const HORIZON_MIN = 15
const BEYOND_BP = 12
const HALF_HOUR = 30
const LEAVES = 16
const COLUMN = 'range_30m_bp'
const FROM = Date.parse('2025-05-17T00:00:00Z')
/** What the tree is grown on ends here; onay never sees those minutes. */
const GROWN_UNTIL = FROM

/** Writes `bars.csv.gz`, `columns.json`, `mine.csv`, `outcomes.csv`, `forest.txt` and `rows.csv` into a directory. */
export function writeOwnModel(dir: string, untilMs: number): void {
  const bars = readSampleBars('btcusdt').filter(({ tsMs }) => tsMs < untilMs)
  const ranges = rangesOf(bars)
  const labels = labelsOf(
    bars.map(({ tsMs }) => tsMs),
    bars.map(({ close }) => close),
    { kind: 'move', horizonMin: HORIZON_MIN, thresholdBp: BEYOND_BP },
  )
  const tree = grown(bars, ranges, labels)
  const at = bars.flatMap(({ tsMs }, i) => (tsMs >= FROM ? [i] : []))
  const known = at.filter((i) => !Number.isNaN(labels[i]))
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(dir, name), `${lines.join('\n')}\n`)
  const barLine = ({ tsMs, open, high, low, close, volume }: Bar): string =>
    [tsMs, open, high, low, close, volume].join(',')
  const played = ['ts_ms,open,high,low,close,volume', ...at.map((i) => barLine(bars[i] ?? NO_BAR))]
  writeFileSync(join(dir, 'bars.csv.gz'), gzipSync(`${played.join('\n')}\n`))
  write('columns.json', [
    JSON.stringify([{ name: COLUMN, max_age_s: 300, unit: 'bp', about: 'of the last half hour' }]),
  ])
  // Known when the minute has ended.
  write('mine.csv', [`ts_ms,${COLUMN}`, ...at.map((i) => `${(bars[i]?.tsMs ?? 0) + MINUTE},${ranges[i]}`)])
  write('outcomes.csv', ['ts_ms,label', ...known.map((i) => `${bars[i]?.tsMs},${labels[i]}`)])
  write('forest.txt', [tree.text])
  write('rows.csv', [
    `${COLUMN},prediction`,
    ...at.slice(0, 300).map((i) => `${ranges[i]},${tree.score(ranges[i] ?? 0)}`),
  ])
}

const NO_BAR: Bar = { tsMs: 0, open: 0, high: 0, low: 0, close: 0, volume: 0 }

/** 10^4 ln(highest high / lowest low) of the last half hour. */
function rangesOf(bars: readonly Bar[]): number[] {
  return bars.map((_, i) => {
    const last = bars.slice(Math.max(0, i - HALF_HOUR + 1), i + 1)
    const [high, low] = [Math.max(...last.map((bar) => bar.high)), Math.min(...last.map((bar) => bar.low))]
    return Number((1e4 * Math.log(high / low)).toFixed(6))
  })
}

/** One tree of equally filled leaves on the column, as LightGBM saves it. */
function grown(
  bars: readonly Bar[],
  ranges: readonly number[],
  labels: Float64Array,
): { readonly text: string; readonly score: (range: number) => number } {
  const rows = bars.flatMap(({ tsMs }, i) => {
    const label = labels[i] ?? Number.NaN
    return tsMs < GROWN_UNTIL && tsMs >= GROWN_UNTIL - 12 * DAY && !Number.isNaN(label)
      ? [{ x: ranges[i] ?? 0, label }]
      : []
  })
  const sorted = rows.map(({ x }) => x).sort((a, b) => a - b)
  const cuts = Array.from({ length: LEAVES - 1 }, (_, k) => sorted[Math.floor((sorted.length * (k + 1)) / LEAVES)] ?? 0)
  const leafOf = (x: number): number => cuts.filter((cut) => x > cut).length
  const counts = Array.from({ length: LEAVES }, () => ({ n: 0, events: 0 }))
  for (const { x, label } of rows) {
    const leaf = counts[leafOf(x)]
    if (leaf === undefined) continue
    leaf.n++
    leaf.events += label
  }
  const values = counts.map(({ n, events }) => Math.log((events + 1) / (n - events + 1)))
  const [left, right, thresholds]: [number[], number[], number[]] = [[], [], []]
  const split = (from: number, until: number): number => {
    if (until - from === 1) return -(from + 1)
    const node = thresholds.length
    const middle = (from + until) / 2
    thresholds.push(cuts[middle - 1] ?? 0)
    left.push(0)
    right.push(0)
    left[node] = split(from, middle)
    right[node] = split(middle, until)
    return node
  }
  split(0, LEAVES)
  const zeros = thresholds.map(() => 0).join(' ')
  const text = [
    'tree',
    'version=v4',
    'num_class=1',
    'num_tree_per_iteration=1',
    'label_index=0',
    'max_feature_idx=0',
    'objective=binary sigmoid:1',
    `feature_names=${COLUMN}`,
    'feature_infos=[0:10000]',
    '',
    'Tree=0',
    `num_leaves=${LEAVES}`,
    'num_cat=0',
    `split_feature=${zeros}`,
    `split_gain=${zeros}`,
    `threshold=${thresholds.join(' ')}`,
    `decision_type=${thresholds.map(() => 2).join(' ')}`,
    `left_child=${left.join(' ')}`,
    `right_child=${right.join(' ')}`,
    `leaf_value=${values.join(' ')}`,
    `leaf_weight=${counts.map(({ n }) => n).join(' ')}`,
    `leaf_count=${counts.map(({ n }) => n).join(' ')}`,
    `internal_value=${zeros}`,
    `internal_weight=${zeros}`,
    `internal_count=${zeros}`,
    'is_linear=0',
    'shrinkage=1',
    '',
    '',
    'end of trees',
    '',
    'pandas_categorical:null',
  ].join('\n')
  return { text, score: (range) => 1 / (1 + Math.exp(-(values[leafOf(range)] ?? 0))) }
}
