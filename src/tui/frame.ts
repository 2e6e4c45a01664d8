/**
 * One frame of the screen as strings: exactly `rows` of them, none wider than `columns` cells. Pure, so that every size and
 * state can be tested without a terminal.
 */
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { RoomView } from '../control/view.ts'
import type { Panel } from '../control/panels.ts'
import { panelsBody, panelsShown } from './body.ts'
import { wrapText } from './cells.ts'
import { askText, hintLine } from './hints.ts'
import { cellsOfLine, EMPTY_LINE, fitLine, keyed, sides, span, textLine, wrapLine, type Line } from './line.ts'
import { acknowledgePage } from './large/acknowledge.ts'
import { canaryFormPage } from './large/canary-form.ts'
import { formPage } from './large/form.ts'
import { helpPage } from './large/help.ts'
import { runbookPage } from './large/runbook.ts'
import { largePage } from './large/large.ts'
import { stillPage, type PageBlock } from './large/page.ts'
import { promptPage } from './large/prompt.ts'
import { promptsPage } from './large/prompts.ts'
import { symbolsPage } from './large/symbols.ts'
import { headerLine, roleLine, workLine } from './top/header.ts'
import { waitingLine } from './top/waiting.ts'
import { nextStep } from './top/next.ts'
import { isTooSmall, tooSmallText, type Size } from './size.ts'
import { pageOf, type UiState } from './state.ts'
import { paint, type Theme } from './theme.ts'

const MAX_NOTES = 3
/** What is to be done may take so many rows, so that it is never cut. */
const MAX_NEXT_ROWS = 3
/** And what was said: what, why and what to do about it. */
const MAX_FOOT_ROWS = 3

export interface Screen {
  /** Exactly as many as the window has rows. */
  readonly lines: readonly string[]
  /** For the reducer: rows of a list that are visible, and rows that there are. */
  readonly pageRows: number
  readonly listRows: number
  readonly panels: readonly Panel[]
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

/** What fills the rows between the lines at the top and those at the bottom. */
function body(view: RoomView, ui: UiState, { columns }: Size, height: number): PageBlock {
  const page = pageOf(ui)
  switch (page.kind) {
    case 'panels':
      return stillPage(panelsBody(view, ui.focus, columns, height))
    case 'large':
      return largePage(page, columns, height)
    case 'help':
      if (page.alert !== undefined) return runbookPage(page.alert, page.scroll, view, columns, height)
      return helpPage(view, ui, page, columns, height)
    case 'symbols':
      return symbolsPage(page.chosen, view, columns, height)
    case 'form':
      return formPage(page, columns, height)
    case 'canaryForm':
      return canaryFormPage(page, view, columns)
    case 'prompts':
      return promptsPage(page.chosen, view, columns, height)
    case 'prompt':
      return promptPage(page, view, columns, height)
    case 'ack':
      return acknowledgePage(page, view, columns, height)
    default:
      return unreachable(page)
  }
}

/** The one thing to do now. Where a person is typing or choosing, that is it. */
function nextLines(view: RoomView, ui: UiState, width: number): readonly Line[] {
  const { kind } = pageOf(ui)
  if (kind !== 'panels' && kind !== 'large' && kind !== 'help' && kind !== 'symbols') return []
  const { tone, words } = nextStep(view, ui.lost)
  const head = [span(' '), span('NEXT', tone === 'plain' ? 'strong' : tone), span('  ')]
  const wrapped = wrapLine(words, width - cellsOfLine(head) - 1).slice(0, MAX_NEXT_ROWS)
  return wrapped.map((line, i) => [...(i === 0 ? head : [span(' '.repeat(cellsOfLine(head)))]), ...line])
}

/** The word that is typed, and at the other end the keys that end it. */
function findLine(view: RoomView, ui: UiState, text: string, width: number): Line {
  return sides([span(' /', 'key'), span(`${text}_`, 'strong')], hintLine(view, ui, width), width)
}

/** The bottom line: a question or what was last said, whole, for as long as it stands; else the keys. */
function footLines(view: RoomView, ui: UiState, width: number): readonly Line[] {
  if (ui.mode.kind === 'find') return [findLine(view, ui, ui.mode.text, width)]
  const question = askText(ui)
  const { message } = ui
  const said =
    question !== null && ui.armed === null
      ? keyed(question)
      : message === null
        ? null
        : textLine(message.text, message.good ? 'good' : 'warn')
  if (said === null) return [hintLine(view, ui, width)]
  return wrapLine(said, width - 2)
    .slice(0, MAX_FOOT_ROWS)
    .map((line) => [span(' '), ...line])
}

/** Figures that are out of date do not look like current ones. */
function faded(line: Line, ui: UiState): Line {
  return ui.lost === null ? line : line.map((part) => span(part.text, 'dim'))
}

/** Lines for any state; there may be fewer than rows. */
function compose(view: RoomView | null, ui: UiState, size: Size): PageBlock {
  const still = { pageRows: size.rows, listRows: size.rows }
  if (isTooSmall(size)) {
    return { ...still, lines: wrapText(tooSmallText(size), size.columns, size.rows).map((line) => textLine(line)) }
  }
  if (view === null) {
    const why = ui.lost === null ? 'waiting for the room' : `the room does not answer: ${ui.lost}`
    return { ...still, lines: [textLine(` onay  ${why}`, 'strong'), EMPTY_LINE, textLine(' q quits')] }
  }
  const top = [
    headerLine(view, size.columns, ui.lost !== null),
    roleLine(view, size.columns),
    ...noteLines(view, ui, size.columns),
  ]
  const foot = [...nextLines(view, ui, size.columns), ...footLines(view, ui, size.columns)]
  const height = size.rows - top.length - foot.length
  const page = body(view, ui, size, height)
  const filled = Array.from({ length: height }, (_, y) => faded(page.lines[y] ?? EMPTY_LINE, ui))
  return { ...page, lines: [...top, ...filled, ...foot] }
}

/** The whole screen. @param view null until the room has answered once */
export function composeScreen(view: RoomView | null, ui: UiState, size: Size, theme: Theme): Screen {
  const { lines, pageRows, listRows } = compose(view, ui, size)
  const painted = Array.from({ length: size.rows }, (_, y) =>
    paint(fitLine(lines[y] ?? EMPTY_LINE, size.columns), theme),
  )
  const panels = view === null ? [] : panelsShown(view, size.columns)
  return { lines: painted, pageRows, listRows, panels }
}
