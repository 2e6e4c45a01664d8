/**
 * What was decided and what watches: models, gates, alerts, jobs, events, reports, the evidence chain. Tables about a market
 * have the symbol first in their key; `ts_ms` is market time, `wall_ms` the machine's.
 */
import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { PROFILES, SLOT_NAMES } from '../engine/models/roles.ts'

const SEVERITIES = ['info', 'warning', 'critical'] as const

const symbol = () => text('symbol').notNull()
const tsMs = () => integer('ts_ms').notNull()
const wallMs = () => integer('wall_ms').notNull()

export const meta = sqliteTable('meta', { key: text('key').primaryKey(), value: text('value').notNull() })

export const tokens = sqliteTable('tokens', {
  name: text('name').primaryKey(),
  /** Whose it is. */
  person: text('person').notNull().default(''),
  sha256: text('sha256').notNull(),
  wallMs: wallMs(),
  revokedWallMs: integer('revoked_wall_ms'),
})

/** The registry. A version once there is never overwritten. */
export const models = sqliteTable(
  'models',
  {
    symbol: symbol(),
    version: text('version').notNull(),
    kind: text('kind').notNull(),
    featureSet: text('feature_set').notNull(),
    sha256: text('sha256').notNull(),
    windowFromMs: integer('window_from_ms').notNull(),
    windowUntilMs: integer('window_until_ms').notNull(),
    /** The four artifacts, canonical JSON. */
    weights: text('weights').notNull(),
    reference: text('reference').notNull(),
    scaler: text('scaler').notNull(),
    manifest: text('manifest').notNull(),
    offline: text('offline').notNull(),
    seconds: real('seconds').notNull(),
    tsMs: tsMs(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.version] })],
)

/** Which version stands where now, and since when. */
export const slots = sqliteTable(
  'slots',
  {
    symbol: symbol(),
    slot: text('slot', { enum: SLOT_NAMES }).notNull(),
    version: text('version').notNull(),
    profile: text('profile', { enum: PROFILES }).notNull(),
    sinceMs: integer('since_ms').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.slot] })],
)

/** Every evaluation of the gates. `round` 1 is the one after the reports of the same moment. */
export const gateLog = sqliteTable(
  'gate_log',
  {
    symbol: symbol(),
    tsMs: tsMs(),
    round: integer('round').notNull(),
    model: text('model'),
    /** Six letters: P, F, W, E. */
    verdicts: text('verdicts').notNull(),
    /** Value, threshold and reason of each gate as JSON; null when all but the values are those of the row before. */
    detail: text('detail'),
    /** The six values, JSON. */
    figures: text('figures').notNull(),
    outcome: text('outcome').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs, t.round] })],
)

/** Rules that are not quiet now. */
export const alerts = sqliteTable(
  'alerts',
  {
    symbol: symbol(),
    rule: text('rule').notNull(),
    state: text('state', { enum: ['pending', 'firing'] }).notNull(),
    severity: text('severity', { enum: SEVERITIES }).notNull(),
    sinceMs: integer('since_ms').notNull(),
    firedMs: integer('fired_ms'),
    /** Of a rule that fires: since when its condition no longer holds; null while it does. */
    clearMs: integer('clear_ms'),
    /** 1 while it toggles too often to be taken at its word. */
    flapping: integer('flapping').notNull().default(0),
    /** Who has seen it, and what they said. */
    ackBy: text('ack_by'),
    ackReason: text('ack_reason'),
    ackWallMs: integer('ack_wall_ms'),
    text: text('text').notNull(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.rule] })],
)

export const alertChanges = sqliteTable(
  'alert_changes',
  {
    symbol: symbol(),
    tsMs: tsMs(),
    rule: text('rule').notNull(),
    change: text('change', { enum: ['fired', 'resolved', 'acknowledged'] }).notNull(),
    severity: text('severity', { enum: SEVERITIES }).notNull(),
    text: text('text').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs, t.rule, t.change] })],
)

/** Intervals of the market clock over which the rules were evaluated without a hole. */
export const heartbeats = sqliteTable(
  'heartbeats',
  { symbol: symbol(), fromMs: integer('from_ms').notNull(), untilMs: integer('until_ms').notNull() },
  (t) => [primaryKey({ columns: [t.symbol, t.fromMs] })],
)

export const jobs = sqliteTable(
  'jobs',
  {
    symbol: symbol(),
    name: text('name').notNull(),
    /** When it last ran and last succeeded, and what is due next, market time. */
    lastMs: integer('last_ms'),
    lastOkMs: integer('last_ok_ms'),
    nextMs: integer('next_ms'),
    result: text('result').notNull(),
    ok: integer('ok'),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.name] })],
)

export const events = sqliteTable(
  'events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    symbol: symbol(),
    tsMs: tsMs(),
    wallMs: wallMs(),
    kind: text('kind').notNull(),
    severity: text('severity', { enum: SEVERITIES }).notNull(),
    text: text('text').notNull(),
    data: text('data'),
  },
  (t) => [index('events_by_symbol').on(t.symbol, t.tsMs)],
)

export const reports = sqliteTable(
  'reports',
  {
    symbol: symbol(),
    period: text('period', { enum: ['daily', 'weekly'] }).notNull(),
    date: text('date').notNull(),
    document: text('document').notNull(),
    tsMs: tsMs(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.period, t.date] })],
)

/** Append-only: triggers refuse to change or remove an entry. */
export const chain = sqliteTable(
  'chain',
  {
    seq: integer('seq').primaryKey(),
    kind: text('kind').notNull(),
    subject: text('subject').notNull(),
    sha256: text('sha256').notNull(),
    detail: text('detail').notNull(),
    tsMs: tsMs(),
    wallMs: wallMs(),
    prev: text('prev').notNull(),
    hash: text('hash').notNull(),
  },
  (t) => [index('chain_by_subject').on(t.subject, t.seq)],
)

/** What was decided and is still to be done outside the database; a row goes when it is done. */
export const outbox = sqliteTable('outbox', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  kind: text('kind').notNull(),
  payload: text('payload').notNull(),
  tsMs: tsMs(),
  tries: integer('tries').notNull().default(0),
  lastError: text('last_error'),
})

/** Messages to people who do not sit in front of the room: one row a channel, sent at least once or given up. */
export const notifications = sqliteTable(
  'notifications',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    channel: text('channel').notNull(),
    /** What is said, JSON; never an address or a secret, which stay in the configuration. */
    message: text('message').notNull(),
    state: text('state', { enum: ['waiting', 'sent', 'given_up'] }).notNull(),
    tries: integer('tries').notNull().default(0),
    /** When it is tried next, on the wall clock. */
    nextWallMs: integer('next_wall_ms').notNull(),
    lastError: text('last_error'),
    tsMs: tsMs(),
    wallMs: wallMs(),
  },
  (t) => [index('notifications_by_state').on(t.state, t.nextWallMs)],
)

/** Runs of a canary; the state is the state machine's own, and what a share or a verdict is follows from it. */
export const canaryRuns = sqliteTable(
  'canary_runs',
  {
    symbol: symbol(),
    runId: text('run_id').notNull(),
    state: text('state').notNull(),
    plan: text('plan').notNull(),
    mode: text('mode', { enum: ['observe', 'serve'] }).notNull(),
    profile: text('profile', { enum: PROFILES }).notNull(),
    candidate: text('candidate').notNull(),
    sha256: text('sha256').notNull(),
    baseline: text('baseline').notNull(),
    /** Kept for the whole run: a key stays on its side as the share grows. */
    salt: text('salt').notNull(),
    approvalId: text('approval_id').notNull(),
    /** What each phase came to, JSON. */
    phases: text('phases').notNull(),
    /** The judge's last word, JSON; null before the first look. */
    lastLook: text('last_look'),
    probesSent: integer('probes_sent').notNull(),
    tsMs: tsMs(),
    endedMs: integer('ended_ms'),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.runId] })],
)

/** Every event that a canary took, in order. */
export const canaryEvents = sqliteTable(
  'canary_events',
  {
    symbol: symbol(),
    runId: text('run_id').notNull(),
    seq: integer('seq').notNull(),
    event: text('event').notNull(),
    tsMs: tsMs(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.runId, t.seq] })],
)

/** ONAY prompts, waiting and answered. */
export const approvals = sqliteTable(
  'approvals',
  {
    symbol: symbol(),
    id: text('id').notNull(),
    state: text('state', { enum: ['waiting', 'approved', 'refused', 'expired', 'stale'] }).notNull(),
    action: text('action').notNull(),
    /** The prompt as it was shown and answered, JSON. */
    document: text('document').notNull(),
    /** What will be done once it is approved, JSON. */
    request: text('request').notNull(),
    tsMs: tsMs(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.id] })],
)

/** Who came into charge, when, and why. */
export const promotions = sqliteTable(
  'promotions',
  {
    symbol: symbol(),
    tsMs: tsMs(),
    kind: text('kind', { enum: ['promotion', 'rollback'] }).notNull(),
    version: text('version').notNull(),
    former: text('former'),
    profile: text('profile', { enum: PROFILES }).notNull(),
    approvalId: text('approval_id'),
    reason: text('reason').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs, t.kind] })],
)
