/** What a panel gives the layout: a title and lines, composed for a width and a density. */
import type { RoomView } from '../../../control/view.ts'
import type { Line } from '../../line.ts'

/** How much a panel may say: the least that still says something, everything on one line each, long reasons wrapped. */
export type Density = 'compact' | 'full' | 'roomy'

export const DENSITIES: readonly Density[] = ['compact', 'full', 'roomy']

export interface PanelBlock {
  /** Two ends of the title line; the left one begins with the panel's name. */
  readonly left: Line
  readonly right: Line
  readonly lines: readonly Line[]
  /** The same in more rows than `lines` has, where more room shows more: a chart. */
  readonly grown?: ((rows: number) => readonly Line[]) | undefined
}

/** Pure: the same view, width and density give the same block. Lines may be longer than `width`; the layout cuts them. */
export type PanelOf = (view: RoomView, width: number, density: Density) => PanelBlock
