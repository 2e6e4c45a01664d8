import type { DriftDocument } from './documents/documents.ts'

/** A line a check, for spreadsheets; a figure that is not known is left empty. */
export function driftCsv(checks: readonly DriftDocument[]): string {
  const header =
    'at,symbol,model,n,overall_psi,level,verdict,asks_kill,worst_psi_feature,worst_psi,worst_ks_feature,worst_ks'
  const lines = checks.map((check) => {
    const { at, symbol, model, current, overall_psi, level, verdict, asks_kill } = check
    const [psiName, psi] = worstOf(check, ({ psi: figure }) => figure.value)
    const [ksName, ks] = worstOf(check, ({ ks: figure }) => figure?.value)
    return [at, symbol, model, current.n, overall_psi, level, verdict, asks_kill, psiName, psi, ksName, ks]
      .map((field) => field ?? '')
      .join(',')
  })
  return `${[header, ...lines].join('\n')}\n`
}

type Feature = DriftDocument['features'][string]

/** Of the features that are judged. */
function worstOf(
  { features }: DriftDocument,
  figureOf: (feature: Feature) => number | undefined,
): readonly [name: string | null, value: number | null] {
  let worst: readonly [string | null, number | null] = [null, null]
  for (const [name, feature] of Object.entries(features)) {
    const value = figureOf(feature)
    if (feature.judged && value !== undefined && value > (worst[1] ?? -1)) worst = [name, value]
  }
  return worst
}
