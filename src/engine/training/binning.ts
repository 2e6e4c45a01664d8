/** Values of features as small whole numbers, so that a split is looked for among bins and not among rows. */

/** Bins that hold values; one more holds what is missing. */
const MAX_BINS = 255
/** The bin of a missing value, in every feature. */
export const MISSING = 255
/** Of the edges, those at either end that part what is extreme; the others part bins of as many rows each. */
const TAIL_EDGES = 12
const EVEN_BINS = MAX_BINS - 2 * TAIL_EDGES
/** Rows that edges are worked out of at most: quantiles of more differ by less than a bin. */
const MAX_SAMPLED = 200_000

export interface Binned {
  readonly rows: number
  readonly features: number
  /** One byte a row and feature, the features of a row side by side. */
  readonly bins: Uint8Array
  /** Upper edges of a feature's bins but for the last, ascending: bin b holds values above edge b - 1 and up to edge b. */
  readonly edges: readonly Float64Array[]
}

/**
 * Bins by quantiles; where a feature has few distinct values, one for each, the edge halfway between two.
 * @param columns one a feature, all of one length; NaN is missing. @throws RangeError when their lengths differ
 */
export function binColumns(columns: readonly Float64Array[]): Binned {
  const rows = columns[0]?.length ?? 0
  if (columns.some(({ length }) => length !== rows)) throw new RangeError('columns of different lengths')
  const features = columns.length
  const bins = new Uint8Array(rows * features)
  const edges = columns.map(edgesOf)
  for (const [f, column] of columns.entries()) {
    const own = edges[f] ?? new Float64Array()
    for (let row = 0; row < rows; row++) bins[row * features + f] = binOf(own, column[row] ?? Number.NaN)
  }
  return { rows, features, bins, edges }
}

function binOf(edges: Float64Array, x: number): number {
  if (Number.isNaN(x)) return MISSING
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (x <= (edges[middle] ?? Number.NaN)) high = middle
    else low = middle + 1
  }
  return low
}

function edgesOf(column: Float64Array): Float64Array {
  const stride = Math.max(1, Math.ceil(column.length / MAX_SAMPLED))
  const sorted = column.filter((x, i) => i % stride === 0 && !Number.isNaN(x)).sort()
  const distinct = sorted.filter((x, i) => i === 0 || x !== sorted[i - 1])
  const halfway = (i: number): number => {
    const [below = Number.NaN, above = Number.NaN] = [distinct[i - 1], distinct[i]]
    const middle = below + (above - below) / 2
    // Neighbours among doubles have nothing between them.
    return middle < above ? middle : below
  }
  if (distinct.length <= MAX_BINS)
    return Float64Array.from({ length: Math.max(0, distinct.length - 1) }, (_, i) => halfway(i + 1))
  const edges: number[] = []
  for (const rank of ranksOf(sorted.length)) {
    const edge = halfway(Math.max(1, lowerBound(distinct, sorted[rank] ?? Number.NaN)))
    if (edges.length === 0 || edge > (edges.at(-1) ?? Number.NaN)) edges.push(edge)
  }
  return Float64Array.from(edges)
}

/**
 * Ranks at which bins part, ascending: evenly spaced, and closer together at both ends. What is extreme decides about targets
 * such as volatility, and even bins would throw a hundredth of the rows together there.
 */
function ranksOf(rows: number): readonly number[] {
  const even = Array.from({ length: EVEN_BINS - 1 }, (_, i) => Math.floor(((i + 1) * rows) / EVEN_BINS))
  const width = rows / EVEN_BINS
  const tail = Array.from({ length: TAIL_EDGES }, (_, i) => Math.max(1, Math.round(width * 2 ** -((i + 1) / 2))))
  const ranks = [...tail, ...even, ...tail.map((rank) => rows - rank)]
  return [...new Set(ranks)].sort((x, y) => x - y)
}

/** The place of the first value that is not below x. */
function lowerBound(sorted: Float64Array, x: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? Number.NaN) < x) low = middle + 1
    else high = middle
  }
  return low
}
