/** What a validation says and leaves, as its tests look at it. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { reading } from './contents.ts'

const Figure = z.object({ model: z.string(), overall_psi: z.number().nullable(), verdict: z.string() })

export const Result = z.object({
  symbol: z.literal('BTCUSDT'),
  version: z.string(),
  sha256: z.string(),
  slot: z.string().nullable(),
  profile: z.enum(['equivalent', 'improve']),
  verdict: z.enum(['PASS', 'FAIL']),
  checks: z.array(z.object({ check: z.string(), pass: z.boolean(), said: z.string() })),
  psi: z.object({ own: Figure, halves: Figure.nullable(), former: Figure.nullable() }),
  files: z.array(z.string()),
  missing: z.array(z.object({ file: z.string(), why: z.string() })),
})

export const Smoke = z.object({
  model: z.string(),
  requests: z.number(),
  success: z.number(),
  match_rate: z.number().nullable(),
  mean_delta: z.number().nullable(),
  shadow_errors: z.number().nullable(),
  slo_check: z.object({ pass: z.boolean(), why: z.array(z.string()) }),
})

export const MADE = [
  'eval_result_v1.8.1.json',
  'eval_result_v1.8.1.txt',
  'metrics_baseline_v1.8.1.txt',
  'offline_report_v1.8.1.json',
  'psi_snapshot_v1.8.1.json',
  'shadow_smoke_1k_v1.8.1.json',
  'smoke_1k_v1.8.1.json',
] as const

export function evidence(dataDir: string, name: string): string {
  return readFileSync(join(dataDir, 'evidence/ml', name), 'utf8')
}

const Entry = z.object({ sha256: z.string(), detail: z.string() })

/** The newest entry of a file in the chain, and the SHA-256 of the file as it stands. */
export function entryOf(dataDir: string, name: string): { entry: string; file: string; detail: unknown } {
  const row = reading(dataDir, (db) =>
    db.prepare('SELECT sha256, detail FROM chain WHERE subject = ? ORDER BY seq DESC LIMIT 1').get(`ml/${name}`),
  )
  const { sha256, detail } = Entry.parse(row)
  const file = createHash('sha256').update(evidence(dataDir, name)).digest('hex')
  return { entry: sha256, file, detail: JSON.parse(detail) }
}

/** Everything that a validation could have left: the chain, what waits to be written, the slots, and the files. */
export function leftBehind(dataDir: string): unknown {
  const tables = reading(dataDir, (db) => ({
    chain: db.prepare('SELECT seq, subject, sha256 FROM chain ORDER BY seq').all(),
    outbox: db.prepare('SELECT count(*) AS n FROM outbox').get(),
    slots: db.prepare('SELECT symbol, slot, version, profile FROM slots').all(),
  }))
  const dir = join(dataDir, 'evidence/ml')
  const files = existsSync(dir) ? readdirSync(dir).sort() : []
  return { ...tables, files: files.map((name) => [name, name.includes('.') ? evidence(dataDir, name).length : 0]) }
}

const Count = z.object({ n: z.number() })

export function count(dataDir: string, what: string): number {
  return Count.parse(reading(dataDir, (db) => db.prepare(`SELECT count(*) AS n FROM ${what}`).get())).n
}

/** Roll-ups of what callers, minutes and history left, and the market clock. */
export function counted(dataDir: string): unknown {
  return reading(dataDir, (db) => ({
    rollups: db.prepare('SELECT source, count(*) AS n, sum(requests) AS requests FROM rollups GROUP BY source').all(),
    clock: db.prepare('SELECT clock_ms FROM feeds').all(),
    scores: db.prepare('SELECT model, count(*) AS n FROM scores GROUP BY model').all(),
    others: db.prepare("SELECT count(*) AS n FROM predictions WHERE source != 'smoke'").get(),
  }))
}
