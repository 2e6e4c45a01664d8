/** What a page that is open instead of the panels gives the frame. */
import type { Line } from '../line.ts'

export interface PageBlock {
  readonly lines: readonly Line[]
  /** Rows of a list that fit, and rows that there are. */
  readonly pageRows: number
  readonly listRows: number
}

export function stillPage(lines: readonly Line[]): PageBlock {
  return { lines, pageRows: lines.length, listRows: lines.length }
}

/** `rows 1 to 20 of 57`, or how many when all are shown. */
export function rangeText(from: number, shown: number, all: number): string {
  return shown >= all ? `${all} rows` : `rows ${from + 1} to ${from + shown} of ${all}`
}
