/** Draws screens of a terminal as one SVG that plays them in turn. No font is needed for what is not a letter: bars and lines are shapes. */

const CELL = { width: 8.4, height: 18 }
const PAD = 14
const TITLE_HEIGHT = 40
const PAPER = '#14171b'
const INK = '#d5dae1'
/** The sixteen colours that a terminal has names for. */
const PALETTE = [
  '#2b3038',
  '#ff7b72',
  '#63c174',
  '#d9b24c',
  '#6ca8f0',
  '#c792ea',
  '#56c2d6',
  '#d5dae1',
  '#8b949e',
  '#ff9d96',
  '#8fdc9c',
  '#ecd07f',
  '#99c4f7',
  '#dcb4f3',
  '#8adcec',
  '#ffffff',
] // prettier-ignore
/** Which halves of a cell a line of a box goes through: left, right, up, down. */
const BOX = {
  '─': 'lr',
  '│': 'ud',
  '┌': 'rd',
  '┐': 'ld',
  '└': 'ru',
  '┘': 'lu',
  '├': 'rud',
  '┤': 'lud',
  '┬': 'lrd',
  '┴': 'lru',
  '┼': 'lrud',
  '╭': 'rd',
  '╮': 'ld',
  '╰': 'ru',
  '╯': 'lu',
  '╴': 'l',
  '╶': 'r',
  '╵': 'u',
  '╷': 'd',
} // prettier-ignore

/**
 * The cells of a terminal's screen: rows of runs of one style.
 * @param terminal of @xterm/headless
 * @returns rows of `{ x, text, ink, paper, bold }`; x in cells, paper null where it is the terminal's own
 */
export function rowsOf(terminal) {
  const { active } = terminal.buffer
  return Array.from({ length: terminal.rows }, (_, y) => {
    const line = active.getLine(active.baseY + y)
    const runs = []
    for (let x = 0; x < terminal.cols; x++) {
      const cell = line?.getCell(x)
      if (cell === undefined || cell.getWidth() === 0) continue
      const style = styleOf(cell)
      const text = cell.getChars() || ' '
      const last = runs.at(-1)
      if (last !== undefined && sameStyle(last, style)) last.text += text
      else runs.push({ x, text, ...style })
    }
    return runs
  })
}

function sameStyle(a, b) {
  return a.ink === b.ink && a.paper === b.paper && a.bold === b.bold && a.dim === b.dim
}

function styleOf(cell) {
  const colours = [
    cell.isFgDefault() ? null : colourOf(cell.isFgRGB(), cell.getFgColor()),
    cell.isBgDefault() ? null : colourOf(cell.isBgRGB(), cell.getBgColor()),
  ]
  const [ink, paper] = cell.isInverse() ? [colours[1] ?? PAPER, colours[0] ?? INK] : colours
  return { ink: ink ?? INK, paper, bold: Boolean(cell.isBold()), dim: Boolean(cell.isDim()) }
}

function colourOf(isRgb, value) {
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`
  if (value < 16) return PALETTE[value]
  if (value >= 232) return `#${(8 + (value - 232) * 10).toString(16).padStart(2, '0').repeat(3)}`
  const step = (n) => (n === 0 ? 0 : 55 + 40 * n).toString(16).padStart(2, '0')
  const cube = value - 16
  return `#${step(Math.floor(cube / 36))}${step(Math.floor(cube / 6) % 6)}${step(cube % 6)}`
}

/**
 * @param frames `{ caption, rows, seconds }`, rows as `rowsOf` gives them, all of one size
 * @param columns cells in a row
 * @param label what a reader hears who cannot see it
 * @param still the frame for readers who want no motion
 */
export function svgOf(frames, columns, label, still) {
  const rows = frames[0].rows.length
  const width = Math.round(columns * CELL.width + 2 * PAD)
  const height = rows * CELL.height + TITLE_HEIGHT + PAD
  const pieces = new Map()
  // What stands in the same place in several frames is drawn once.
  const put = (key, drawn, frame) => {
    if (drawn === '') return
    const piece = pieces.get(`${key} ${drawn}`) ?? { drawn, frames: [] }
    piece.frames.push(frame)
    pieces.set(`${key} ${drawn}`, piece)
  }
  frames.forEach(({ caption, rows: lines }, frame) => {
    put('title', `<text class="t" x="${width / 2}" y="25">${escaped(caption)}</text>`, frame)
    lines.forEach((runs, y) => put(y, runs.map((run) => runOf(run, y)).join(''), frame))
  })
  const shown = [...pieces.values()]
  const groups = new Map(shown.map((piece) => [piece.frames.join('-'), piece.frames]))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(label)}">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.t{font:600 15px system-ui,-apple-system,"Segoe UI",sans-serif;text-anchor:middle;fill:#fff}.b{font-weight:700}.d{opacity:.65}
${[...groups].map(([name, those]) => ruleOf(name, those, frames, still)).join('\n')}</style>
<rect width="${width}" height="${height}" rx="10" fill="${PAPER}"/><path d="M0 ${TITLE_HEIGHT - 4}H${width}" stroke="#363d46"/>
<g fill="#363d46"><circle cx="20" cy="19" r="6"/><circle cx="40" cy="19" r="6"/><circle cx="60" cy="19" r="6"/></g>
${shown.map(({ drawn, frames: those }) => `<g class="f${those.join('-')}">${drawn}</g>`).join('\n')}
</svg>
`
}

/** When the pieces of some frames are seen. */
function ruleOf(name, those, frames, still) {
  if (those.length === frames.length) return ''
  const total = frames.reduce((sum, { seconds }) => sum + seconds, 0)
  let began = 0
  const steps = frames.map(({ seconds }, i) => {
    const at = `${Number(((100 * began) / total).toFixed(3))}%{visibility:${those.includes(i) ? 'visible' : 'hidden'}}`
    began += seconds
    return at
  })
  return `@keyframes k${name}{${steps.join('')}}.f${name}{animation:k${name} ${total}s step-end infinite}
@media (prefers-reduced-motion:reduce){.f${name}{animation:none;visibility:${those.includes(still) ? 'visible' : 'hidden'}}}`
}

/** A run of one style: its ground, its letters, and its bars and lines. */
function runOf({ x, text, ink, paper, bold, dim }, y) {
  const left = (cells) => Number((PAD + cells * CELL.width).toFixed(1))
  const top = TITLE_HEIGHT + y * CELL.height
  const cells = [...text]
  const ground =
    paper === null
      ? ''
      : `<rect x="${left(x)}" y="${top}" width="${Number((cells.length * CELL.width).toFixed(1))}" height="${CELL.height}" fill="${paper}"/>`
  const bars = cells.map((cell, i) => barOf(cell, left(x + i), top)).join('')
  const lines = cells.map((cell, i) => lineOf(cell, left(x + i), top)).join('')
  const letters = cells.map((cell) => (isShape(cell) ? ' ' : cell)).join('')
  const classes = [bold ? 'b' : '', dim ? 'd' : ''].filter((name) => name !== '').join(' ')
  const named = classes === '' ? '' : ` class="${classes}"`
  const words = [...letters.matchAll(/\S+(?: \S+)*/g)].map((word) => {
    const at = [...letters.slice(0, word.index)].length
    // Fonts differ in width, cells do not.
    const wide = Number(([...word[0]].length * CELL.width).toFixed(1))
    return `<text${named} x="${left(x + at)}" y="${top + 13.5}" fill="${ink}" textLength="${wide}" lengthAdjust="spacingAndGlyphs">${escaped(word[0])}</text>`
  })
  const faint = dim ? ' class="d"' : ''
  return [
    ground,
    bars === '' ? '' : `<path${faint} d="${bars}" fill="${ink}"/>`,
    lines === '' ? '' : `<path${faint} d="${lines}" stroke="${ink}" fill="none"/>`,
    ...words,
  ].join('')
}

function isShape(cell) {
  return cell in BOX || (cell >= '▁' && cell <= '█') || cell === '░'
}

/** A bar from the bottom of its cell: one to eight eighths, or a light one. */
function barOf(cell, x, top) {
  if (cell === '░') return `M${x} ${top + CELL.height / 2 - 1}h${CELL.width}v2h${-CELL.width}z`
  if (cell < '▁' || cell > '█') return ''
  const high = ((cell.codePointAt(0) - 0x2580) / 8) * (CELL.height - 3)
  return `M${x} ${top + CELL.height - 2}h${CELL.width}v${-high}h${-CELL.width}z`
}

function lineOf(cell, x, top) {
  const halves = BOX[cell]
  if (halves === undefined) return ''
  const [midX, midY] = [Number((x + CELL.width / 2).toFixed(1)), top + CELL.height / 2]
  const ends = { l: `H${x}`, r: `H${Number((x + CELL.width).toFixed(1))}`, u: `V${top}`, d: `V${top + CELL.height}` }
  return [...halves].map((half) => `M${midX} ${midY}${ends[half]}`).join('')
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one])
}
