/** How rows and the JSON in them become values: checked where they are read, so that nothing behind the database has to guess. */
import { getTableColumns, getTableName } from 'drizzle-orm'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { z } from 'zod'
import { OperatorError } from '../engine/kernel/errors.ts'
import { tryJson } from '../engine/kernel/json.ts'

const MAX_SHOWN = 40

/** The error about a row that is not as this program writes rows. */
export function damagedRow(table: string, key: string, why: string): OperatorError {
  return new OperatorError(
    `the row ${key} of the table ${table} cannot be used`,
    why,
    'restore the data directory from a copy',
    'damaged_row',
    500,
  )
}

/**
 * The check of a table's rows: numbers where numbers belong, texts where texts do, and only words that a column knows. SQLite
 * itself stores whatever it is given. A row may have some of the columns only.
 */
export function rowCheck(table: SQLiteTable): RowCheck {
  const known = CHECKS.get(table) ?? makeCheck(table)
  CHECKS.set(table, known)
  return known
}

type RowCheck = <R extends object>(row: R) => R

/** Made once a table: it asks nothing of a database. */
const CHECKS = new WeakMap<SQLiteTable, RowCheck>()

function makeCheck(table: SQLiteTable): RowCheck {
  const name = getTableName(table)
  const columns = Object.entries(getTableColumns(table)).flatMap(([field, column]): ColumnCheck[] => {
    const type: string = column.dataType
    if (type !== 'number' && type !== 'string') return []
    return [{ field, column: column.name, type, nullable: !column.notNull, words: column.enumValues }]
  })
  return (row) => {
    for (const { field, column, type, nullable, words } of columns) {
      const value: unknown = Reflect.get(row, field)
      if (value === undefined || (value === null && nullable)) continue
      if (typeof value !== type)
        throw damagedRow(name, keyOf(table, row), `its ${column} is not a ${NAMES[type]}: ${shown(value)}`)
      if (words !== undefined && !words.some((word) => word === value))
        throw damagedRow(name, keyOf(table, row), `its ${column} is not one of ${words.join(', ')}: ${shown(value)}`)
    }
    return row
  }
}

interface ColumnCheck {
  readonly field: string
  readonly column: string
  readonly type: 'number' | 'string'
  readonly nullable: boolean
  readonly words: readonly string[] | undefined
}

const NAMES = { number: 'number', string: 'text' } as const

/** A column whose texts are JSON of one shape. */
interface JsonColumn<T> {
  text(value: T): string
  /** @param row with the column itself, and what names the row. @throws OperatorError when the text is not of the shape */
  value(row: object): T
}

/** @param shape what a value must have; fields that it does not name are kept as they are */
export function jsonColumn<T>(table: SQLiteTable, field: string, shape: z.ZodType<T>): JsonColumn<T> {
  const name = getTableName(table)
  const column = getTableColumns(table)[field]?.name ?? field
  return {
    text: (value) => JSON.stringify(value),
    value: (row) =>
      jsonOf(Reflect.get(row, field), shape, (why) => damagedRow(name, keyOf(table, row), `its ${column} ${why}`)),
  }
}

/**
 * The value of a JSON text that must have a shape.
 * @param shape checks and does not change anything
 * @param refusal makes the error, of why the text is not what it should be
 */
export function jsonOf<T>(text: unknown, shape: z.ZodType<T>, refusal: (why: string) => Error): T {
  if (typeof text !== 'string') throw refusal(`is not a text: ${shown(text)}`)
  const value = tryJson(text)
  if (value === undefined) throw refusal(`is not JSON: ${shown(text)}`)
  if (!fits(value, shape)) throw refusal(`does not have the right shape: ${misfit(value, shape)}`)
  return value
}

function fits<T>(value: unknown, shape: z.ZodType<T>): value is T {
  return shape.safeParse(value).success
}

function misfit(value: unknown, shape: z.ZodType): string {
  const issue = shape.safeParse(value).error?.issues[0]
  if (issue === undefined) return 'unknown'
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`
}

function shown(value: unknown): string {
  const text = Buffer.isBuffer(value) ? 'bytes' : (JSON.stringify(value) ?? String(value))
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}

/** What names a row for people: the values of its key, as far as the row has them. Looked up when a row is damaged. */
function keyOf(table: SQLiteTable, row: object): string {
  const { primaryKeys, columns } = getTableConfig(table)
  const keys = new Set([...primaryKeys.flatMap((key) => key.columns), ...columns.filter((column) => column.primary)])
  const fields = Object.entries(getTableColumns(table)).flatMap(([field, column]) =>
    [...keys].some((key) => key.name === column.name) ? [field] : [],
  )
  return fields
    .map((field): unknown => Reflect.get(row, field))
    .filter((value) => value !== undefined)
    .map(String)
    .join('/')
}
