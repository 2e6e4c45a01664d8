/** Where a directory stands between candidate and charge: read from its database, whether a room has it or was killed. */
import { join } from 'node:path'
import { z } from 'zod'
import { fileSha256 } from '../../../src/evidence/files.ts'
import { reading } from '../../kit/contents.ts'

const State = z.object({ kind: z.string(), phase: z.number().optional() })
const Phases = z.array(z.object({ phase: z.number() }))

export interface Standing {
  /** Names of states and slots alone: two runs of the same steps agree on them. */
  readonly shape: {
    readonly canary: string | null
    /** From 0, while a phase runs. */
    readonly phase: number | null
    readonly phasesEnded: number
    readonly ended: boolean
    readonly prompts: readonly string[]
    readonly slots: Readonly<Record<string, string>>
    readonly changes: readonly string[]
  }
  /** What a kill must not change. */
  readonly runId: string | null
  readonly salt: string | null
  readonly openPrompts: readonly string[]
  readonly clockMs: number
}

interface RunRow {
  run_id: string
  salt: string
  state: string
  phases: string
  ended_ms: number | null
}

export function standingOf(dataDir: string): Standing {
  return reading(dataDir, (db) => {
    // One transaction, so that a room at work is seen at one moment.
    const read = db.transaction((): Standing => {
      const run = db
        .prepare<[], RunRow>(
          'SELECT run_id, salt, state, phases, ended_ms FROM canary_runs ORDER BY ts_ms DESC, wall_ms DESC LIMIT 1',
        )
        .get()
      const prompts = db
        .prepare<[], { id: string; action: string; state: string }>(
          'SELECT id, action, state FROM approvals ORDER BY wall_ms',
        )
        .all()
      const slots = db.prepare<[], { slot: string; version: string }>('SELECT slot, version FROM slots').all()
      const changes = db
        .prepare<[], { kind: string; version: string }>('SELECT kind, version FROM promotions ORDER BY wall_ms')
        .all()
      const state = run === undefined ? null : State.parse(JSON.parse(run.state))
      return {
        shape: {
          canary: state?.kind ?? null,
          phase: state?.phase ?? null,
          phasesEnded: run === undefined ? 0 : Phases.parse(JSON.parse(run.phases)).length,
          ended: run !== undefined && run.ended_ms !== null,
          prompts: prompts.map(({ action, state: answered }) => `${action} ${answered}`),
          slots: Object.fromEntries(slots.map(({ slot, version }) => [slot, version])),
          changes: changes.map(({ kind, version }) => `${kind} ${version}`),
        },
        runId: run?.run_id ?? null,
        salt: run?.salt ?? null,
        openPrompts: prompts.filter((prompt) => prompt.state === 'waiting').map(({ id }) => id),
        clockMs: Number(db.prepare('SELECT max(clock_ms) FROM feeds').pluck().get()),
      }
    })
    return read()
  })
}

/** The files of canary runs by SHA-256, as the chain has them and as the disk does; and how many files are still to be written. */
export function runFiles(dataDir: string): {
  readonly recorded: Readonly<Record<string, string>>
  readonly written: Readonly<Record<string, string | null>>
  readonly waiting: number
} {
  return reading(dataDir, (db) => {
    const rows = db
      .prepare<[], { subject: string; sha256: string }>(
        "SELECT subject, sha256 FROM chain WHERE kind = 'file' AND subject LIKE 'ml/canary_run_%' ORDER BY seq",
      )
      .all()
    return {
      recorded: Object.fromEntries(rows.map(({ subject, sha256 }) => [subject, sha256])),
      written: Object.fromEntries(rows.map(({ subject }) => [subject, fileSha256(join(dataDir, 'evidence', subject))])),
      waiting: Number(db.prepare("SELECT count(*) FROM outbox WHERE kind = 'file'").pluck().get()),
    }
  })
}
