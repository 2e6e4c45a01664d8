/**
 * How tones and glyphs look on this terminal. Panels always compose with Unicode glyphs and tones; painting turns them into
 * escape codes where colour is wanted, and into ASCII, cell for cell, where Unicode is not available.
 */
import { cellsOfChar } from './cells.ts'
import type { Line, Tone } from './line.ts'

export interface Theme {
  readonly colour: boolean
  readonly unicode: boolean
}

const SGR: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '\x1b[2m',
  strong: '\x1b[1m',
  good: '\x1b[32m',
  warn: '\x1b[33m',
  bad: '\x1b[1;31m',
  key: '\x1b[1;36m',
  inverse: '\x1b[1;7m',
}
const RESET = '\x1b[0m'

/** Each glyph that panels and charts use, and its stand-in of one cell. The eight bars are the sparkline's ramp. */
const ASCII: Readonly<Record<string, string>> = {
  '▁': '.',
  '▂': ',',
  '▃': '-',
  '▄': '=',
  '▅': '+',
  '▆': '*',
  '▇': '#',
  '█': '%',
  '…': '~',
  '│': '|',
  '─': '-',
  '┼': '+',
  '┤': '|',
  '├': '|',
  '┬': '+',
  '┴': '+',
  '┌': '+',
  '┐': '+',
  '└': '+',
  '┘': '+',
  '╶': '-',
  '╴': '-',
  '╌': '=',
  '╰': '`',
  '╭': '.',
  '╮': '.',
  '╯': "'",
  '▸': '>',
  '░': '.',
  '●': 'o',
  '○': '.',
  '◐': '%',
}

/**
 * Read from the environment. `NO_COLOR` (any value but empty) and `TERM=dumb` take every escape code out of the lines.
 * Unicode needs a UTF-8 locale, by LC_ALL, else LC_CTYPE, else LANG; the Linux console has too few glyphs for it.
 */
export function themeFrom(env: Readonly<Record<string, string | undefined>>): Theme {
  const noColour = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== ''
  const term = env['TERM'] ?? ''
  const locale =
    [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '') ?? ''
  return {
    colour: !noColour && term !== 'dumb',
    unicode: /utf-?8/i.test(locale) && term !== 'dumb' && term !== 'linux',
  }
}

/** Text with each character that is not ASCII replaced by as many cells of ASCII. */
function toAscii(text: string): string {
  let out = ''
  for (const char of text) {
    out += char >= ' ' && char <= '~' ? char : (ASCII[char] ?? '?'.repeat(cellsOfChar(char)))
  }
  return out
}

/** Text in a tone; the same text where the theme has no colour. */
function styled(text: string, tone: Tone, theme: Theme): string {
  const shown = theme.unicode ? text : toAscii(text)
  return theme.colour && tone !== 'plain' && shown.trim() !== '' ? SGR[tone] + shown + RESET : shown
}

/** A fitted line as a string for the terminal: trailing blanks dropped, escape codes only where the theme has colour. */
export function paint(line: Line, theme: Theme): string {
  const last = line.findLastIndex((part) => part.text.trim() !== '')
  let out = ''
  for (const [i, part] of line.slice(0, last + 1).entries()) {
    out += styled(i === last ? part.text.trimEnd() : part.text, part.tone, theme)
  }
  return out
}
