import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as z from 'zod'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { isRecord } from '../../engine/kernel/json.ts'
import { DAY_MS, HOUR_MS } from '../../engine/kernel/units.ts'
import { DEFAULT_PSI_LIMITS } from '../../engine/drift/snapshot.ts'
import { BAKE_LIMITS } from '../../engine/canary/bake.ts'
import { JUDGE_LIMITS } from '../../engine/canary/plan.ts'
import { PROBE_LIMITS } from '../../engine/canary/probes.ts'
import { OUTCOME_LIMITS } from '../../engine/gates/outcome.ts'
import { BREAKER_LIMITS } from '../../engine/shadow/breaker.ts'
import { MATCH_TOLERANCE } from '../../engine/shadow/compare.ts'
import { DEFAULT_FOLDS } from '../../engine/training/folds.ts'
import { NotifyConfig } from './notify-config.ts'

export const CONFIG_FILE = 'onay.config.json'

const share = (value: number) => z.number().min(0).max(1).default(value)
const count = (value: number) => z.number().int().positive().default(value)
const positive = (value: number) => z.number().positive().default(value)
const within = (least: number, most: number, value: number) => z.number().min(least).max(most).default(value)
const group = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never)

const Config = z.strictObject({
  serving: group({
    staleness_bars: positive(2),
    shadow_budget_ms: positive(60),
    match_tolerance: share(MATCH_TOLERANCE),
    fallback_decides: z.boolean().default(false),
    durability: z.enum(['process', 'power']).default('process'),
  }),
  breaker: group({
    window: count(BREAKER_LIMITS.window),
    min_tries: count(BREAKER_LIMITS.minTries),
    max_error_share: share(BREAKER_LIMITS.maxErrorShare),
    probe_every: count(BREAKER_LIMITS.probeEvery),
    clean_to_close: count(BREAKER_LIMITS.cleanToClose),
  }),
  label: group({
    kind: z.enum(['move', 'up']).default('move'),
    horizon_min: count(DEFAULT_FOLDS.horizonMin),
    threshold_bp: z.number().min(0).default(6),
  }),
  training: group({
    window_days: positive(14),
    folds: z.number().int().min(2).max(50).default(DEFAULT_FOLDS.folds),
    embargo_min: z.number().int().min(0).max(1_440).default(DEFAULT_FOLDS.embargoMin),
    seed: z.number().int().min(0).default(1),
  }),
  drift: group({
    window_days: positive(DEFAULT_PSI_LIMITS.windowMs / DAY_MS),
    warning: positive(DEFAULT_PSI_LIMITS.warning),
    critical: positive(DEFAULT_PSI_LIMITS.critical),
    feature: positive(DEFAULT_PSI_LIMITS.feature),
    min_rows: count(DEFAULT_PSI_LIMITS.minRows),
  }),
  gates: group({
    psi: positive(0.2),
    psi_feature: positive(0.3),
    psi_max_age_min: positive(120),
    p95_ms: positive(80),
    p95_min_requests: count(59),
    alert_coverage: share(0.99),
    auc: share(0.62),
    precision_at_20: share(0.58),
    mean_delta: share(0.05),
    delta_min_comparisons: count(500),
    outcome: z.enum(['advise', 'block']).default('advise'),
    outcome_min_rows: count(OUTCOME_LIMITS.minRows),
    outcome_margin: positive(OUTCOME_LIMITS.margin),
  }),
  /** What a smoke needs besides `gates.p95_ms` and `gates.mean_delta`. */
  smoke: group({
    /** A request that takes longer has failed. */
    timeout_ms: count(10_000),
    success_rate: share(0.95),
    /** Of what went through the shadow. */
    shadow_error_rate: share(0.02),
    match_rate: share(0.95),
  }),
  /** What a canary, a validation and a bake judge a candidate by. */
  judge: group({
    error_rate_within: share(JUDGE_LIMITS.errorRate.within),
    error_rate_abort: share(JUDGE_LIMITS.errorRate.abort),
    match_rate_within: share(JUDGE_LIMITS.matchRate.within),
    match_rate_abort: share(JUDGE_LIMITS.matchRate.abort),
    p95_ms_within: positive(JUDGE_LIMITS.p95Ms.within),
    p95_ms_abort: positive(JUDGE_LIMITS.p95Ms.abort),
    min_comparisons: count(JUDGE_LIMITS.minComparisons),
    confidence: within(0.5, 0.999_999, JUDGE_LIMITS.confidence),
  }).refine(
    (judge) =>
      judge.error_rate_within <= judge.error_rate_abort &&
      judge.match_rate_within >= judge.match_rate_abort &&
      judge.p95_ms_within <= judge.p95_ms_abort,
    'a limit for stopping lies beyond the one for going on',
  ),
  canary: group({
    /** Comparisons of a phase that are no probes; with fewer it does not pass. */
    min_live: z.number().int().min(0).default(JUDGE_LIMITS.minLive),
    /** Probes of a phase: at least so many, and in proportion to its split so many at a split of 1. */
    min_probes: count(PROBE_LIMITS.least),
    probes_at_full_split: count(PROBE_LIMITS.atFullSplit),
    /** Plans of your own by name, beside `full` and `mini`. */
    plans: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_-]{0,29}$/),
        z
          .array(z.strictObject({ split: z.number(), duration_min: z.number() }))
          .min(1)
          .max(20),
      )
      .default({}),
  }),
  validation: group({
    /** Full hours with enough comparisons that must pass between a canary's success and a promotion. */
    hours: z.number().int().min(0).max(720).default(24),
    /** Of the minutes of those hours, so many have a comparison. */
    minutes_share: within(0.01, 1, 0.9),
  }),
  /** After a promotion, while the former model is kept beside the new one. */
  bake: group({
    hours: positive(BAKE_LIMITS.durationMs / HOUR_MS),
    min_rows: count(BAKE_LIMITS.minRows),
    margin: positive(BAKE_LIMITS.margin),
    confidence: within(0.5, 0.999_999, BAKE_LIMITS.confidence),
  }),
  approvals: group({
    /** An unanswered prompt expires after so many minutes of the wall clock. */
    expires_min: within(1, 1_440, 15),
    /** How many different names a promotion needs. */
    promote: z.union([z.literal(1), z.literal(2)]).default(1),
  }),
  features: group({
    completeness: share(0.995),
    gap_min: count(5),
    missing_share: share(0.005),
  }),
  history: group({
    /** Days of bars after the first model's window that a recording is run through before the room opens. */
    open_after_days: z.number().min(0).default(7),
  }),
  /** Gates look back a day: two days of raw rows are the least. */
  retention: group({ raw_days: z.number().min(2).default(30) }),
  evidence: group({
    /** A private ssh key without a passphrase, or a public one whose private half an agent holds; signs each day's head. */
    signing_key: z.string().min(1).nullable().default(null),
  }),
  feed: group({
    /** In place of the exchange's own address, its paths kept: `http://127.0.0.1:8080`. For a mirror, a proxy, a test. */
    exchange_url: z
      .url({ protocol: /^https?$/ })
      .nullable()
      .default(null),
  }),
  notify: NotifyConfig,
  http: group({
    body_limit_bytes: count(65_536),
    feed_body_limit_bytes: count(8_388_608),
  }),
})

export type Config = z.infer<typeof Config>

export function defaultConfig(): Config {
  return Config.parse({})
}

/**
 * Reads the configuration once: the file named, else `onay.config.json` in the working directory, else the defaults.
 * @throws OperatorError naming the first field that does not fit.
 */
export function loadConfig(path: string | undefined, cwd: string): Config {
  const file = resolve(cwd, path ?? CONFIG_FILE)
  if (path === undefined && !existsSync(file)) return defaultConfig()
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new OperatorError(
      `the configuration ${file} cannot be read`,
      withoutExcerpt(messageOf(error)),
      'correct it, or start without --config',
      'config',
    )
  }
  const parsed = Config.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  throw new OperatorError(
    `the configuration ${file} does not fit`,
    `${field === '' ? '' : `${field}: `}${issue?.message ?? 'unknown field'}`,
    'see every field and its default with: onay config',
    'config',
  )
}

/** What the parser quotes of the file may be a secret. */
function withoutExcerpt(message: string): string {
  return message.replace(/,? (?:\.\.\.)?"[^]*"(?:\.\.\.)? is not valid JSON$/, ' is not valid JSON')
}

/** The configuration as it may be seen, in evidence and by people: every secret is hidden. */
export function shownConfig(config: Config): object {
  // A secret serialises hidden; canonical JSON refuses it as it is.
  const shown: unknown = JSON.parse(JSON.stringify(config))
  return isRecord(shown) ? shown : {}
}
