/** Directories that stand just before each transition of a release, and what people ask of a room there. */
import { actOne } from '../../kit/acts.ts'
import { standingOf } from './canary-standing.ts'
import { changing } from './kill-points.ts'
import { prepare } from '../../kit/prepared.ts'
import type { Answer, Room, Stage } from '../../kit/program.ts'

export type Cause = (room: Room) => Promise<Answer>

/** Data directories just before a transition. */
export interface Directories {
  readonly candidate: string
  readonly waiting: string
  readonly stale: string
  readonly expired: string
  readonly running: string
  readonly between: string
  readonly failing: string
  readonly impossible: string
  readonly promotable: string
  readonly approvable: string
  readonly promoted: string
  readonly rolling: string
}

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
  return shell.configured({ canary: { min_live: 0, plans: { [PLAN]: plan } } })
}

/** @param args of the rooms that make them */
export async function prepareDirectories(shell: Stage, args: readonly string[]): Promise<Directories> {
  /** A directory after one more step, its room killed once it has answered. */
  const stepped = async (from: string, cause: Cause): Promise<string> => {
    const dataDir = shell.copy(from)
    const room = await shell.open(dataDir, [...args, '--speed', '1'])
    const { status, text } = await cause(room)
    if (status >= 300) throw new Error(`answered ${status}: ${text}`)
    await room.process.kill()
    return dataDir
  }
  const edited = (from: string, sql: string): string => {
    const dataDir = shell.copy(from)
    changing(dataDir, (db) => db.exec(sql))
    return dataDir
  }
  const retrained = async (from: string): Promise<string> => {
    const dataDir = shell.copy(from)
    await shell.json(['retrain', '--version', 'v1.8.2', '--data-dir', dataDir])
    return dataDir
  }

  const candidate = await prepare(shell, 'candidate')
  const waiting = await stepped(candidate, wish)
  const running = await stepped(waiting, yes)
  const { promotable } = await actOne(shell)
  const approvable = await stepped(promotable, promotion)
  const promoted = await stepped(approvable, yes)
  return {
    candidate,
    waiting,
    // The prompt is as it was opened; the shadow has failed since.
    stale: edited(waiting, "INSERT OR REPLACE INTO meta VALUES ('breaker:BTCUSDT', 'opened')"),
    expired: edited(waiting, "UPDATE approvals SET document = json_set(document, '$.approval.expiresWallMs', 0)"),
    running,
    between: edited(running, counted({ tried: 1_000, errors: 20, compared: 980, matched: 980 })),
    failing: edited(running, counted({ tried: 1_000, errors: 500, compared: 500, matched: 500 })),
    impossible: edited(running, counted({ tried: 1_000, errors: 0, compared: 1_000, matched: 2_000 })),
    promotable,
    approvable,
    promoted,
    rolling: await stepped(await stepped(await retrained(promoted), wish), yes),
  }
}

/** What callers' requests have shown of phase 1 ten minutes ago: the candidate's own behaviour cannot be had to order. */
function counted(of: Readonly<Record<'tried' | 'errors' | 'compared' | 'matched', number>>): string {
  return `INSERT INTO rollups (symbol, ts_ms, model, source, phase, requests, abstained, tried, errors, compared, matched,
                               delta_sum, delta_max, timed, above_80, above_120, model_timed, model_above_60)
          SELECT symbol, ts_ms - 600000, candidate, 'caller', run_id || '/1', 0, 0, ${of.tried}, ${of.errors}, ${of.compared}, ${of.matched},
                 0, 0, 0, 0, 0, 0, 0
          FROM canary_runs ORDER BY wall_ms DESC LIMIT 1`
}
