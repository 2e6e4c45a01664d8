/** The panels of the release page, the most important first, and what each shows when it is opened large. */
import type { UnixMs } from '../engine/kernel/units.ts'

export const PANELS = ['gates', 'canary', 'drift', 'serving', 'jobs', 'alerts', 'events'] as const

export type Panel = (typeof PANELS)[number]

/** Rows or a series for a panel that is opened large. */
export type DetailView =
  | {
      readonly kind: 'table'
      readonly title: string
      readonly rows: readonly Readonly<Record<string, string>>[]
      readonly note: string
    }
  | {
      readonly kind: 'chart'
      readonly title: string
      readonly series: readonly { readonly name: string; readonly points: readonly (number | null)[] }[]
      readonly fromMs: UnixMs
      readonly untilMs: UnixMs
      readonly limit: number | null
      readonly unit: string
      readonly note: string
    }
