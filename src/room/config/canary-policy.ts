import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { PlanView } from '../../control/view.ts'
import { misfitWords } from '../../control/misfit-words.ts'
import { type CanaryMode, type CanaryPlan, LIVE_PLAN, livePlan, MAX_LIVE_DAYS } from '../../engine/canary/plan.ts'
import { conflict, invalid, messageOf, OperatorError, reasonOf } from '../../engine/kernel/errors.ts'
import { DAY_MS, MINUTE_MS } from '../../engine/kernel/units.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import { planNamed, planViews } from './canary-plans.ts'
import type { Config } from './config.ts'

export const POLICY_FILE = 'canary_policy.json'

const Policy = z.strictObject({
  enabled: z.boolean(),
  /** Of the callers' keys. */
  fraction: z.number().gt(0).lte(1).default(0.1),
  min_confidence: z.number().gte(0.5).lt(1).default(0.58),
  min_days: z.number().int().gte(1).lte(MAX_LIVE_DAYS).default(7),
})

interface ReadPolicy extends z.infer<typeof Policy> {
  /** Of the file as it stands. */
  readonly sha256: string
}

/** The policy of a canary of days, in the data directory; null where there is none. @throws OperatorError naming what does not fit */
function readPolicy(dataDir: string): ReadPolicy | null {
  const file = join(dataDir, POLICY_FILE)
  const text = textOf(file)
  if (text === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw unfit(file, messageOf(error))
  }
  const parsed = Policy.safeParse(value)
  if (!parsed.success) throw unfit(file, misfitWords(parsed.error, 'the whole'))
  return { ...parsed.data, sha256: sha256Hex(text) }
}

/** The hash of the file as it stands; null where there is none, or it cannot be read. */
export function policyHash(dataDir: string): string | null {
  try {
    const text = textOf(join(dataDir, POLICY_FILE))
    return text === null ? null : sha256Hex(text)
  } catch {
    return null
  }
}

/**
 * The plan of a canary: the one that was named; where it serves and none was, the policy's, if that is enabled.
 * @throws OperatorError naming what is wrong with the plan or the policy
 */
export function planAsked(
  config: Config,
  dataDir: string,
  { plan, mode }: { readonly plan: string | undefined; readonly mode: CanaryMode },
): CanaryPlan {
  if (mode === 'serve') return policyPlan(dataDir, plan) ?? planNamed(config, plan)
  if (plan !== LIVE_PLAN) return planNamed(config, plan)
  throw invalid('a canary of days answers callers', 'it was asked for in the mode observe', 'add: --mode serve', 'mode')
}

/** What a form offers: the plans, and where there is a policy the canary of days. */
export function plansOffered(config: Config, dataDir: string): readonly PlanView[] {
  const plans = planViews(config)
  try {
    const policy = readPolicy(dataDir)
    if (policy === null) return plans
    const { enabled, fraction: split, min_days: days } = policy
    const phases = [{ split, durationMin: (days * DAY_MS) / MINUTE_MS }]
    return [...plans, { name: LIVE_PLAN, phases, refused: enabled ? null : `${POLICY_FILE} says enabled: false` }]
  } catch (error) {
    return [...plans, { name: LIVE_PLAN, phases: [], refused: reasonOf(error) }]
  }
}

/** Null where no policy is enabled and nobody asked for it by name. */
function policyPlan(dataDir: string, asked: string | undefined): CanaryPlan | null {
  if (asked !== undefined && asked !== LIVE_PLAN) return null
  const policy = readPolicy(dataDir)
  if (policy?.enabled === true) {
    const { fraction, min_confidence: minConfidence, min_days: days, sha256 } = policy
    return livePlan(fraction, days, { minConfidence, sha256 })
  }
  if (asked === undefined) return null
  const why = policy === null ? `${join(dataDir, POLICY_FILE)} is not there` : `${POLICY_FILE} says enabled: false`
  throw conflict('no policy for a canary of days is enabled', why, `write one: ${EXAMPLE}`, 'canary_policy')
}

const EXAMPLE = '{"enabled": true, "fraction": 0.10, "min_confidence": 0.58, "min_days": 7}'

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new OperatorError(
      `${file} cannot be read`,
      messageOf(error),
      'mend it, or take it away: without it a canary goes by one of the plans',
      'canary_policy',
    )
  }
}

function unfit(file: string, why: string): OperatorError {
  return invalid(`${file} does not fit`, why, `it looks like this: ${EXAMPLE}`, 'canary_policy')
}
