/** Small facts about a room: their names, their types and how each is stored stand here and nowhere else. */
import { eq, sql } from 'drizzle-orm'
import type * as z from 'zod'
import type { KillState } from '../engine/approval/kill-switch.ts'
import type { RetrainPlan } from '../engine/drift/retrain-plan.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { meta } from './schema-record.ts'
import {
  type DriftKill,
  DriftKillShape,
  KillShape,
  MarketShape,
  type StandingLabel,
  StandingLabelShape,
  RetrainPlanShape,
  SurveyShape,
  type RememberedMarket,
  type RememberedSurvey,
} from './shapes-room.ts'
import { select } from './select.ts'
import { damagedRow, jsonOf } from './stored.ts'

/** Where the kill switches stand, which the chain has too. */
export const KILL_KEY = 'kill_switch'

/** Where it stands what is predicted; `settled` reads it as well. */
export const LABEL_KEY = 'label'

/** Facts about the room as a whole. */
interface RoomFacts {
  /** What tells this room from every other. */
  readonly id: string
  /** Whether a room was ever opened on this directory. */
  readonly opened: boolean
  /** How the last room on this directory ended; `running` while one runs, and after one that was not stopped. */
  readonly ended: 'running' | 'stopped'
  /** Up to when the bars of a first start that is under way are history; 0 once that is done. */
  readonly historyUntilMs: UnixMs
  /** Whether a recording stands still until somebody lets it go on. */
  readonly paused: boolean
  /** The symbol whose evidence stands in `ml/` itself. */
  readonly primarySymbol: string
}

/** Facts about one symbol. */
interface SymbolFacts {
  readonly breaker: BreakerFact
  /** The market that an exchange feeds it from. */
  readonly market: RememberedMarket
  /** What its recording holds as a whole. */
  readonly survey: RememberedSurvey
  /** Where its kill switch stands. */
  readonly kill: KillState
  /** The retraining that drift has made advisable; null where none is. */
  readonly retrainPlan: RetrainPlan | null
  /** What is predicted, and since when: minutes before are of another label. */
  readonly label: StandingLabel
  /** What has come of drift that asks for the kill switch, for as long as it asks; null while it does not. */
  readonly driftKill: DriftKill | null
}

/** What the circuit breaker of the shadow did last, and for which artifact; null where that was not kept yet. */
interface BreakerFact {
  readonly state: 'opened' | 'closed'
  readonly sha256: string | null
}

export interface FactRepo {
  /** Null while the fact is not known. @throws OperatorError when what is stored is not such a fact */
  get<K extends keyof RoomFacts>(fact: K): RoomFacts[K] | null
  set<K extends keyof RoomFacts>(fact: K, value: RoomFacts[K]): void
  of<K extends keyof SymbolFacts>(symbol: string, fact: K): SymbolFacts[K] | null
  setOf<K extends keyof SymbolFacts>(symbol: string, fact: K, value: SymbolFacts[K]): void
}

/** How a fact is stored. `value` gives undefined for a text that it does not know. */
interface Stored<T> {
  readonly key: string
  text(value: T): string
  value(text: string, key: string): T | undefined
}

const ROOM: { readonly [K in keyof RoomFacts]: Stored<RoomFacts[K]> } = {
  id: { key: 'room_id', text: String, value: (text) => (text === '' ? undefined : text) },
  opened: { key: 'opened', text: yesNo, value: (text) => YES_NO.get(text) },
  ended: { key: 'how_it_ended', ...oneOf(['running', 'stopped']) },
  historyUntilMs: { key: 'history_until', text: String, value: whole },
  paused: { key: 'paused', text: yesNo, value: (text) => YES_NO.get(text) },
  primarySymbol: { key: 'primary_symbol', text: String, value: (text) => (text === '' ? undefined : text) },
}

const SYMBOL: { readonly [K in keyof SymbolFacts]: Stored<SymbolFacts[K]> } = {
  breaker: {
    key: 'breaker',
    text: ({ state, sha256 }) => (sha256 === null ? state : `${state} ${sha256}`),
    value: breakerOf,
  },
  market: { key: 'exchange', ...json(MarketShape) },
  survey: { key: 'recording', ...json(SurveyShape) },
  kill: { key: KILL_KEY, ...json(KillShape) },
  retrainPlan: { key: 'retrain_plan', ...json(RetrainPlanShape) },
  label: { key: LABEL_KEY, ...json(StandingLabelShape) },
  driftKill: { key: 'drift_kill', ...json(DriftKillShape) },
}

const YES_NO: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['no', false],
])

const ONE = select((from) =>
  from
    .select()
    .from(meta)
    .where(eq(meta.key, sql.placeholder('key'))),
)

export function factRepo(db: Database): FactRepo {
  const { orm } = db
  const one = ONE(db)
  const read = <T>(key: string, stored: Stored<T>): T | null => {
    const text: unknown = one.get({ key })?.value
    if (text === undefined) return null
    if (typeof text !== 'string') throw damagedRow('meta', key, 'its value is not a text')
    const value = stored.value(text, key)
    if (value === undefined) throw damagedRow('meta', key, `its value is not one that it can have: ${text}`)
    return value
  }
  const write = (key: string, value: string): void => {
    orm.insert(meta).values({ key, value }).onConflictDoUpdate({ target: meta.key, set: { value } }).run()
  }
  return {
    get: (fact) => read(ROOM[fact].key, ROOM[fact]),
    set: (fact, value) => write(ROOM[fact].key, ROOM[fact].text(value)),
    of: (symbol, fact) => read(`${SYMBOL[fact].key}:${symbol}`, SYMBOL[fact]),
    setOf: (symbol, fact, value) => write(`${SYMBOL[fact].key}:${symbol}`, SYMBOL[fact].text(value)),
  }
}

function yesNo(yes: boolean): string {
  return yes ? 'yes' : 'no'
}

function json<T>(shape: z.ZodType<T>): Pick<Stored<T>, 'text' | 'value'> {
  return {
    text: (value) => JSON.stringify(value),
    value: (text, key) => jsonOf(text, shape, (why) => damagedRow('meta', key, `its value ${why}`)),
  }
}

function oneOf<T extends string>(words: readonly T[]): Pick<Stored<T>, 'text' | 'value'> {
  return { text: (word) => word, value: (text) => words.find((word) => word === text) }
}

function breakerOf(text: string): BreakerFact | undefined {
  const [, state, sha256] = /^(opened|closed)(?: (\S+))?$/.exec(text) ?? []
  return state === 'opened' || state === 'closed' ? { state, sha256: sha256 ?? null } : undefined
}

function whole(text: string): number | undefined {
  return /^\d{1,16}$/.test(text) ? Number(text) : undefined
}
