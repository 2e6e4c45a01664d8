import * as z from 'zod'
import { BAKE_LIMITS } from '../../engine/canary/bake.ts'
import { JUDGE_LIMITS } from '../../engine/canary/plan.ts'
import { PROBE_LIMITS } from '../../engine/canary/probes.ts'
import { DEFAULT_PSI_LIMITS } from '../../engine/drift/snapshot.ts'
import { LABEL_KINDS } from '../../engine/models/contract.ts'
import { OUTCOME_LIMITS } from '../../engine/gates/outcome.ts'
import { MAX_OWN_COLUMNS } from '../../engine/features/own-column.ts'
import { DAY_MS, HOUR_MS } from '../../engine/kernel/units.ts'
import { BREAKER_LIMITS } from '../../engine/shadow/breaker.ts'
import { MATCH_TOLERANCE } from '../../engine/shadow/compare.ts'
import { DEFAULT_FOLDS } from '../../engine/training/folds.ts'
import { SCALERS } from '../../engine/training/preparation.ts'
import { Alerts } from './alerts-config.ts'
import { NotifyConfig } from './notify-config.ts'
import { Paper } from './paper-config.ts'

/** Each field with its default and what it does, for `onay config` and docs/configuration.md. */
const share = (value: number, about: string) => z.number().min(0).max(1).default(value).describe(about)
const count = (value: number, about: string) => z.number().int().positive().default(value).describe(about)
const whole = (least: number, most: number, value: number, about: string) =>
  z.number().int().min(least).max(most).default(value).describe(about)
const positive = (value: number, about: string) => z.number().positive().default(value).describe(about)
const within = (least: number, most: number, value: number, about: string) =>
  z.number().min(least).max(most).default(value).describe(about)
const confidence = (value: number, about: string) => within(0.5, 0.999_999, value, about)
const group = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never)

/** A column of the user's own. */
const DeclaredColumn = z.strictObject({
  name: z.string().max(80),
  max_age_s: z
    .number()
    .positive()
    .max(366 * 86_400),
  unit: z.string().max(40).default('1'),
  about: z.string().max(500).default(''),
})

const Phases = z
  .array(z.strictObject({ split: z.number(), duration_min: z.number() }))
  .min(1)
  .max(20)

export const Config = z.strictObject({
  serving: group({
    staleness_bars: positive(
      2,
      'rows older than this many bars of the model in charge (minutes, but for one that only looks at longer frames) make answers abstain',
    ),
    shadow_budget_ms: positive(60, 'time that the candidate has for one score; later counts as an error'),
    match_tolerance: share(MATCH_TOLERANCE, 'two scores that differ by no more than this match'),
    fallback_decides: z
      .boolean()
      .default(false)
      .describe("whether the fallback's answers may say `signal` or `none`; otherwise they abstain"),
    durability: z
      .enum(['process', 'power'])
      .default('process')
      .describe(
        'an answered prediction survives the death of the `process`; `power`: of the machine too, at the cost of a sync per commit',
      ),
  }),
  kill: group({
    staleness: z
      .enum(['off', 'ask', 'on'])
      .default('off')
      .describe('rows of a real feed that stay old: `ask` notifies people, `on` throws the kill switch'),
    staleness_for_min: positive(5, 'minutes for which they must be older than `serving.staleness_bars`'),
  }),
  breaker: group({
    window: count(BREAKER_LIMITS.window, "the candidate's last tries, of which the share of errors is taken"),
    min_tries: count(BREAKER_LIMITS.minTries, 'fewer never open the breaker'),
    max_error_share: share(
      BREAKER_LIMITS.maxErrorShare,
      'above this share it opens: the candidate is asked only now and then',
    ),
    probe_every: count(BREAKER_LIMITS.probeEvery, 'while open, every n-th prediction is tried'),
    clean_to_close: count(BREAKER_LIMITS.cleanToClose, 'successful tries in a row that close it'),
  }),
  label: group({
    kind: z
      .enum(LABEL_KINDS)
      .default('move')
      .describe('a `move` in either direction; `up`: upward only; `pushed`: you bring what came of each minute'),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,39}$/, 'a-z, 0-9 and _ alone, at most 40')
      .default('outcome')
      .describe('what you call it, with `pushed`'),
    horizon_min: count(DEFAULT_FOLDS.horizonMin, 'minutes ahead'),
    threshold_bp: z.number().min(0).default(6).describe('how large the move must be, in basis points'),
  }),
  training: group({
    window_days: positive(14, 'days of bars that a model is trained on'),
    folds: whole(2, 50, DEFAULT_FOLDS.folds, 'folds of the cross-validation'),
    embargo_min: whole(0, 1_440, DEFAULT_FOLDS.embargoMin, 'minutes left out between training and test folds'),
    seed: z.number().int().min(0).default(1).describe('the same seed and data give the same model'),
    scaler: z
      .enum(SCALERS)
      .default('standard')
      .describe('`rolling_zscore_24h`: a model is given the z-score of each feature over 24 hours'),
    threads: whole(0, 64, 0, 'threads that train a set of five; 0: one less than the machine has cores'),
  }),
  drift: group({
    window_days: positive(DEFAULT_PSI_LIMITS.windowMs / DAY_MS, 'days over which PSI is measured'),
    warning: positive(DEFAULT_PSI_LIMITS.warning, 'overall PSI from which drift is shown as a warning'),
    critical: positive(DEFAULT_PSI_LIMITS.critical, 'overall PSI from which drift is critical'),
    feature: positive(DEFAULT_PSI_LIMITS.feature, 'PSI of a single feature from which drift is critical'),
    min_rows: count(DEFAULT_PSI_LIMITS.minRows, 'with fewer rows no level is given'),
    psi_warning: positive(0.1, 'last 24 hours: PSI of a feature above which it is a warning'),
    psi: positive(0.2, 'last 24 hours: PSI of a feature above which it is critical'),
    ks_warning: share(0.15, 'last 24 hours: KS distance of a feature above which it is a warning'),
    ks: share(0.25, 'last 24 hours: KS distance of a feature above which it is critical'),
    kill_psi: positive(0.3, 'last 24 hours: overall PSI above which the kill switch is asked for'),
    kill: z
      .enum(['off', 'ask', 'on'])
      .default('ask')
      .describe(
        'what happens then: `ask` is an alert, `on` throws the switch where `onay rehearse` was run in the last 7 days, `off` is nothing',
      ),
  }),
  gates: group({
    psi: positive(0.2, 'gate 1: overall PSI below this'),
    psi_feature: positive(0.3, 'gate 1: no feature above this'),
    psi_max_age_min: positive(120, 'gate 1: an older snapshot says nothing about now'),
    p95_ms: positive(80, 'gate 2: P95 below this; the latency limit of a smoke too'),
    p95_min_requests: count(59, 'gate 2: fewer requests cannot show a 95th percentile'),
    alert_coverage: share(0.99, 'gate 3: share of the 24 h in which the rules were evaluated'),
    auc: share(0.62, 'gate 4: cross-validated AUC of at least this'),
    precision_at_20: share(0.58, 'gate 4: precision in the top 20 % of at least this'),
    mean_delta: share(0.05, 'gate 5: mean difference of the scores below this; in a smoke too'),
    delta_min_comparisons: count(500, 'gate 5: comparisons needed'),
    outcome: z
      .enum(['advise', 'block'])
      .default('advise')
      .describe('`block`: a worse or undecided outcome blocks a promotion'),
    outcome_min_rows: count(OUTCOME_LIMITS.minRows, 'settled minutes before the outcome says anything'),
    outcome_margin: positive(
      OUTCOME_LIMITS.margin,
      'log loss by which a model may be worse and still count as no worse',
    ),
  }),
  smoke: group({
    timeout_ms: count(10_000, 'a request that takes longer has failed'),
    success_rate: share(0.95, 'share of the requests that must be answered'),
    shadow_error_rate: share(0.02, 'errors in the shadow must stay below this share'),
    match_rate: share(0.95, 'share of matching scores, for a model that is meant to agree'),
  }),
  judge: group({
    error_rate_within: share(JUDGE_LIMITS.errorRate.within, 'a phase passes with errors below this share'),
    error_rate_abort: share(JUDGE_LIMITS.errorRate.abort, 'errors above this share stop the canary'),
    match_rate_within: share(JUDGE_LIMITS.matchRate.within, 'a phase passes with at least this share of matches'),
    match_rate_abort: share(JUDGE_LIMITS.matchRate.abort, 'a smaller share of matches stops the canary'),
    p95_ms_within: positive(JUDGE_LIMITS.p95Ms.within, "a phase passes with the candidate's P95 below this"),
    p95_ms_abort: positive(JUDGE_LIMITS.p95Ms.abort, 'a P95 above this stops the canary'),
    min_comparisons: count(JUDGE_LIMITS.minComparisons, 'with fewer nothing is decided'),
    confidence: confidence(
      JUDGE_LIMITS.confidence,
      'how certain the judge must be to stop a canary before the end of a phase',
    ),
  }).refine(
    (judge) =>
      judge.error_rate_within <= judge.error_rate_abort &&
      judge.match_rate_within >= judge.match_rate_abort &&
      judge.p95_ms_within <= judge.p95_ms_abort,
    'a limit for stopping must not be stricter than the one for going on',
  ),
  canary: group({
    min_live: z
      .number()
      .int()
      .min(0)
      .default(JUDGE_LIMITS.minLive)
      .describe('comparisons of a phase besides its probes; with fewer it is held. The room itself makes one a minute'),
    min_probes: count(PROBE_LIMITS.least, 'probes of a phase, at least'),
    probes_at_full_split: count(PROBE_LIMITS.atFullSplit, 'probes at a split of 1; in proportion below it'),
    plans: z
      .record(z.string().regex(/^[a-z][a-z0-9_-]{0,29}$/), Phases)
      .default({})
      .describe(
        'plans of your own by name, beside `full` and `mini`: up to 20 phases of `split` and `duration_min`, splits ascending to 1',
      ),
  }),
  validation: group({
    hours: whole(0, 720, 24, "full hours between a canary's success and a promotion"),
    minutes_share: within(0.01, 1, 0.9, 'share of their minutes that must have a comparison'),
  }),
  bake: group({
    hours: positive(BAKE_LIMITS.durationMs / HOUR_MS, 'how long the former model is kept beside a promoted one'),
    min_rows: count(BAKE_LIMITS.minRows, 'settled minutes before the outcome can roll back'),
    margin: positive(BAKE_LIMITS.margin, 'log loss above the former model that is not tolerated'),
    confidence: confidence(BAKE_LIMITS.confidence, 'how certain it must be that the margin is exceeded'),
  }),
  paper: Paper,
  approvals: group({
    expires_min: within(1, 1_440, 15, 'minutes of the wall clock after which an unanswered prompt expires'),
    promote: z
      .union([z.literal(1), z.literal(2)])
      .default(1)
      .describe('persons that a promotion needs: see [tokens](http.md)'),
  }),
  ab: group({
    require_certain: z
      .boolean()
      .default(true)
      .describe('whether a swap of arms is recommended only with certainty; `false`: by the rule alone'),
    swap: z
      .enum(['ask', 'auto'])
      .default('ask')
      .describe('whether a recommended swap waits for ONAY (`ask`) or is carried out at once (`auto`)'),
  }),
  alerts: Alerts,
  features: group({
    completeness: share(0.995, 'share of the minutes that must be there, else it is an anomaly'),
    gap_min: count(5, 'longer gaps are anomalies'),
    missing_share: share(0.005, 'share of missing values of a feature above which it is an anomaly'),
    columns: z
      .array(DeclaredColumn)
      .max(MAX_OWN_COLUMNS)
      .default([])
      .describe('[columns of your own](features.md#columns-of-your-own), as `onay features add` takes them'),
  }),
  history: group({
    open_after_days: z
      .number()
      .min(0)
      .default(7)
      .describe("days of a recording that are run through after the first model's window before the room opens"),
  }),
  retention: group({
    // Gates look back a day: two days of raw rows are the least.
    raw_days: z.number().min(2).default(30).describe('days for which raw predictions and daily feature logs are kept'),
    tick_days: z.number().min(1).default(30).describe('days for which ticks are kept'),
  }),
  evidence: group({
    shadow_log: z
      .boolean()
      .default(false)
      .describe("whether each day's settled minutes and trades on paper are also written as `shadow/*.jsonl`"),
    signing_key: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "ssh key that signs each day's head: a private one without a passphrase, or a public one whose private half an agent holds",
      ),
  }),
  feed: group({
    exchange_url: z
      .url({ protocol: /^https?$/ })
      .nullable()
      .default(null)
      .describe("another address in place of the exchange's own, its paths kept: for a mirror or a proxy"),
  }),
  notify: NotifyConfig,
  http: group({
    body_limit_bytes: count(65_536, 'largest body of a request'),
    feed_body_limit_bytes: count(8_388_608, 'the same for pushed bars'),
  }),
})

export type Config = z.infer<typeof Config>

export function defaultConfig(): Config {
  return Config.parse({})
}
