/** Sparklines. Those of PSI are on a scale that never moves, 0 to 0.4 in eight steps of 0.05, so that two can be compared. */
import type { Line, Tone } from './line.ts'
import { span } from './line.ts'
import { RAMP } from '../control/spark.ts'

const SCALE_MAX = 0.4
/** The room keeps a value an hour over seven days. */
const COURSE_HOURS = 168
/** Where PSI changes its level: from `warning`, gate 1's limit, `critical`. */
const MARKS = [0, 0.1, 0.2, 0.3] as const

const STEP = SCALE_MAX / RAMP.length

function glyph(value: number): string {
  // A hair is added since 0.15 / 0.05 falls just below 3.
  const index = Math.min(RAMP.length - 1, Math.max(0, Math.floor(value / STEP + 1e-9)))
  return RAMP[index] ?? ' '
}

function toneOf(value: number): Tone {
  if (value > 0.3) return 'bad'
  return value > 0.1 ? 'warn' : 'plain'
}

/**
 * The last seven days in `width` cells, the newest right. Each cell shows the highest of its hours, so that a short peak
 * stays visible; hours without a value are blank.
 * @param course hourly values, oldest first, at most `COURSE_HOURS`
 */
export function sparkline(course: readonly (number | null)[], width: number): Line {
  const cells: { text: string; tone: Tone }[] = []
  const offset = COURSE_HOURS - Math.min(course.length, COURSE_HOURS)
  const newest = course.slice(-COURSE_HOURS)
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x * COURSE_HOURS) / width)
    const until = Math.max(from + 1, Math.floor(((x + 1) * COURSE_HOURS) / width))
    let top: number | null = null
    for (let hour = from; hour < until; hour++) {
      const value = newest[hour - offset]
      if (value !== undefined && value !== null && Number.isFinite(value)) top = Math.max(top ?? 0, value)
    }
    const cell = top === null ? { text: ' ', tone: 'plain' as const } : { text: glyph(top), tone: toneOf(top) }
    const before = cells.at(-1)
    if (before?.tone === cell.tone) before.text += cell.text
    else cells.push(cell)
  }
  return cells.map((cell) => span(cell.text, cell.tone))
}

/** The scale in words: the glyph that stands for each threshold. */
export function sparkScale(): string {
  return MARKS.map((mark) => `${glyph(mark)} ${mark === 0 ? '0' : mark.toFixed(1).slice(1)}`).join('  ')
}
