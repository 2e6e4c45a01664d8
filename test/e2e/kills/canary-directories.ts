/** Where transitions of a release begin, and what people ask of a room there. */
import { actOne } from '../../kit/acts.ts'
import { candidatePromotedIn } from './baking-room.ts'
import { standingOf } from './canary-standing.ts'
import { prepare } from '../../kit/prepared.ts'
import type { Answer, Room, Stage } from '../../kit/program.ts'

export type Cause = (room: Room) => Promise<Answer>

const PLAN = 'brief'
const SAID = { reason: 'the test says so' }
const YES = { decision: 'approve', phrase: 'ONAY', ...SAID }
const NO = { decision: 'reject', ...SAID }

export const wish: Cause = (room) => room.change('/canary/start', { plan: PLAN, live: true })
export const promotion: Cause = (room) => room.change('/promote', {})
export const yes: Cause = (room) => room.change(`/approvals/${openPrompt(room)}`, YES)
export const no: Cause = (room) => room.change(`/approvals/${openPrompt(room)}`, NO)
export const abort: Cause = (room) => room.change('/canary/abort', SAID)
export const rollback: Cause = (room) => room.change('/rollback', SAID)
export const goOn: Cause = (room) => room.change('/speed', { speed: 600 })

function openPrompt(room: Room): string {
  const [id] = standingOf(room.dataDir).openPrompts
  if (id === undefined) throw new Error('no prompt waits')
  return id
}

/** A configuration with a canary of three phases of a minute each. */
export function briefPlan(shell: Stage): string[] {
  const plan = [0.05, 0.25, 1].map((split) => ({ split, duration_min: 1 }))
  return shell.configured({ training: { window_days: 1 }, canary: { min_live: 0, plans: { [PLAN]: plan } } })
}

type Root = (shell: Stage, args: readonly string[]) => Promise<string>

/** Data directories that stand before the first transition of a line of them, each for the caller alone. */
export const ROOTS = {
  candidate: (shell) => prepare(shell, 'candidate'),
  promotable: async (shell) => shell.copy((await actOne(shell)).promotable),
  /** A canary runs beside a model that was promoted itself. */
  rolling: async (shell, args) => {
    const { dataDir } = await candidatePromotedIn(shell.fresh())
    await shell.json(['retrain', '--version', 'v1.8.2', '--data-dir', dataDir, ...args])
    const room = await shell.open(dataDir, [...args, '--speed', '1'])
    for (const cause of [wish, yes]) {
      const { status, text } = await cause(room)
      if (status >= 300) throw new Error(`answered ${status}: ${text}`)
    }
    await room.process.kill()
    return dataDir
  },
} satisfies Readonly<Record<string, Root>>

/** Directories in which something has happened since, beside the room. */
export const EDITED = {
  // The prompt is as it was opened; the shadow has failed since.
  stale: ['waiting', "INSERT OR REPLACE INTO meta VALUES ('breaker:BTCUSDT', 'opened')"],
  expired: ['waiting', "UPDATE approvals SET document = json_set(document, '$.approval.expiresWallMs', 0)"],
  between: ['running', counted({ tried: 1_000, errors: 20, compared: 980, matched: 980 })],
  failing: ['running', counted({ tried: 1_000, errors: 500, compared: 500, matched: 500 })],
  impossible: ['running', counted({ tried: 1_000, errors: 0, compared: 1_000, matched: 2_000 })],
} as const

/** What a transition leaves for the next ones. */
export type Left = 'waiting' | 'running' | 'second' | 'third' | 'held' | 'approvable' | 'promoted'
export type Origin = keyof typeof ROOTS | keyof typeof EDITED | Left

/** What callers' requests have shown of phase 1 ten minutes ago: the candidate's own behaviour cannot be had to order. */
function counted(of: Readonly<Record<'tried' | 'errors' | 'compared' | 'matched', number>>): string {
  return `INSERT INTO rollups (symbol, ts_ms, model, source, phase, requests, abstained, tried, errors, compared, matched,
                               delta_sum, delta_max, timed, above_80, above_120, model_timed, model_above_60)
          SELECT symbol, ts_ms - 600000, candidate, 'caller', run_id || '/1', 0, 0, ${of.tried}, ${of.errors}, ${of.compared}, ${of.matched},
                 0, 0, 0, 0, 0, 0, 0
          FROM canary_runs ORDER BY wall_ms DESC LIMIT 1`
}
