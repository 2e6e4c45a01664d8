import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as z from 'zod'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { isRecord } from '../../engine/kernel/json.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../engine/kernel/units.ts'
import { DEFAULT_PSI_LIMITS, type PsiLimits } from '../../engine/drift/snapshot.ts'
import type { GateLimits } from '../../engine/gates/catalogue.ts'
import { OUTCOME_LIMITS, type OutcomeLimits } from '../../engine/gates/outcome.ts'
import type { LabelSpec } from '../../engine/models/contract.ts'
import { BREAKER_LIMITS, type BreakerLimits } from '../../engine/shadow/breaker.ts'
import { MATCH_TOLERANCE } from '../../engine/shadow/compare.ts'
import { DEFAULT_FOLDS } from '../../engine/training/folds.ts'
import type { ServingLimits } from '../../serving/contract.ts'
import { NotifyConfig } from './notify-config.ts'

export const CONFIG_FILE = 'onay.config.json'

const share = (value: number) => z.number().min(0).max(1).default(value)
const count = (value: number) => z.number().int().positive().default(value)
const positive = (value: number) => z.number().positive().default(value)
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
  canary: group({
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
  }),
  approvals: group({
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

/** What a smoke needs to pass. */
export interface SmokeLimits {
  /** Share of the requests that are answered, 0 to 1: at least. */
  readonly successRate: number
  readonly p95Ms: number
  /** Share of the shadow's runs: below. */
  readonly shadowErrorRate: number
  /** Share of the comparisons, of a model that is meant to agree: at least. */
  readonly matchRate: number
  readonly meanDelta: number
}

/** The configuration in the engine's and the services' own terms. */
export interface Limits {
  readonly serving: ServingLimits
  readonly breaker: BreakerLimits
  readonly gates: GateLimits
  readonly outcome: OutcomeLimits
  readonly smoke: SmokeLimits
  readonly psi: PsiLimits
  readonly label: LabelSpec
}

/** The configuration as the limits that the engine and the services take. */
export function limitsOf(config: Config): Limits {
  const { serving, breaker, gates, smoke, drift, label } = config
  return {
    serving: {
      stalenessBars: serving.staleness_bars,
      shadowBudgetMs: serving.shadow_budget_ms,
      matchTolerance: serving.match_tolerance,
      fallbackDecides: serving.fallback_decides,
      durability: serving.durability,
    },
    breaker: {
      window: breaker.window,
      minTries: breaker.min_tries,
      maxErrorShare: breaker.max_error_share,
      probeEvery: breaker.probe_every,
      cleanToClose: breaker.clean_to_close,
    },
    gates: {
      psiOverall: gates.psi,
      psiFeature: gates.psi_feature,
      psiMaxAgeMs: gates.psi_max_age_min * MINUTE_MS,
      p95Ms: gates.p95_ms,
      p95MinRequests: gates.p95_min_requests,
      alertCoverage: gates.alert_coverage,
      auc: gates.auc,
      precisionAt20: gates.precision_at_20,
      meanDelta: gates.mean_delta,
      deltaMinComparisons: gates.delta_min_comparisons,
      windowMs: 24 * HOUR_MS,
    },
    outcome: { ...OUTCOME_LIMITS, minRows: gates.outcome_min_rows, margin: gates.outcome_margin },
    smoke: {
      successRate: smoke.success_rate,
      p95Ms: gates.p95_ms,
      shadowErrorRate: smoke.shadow_error_rate,
      matchRate: smoke.match_rate,
      meanDelta: gates.mean_delta,
    },
    psi: {
      warning: drift.warning,
      critical: drift.critical,
      feature: drift.feature,
      minRows: drift.min_rows,
      windowMs: drift.window_days * DAY_MS,
    },
    label: { kind: label.kind, horizonMin: label.horizon_min, thresholdBp: label.threshold_bp },
  }
}
