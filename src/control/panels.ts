/** The panels of the release page in the order of their numbers, and what each shows when it is opened large. */
import type { UnixMs } from '../engine/kernel/units.ts'

export const PANELS = [
  'gates',
  'canary',
  'models',
  'drift',
  'serving',
  'alerts',
  'events',
  'outcome',
  'market',
  'jobs',
] as const

export type Panel = (typeof PANELS)[number]

/** The pages of paper trading, each a table over the whole window, in the order in which one turns them. */
export const PAPER_PAGES = ['arms', 'retrain', 'sets', 'ab', 'costs'] as const
export type PaperPage = (typeof PAPER_PAGES)[number]

/** The pages of live operations, likewise. */
export const LIVE_PAGES = [
  'driftDay',
  'liveCanary',
  'rehearsal',
  'ensemble',
  'calibration',
  'checklist',
  'backups',
] as const
export type LivePage = (typeof LIVE_PAGES)[number]

/** Pages beside the panels, in the order in which one turns them. */
export const PAGES = [...PAPER_PAGES, ...LIVE_PAGES] as const
type Page = (typeof PAGES)[number]

/** What is shown over the whole window. */
export type Opened = Panel | Page

export function isPage(opened: Opened): opened is Page {
  return PAGES.some((page) => page === opened)
}

export function isLivePage(opened: Opened): opened is LivePage {
  return LIVE_PAGES.some((page) => page === opened)
}

/** The key of a panel: 1 to 9, then 0. */
export function panelKey(panel: Panel): string {
  return String((PANELS.indexOf(panel) + 1) % 10)
}

/** Rows or a series for a panel that is opened large. */
export type DetailView =
  | {
      readonly kind: 'table'
      readonly title: string
      readonly rows: readonly Readonly<Record<string, string>>[]
      readonly note: string
      /** Columns that are shown of the selected row alone. */
      readonly inDetail?: readonly string[] | undefined
    }
  | {
      readonly kind: 'chart'
      readonly title: string
      readonly series: readonly {
        readonly name: string
        readonly points: readonly (number | null)[]
        /** Drawn behind the others: an edge of a band. */
        readonly faint?: boolean | undefined
      }[]
      readonly fromMs: UnixMs
      readonly untilMs: UnixMs
      readonly limit: number | null
      readonly unit: string
      readonly note: string
      /** The axis keeps close to the values instead of beginning at 0. */
      readonly close?: boolean | undefined
      /** Each step of the axis multiplies; the values are above 0. */
      readonly logarithmic?: boolean | undefined
      /** What happened at a moment, drawn where the series stands then. */
      readonly marks?: readonly { readonly atMs: UnixMs; readonly text: string }[] | undefined
      /** Rows that belong below the chart, and what follows from it all. */
      readonly table?: readonly Readonly<Record<string, string>>[] | undefined
    }
