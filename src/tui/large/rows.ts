/** Rows of a table as they are shown: those that are looked for, and of which severity; and what each cell's tone is. */
import { unreachable } from '../../engine/kernel/unreachable.ts'
import type { DetailView } from '../../control/panels.ts'
import type { Tone } from '../line.ts'
import type { LargePage, Least } from '../state.ts'

export type Row = Readonly<Record<string, string>>

const WORDS: Readonly<Record<string, Tone>> = {
  PASS: 'good',
  ELIGIBLE: 'good',
  SUCCESS: 'good',
  FAIL: 'bad',
  ERROR: 'bad',
  ABORTED: 'bad',
  CRITICAL: 'bad',
  critical: 'bad',
  abort: 'bad',
  WAIT: 'warn',
  WARNING: 'warn',
  warning: 'warn',
  missing: 'warn',
  hold: 'warn',
  inconclusive: 'warn',
}

/** Colour for verdicts alone: every other cell is plain. */
export function toneOf(cell: string): Tone {
  return WORDS[cell.trim()] ?? 'plain'
}

function isOf(row: Row, least: Least): boolean {
  const tones = Object.values(row).map(toneOf)
  switch (least) {
    case 'all':
      return true
    case 'warning':
      return tones.some((tone) => tone === 'bad' || tone === 'warn')
    case 'critical':
      return tones.includes('bad')
    default:
      return unreachable(least)
  }
}

/** The rows that are shown: a word is looked for in every cell, capitals or not. */
export function shownRows({ detail, find, least }: Pick<LargePage, 'detail' | 'find' | 'least'>): readonly Row[] {
  if (detail?.kind !== 'table') return []
  const word = find.trim().toLowerCase()
  return detail.rows.filter(
    (row) => isOf(row, least) && (word === '' || Object.values(row).some((cell) => cell.toLowerCase().includes(word))),
  )
}

/** The place of the row that was selected before the table was read again; the same place where it is gone. */
export function selectedAfter(before: LargePage, detail: DetailView): number {
  const row = JSON.stringify(shownRows(before)[before.selected])
  const now = shownRows({ ...before, detail })
  const found = now.findIndex((one) => JSON.stringify(one) === row)
  return Math.max(0, found >= 0 ? found : Math.min(before.selected, now.length - 1))
}
