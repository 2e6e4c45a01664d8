import type { Profile } from '../../engine/models/roles.ts'
import { validateHours, type Validation } from '../../engine/canary/validation.ts'
import { eligible } from '../../engine/gates/evaluate.ts'
import { floorTo, HOUR_MS, isoTime, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { ValidationDocument } from '../../evidence/documents/release-documents.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import type { Judgement } from '../watch/judge-gates.ts'

/** Weeks of minutes are summed for it, and every view asks: it is the same until the next whole hour. */
const lastSeen = new WeakMap<Desk, { readonly key: string; readonly validation: Validation }>()

/** The hours since a canary of the candidate succeeded; null when none has. */
function validationOf(desk: Desk, atMs: UnixMs): Validation | null {
  const run = desk.canary.begun
  const { limits } = desk.parts
  const candidate = desk.lineUp.candidate
  if (run === null || candidate === null || run.state.kind !== 'succeeded' || run.sha256 !== candidate.sha256)
    return null
  const { atMs: succeededMs } = run.state
  // The last hours of a canary of days were compared minute by minute already: they are its validation.
  const beforeMs = run.plan.live === undefined ? 0 : limits.validation.hours * HOUR_MS
  const sinceMs = Math.max(run.phases[0]?.sinceMs ?? succeededMs, succeededMs - beforeMs)
  const untilMs = sinceMs + floorTo(atMs - sinceMs, HOUR_MS)
  const key = `${run.runId} ${candidate.sha256} ${candidate.profile} ${untilMs}`
  const seen = lastSeen.get(desk)
  if (seen?.key === key) return seen.validation
  const hours = desk.parts.store.release
    .hourly(desk.symbol, candidate.version, sinceMs, untilMs)
    .map((hour) => ({ ...hour.counts, hourMs: hour.hourMs }))
  const validation = validateHours(hours, { sinceMs, untilMs }, limits.validation, limits.judge, candidate.profile)
  // What was answered in an hour's last minute is counted a moment after it.
  if (atMs - untilMs > 2 * MINUTE_MS) lastSeen.set(desk, { key, validation })
  return validation
}

export function validationDocument(desk: Desk, atMs: UnixMs): ValidationDocument | null {
  const validation = validationOf(desk, atMs)
  if (validation === null) return null
  const { countedH, neededH, readyAtMs, missing } = validation
  return { needed_h: neededH, counted_h: countedH, until: readyAtMs === null ? null : isoTime(readyAtMs), missing }
}

interface PromotionRules {
  /** Hours of validation without a breach. */
  readonly neededH: number
  readonly outcomeBlocks: boolean
}

export function promotionRules(config: Config): PromotionRules {
  return { neededH: config.validation.hours, outcomeBlocks: config.gates.outcome === 'block' }
}

/** What keeps the candidate from being promoted, in words; empty when nothing does. */
export function missingForPromotion(desk: Desk, judgement: Judgement, atMs: UnixMs, rules: PromotionRules): string[] {
  const { candidate } = desk.lineUp
  if (candidate === null) return ['no candidate is in the shadow']
  const missing = judgement.gates
    .filter((gate) => gate.verdict !== 'PASS')
    .map((gate) => `gate ${gate.gate} ${gate.name}: ${gate.reason}`)
  if (!eligible(judgement.gates) && missing.length === 0) missing.push('the gates could not be judged')
  const validation = validationOf(desk, atMs)
  if (validation === null) missing.push('no canary of this artifact has succeeded')
  else if (validation.missing !== '') missing.push(`validation: ${validation.missing}`)
  missing.push(...outcomeMissing(judgement, candidate.profile, rules.outcomeBlocks))
  return missing
}

/** Under `improve` the settled outcome takes the place of match and delta; under `equivalent` it advises, or blocks when configured. */
function outcomeMissing({ outcome }: Judgement, profile: Profile, blocks: boolean): string[] {
  if (profile === 'improve') {
    const better = outcome.verdict === 'better' && outcome.againstFallback !== null && outcome.againstFallback.hi < 0
    return better
      ? []
      : [`outcome: under improve "better" is needed against both, it is ${outcome.verdict.replace('_', ' ')}`]
  }
  const well = outcome.verdict === 'better' || outcome.verdict === 'no_worse'
  return !blocks || well ? [] : [`outcome: ${outcome.verdict.replace('_', ' ')}, and the configuration lets it block`]
}
