// Rows of the table, and what they are made of.

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {number | null} measured
 * @property {string} unit
 * @property {string} comparedTo
 * @property {number | null} comparison
 * @property {number | null} ratio measured over compared
 * @property {string} goal
 * @property {boolean | null} met null where nothing is asked
 */

/** How often is measured what is told as a median. */
export const ROUNDS = 5

/** What each round measured, one after the other. @template T @param {(round: number) => Promise<T>} measure @returns {Promise<T[]>} */
export async function inRounds(measure) {
  const measured = []
  for (let round = 0; round < ROUNDS; round++) measured.push(await measure(round))
  return measured
}

/** @param {readonly number[]} values @returns {number} */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** @param {Omit<Row, 'comparedTo' | 'comparison' | 'ratio'> & Partial<Row>} row @returns {Row} */
export function row(row) {
  const comparison = row.comparison ?? null
  return {
    what: row.what,
    measured: row.measured,
    unit: row.unit,
    comparedTo: row.comparedTo ?? '',
    comparison,
    ratio: comparison === null || row.measured === null ? null : row.measured / comparison,
    goal: row.goal,
    met: row.met,
  }
}

/** @param {number | null} value */
function figure(value) {
  if (value === null || Number.isNaN(value)) return '-'
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}

/** @param {readonly Row[]} rows @returns {string} */
export function table(rows) {
  const head = ['what', 'measured', 'compared to', '', 'ratio', 'goal', 'met']
  const lines = rows.map((r) => [
    r.what,
    `${figure(r.measured)} ${r.unit}`,
    r.comparedTo,
    r.comparison === null ? '' : figure(r.comparison),
    figure(r.ratio),
    r.goal,
    r.met === null ? '' : r.met ? 'yes' : 'NO',
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => (line[i] ?? '').length)))
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
