/** The panels beside and below each other. */
import { PANELS, type Panel } from '../control/panels.ts'
import type { RoomView } from '../control/view.ts'
import { plural } from './format.ts'
import { allocate, type Grant, type Want } from './layout.ts'
import { EMPTY_LINE, padLine, sides, span, textLine, type Line } from './line.ts'
import { alertsPanel } from './screens/release/alerts.ts'
import { canaryPanel } from './screens/release/canary.ts'
import { driftPanel } from './screens/release/drift.ts'
import { eventsPanel } from './screens/release/events.ts'
import { gatesPanel } from './screens/release/gates.ts'
import { jobsPanel } from './screens/release/jobs.ts'
import { DENSITIES, type PanelBlock, type PanelOf } from './screens/release/panel.ts'
import { servingPanel } from './screens/release/serving.ts'

const PANEL_OF: Readonly<Record<Panel, PanelOf>> = {
  gates: gatesPanel,
  canary: canaryPanel,
  drift: driftPanel,
  serving: servingPanel,
  jobs: jobsPanel,
  alerts: alertsPanel,
  events: eventsPanel,
}

/** Beside each other in the wide layout, the important ones on top. Alerts stand where the canary leaves room. */
const WIDE_ROWS: readonly { readonly left: readonly Panel[]; readonly right: readonly Panel[] }[] = [
  { left: ['gates'], right: ['canary', 'alerts'] },
  { left: ['drift'], right: ['serving'] },
  { left: ['jobs'], right: ['events'] },
]

interface Body {
  readonly lines: readonly Line[]
  /** What had no room at all, in words; empty when everything has. */
  readonly hidden: string
}

/** A panel that had no row at all. */
interface Hidden {
  readonly panel: Panel
  readonly lines: number
}

interface Stack {
  readonly lines: readonly Line[]
  readonly hidden: readonly Hidden[]
}

function blocksOf(view: RoomView, panel: Panel, width: number): readonly PanelBlock[] {
  return DENSITIES.map((density) => PANEL_OF[panel](view, width, density))
}

/** A list may be cut at any length. A panel alone in its part of the window is cut rather than reduced to one line. */
function wantOf(panel: Panel, blocks: readonly PanelBlock[], alone: boolean): Want {
  const list = panel === 'events' || panel === 'alerts'
  return { rows: blocks.map((block) => block.lines.length + 1), cutUpTo: list ? DENSITIES.length : alone ? 1 : 0 }
}

/** A block in as many rows as it was granted; what was cut is counted in its title. */
function blockLines(panel: Panel, block: PanelBlock, rows: number, focused: boolean, width: number): readonly Line[] {
  if (rows <= 0) return []
  const shown = block.lines.slice(0, rows - 1)
  const cut = block.lines.length - shown.length
  const right = cut === 0 ? block.right : [...block.right, span(`  ${cut} more`, panel === 'events' ? 'dim' : 'warn')]
  const title = sides(
    [span(focused ? '▸' : ' ', 'strong'), ...block.left],
    [...right, span(right.length === 0 ? '' : ' ')],
    width,
  )
  return [title, ...shown]
}

function stackOf(
  view: RoomView,
  panels: readonly Panel[],
  focus: Panel,
  width: number,
  height: number,
  gaps: boolean,
): Stack {
  const blocks = panels.map((panel) => blocksOf(view, panel, width))
  const grants = allocate(
    panels.map((panel, i) => wantOf(panel, blocks[i] ?? [], panels.length === 1)),
    height,
  )
  const used = grants.reduce((sum, grant) => sum + grant.rows, 0)
  const gap = gaps && height - used >= panels.length - 1 ? [EMPTY_LINE] : []
  const lines: Line[] = []
  const hidden: Hidden[] = []
  for (const [i, panel] of panels.entries()) {
    const grant: Grant = grants[i] ?? { density: 0, rows: 0 }
    const block = blocks[i]?.[grant.density]
    if (block === undefined) continue
    if (grant.rows === 0) hidden.push({ panel, lines: block.lines.length + 1 })
    if (i > 0 && grant.rows > 0) lines.push(...gap)
    lines.push(...blockLines(panel, block, grant.rows, panel === focus, width))
  }
  return { lines, hidden }
}

function hiddenText(hidden: readonly Hidden[]): string {
  const names = hidden.map((one) => one.panel).join(', ')
  const lines = hidden.reduce((sum, one) => sum + one.lines, 0)
  return hidden.length === 0 ? '' : `not shown: ${names} (${plural(lines, 'line')}); Tab and Enter open a panel large`
}

/** One column, all panels below each other. */
export function narrowBody(view: RoomView, focus: Panel, width: number, height: number): Body {
  const stack = stackOf(view, PANELS, focus, width, height, true)
  return { lines: stack.lines, hidden: hiddenText(stack.hidden) }
}

function rowsWanted(view: RoomView, panels: readonly Panel[], width: number): readonly number[] {
  const blocks = panels.map((panel) => blocksOf(view, panel, width))
  return DENSITIES.map((_, d) => blocks.reduce((sum, block) => sum + (block[d]?.lines.length ?? 0) + 1, 0))
}

/** Two columns: rows of panels with a rule between them. The last row takes what the others leave. */
export function wideBody(view: RoomView, focus: Panel, width: number, height: number, rules: boolean): Body {
  // A blank, the bar, and each panel's own first cell stand between the columns.
  const leftWidth = Math.floor((width - 2) / 2)
  const rightWidth = width - leftWidth - 2
  const ruleRows = rules ? WIDE_ROWS.length - 1 : 0
  const grants = allocate(
    WIDE_ROWS.map((row, i): Want => {
      const left = rowsWanted(view, row.left, leftWidth)
      const right = rowsWanted(view, row.right, rightWidth)
      const rows = left.map((wanted, d) => Math.max(wanted, right[d] ?? 0))
      return { rows, cutUpTo: i === WIDE_ROWS.length - 1 ? DENSITIES.length : 0 }
    }),
    height - ruleRows,
  )
  const lines: Line[] = []
  const hidden: Hidden[] = []
  for (const [i, row] of WIDE_ROWS.entries()) {
    const rows = grants[i]?.rows ?? 0
    const left = stackOf(view, row.left, focus, leftWidth, rows, false)
    const right = stackOf(view, row.right, focus, rightWidth, rows, false)
    hidden.push(...left.hidden, ...right.hidden)
    if (i > 0 && rules && rows > 0) lines.push(textLine('─'.repeat(width), 'dim'))
    for (let y = 0; y < rows; y++) {
      lines.push([
        ...padLine(left.lines[y] ?? EMPTY_LINE, leftWidth),
        span(' │', 'dim'),
        ...(right.lines[y] ?? EMPTY_LINE),
      ])
    }
  }
  return { lines, hidden: hiddenText(hidden) }
}
