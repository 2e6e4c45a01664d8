/**
 * One frame of the screen as strings: exactly `rows` of them, none wider than `columns` cells. Pure, so that every size and
 * state can be tested without a terminal.
 */
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { RoomView } from '../control/view.ts'
import { narrowBody, wideBody } from './body.ts'
import { wrapText } from './cells.ts'
import { askText, hintLine } from './hints.ts'
import { EMPTY_LINE, fitLine, span, textLine, type Line } from './line.ts'
import { acknowledgePage } from './large/acknowledge.ts'
import { canaryFormPage } from './large/canary-form.ts'
import { formPage } from './large/form.ts'
import { helpPage } from './large/help.ts'
import { largePage } from './large/large.ts'
import type { PageBlock, TableWindow } from './large/page.ts'
import { promptPage } from './large/prompt.ts'
import { promptsPage } from './large/prompts.ts'
import { headerLine, workLine } from './screens/release/header.ts'
import { waitingLine } from './screens/release/waiting.ts'
import { isTooSmall, tooSmallText, WIDE_COLUMNS, type Size } from './size.ts'
import { pageOf, type UiState } from './state.ts'
import { paint, type Theme } from './theme.ts'

/** The message line and the keys. */
const FOOT_ROWS = 2
const MAX_NOTES = 3
/** Below this many rows a rule between panels would cost a fact. */
const RULES_FROM_ROWS = 22

export interface Screen {
  /** Exactly as many as the window has rows. Blank where the table goes. */
  readonly lines: readonly string[]
  readonly table: TableWindow | null
  /** For the reducer: rows of a list that are visible, and rows that there are. */
  readonly pageRows: number
  readonly listRows: number
}

/** What waits for a person, troubles and progress stand right under the header, whatever is open below. */
function noteLines(view: RoomView, ui: UiState, width: number): readonly Line[] {
  const lost =
    ui.lost === null ? [] : [[span(' NO ANSWER ', 'bad'), span(`the figures below are out of date: ${ui.lost}`)]]
  const line = (view.attached?.notes ?? []).map((note) => textLine(` ${note}`, 'warn'))
  const troubles = view.room.troubles.map((trouble) => [span(' TROUBLE ', 'bad'), span(trouble)])
  const work = view.room.work.map((item) => workLine(item, view, width))
  const closing = view.room.phase === 'closing' ? [textLine(' the room is closing', 'warn')] : []
  const page = pageOf(ui)
  const prompts = waitingLine(view, page.kind === 'prompt' ? page.shown.id : null, width)
  const all = [...lost, ...line, ...prompts, ...troubles, ...closing, ...work]
  if (all.length <= MAX_NOTES) return all
  const more = all.length - MAX_NOTES + 1
  return [...all.slice(0, MAX_NOTES - 1), textLine(` ${more} more: troubles and running work`, 'warn')]
}

/** What fills the rows between the header and the message line. */
function body(
  view: RoomView,
  ui: UiState,
  { columns, rows }: Size,
  height: number,
): PageBlock & { readonly hidden: string } {
  const page = pageOf(ui)
  switch (page.kind) {
    case 'panels': {
      const { lines, hidden } =
        columns >= WIDE_COLUMNS
          ? wideBody(view, ui.focus, columns, height, rows >= RULES_FROM_ROWS)
          : narrowBody(view, ui.focus, columns, height)
      return { lines, hidden, pageRows: height, listRows: height, table: null }
    }
    case 'large':
      return { ...largePage(page, columns, height), hidden: '' }
    case 'help':
      return { ...helpPage(view, ui, page.scroll, columns, height), hidden: '' }
    case 'form':
      return { ...formPage(page, columns, height), hidden: '' }
    case 'canaryForm':
      return { ...canaryFormPage(page, view, columns), hidden: '' }
    case 'prompts':
      return { ...promptsPage(page.chosen, view, columns, height), hidden: '' }
    case 'prompt':
      return { ...promptPage(page, view, columns, height), hidden: '' }
    case 'ack':
      return { ...acknowledgePage(page, view, columns, height), hidden: '' }
    default:
      return unreachable(page)
  }
}

function messageLine(ui: UiState, hidden: string): Line {
  const question = askText(ui)
  if (question !== null && ui.armed === null) return textLine(` ${question}`, 'strong')
  if (ui.message !== null) return textLine(` ${ui.message.text}`, ui.message.good ? 'strong' : 'warn')
  return hidden === '' ? EMPTY_LINE : textLine(` ${hidden}`, 'dim')
}

/** Figures that are out of date do not look like current ones. */
function faded(line: Line, ui: UiState): Line {
  return ui.lost === null ? line : line.map((part) => span(part.text, 'dim'))
}

/** Lines for any state; there may be fewer than rows. */
function compose(view: RoomView | null, ui: UiState, size: Size): PageBlock {
  const still = { pageRows: size.rows, listRows: size.rows, table: null }
  if (isTooSmall(size)) {
    return { ...still, lines: wrapText(tooSmallText(size), size.columns, size.rows).map((line) => textLine(line)) }
  }
  if (view === null) {
    const why = ui.lost === null ? 'waiting for the room' : `the room does not answer: ${ui.lost}`
    return { ...still, lines: [textLine(` onay  ${why}`, 'strong'), EMPTY_LINE, textLine(' q quits')] }
  }
  const top = [headerLine(view, size.columns, ui.lost !== null), ...noteLines(view, ui, size.columns)]
  if (size.rows >= RULES_FROM_ROWS && size.columns >= WIDE_COLUMNS) top.push(textLine('─'.repeat(size.columns), 'dim'))
  const height = size.rows - top.length - FOOT_ROWS
  const page = body(view, ui, size, height)
  const filled = Array.from({ length: height }, (_, y) => faded(page.lines[y] ?? EMPTY_LINE, ui))
  const table = page.table === null ? null : { ...page.table, at: page.table.at + top.length }
  return { ...page, table, lines: [...top, ...filled, messageLine(ui, page.hidden), hintLine(view, ui, size.columns)] }
}

/** The whole screen. @param view null until the room has answered once */
export function composeScreen(view: RoomView | null, ui: UiState, size: Size, theme: Theme): Screen {
  const { lines, table, pageRows, listRows } = compose(view, ui, size)
  const painted = Array.from({ length: size.rows }, (_, y) =>
    paint(fitLine(lines[y] ?? EMPTY_LINE, size.columns), theme),
  )
  return { lines: painted, table, pageRows, listRows }
}
