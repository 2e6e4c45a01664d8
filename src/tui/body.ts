/** The panels beside and below each other. */
import { panelKey, PANELS, type Panel } from '../control/panels.ts'
import type { RoomView } from '../control/view.ts'
import { gridLines, titleLine, type GridRow } from './grid.ts'
import { allocate, type Grant, type Want } from './layout.ts'
import { EMPTY_LINE, firstThatFits, span, textLine, type Line } from './line.ts'
import { alertsPanel } from './screens/release/alerts.ts'
import { canaryPanel } from './screens/release/canary.ts'
import { driftPanel } from './screens/release/drift.ts'
import { eventsPanel } from './screens/release/events.ts'
import { gatesPanel } from './screens/release/gates.ts'
import { jobsPanel } from './screens/release/jobs.ts'
import { marketPanel } from './screens/release/market.ts'
import { modelsPanel } from './screens/release/models.ts'
import { outcomePanel } from './screens/release/outcome.ts'
import { DENSITIES, type PanelBlock, type PanelOf } from './screens/release/panel.ts'
import { servingPanel } from './screens/release/serving.ts'
import { THREE_COLUMNS, WIDE_COLUMNS } from './size.ts'

const PANEL_OF: Readonly<Record<Panel, PanelOf>> = {
  gates: gatesPanel,
  canary: canaryPanel,
  models: modelsPanel,
  drift: driftPanel,
  serving: servingPanel,
  alerts: alertsPanel,
  events: eventsPanel,
  outcome: outcomePanel,
  market: marketPanel,
  jobs: jobsPanel,
}

/** Columns beside each other, as wide as each other: the panels of each. */
type Section = readonly { readonly panels: readonly Panel[] }[]

const whole = (...panels: Panel[]): Section => [{ panels }]

/** From top to bottom, the important ones first. */
const ONE_COLUMN: readonly Section[] = (
  ['gates', 'canary', 'alerts', 'drift', 'serving', 'models', 'events'] as const
).map((panel) => whole(panel))

const TWO_COLUMNS: readonly Section[] = [
  [{ panels: ['gates', 'drift'] }, { panels: ['canary', 'models', 'serving'] }],
  whole('alerts'),
  whole('events'),
]

const ALL_COLUMNS: readonly Section[] = [
  [
    { panels: ['gates', 'outcome', 'alerts'] },
    { panels: ['canary', 'models', 'serving', 'jobs'] },
    { panels: ['market', 'drift'] },
  ],
  whole('events'),
]

interface Column {
  readonly rows: readonly { readonly line: Line; readonly rule: boolean }[]
  /** Panels that had no row at all. */
  readonly hidden: readonly Panel[]
}

interface Room {
  readonly view: RoomView
  readonly focus: Panel
}

function sectionsFor(view: RoomView, width: number): readonly Section[] {
  const all = width >= THREE_COLUMNS ? ALL_COLUMNS : width >= WIDE_COLUMNS ? TWO_COLUMNS : ONE_COLUMN
  // Without an alert there is nothing to say that the first line does not say.
  const quiet = view.watch.alerts.length === 0 && width < THREE_COLUMNS
  return quiet ? all.filter((section) => section[0]?.panels[0] !== 'alerts') : all
}

/** The panels of the page, in the order in which one goes through them. */
export function panelsShown(view: RoomView, width: number): readonly Panel[] {
  const shown = sectionsFor(view, width).flatMap((section) => section.flatMap(({ panels }) => panels))
  return PANELS.filter((panel) => shown.includes(panel))
}

function blocksOf({ view }: Room, panel: Panel, width: number): readonly PanelBlock[] {
  return DENSITIES.map((density) => PANEL_OF[panel](view, width, density))
}

/** Up to which density a panel may be cut: what happened anywhere, alerts between two and not within what to do about one. */
const CUT_UP_TO: { readonly [P in Panel]?: number } = { events: DENSITIES.length, alerts: 1 }

function wantOf(panel: Panel, blocks: readonly PanelBlock[]): Want {
  return { rows: blocks.map((block) => block.lines.length + 1), cutUpTo: CUT_UP_TO[panel] ?? 0 }
}

/** A block in as many rows as it was granted; what was cut is counted in its title. */
function blockRows(panel: Panel, block: PanelBlock, rows: number, focused: boolean, width: number): Column['rows'] {
  if (rows <= 0) return []
  const lines = rows - 1 > block.lines.length && block.grown !== undefined ? block.grown(rows - 1) : block.lines
  const shown = lines.slice(0, rows - 1)
  const cut = lines.length - shown.length
  const right = cut === 0 ? block.right : [...block.right, span(`  ${cut} more`, panel === 'events' ? 'dim' : 'warn')]
  const [name, ...rest] = block.left
  const left = [
    span(focused ? '▸' : ' ', 'strong'),
    span(`${panelKey(panel)} `, focused ? 'plain' : 'dim'),
    ...(name === undefined ? [] : [span(name.text, focused ? 'inverse' : 'strong')]),
    ...rest,
  ]
  return [{ line: titleLine(left, right, width), rule: true }, ...shown.map((line) => ({ line, rule: false }))]
}

function columnOf(room: Room, panels: readonly Panel[], width: number, height: number): Column {
  const blocks = panels.map((panel) => blocksOf(room, panel, width))
  const grants = allocate(
    panels.map((panel, i) => wantOf(panel, blocks[i] ?? [])),
    height,
  )
  let spare = height - grants.reduce((sum, grant) => sum + grant.rows, 0)
  const rows: Column['rows'][number][] = []
  const hidden: Panel[] = []
  for (const [i, panel] of panels.entries()) {
    const grant: Grant = grants[i] ?? { density: 0, rows: 0 }
    const block = blocks[i]?.[grant.density]
    if (block === undefined) continue
    if (grant.rows === 0) hidden.push(panel)
    const extra = block.grown === undefined || grant.rows === 0 ? 0 : spare
    spare -= extra
    rows.push(...blockRows(panel, block, grant.rows + extra, panel === room.focus, width))
  }
  return { rows, hidden }
}

/** What had no row, in the words that there is room for. */
function hiddenLine(hidden: readonly Panel[], width: number): Line {
  const keys = hidden.map(panelKey)
  const names = hidden.map((panel) => `${panelKey(panel)} ${panel}`)
  return firstThatFits(
    [
      textLine(` not shown: ${names.join(', ')}; the number opens it`, 'dim'),
      textLine(` not shown: ${names.join(', ')}`, 'dim'),
      textLine(` not shown: panels ${keys.join(' ')}; the number opens it`, 'dim'),
    ],
    width,
  )
}

/** The widths of a section's columns, of which each but the last has a bar behind it. */
function widthsOf(section: Section, width: number): readonly number[] {
  const ends = section.map((_, i) => Math.round((width * (i + 1)) / section.length))
  return ends.map((end, i) => end - (ends[i - 1] ?? 0) - (i === ends.length - 1 ? 0 : 1))
}

/** A section wants as many rows as the column that wants the most. */
function sectionWant(room: Room, section: Section, width: number): Want {
  const widths = widthsOf(section, width)
  const wants = section.map(({ panels }, i) =>
    panels.map((panel) => wantOf(panel, blocksOf(room, panel, widths[i] ?? 0))),
  )
  const rows = DENSITIES.map((_, d) =>
    Math.max(...wants.map((column) => column.reduce((sum, want) => sum + (want.rows[d] ?? 0), 0))),
  )
  return { rows, cutUpTo: Math.max(...wants.flat().map((want) => want.cutUpTo)) }
}

/** All sections below each other; what has no row at all is named in the last one. */
export function panelsBody(view: RoomView, focus: Panel, width: number, height: number): readonly Line[] {
  const room = { view, focus }
  const sections = sectionsFor(view, width)
  const grants = allocate(
    sections.map((section) => sectionWant(room, section, width)),
    height,
  )
  const grid: GridRow[] = []
  const hidden: Panel[] = []
  for (const [i, section] of sections.entries()) {
    const rows = grants[i]?.rows ?? 0
    const widths = widthsOf(section, width)
    const columns = section.map(({ panels }, at) => columnOf(room, panels, widths[at] ?? 0, rows))
    hidden.push(...columns.flatMap((column) => column.hidden))
    for (let y = 0; y < rows; y++) {
      grid.push(
        columns.map((column, at) => ({
          ...(column.rows[y] ?? { line: EMPTY_LINE, rule: false }),
          width: widths[at] ?? 0,
        })),
      )
    }
  }
  const lines = gridLines(grid)
  return hidden.length === 0 || height < 2 ? lines : [...lines.slice(0, height - 1), hiddenLine(hidden, width)]
}
