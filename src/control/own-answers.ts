/** What comes of what a user brings of their own. */

export interface DeclaredDocument {
  readonly symbol: string
  readonly declared: readonly string[]
  /** There already, the same. */
  readonly known: readonly string[]
  /** How many columns of their own the symbol has now. */
  readonly columns: number
}

export interface OwnValuesDocument {
  readonly symbol: string
  readonly added: number
  /** There already, the same. */
  readonly known: number
  /** Of those added: rows that were scored would have had them. They serve training and drift. */
  readonly late: number
  /** There already with another value: the first one stays. */
  readonly different: number
  /** Some of these. */
  readonly different_named: readonly { readonly ts_ms: number; readonly name: string }[]
}

export interface OutcomesDocument {
  readonly symbol: string
  /** What the user calls what is predicted. */
  readonly name: string
  readonly added: number
  /** There already, the same. */
  readonly known: number
  /** Where they were tried only: the minute of each, in their order. */
  readonly ts_ms?: readonly number[] | undefined
}
