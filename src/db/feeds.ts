import { and, asc, eq, max, sql } from 'drizzle-orm'

import type { Database } from './connect.ts'
import { droppedBars, feeds } from './schema-market.ts'
import { jobs, meta, tokens } from './schema-record.ts'

export type FeedRow = typeof feeds.$inferSelect
export type JobRow = typeof jobs.$inferSelect
export type TokenRow = typeof tokens.$inferSelect

const MAX_NAMED_DROPS = 1_000

/** Where feeds and jobs stand, and which bars were dropped. */
export interface FeedRepo {
  get(symbol: string): FeedRow | null
  all(): FeedRow[]
  put(row: FeedRow): void
  /** Names a dropped bar; past the first thousand only the counts go on. */
  nameDrop(
    symbol: string,
    drop: { tsMs: number | null; line: number | null; fault: string; text: string },
    wallMs: number,
  ): void
  dropped(symbol: string): (typeof droppedBars.$inferSelect)[]
  job(symbol: string, name: string): JobRow | null
  jobs(symbol: string): JobRow[]
  putJob(row: JobRow): void
}

export function feedRepo(db: Database): FeedRepo {
  const { orm } = db
  const place = sql.placeholder
  const one = orm
    .select()
    .from(feeds)
    .where(eq(feeds.symbol, place('symbol')))
    .prepare()
  const putJob = orm
    .insert(jobs)
    .values({
      symbol: place('symbol'),
      name: place('name'),
      lastMs: place('lastMs'),
      lastOkMs: place('lastOkMs'),
      nextMs: place('nextMs'),
      result: place('result'),
      ok: place('ok'),
      wallMs: place('wallMs'),
    })
    .onConflictDoUpdate({
      target: [jobs.symbol, jobs.name],
      set: {
        lastMs: sql`excluded.last_ms`,
        lastOkMs: sql`excluded.last_ok_ms`,
        nextMs: sql`excluded.next_ms`,
        result: sql`excluded.result`,
        ok: sql`excluded.ok`,
        wallMs: sql`excluded.wall_ms`,
      },
    })
    .prepare()
  // With every moment of the clock: building the statement anew cost more than running it.
  const put = orm
    .insert(feeds)
    .values({
      symbol: place('symbol'),
      clockMs: place('clockMs'),
      clockKind: place('clockKind'),
      path: place('path'),
      sha256: place('sha256'),
      line: place('line'),
      fromMs: place('fromMs'),
      bars: place('bars'),
      badRows: place('badRows'),
      duplicates: place('duplicates'),
      late: place('late'),
      future: place('future'),
    })
    .onConflictDoUpdate({
      target: feeds.symbol,
      set: {
        clockMs: sql`excluded.clock_ms`,
        clockKind: sql`excluded.clock_kind`,
        path: sql`excluded.path`,
        sha256: sql`excluded.sha256`,
        line: sql`excluded.line`,
        fromMs: sql`excluded.from_ms`,
        bars: sql`excluded.bars`,
        badRows: sql`excluded.bad_rows`,
        duplicates: sql`excluded.duplicates`,
        late: sql`excluded.late`,
        future: sql`excluded.future`,
      },
    })
    .prepare()
  return {
    get: (symbol) => one.get({ symbol }) ?? null,
    all: () => orm.select().from(feeds).orderBy(asc(feeds.symbol)).all(),
    put: (row) => {
      put.run({ ...row })
    },
    nameDrop: (symbol, drop, wallMs) => {
      const last =
        orm
          .select({ seq: max(droppedBars.seq) })
          .from(droppedBars)
          .where(eq(droppedBars.symbol, symbol))
          .get()?.seq ?? 0
      if (last < MAX_NAMED_DROPS)
        orm
          .insert(droppedBars)
          .values({ symbol, seq: last + 1, ...drop, wallMs })
          .run()
    },
    dropped: (symbol) =>
      orm.select().from(droppedBars).where(eq(droppedBars.symbol, symbol)).orderBy(asc(droppedBars.seq)).all(),
    job: (symbol, name) =>
      orm
        .select()
        .from(jobs)
        .where(and(eq(jobs.symbol, symbol), eq(jobs.name, name)))
        .get() ?? null,
    jobs: (symbol) => orm.select().from(jobs).where(eq(jobs.symbol, symbol)).all(),
    putJob: (row) => {
      putJob.run({ ...row })
    },
  }
}

/** Small facts about the room, and who may change things. */
export interface AccessRepo {
  getMeta(key: string): string | null
  setMeta(key: string, value: string): void
  tokens(): TokenRow[]
  addToken(row: TokenRow): void
  revokeToken(name: string, wallMs: number): boolean
}

export function accessRepo(db: Database): AccessRepo {
  const { orm } = db
  return {
    getMeta: (key) => orm.select().from(meta).where(eq(meta.key, key)).get()?.value ?? null,
    setMeta: (key, value) => {
      orm.insert(meta).values({ key, value }).onConflictDoUpdate({ target: meta.key, set: { value } }).run()
    },
    tokens: () => orm.select().from(tokens).orderBy(asc(tokens.wallMs)).all(),
    addToken: (row) => {
      orm.insert(tokens).values(row).run()
    },
    revokeToken: (name, wallMs) =>
      orm
        .update(tokens)
        .set({ revokedWallMs: wallMs })
        .where(and(eq(tokens.name, name), sql`${tokens.revokedWallMs} is null`))
        .run().changes > 0,
  }
}
