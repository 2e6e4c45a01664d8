/** One prompt for ONAY: what is about to happen, what speaks for and against it, and the two lines that a person types. */
import { namedPerson, PHRASE } from '../../engine/approval/prompt.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import type { RoomView } from '../../control/view.ts'
import { padText, wrapText } from '../cells.ts'
import { cellsOfLine, EMPTY_LINE, keyed, sides, span, textLine, type Line, type Tone } from '../line.ts'
import { expiryText } from '../top/waiting.ts'
import { mayOnlyLook } from '../reasons.ts'
import { expiresInSec } from '../release.ts'
import type { PromptPage } from '../state.ts'
import { figureWords } from './figures.ts'
import { figureTable } from './prompt-figures.ts'
import { inputLine } from './input-line.ts'
import { rangeText, type PageBlock } from './page.ts'

const LABEL_CELLS = 16
const MAX_WRAPPED = 40
const SOON_SEC = 180
/** A blank above the facts; a blank, the reason and the phrase below them. */
const FIXED_ROWS = 4

/** `3fa9 ... 71c0` */
function shortHash(hash: string): string {
  return hash.length <= 12 ? hash : `${hash.slice(0, 4)} ... ${hash.slice(-4)}`
}

interface Fact {
  readonly label: string
  readonly texts: readonly string[]
  readonly tone: Tone
}

function factsOf(prompt: ApprovalDocument): readonly Fact[] {
  const { speaks_for: speaksFor, against, given, needs } = prompt
  const names = given.map((word) => `${namedPerson(word)}: "${word.reason}"`)
  return [
    { label: 'What happens', texts: [prompt.what_happens], tone: 'plain' },
    { label: 'For it', texts: speaksFor.length === 0 ? ['nothing that was measured'] : speaksFor, tone: 'plain' },
    // Nothing against it is no praise: it may be that nothing could be measured.
    { label: 'Against it', texts: against.length === 0 ? ['nothing that was measured'] : against, tone: 'warn' },
    { label: 'Stops it', texts: [prompt.stops_it], tone: 'plain' },
    ...(needs > 1
      ? [{ label: 'Persons', texts: [`${given.length} of ${needs} given`, ...names], tone: 'strong' as const }]
      : []),
  ]
}

/** What the approval is bound to. */
function boundTo(prompt: ApprovalDocument): Fact {
  return {
    label: 'Artifact',
    texts: [`sha256 ${shortHash(prompt.sha256)}, figures ${shortHash(prompt.figures_sha256)}`],
    tone: 'dim',
  }
}

function factLines(facts: readonly Fact[], width: number): readonly Line[] {
  const room = Math.max(16, width - LABEL_CELLS - 3)
  return facts.flatMap(({ label, texts, tone }) =>
    texts
      .flatMap((text) => {
        const wrapped = wrapText(text, room, MAX_WRAPPED)
        return wrapped.length === 0 ? ['-'] : wrapped
      })
      .map((text, i) => [
        span(`  ${padText(i === 0 ? label : '', LABEL_CELLS)}`, tone === 'warn' ? 'bad' : 'strong'),
        span(text, tone),
      ]),
  )
}

/** What is approved, word for word, and who asks until when: on one line where both fit. */
function headLines(prompt: ApprovalDocument, view: RoomView, width: number): readonly Line[] {
  const sentence = prompt.sentence.startsWith(PHRASE) ? prompt.sentence : `${PHRASE}: ${prompt.sentence}`
  const of = view.room.symbols.length > 1 && !sentence.includes(prompt.symbol) ? `, ${prompt.symbol}` : ''
  const soon = (expiresInSec(prompt, view.room.clock) ?? 0) < SOON_SEC
  const left = textLine(`  ${sentence}${of}`, 'strong')
  const asked = span(`asked by ${prompt.asked_by}, `, 'dim')
  const right = [asked, span(expiryText(prompt, view.room.clock), soon ? 'bad' : 'plain'), span(' ')]
  return cellsOfLine([...left, ...right]) < width ? [sides(left, right, width)] : [left, [span('  '), ...right]]
}

/** The prompt over the whole page. What is typed always has its place; facts that do not fit scroll, and it says so. */
export function promptPage(page: PromptPage, view: RoomView, width: number, height: number): PageBlock {
  const { shown } = page
  const head = headLines(shown, view, width)
  const table = figureTable(shown.figures, width)
  const words = figureWords(shown.figures)
  const whole = page.whole || table.length === 0
  const every = whole ? factLines([{ label: 'Figures', texts: [words], tone: 'dim' }], width) : []
  const facts = [
    ...factLines(factsOf(shown), width),
    ...table,
    ...factLines([boundTo(shown)], width),
    ...(words === '' ? [] : every),
  ]
  const room = Math.max(1, height - FIXED_ROWS - head.length)
  const fits = facts.length <= room
  const pageRows = fits ? facts.length : Math.max(1, room - 1)
  const from = Math.min(page.scroll, Math.max(0, facts.length - pageRows))
  const visible = facts.slice(from, from + pageRows)
  const more = fits
    ? []
    : [textLine(`  ${rangeText(from, visible.length, facts.length)}: PgUp and PgDn show the others`, 'bad')]
  const ways = mayOnlyLook(view) ? 'read-only, `Esc` back ' : '`Esc` leaves it waiting   `Ctrl+R` refuses '
  const says = page.sent ? textLine('sending the answer ... ', 'warn') : keyed(ways, 'dim')
  return {
    lines: [
      ...head,
      EMPTY_LINE,
      ...visible,
      ...more,
      EMPTY_LINE,
      inputLine('Reason', page.reason, page.field === 'reason', says, width),
      inputLine(`Type ${PHRASE} and Enter`, page.phrase, page.field === 'phrase', EMPTY_LINE, width),
    ],
    pageRows,
    listRows: facts.length,
  }
}
