import { invalid } from '../../engine/kernel/errors.ts'
import { MINUTE_MS } from '../../engine/kernel/units.ts'
import type { RehearsedLimits } from '../../engine/drift/rehearsal.ts'
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
  'serving.staleness_bars',
  'kill.staleness_for_min',
]

/** The limits of a configuration, as a rehearsal needs them. */
export function rehearsedLimits(config: Config): RehearsedLimits {
  const { drift, gates, serving } = limitsOf(config)
  return {
    drift,
    psi: gates.psiOverall,
    psiFeature: gates.psiFeature,
    staleMs: serving.stalenessBars * MINUTE_MS,
    staleForMs: config.kill.staleness_for_min * MINUTE_MS,
  }
}

/** @param variant `drift.psi=0.25,drift.ks=0.3`. @throws OperatorError for a setting that it cannot change, or a value that it cannot have */
export function variantOf(config: Config, variant: string): RehearsedLimits {
  let changed: Readonly<Record<string, object>> = config
  for (const setting of variant.split(',')) {
    const [, field = '', value = ''] = /^\s*([a-z_.]+)\s*=\s*(\S+)\s*$/.exec(setting) ?? []
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
  if (data !== undefined) return rehearsedLimits(data)
  const why = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') ?? ''
  throw invalid(`"${variant}" cannot be rehearsed`, why, 'see the ranges with: onay config', 'variant')
}
