/** Single trades of a market, as answers: prices in quote units, quantities in base units, times ISO. */
import type { DocumentHeader } from '../evidence/documents/documents.ts'

/** What came of a file of ticks. */
export interface ImportedTicks {
  readonly symbol: string
  readonly rows: number
  readonly added: number
  /** That were there already. */
  readonly known: number
  readonly from: string | null
  readonly until: string | null
  readonly bad_rows: number
  /** The first of them. */
  readonly dropped: readonly { readonly line: number; readonly why: string }[]
  /** One-minute bars that the ticks make. */
  readonly minutes: number
  /** Of which a bar was there to compare with, and of which none was. */
  readonly compared: number
  readonly without_bar: number
  readonly differing: number
  /** The first of them. */
  readonly differences: readonly { readonly minute: string; readonly fields: readonly string[] }[]
}

export interface TickDocument {
  readonly at: string
  readonly price: number
  readonly qty: number
  readonly buyer_maker: boolean | null
}

/** The first tick of each of so many equal slices of a span; of a slice without one, none. */
export interface TicksDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly from: string | null
  readonly until: string | null
  readonly slices: number
  readonly items: readonly TickDocument[]
}
