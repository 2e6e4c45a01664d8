/** The values of a user's own columns, joined to the minutes that know them. */
import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import { knownAt } from '../market/bar.ts'
import type { Catalogue, Column } from './catalogue.ts'
import { MAX_OWN_COLUMNS, OWN_NAME, type OwnColumn, RESERVED_NAMES } from './own-column.ts'
import { columnOf, type FeatureTable } from './row.ts'

/** What became known at one moment. */
export interface OwnValues {
  /** When it was known, which may be long after what it is about. */
  readonly tsMs: UnixMs
  /** By the order in which the columns were declared; NaN where nothing became known. */
  readonly values: Float64Array
}

interface Refusal {
  readonly why: string
  readonly next: string
}

const RENAME = 'give it another name'

/** Why a column cannot be declared; null where it can. @param catalogue of the symbol, without it */
export function refusalOf({ name, maxAgeMs }: OwnColumn, catalogue: Catalogue): Refusal | null {
  if (!OWN_NAME.test(name))
    return { why: 'a name begins with a letter and has a-z, 0-9, _ and @ alone, at most 60', next: RENAME }
  if (RESERVED_NAMES.has(name)) return { why: 'files and answers have a field of that name', next: RENAME }
  if (catalogue.own.some((own) => own.name === name))
    return {
      why: 'it is declared already, with another age, unit or description',
      next: 'give it another name: what rows were scored with stays as it was',
    }
  if (catalogue.has(name)) return { why: 'onay works out a column of that name itself', next: RENAME }
  if (!(maxAgeMs >= MINUTE_MS))
    return { why: 'max_age_s is at least 60: rows are of minutes', next: 'set max_age_s to 60 or more' }
  if (catalogue.own.length >= MAX_OWN_COLUMNS)
    return { why: `a symbol has at most ${MAX_OWN_COLUMNS} columns of its own`, next: 'declare fewer' }
  return null
}

/** The newest value of each column up to a moment, in whatever order values come. */
export class NewestValues {
  private readonly times: Float64Array
  private readonly values: Float64Array

  constructor(private readonly columns: readonly OwnColumn[]) {
    this.times = new Float64Array(columns.length).fill(Number.NEGATIVE_INFINITY)
    this.values = new Float64Array(columns.length).fill(Number.NaN)
  }

  take({ tsMs, values }: OwnValues): void {
    for (let i = 0; i < this.times.length; i++) {
      const value = values[i] ?? Number.NaN
      if (Number.isNaN(value) || tsMs < (this.times[i] ?? 0)) continue
      this.times[i] = tsMs
      this.values[i] = value
    }
  }

  /** The value of a column at the end of a minute; NaN where none is known or it is too old. */
  at(column: number, minuteMs: UnixMs): number {
    const ageMs = knownAt({ tsMs: minuteMs }) - (this.times[column] ?? Number.NEGATIVE_INFINITY)
    return ageMs <= (this.columns[column]?.maxAgeMs ?? 0) ? (this.values[column] ?? Number.NaN) : Number.NaN
  }
}

/**
 * Fills what rows lack of a user's columns with values that came after they were scored: for training and drift, which look back.
 * What a row was scored with stays.
 */
export class OwnBackfill {
  private readonly newest: NewestValues
  private readonly wanted: readonly { readonly own: number; readonly place: number; readonly name: Column }[]
  private readonly inputs: Iterator<OwnValues>
  private next: IteratorResult<OwnValues>

  /**
   * @param wanted columns of which those of the user's own are filled
   * @param read what became known in [fromMs, untilMs), ascending
   */
  constructor(
    catalogue: Catalogue,
    wanted: readonly Column[],
    read: (fromMs: UnixMs, untilMs: UnixMs) => Iterator<OwnValues>,
    span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
  ) {
    const { own } = catalogue
    this.newest = new NewestValues(own)
    this.wanted = own.flatMap(({ name }, i) =>
      wanted.includes(name) ? [{ own: i, place: catalogue.index.get(name) ?? -1, name }] : [],
    )
    const oldestMs = Math.max(0, ...this.wanted.map(({ own: i }) => own[i]?.maxAgeMs ?? 0))
    this.inputs =
      this.wanted.length === 0 ? [][Symbol.iterator]() : read(span.fromMs - oldestMs, span.untilMs + MINUTE_MS)
    this.next = this.inputs.next()
  }

  /** Rows ascend in time. */
  fill({ tsMs, values }: { readonly tsMs: UnixMs; readonly values: Float64Array }): void {
    this.advance(tsMs)
    for (const { own, place } of this.wanted)
      if (Number.isNaN(values[place] ?? Number.NaN)) values[place] = this.newest.at(own, tsMs)
  }

  fillTable(table: FeatureTable): void {
    if (this.wanted.length === 0) return
    const columns = this.wanted.map(({ own, name }) => ({ own, values: columnOf(table, name) }))
    table.tsMs.forEach((tsMs, i) => {
      this.advance(tsMs)
      for (const { own, values } of columns)
        if (Number.isNaN(values[i] ?? Number.NaN)) values[i] = this.newest.at(own, tsMs)
    })
  }

  private advance(minuteMs: UnixMs): void {
    while (this.next.done !== true && this.next.value.tsMs <= knownAt({ tsMs: minuteMs })) {
      this.newest.take(this.next.value)
      this.next = this.inputs.next()
    }
  }
}
