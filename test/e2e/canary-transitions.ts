/** Every transition between candidate and charge: where it begins, what causes it, and how the directory stands after it. */
import { writeFileSync } from 'node:fs'
import { actOne } from './acts.ts'
import { standingOf, type Standing } from './canary-standing.ts'
import { changing, type ChainMark } from './kill-points.ts'
import { prepare } from './prepared.ts'
import type { Answer, Room, Stage } from './program.ts'

type Shape = Standing['shape']
type Cause = (room: Room) => Promise<Answer>

export interface Transition {
  readonly name: string
  readonly from: keyof Directories
  /** Null where it happens as soon as a room is started. */
  readonly cause: Cause | null
  /** `played`: what the room does a while after it was asked to go on. */
  readonly how: 'asked' | 'played'
  readonly mark: ChainMark
  /** How the directory stands just before it, where playing on has moved it from where it began. */
  readonly before?: (begun: Shape) => Shape
  readonly after: (begun: Shape) => Shape
}

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

const wish: Cause = (room) => room.change('/canary/start', { plan: PLAN, live: true })
const promotion: Cause = (room) => room.change('/promote', {})
const yes: Cause = (room) => room.change(`/approvals/${openPrompt(room)}`, YES)
const no: Cause = (room) => room.change(`/approvals/${openPrompt(room)}`, NO)
const abort: Cause = (room) => room.change('/canary/abort', SAID)
const rollback: Cause = (room) => room.change('/rollback', SAID)
const goOn: Cause = (room) => room.change('/speed', { speed: 600 })

function openPrompt(room: Room): string {
  const [id] = standingOf(room.dataDir).openPrompts
  if (id === undefined) throw new Error('no prompt waits')
  return id
}

function approval(step: string, action: string): ChainMark {
  return { kind: 'approval', detail: { step, action } }
}

function canary(step: string, detail: ChainMark['detail'] = {}): ChainMark {
  return { kind: 'canary', detail: { step, ...detail } }
}

/** The prompt asked for last, as it was answered. */
function answered({ prompts }: Shape, state: string): readonly string[] {
  return [...prompts.slice(0, -1), `${prompts.at(-1)?.split(' ')[0]} ${state}`]
}

const withdrawn = (state: string) => (begun: Shape) => ({
  ...begun,
  canary: 'idle',
  ended: true,
  prompts: answered(begun, state),
})
const started = (begun: Shape): Shape => ({
  ...begun,
  canary: 'ramping',
  phase: 0,
  prompts: answered(begun, 'approved'),
})
const inPhase = (phase: number) => (begun: Shape) => ({ ...begun, phase, phasesEnded: phase })
const held = (begun: Shape): Shape => ({ ...begun, canary: 'holding' })
const aborted = (begun: Shape): Shape => ({ ...begun, canary: 'aborted', phasesEnded: 1, ended: true })
const rolledBack = (begun: Shape): Shape => {
  const { former = '', candidate } = begun.slots
  return {
    ...begun,
    slots: { baseline: former, ...(candidate === undefined ? {} : { candidate }) },
    changes: [...begun.changes, `rollback ${former}`],
  }
}
const ABORTED = canary('ended', { status: 'ABORTED' })

export const TRANSITIONS: readonly Transition[] = [
  {
    name: 'a canary is asked for',
    from: 'candidate',
    cause: wish,
    how: 'asked',
    mark: approval('asked', 'canary_start'),
    after: (begun) => ({ ...begun, canary: 'awaitingOnay', prompts: ['canary_start waiting'] }),
  },
  {
    name: 'its approval',
    from: 'waiting',
    cause: yes,
    how: 'asked',
    mark: approval('approved', 'canary_start'),
    after: started,
  },
  {
    name: 'its start, of the same transaction',
    from: 'waiting',
    cause: yes,
    how: 'asked',
    mark: canary('phase', { phase: 1 }),
    after: started,
  },
  {
    name: 'its refusal',
    from: 'waiting',
    cause: no,
    how: 'asked',
    mark: approval('refused', 'canary_start'),
    after: withdrawn('refused'),
  },
  {
    name: 'an abort while it waits',
    from: 'waiting',
    cause: abort,
    how: 'asked',
    mark: approval('refused', 'canary_start'),
    after: withdrawn('refused'),
  },
  {
    name: 'an approval of what has changed meanwhile',
    from: 'stale',
    cause: yes,
    how: 'asked',
    mark: approval('stale', 'canary_start'),
    after: withdrawn('stale'),
  },
  {
    name: 'the expiry of its prompt',
    from: 'expired',
    cause: null,
    how: 'played',
    mark: approval('expired', 'canary_start'),
    after: withdrawn('expired'),
  },
  {
    name: 'phase 1 passes',
    from: 'running',
    cause: goOn,
    how: 'played',
    mark: canary('phase', { phase: 2 }),
    after: inPhase(1),
  },
  {
    name: 'phase 2 passes',
    from: 'running',
    cause: goOn,
    how: 'played',
    mark: canary('phase', { phase: 3 }),
    before: inPhase(1),
    after: inPhase(2),
  },
  {
    name: 'a phase is held',
    from: 'between',
    cause: goOn,
    how: 'played',
    mark: canary('held', { phase: 1 }),
    after: held,
  },
  {
    name: 'a phase that was held ends inconclusive',
    from: 'between',
    cause: goOn,
    how: 'played',
    mark: canary('ended', { status: 'INCONCLUSIVE' }),
    before: held,
    after: (begun) => ({ ...begun, canary: 'inconclusive', phasesEnded: 1, ended: true }),
  },
  {
    name: 'success',
    from: 'running',
    cause: goOn,
    how: 'played',
    mark: canary('ended', { status: 'SUCCESS' }),
    before: inPhase(2),
    after: (begun) => ({ ...begun, canary: 'succeeded', phase: null, phasesEnded: 3, ended: true }),
  },
  { name: 'an abort by a person', from: 'running', cause: abort, how: 'asked', mark: ABORTED, after: aborted },
  { name: 'an abort by the judge', from: 'failing', cause: goOn, how: 'played', mark: ABORTED, after: aborted },
  {
    name: 'an abort after three failed measurements',
    from: 'impossible',
    cause: goOn,
    how: 'played',
    mark: ABORTED,
    after: aborted,
  },
  {
    name: 'a promotion is asked for',
    from: 'promotable',
    cause: promotion,
    how: 'asked',
    mark: approval('asked', 'promote'),
    after: (begun) => ({ ...begun, prompts: [...begun.prompts, 'promote waiting'] }),
  },
  {
    name: 'the promotion',
    from: 'approvable',
    cause: yes,
    how: 'asked',
    mark: { kind: 'promotion', detail: {} },
    after: (begun) => {
      const { candidate = '', baseline = '' } = begun.slots
      return {
        ...begun,
        prompts: answered(begun, 'approved'),
        slots: { baseline: candidate, former: baseline },
        changes: [...begun.changes, `promotion ${candidate}`],
      }
    },
  },
  {
    name: 'a rollback',
    from: 'promoted',
    cause: rollback,
    how: 'asked',
    mark: { kind: 'rollback', detail: {} },
    after: rolledBack,
  },
  {
    name: 'a rollback that ends a canary',
    from: 'rolling',
    cause: rollback,
    how: 'asked',
    mark: ABORTED,
    after: (begun) => rolledBack(aborted(begun)),
  },
]

/** A configuration with a canary of three phases of a minute each. */
export function briefPlan(shell: Stage): string {
  const path = `${shell.fresh()}.json`
  const plan = [0.05, 0.25, 1].map((split) => ({ split, duration_min: 1 }))
  writeFileSync(path, JSON.stringify({ canary: { plans: { [PLAN]: plan } } }))
  return path
}

/** @param args of the rooms that make them */
export async function prepareDirectories(shell: Stage, args: readonly string[]): Promise<Directories> {
  /** A directory after one more step, its room killed once it has answered. */
  const stepped = async (from: string, cause: Cause): Promise<string> => {
    const dataDir = shell.copy(from)
    const room = await shell.serve(dataDir, [...args, '--speed', '1'])
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
  const prompt = (field: string, value: string): string =>
    `UPDATE approvals SET document = json_set(document, '$.approval.${field}', ${value})`

  const candidate = await prepare(shell, { candidate: true })
  const waiting = await stepped(candidate, wish)
  const running = await stepped(waiting, yes)
  const promotable = (await actOne(shell)).dataDir
  const approvable = await stepped(promotable, promotion)
  const promoted = await stepped(approvable, yes)
  const next = shell.copy(promoted)
  await shell.json(['retrain', '--version', 'v1.8.2', '--data-dir', next])
  return {
    candidate,
    waiting,
    stale: edited(waiting, prompt('verdictsKey', "'another'")),
    expired: edited(waiting, prompt('expiresWallMs', '0')),
    running,
    between: edited(running, counted({ tried: 1_000, errors: 20, compared: 980, matched: 980 })),
    failing: edited(running, counted({ tried: 1_000, errors: 500, compared: 500, matched: 500 })),
    impossible: edited(running, counted({ tried: 1_000, errors: 0, compared: 1_000, matched: 2_000 })),
    promotable,
    approvable,
    promoted,
    rolling: await stepped(await stepped(next, wish), yes),
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
