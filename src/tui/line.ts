/** A line of the screen before it is painted: spans of text, each with a tone. Pure values, no escape codes. */
import { cellsOf, clean, cutText } from './cells.ts'

/** What a span means; the theme says how it looks. No tone carries a meaning that its text does not carry too. */
export type Tone = 'plain' | 'dim' | 'strong' | 'good' | 'warn' | 'bad' | 'key' | 'inverse'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

export type Line = readonly Span[]

export const EMPTY_LINE: Line = []

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone }
}

export function textLine(text: string, tone: Tone = 'plain'): Line {
  return [span(text, tone)]
}

/** Words with keys in them: what stands between backquotes is one. */
export function keyed(text: string, tone: Tone = 'plain'): Line {
  return text
    .split('`')
    .map((part, i) => span(part, i % 2 === 1 ? 'key' : tone))
    .filter((part) => part.text !== '')
}

export function cellsOfLine(line: Line): number {
  return line.reduce((sum, part) => sum + cellsOf(clean(part.text)), 0)
}

/** At most `width` cells; an ellipsis stands where the line was cut. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Span[] = []
  let left = width
  for (const [i, part] of line.entries()) {
    const text = clean(part.text)
    const cells = cellsOf(text)
    const last = i === line.length - 1
    if (cells < left || (cells === left && last)) {
      fitted.push(span(text, part.tone))
      left -= cells
      continue
    }
    const restIsBlank = cells === left && line.slice(i + 1).every((next) => next.text.trim() === '')
    fitted.push(span(restIsBlank ? text : cutText(`${text}…`, left), part.tone))
    return fitted
  }
  return fitted
}

/** Fitted and filled with spaces to exactly `width` cells. */
export function padLine(line: Line, width: number): Line {
  const fitted = fitLine(line, width)
  const missing = width - cellsOfLine(fitted)
  return missing > 0 ? [...fitted, span(' '.repeat(missing))] : fitted
}

/** One part at each end of `width` cells. What stands right is kept whole as long as 12 cells stay for the left. */
export function sides(left: Line, right: Line, width: number): Line {
  const rightFitted = fitLine(right, Math.max(0, width - 12))
  const rightCells = cellsOfLine(rightFitted)
  if (rightCells === 0) return fitLine(left, width)
  const leftWidth = width - rightCells - 1
  return [...padLine(left, leftWidth), span(' '), ...rightFitted]
}

/** The first of the lines, longest first, that fits into `width`; the last one, cut, when none does. */
export function firstThatFits(lines: readonly Line[], width: number): Line {
  const found = lines.find((line) => cellsOfLine(line) <= width)
  return found ?? fitLine(lines.at(-1) ?? EMPTY_LINE, width)
}

/** `████░░░░`: a bar of `width` cells filled to `share`, 0 to 1; null shows it empty. */
export function barOf(share: number | null, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share ?? 0)) * width)
  return '█'.repeat(filled) + '░'.repeat(Math.max(0, width - filled))
}

/** Broken at blanks into lines of `width` cells, tones kept; a word that is wider than a line is cut. Never empty. */
export function wrapLine(line: Line, width: number): readonly Line[] {
  const words = line.flatMap(({ text, tone }) =>
    clean(text)
      .split(/(?<= )/)
      .map((word) => span(word, tone)),
  )
  const lines: Span[][] = [[]]
  let used = 0
  // A word may be made of several spans: it is broken at none of its seams.
  for (let i = 0; i < words.length; ) {
    let end = i
    while (end < words.length - 1 && !(words[end]?.text.endsWith(' ') ?? false)) end++
    const word = words.slice(i, end + 1)
    const cells = cellsOf(
      word
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    if (used > 0 && used + cells > width) {
      lines.push([])
      used = 0
    }
    lines.at(-1)?.push(...word)
    used += cellsOfLine(word)
    i = end + 1
  }
  return lines.map((one) => {
    const last = one.at(-1)
    return fitLine(last === undefined ? one : [...one.slice(0, -1), span(last.text.trimEnd(), last.tone)], width)
  })
}
