import { getTableColumns, is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as market from '../../src/db/schema-market.ts'
import * as own from '../../src/db/schema-own.ts'
import * as record from '../../src/db/schema-record.ts'
import * as sets from '../../src/db/schema-sets.ts'
import * as ticks from '../../src/db/schema-ticks.ts'
import * as trading from '../../src/db/schema-trading.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'
import { openDesks, SYMBOL as ROOM } from '../kit/room.ts'
import { fill, SYMBOL, T } from './whole-store.ts'

const fresh = freshDirectories()
let store: Store

beforeAll(() => {
  store = openStore(fresh(), 'write')
  fill(store)
  store.db.raw.exec('DROP TRIGGER chain_is_append_only_update')
})
afterAll(() => store.db.close())

/** How the rows of a table are read, all its readers one after the other. */
const READERS: ReadonlyMap<SQLiteTable, () => readonly unknown[]> = new Map<SQLiteTable, () => readonly unknown[]>([
  [market.bars, () => [store.bars.newest(SYMBOL), store.bars.between(SYMBOL, T, T + 1)]],
  [market.featureRows, () => [store.features.newest(SYMBOL), store.features.table(SYMBOL, T, T + 1)]],
  [own.frameRows, () => [store.frames.between(SYMBOL, 15, T, T + 1)]],
  [own.ownColumns, () => [store.own.columns(SYMBOL)]],
  [own.ownSets, () => [store.own.sets(SYMBOL)]],
  [own.ownValues, () => [[...store.own.between(SYMBOL, T, T + 1, 1)]]],
  [own.ownLabels, () => [store.ownLabels.at(SYMBOL, 'hit', T), store.ownLabels.between(SYMBOL, 'hit', T, T + 1)]],
  [own.ownRows, () => [store.features.newest(SYMBOL)]],
  [market.streamStates, () => [store.features.state(SYMBOL)]],
  [market.feeds, () => [store.feeds.get(SYMBOL), store.feeds.all()]],
  [market.droppedBars, () => [store.feeds.dropped(SYMBOL)]],
  [market.predictions, () => [store.predictions.rawSince(SYMBOL, 0).predictions]],
  [market.comparisons, () => [store.predictions.rawSince(SYMBOL, 0).comparisons]],
  [market.scores, () => [store.predictions.scoresAt(SYMBOL, T), store.predictions.settled(SYMBOL, 'base', T, T + 1)]],
  [
    market.outcomes,
    () => [store.predictions.settled(SYMBOL, 'base', T, T + 1), store.predictions.settledByAll(SYMBOL, T, T + 1)],
  ],
  [market.rollups, () => [store.rollups.between(SYMBOL, T, T + 1)]],
  [market.driftCounts, () => [store.drift.hours(SYMBOL, 'base', 0)]],
  [
    market.psiSnapshots,
    () => [store.drift.newestSnapshot(SYMBOL, 'base'), store.drift.snapshots(SYMBOL, 'base', T, T)],
  ],
  [market.driftChecks, () => [store.drift.newestChecks(SYMBOL, 'base', 9)]],
  [market.ensembleWeights, () => [store.ensembles.newest(SYMBOL, 9)]],
  [market.calibrations, () => [store.calibrations.newest(SYMBOL, 'base', 'a'.repeat(64), 9)]],
  [record.meta, () => [store.facts.get('opened')]],
  [record.tokens, () => [store.access.tokens()]],
  [record.models, () => [store.models.get(SYMBOL, 'base'), store.models.list(SYMBOL)]],
  [record.slots, () => [store.models.slots(SYMBOL)]],
  [record.gateLog, () => [store.watch.newestGates(SYMBOL), store.watch.wordsBefore(SYMBOL, T + 1)]],
  [record.alerts, () => [store.watch.alerts(SYMBOL)]],
  [record.alertChanges, () => [store.watch.alertChanges(SYMBOL, T, T + 1)]],
  [record.heartbeats, () => [store.watch.heartbeats(SYMBOL, 0)]],
  [record.jobs, () => [store.jobs.list(SYMBOL)]],
  [record.events, () => [store.journal.events(SYMBOL, 9), store.journal.eventsAfter(0, 9)]],
  [
    record.reports,
    () => [
      store.reports.dailies(SYMBOL),
      store.reports.daily(SYMBOL, '2025-05-25'),
      store.reports.weekly(SYMBOL, '2025-05-25'),
    ],
  ],
  [record.chain, () => [store.journal.entryOf(`${SYMBOL}/psi`), store.journal.entries()]],
  [record.outbox, () => [store.outbox.pending()]],
  [record.canaryRuns, () => [store.release.newestRun(SYMBOL)]],
  [record.approvals, () => [store.release.approvals(), store.release.approval('a-1')]],
  [record.promotions, () => [store.release.newestPromotion(SYMBOL)]],
  [trading.paperTrades, () => [store.trading.newestTrades(SYMBOL, 'f60', 9), store.trading.closedBy(SYMBOL, 'f60')]],
  [trading.paperPositions, () => [store.trading.positions(SYMBOL)]],
  [trading.abTestRuns, () => [store.trading.newestAbRuns(SYMBOL, 9)]],
  [ticks.ticks, () => [store.ticks.first(SYMBOL, 0, T + 1)]],
  [ticks.tickFiles, () => [store.ticks.file(SYMBOL, 'x')]],
  [trading.challengers, () => [store.models.challengers(SYMBOL)]],
  [sets.modelSets, () => [store.sets.get(SYMBOL, 'set-1')]],
  [sets.setNames, () => [store.sets.names(SYMBOL)]],
  [sets.retrainRuns, () => [store.sets.newestRuns(SYMBOL, 9)]],
  [sets.activeArms, () => [store.sets.active(SYMBOL)]],
  [record.notifications, () => [store.notifications.due('webhook', T, 1)]],
])

/** Kept for those who look into the database: the program itself reads them nowhere. */
const UNREAD_TABLES: readonly SQLiteTable[] = [record.canaryEvents, sets.retrainGateLog, sets.signals]

/** What nobody reads back, and what a wrong value of makes a row that is looked for not be found. */
const UNREAD = new Set([
  'bars.wall_ms',
  'bars.backfilled',
  'feature_rows.wall_ms',
  'frame_rows.wall_ms',
  'own_columns.place',
  'own_columns.wall_ms',
  'own_labels.wall_ms',
  'own_rows.wall_ms',
  'own_sets.wall_ms',
  'own_values.wall_ms',
  'outcomes.settled_ms',
  'notifications.channel',
  'notifications.state',
  'notifications.next_wall_ms',
])

const TABLES = [...READERS.keys()].map((table) => ({ table, name: getTableConfig(table).name }))

/** Every column that is not part of the key, with what a row must not have there. */
const COLUMNS = TABLES.flatMap(({ table, name }) => {
  const { primaryKeys } = getTableConfig(table)
  const keys = new Set(primaryKeys.flatMap((key) => key.columns.map((column) => column.name)))
  return Object.values(getTableColumns(table))
    .filter((column) => !column.primary && !keys.has(column.name) && !UNREAD.has(`${name}.${column.name}`))
    .filter((column) => String(column.dataType) !== 'buffer')
    .map((column) => ({ table, name, column: column.name, isNumber: String(column.dataType) === 'number' }))
})

/** Columns of which each text is JSON, with texts that are JSON of another shape. */
const JSON_COLUMNS: readonly [table: SQLiteTable, column: string, shapes: readonly string[]][] = [
  [market.streamStates, 'state', ['{}', '{"lastMs":1,"rsi":{},"ewma":{"seeds":1,"value":1}}']],
  [market.driftCounts, 'counts', ['[]', '{"mid":["1"]}', '7']],
  [market.psiSnapshots, 'document', ['{}', '{"symbol":7}', 'null']],
  [market.driftChecks, 'document', ['{}', '{"symbol":7}', 'null']],
  [market.ensembleWeights, 'document', ['{}', '{"symbol":7}', 'null']],
  [market.calibrations, 'document', ['{}', '{"symbol":7}', 'null']],
  [
    market.calibrations,
    'calibration',
    ['{}', '{"map":null,"raisedBy":0}', '{"map":{"kind":"platt","a":-1,"b":0},"raisedBy":0}'],
  ],
  [record.models, 'reference', ['{}', '[]']],
  [record.models, 'offline', ['{}', '{"auc":"0.9"}']],
  [record.models, 'weights', ['{}', '{"kind":"logistic"}']],
  [record.gateLog, 'detail', ['{}', '[{"gate":9}]']],
  [record.gateLog, 'figures', ['{}', '["0.1"]']],
  [record.reports, 'document', ['{}', '[]']],
  [record.outbox, 'payload', ['{}', '{"path":"../../../x.txt","content":"owned"}']],
  [record.canaryRuns, 'state', ['{}', '{"kind":"ramping","phase":-1}']],
  [record.canaryRuns, 'plan', ['{}', '{"name":"mini","phases":[{"split":2,"durationMs":1}]}']],
  [record.canaryRuns, 'phases', ['{}', '[1]']],
  [record.canaryRuns, 'last_look', ['{}']],
  [record.approvals, 'document', ['{}']],
  [record.approvals, 'request', ['[]']],
  [trading.paperPositions, 'position', ['{}', '{"kind":"open","entry":{"side":2}}']],
  [sets.modelSets, 'models', ['{}', '{"kind":"set"}']],
  [sets.modelSets, 'report', ['{}', '{"version":1}']],
  [record.notifications, 'message', ['{}', '{"schema":"notification/2"}']],
]

function reading(
  table: SQLiteTable,
  column: string,
  value: string,
  read: (() => unknown) | undefined = READERS.get(table),
): () => unknown {
  const { name } = getTableConfig(table)
  return () => {
    store.db.raw.exec('BEGIN')
    try {
      store.db.raw.exec(`UPDATE ${name} SET ${column} = ${value}`)
      return read?.()
    } finally {
      store.db.raw.exec('ROLLBACK')
    }
  }
}

describe('a row that somebody has changed', () => {
  it('is tried in every table that holds values of the room', () => {
    const tables = [
      ...Object.values(market),
      ...Object.values(own),
      ...Object.values(record),
      ...Object.values(trading),
      ...Object.values(ticks),
      ...Object.values(sets).filter((one) => is(one, SQLiteTable)),
    ]
    expect(new Set([...READERS.keys(), ...UNREAD_TABLES])).toEqual(new Set(tables))
  })

  it('is read as it was written while nobody has', () => {
    for (const { name, table } of TABLES) {
      const [first] = READERS.get(table)?.() ?? []
      expect(Array.isArray(first) ? first[0] : first, name).toBeTruthy()
    }
  })

  it.each(COLUMNS)(
    'is refused with its table and key when $column of $name is of another type',
    ({ table, name, column, isNumber }) => {
      const error = refusal(reading(table, column, isNumber ? "'a text'" : "x'00ff'"))
      expect(error.code).toBe('damaged_row')
      expect(error.what).toMatch(
        name === 'meta' ? /row opened of the table meta/ : new RegExp(`row \\S+ of the table ${name} `),
      )
      expect(error.why).toContain(name === 'meta' ? 'value' : column)
      expect(error.next).toBe('restore the data directory from a copy')
    },
  )

  it.each(JSON_COLUMNS.map(([table, column, shapes]) => ({ table, name: getTableConfig(table).name, column, shapes })))(
    'is refused when $column of $name is not JSON, or JSON of another shape',
    ({ table, name, column, shapes }) => {
      for (const text of ['{"cut off', '', ...shapes]) {
        const error = refusal(reading(table, column, `'${text}'`))
        expect(error, text).toMatchObject({ code: 'damaged_row', status: 500 })
        expect(error.what, text).toContain(`of the table ${name} `)
        expect(error.why, text).toContain(`its ${column} `)
      }
    },
  )

  it.each([
    ['its values', () => store.features.values(SYMBOL, 'mid', T, T + 1)],
    ['its values by minute', () => store.features.column(SYMBOL, 'mid', T, T + 1)],
    ['its rows', () => [...store.features.eachOf(SYMBOL, T, T + 1, ['mid'])]],
  ])('is refused where one column of features is read alone: %s', (_, read) => {
    const { code, what, why } = refusal(reading(market.featureRows, 'mid', "'a text'", read))
    expect([code, what, why]).toEqual([
      'damaged_row',
      `the row ${SYMBOL}/${T} of the table feature_rows cannot be used`,
      'its mid is not a number: a text',
    ])
  })

  it('is refused when it has a word that its column does not know', () => {
    const words: readonly [SQLiteTable, string][] = [
      [market.feeds, 'clock_kind'],
      [record.slots, 'profile'],
      [record.alerts, 'state'],
      [record.alerts, 'severity'],
      [record.alertChanges, 'severity'],
      [record.events, 'severity'],
      [record.outbox, 'kind'],
      [record.meta, 'value'],
    ]
    for (const [table, column] of words) {
      const error = refusal(reading(table, column, "'otherwise'"))
      expect(error.why, `${getTableConfig(table).name}.${column}`).toContain('otherwise')
    }
  })
})

describe('a room on a database that somebody has changed', () => {
  const cases = [
    ['meta', `INSERT INTO meta VALUES ('breaker:${ROOM}', 'ajar')`],
    ['slots', `INSERT INTO slots VALUES ('${ROOM}', 'baseline', 'v1', 'brave', 0, 0)`],
    ['jobs', `INSERT INTO jobs VALUES ('${ROOM}', 'psi', 'noon', NULL, NULL, 'ok', 1, 0)`],
    ['outbox', `INSERT INTO outbox (kind, payload, ts_ms) VALUES ('file', '{"path":"/etc/passwd"}', 0)`],
    ['feeds', `UPDATE feeds SET clock_ms = 'noon'`],
  ] as const
  it.each(cases)('does not open, and says why: %s', (table, sql) => {
    const dir = fresh()
    const desks = openDesks(dir)
    desks.store.db.transaction(() => desks.store.feeds.put(desks.of(ROOM).tape.feed))
    desks.store.db.raw.exec(sql)
    desks.close()
    const error = refusal(() => openDesks(dir))
    expect(error.code).toBe('damaged_row')
    expect(error.what).toContain(`the table ${table} `)
  })
})
