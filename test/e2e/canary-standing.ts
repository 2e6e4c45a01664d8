/** Where a directory stands between candidate and charge: read from its database, whether a room has it or was killed. */
import { z } from 'zod'
import { reading } from './contents.ts'

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
