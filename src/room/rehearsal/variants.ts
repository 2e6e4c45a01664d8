import type { GateLimits } from '../../engine/gates/catalogue.ts'
import type { RehearsedGateLimits } from '../../engine/gates/rehearsal.ts'
import { invalid } from '../../engine/kernel/errors.ts'
import { MINUTE_MS } from '../../engine/kernel/units.ts'
import { staleAfterMs } from '../../engine/models/columns.ts'
import type { AnyModel } from '../../engine/models/contract.ts'
import type { VariantLimits } from '../../work/task.ts'
import { Config } from '../config/config.ts'
import { limitsOf } from '../config/limits.ts'

/** What a rehearsal may change: settings that the rules it holds against the weeks depend on. */
const SETTINGS = [
  'drift.psi_warning',
  'drift.psi',
  'drift.ks_warning',
  'drift.ks',
  'drift.kill_psi',
  'gates.psi',
  'gates.psi_feature',
  'gates.p95_ms',
  'gates.auc',
  'gates.precision_at_20',
  'gates.mean_delta',
  'serving.staleness_bars',
  'kill.staleness_for_min',
  'judge.error_rate_within',
  'judge.error_rate_abort',
  'judge.match_rate_within',
  'judge.match_rate_abort',
  'judge.min_comparisons',
  'judge.confidence',
  'canary.min_live',
  'canary.min_probes',
  'canary.probes_at_full_split',
]

/** The limits of a configuration, as a rehearsal needs them. @param inCharge rows are stale by its bars */
export function rehearsedLimits(config: Config, inCharge: AnyModel): VariantLimits {
  const { drift, gates, serving, judge, probes } = limitsOf(config)
  return {
    drift,
    gates: gateLimits(gates),
    staleMs: staleAfterMs(inCharge, serving.stalenessBars),
    staleForMs: config.kill.staleness_for_min * MINUTE_MS,
    judge,
    probes,
  }
}

function gateLimits({ psiOverall, psiFeature, p95Ms, auc, precisionAt20, meanDelta }: GateLimits): RehearsedGateLimits {
  return { psiOverall, psiFeature, p95Ms, auc, precisionAt20, meanDelta }
}

/** @param variant `drift.psi=0.25,drift.ks=0.3`. @throws OperatorError for a setting that it cannot change, or a value that it cannot have */
export function variantOf(config: Config, inCharge: AnyModel, variant: string): VariantLimits {
  let changed: Readonly<Record<string, object>> = config
  for (const setting of variant.split(',')) {
    const [, field = '', value = ''] = /^\s*([a-z_.0-9]+)\s*=\s*(\S+)\s*$/.exec(setting) ?? []
    if (!SETTINGS.includes(field))
      throw invalid(
        `"${setting}" cannot be rehearsed`,
        `a rehearsal changes ${SETTINGS.join(', ')}`,
        'write it like --set drift.psi=0.25',
        'variant',
      )
    const [group = '', name = ''] = field.split('.')
    changed = { ...changed, [group]: { ...changed[group], [name]: Number(value) } }
  }
  const { data, error } = Config.safeParse(changed)
  if (data !== undefined) return rehearsedLimits(data, inCharge)
  const why = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') ?? ''
  throw invalid(`"${variant}" cannot be rehearsed`, why, 'see the ranges with: onay config', 'variant')
}
