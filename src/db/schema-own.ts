/** What lies beside the rows of features: bars of longer frames, and the columns of a user's own. Tables as in `schema-market.ts`. */
import { blob, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'

const symbol = () => text('symbol').notNull()
const tsMs = () => integer('ts_ms').notNull()
const wallMs = () => integer('wall_ms').notNull()

/** Bars of longer time frames, made of minutes as they came in, each with its columns. */
export const frameRows = sqliteTable(
  'frame_rows',
  {
    symbol: symbol(),
    frameMin: integer('frame_min').notNull(),
    tsMs: tsMs(),
    open: real('open').notNull(),
    high: real('high').notNull(),
    low: real('low').notNull(),
    close: real('close').notNull(),
    volume: real('volume').notNull(),
    /** The built-in columns in their order, little-endian doubles; NaN is missing. */
    columns: blob('columns', { mode: 'buffer' }).notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.frameMin, t.tsMs] })],
)

/** Columns that a user has declared, and what came of their values. */
export const ownColumns = sqliteTable(
  'own_columns',
  {
    symbol: symbol(),
    /** From 0 on, in the order in which they were declared. */
    place: integer('place').notNull(),
    name: text('name').notNull(),
    maxAgeMs: integer('max_age_ms').notNull(),
    unit: text('unit').notNull(),
    about: text('about').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.place] })],
)

/** What became known of a user's columns at one moment; the first value of each stays. */
export const ownValues = sqliteTable(
  'own_values',
  {
    symbol: symbol(),
    tsMs: tsMs(),
    /** Ten bytes a value: the column's place as 16 bits, and a double, both little-endian. */
    pairs: blob('pairs', { mode: 'buffer' }).notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs] })],
)

/** What a row of features had in a user's columns when it was scored. */
export const ownRows = sqliteTable(
  'own_rows',
  {
    symbol: symbol(),
    tsMs: tsMs(),
    /** A little-endian double a column, in the order in which they were declared; NaN is missing. */
    columns: blob('columns', { mode: 'buffer' }).notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs] })],
)

/** Feature sets that a user has named. */
export const ownSets = sqliteTable(
  'own_sets',
  {
    symbol: symbol(),
    name: text('name').notNull(),
    /** Names of columns, as JSON. */
    model: text('model').notNull(),
    drift: text('drift').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.name] })],
)

/** What a user says came of a minute; the first word stays. */
export const ownLabels = sqliteTable(
  'own_labels',
  {
    symbol: symbol(),
    /** What they call it. */
    name: text('name').notNull(),
    tsMs: tsMs(),
    /** 1 when it happened. */
    label: integer('label').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.name, t.tsMs] })],
)
