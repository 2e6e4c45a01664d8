/**
 * Text measured in terminal cells. Everything that is shown passes through `clean` first: what a room tells may hold
 * control characters, and a joined emoji is as wide as the terminal pleases, so neither may reach the screen.
 */
import stringWidth from 'string-width'

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/
/** Controls and line breaks become a space, what has no width of its own or joins others is dropped. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
const JOINERS = /[\p{Cf}\p{Cs}\p{Variation_Selector}\p{Emoji_Modifier}\p{Default_Ignorable_Code_Point}]/gu
const FLAGS = /\p{Regional_Indicator}/gu

const ELLIPSIS = '…'
const widths = new Map<string, number>()
const MAX_REMEMBERED = 4096

/** Printable on one line: no control characters, no escape codes, no joined or invisible characters. Idempotent. */
export function clean(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text
  return text.normalize('NFC').replace(CONTROLS, ' ').replace(JOINERS, '').replace(FLAGS, '?')
}

/** Cells of one character of clean text: 0, 1 or 2. */
export function cellsOfChar(char: string): number {
  if (char.length === 1 && char >= ' ' && char <= '~') return 1
  const known = widths.get(char)
  if (known !== undefined) return known
  if (widths.size >= MAX_REMEMBERED) widths.clear()
  const width = stringWidth(char)
  widths.set(char, width)
  return width
}

/** Cells that clean text takes: the sum over its characters, never less than what a terminal gives it. */
export function cellsOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length
  let width = 0
  for (const char of text) width += cellsOfChar(char)
  return width
}

/** Clean text of at most `width` cells; an ellipsis stands where it was cut. */
export function cutText(raw: string, width: number): string {
  const text = clean(raw)
  if (width <= 0) return ''
  if (cellsOf(text) <= width) return text
  let kept = ''
  let used = 0
  for (const char of text) {
    const cells = cellsOfChar(char)
    if (used + cells > width - 1) break
    kept += char
    used += cells
  }
  return kept + ELLIPSIS
}

/** Cut, then filled with spaces on the right to exactly `width` cells. */
export function padText(raw: string, width: number): string {
  const text = cutText(raw, width)
  return text + ' '.repeat(Math.max(0, width - cellsOf(text)))
}

/** Cut, then filled with spaces on the left: for figures that stand under each other. */
export function padLeft(raw: string, width: number): string {
  const text = cutText(raw, width)
  return ' '.repeat(Math.max(0, width - cellsOf(text))) + text
}

/** Breaks text at spaces into at most `maxLines` lines of `width` cells; the last one is cut when there is more. */
export function wrapText(raw: string, width: number, maxLines: number): readonly string[] {
  const words = clean(raw)
    .split(' ')
    .filter((word) => word !== '')
  const lines: string[] = []
  let line = ''
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || cellsOf(longer) <= width) {
      line = longer
      continue
    }
    if (lines.length === maxLines - 1) {
      line = [line, ...words.slice(i)].join(' ')
      break
    }
    lines.push(cutText(line, width))
    line = word
  }
  if (line !== '') lines.push(cutText(line, width))
  return lines
}
