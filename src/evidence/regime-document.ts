import { REGIMES } from '../engine/market/regime.ts'
import { eachRegime, type RegimeShares } from '../engine/models/mix-shares.ts'
import type { WeighedRegimes } from '../engine/training/ensemble-look.ts'
import type { EnsembleDocument } from './documents/ensemble-document.ts'

/** The weights of each regime as they are recorded. */
export function regimeDocument({ shares, of }: WeighedRegimes): NonNullable<EnsembleDocument['regimes']> {
  const { volatileAbove } = shares
  return {
    volatile_above: Number.isNaN(volatileAbove) ? null : volatileAbove,
    of: REGIMES.map((regime) => ({ regime, ...of[regime], weights: shares.of[regime] })),
  }
}

/** The same read back; null where a look has none. */
export function regimeSharesOf({ regimes }: EnsembleDocument): RegimeShares | null {
  if (regimes == null) return null
  return {
    volatileAbove: regimes.volatile_above ?? Number.NaN,
    of: eachRegime((regime) => regimes.of.find((one) => one.regime === regime)?.weights ?? null),
  }
}
