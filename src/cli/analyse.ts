import { minuteUtc } from '../engine/kernel/units.ts'
import type { AnalysisDocument, AnalysedFeature } from '../room/queries/feature-analysis.ts'

/** The analysis as a table: what moves first, then how each feature is spread, then what says the same twice. */
export function analysisText(document: AnalysisDocument): string {
  const entries = Object.entries(document.features)
  return [
    `${document.symbol}  ${document.rows} rows, ${minuteUtc(document.from)} to ${minuteUtc(document.until)}; split at ${minuteUtc(document.halves_part_at)}`,
    `  ${'feature'.padEnd(16)}${['verdict', 'psi', 'ks', 'lag 1', 'lag 60', 'n', 'missing'].map(cell).join('')}  in the sets`,
    ...entries.map(([name, feature]) => movedLine(name, feature)),
    '',
    `  ${'feature'.padEnd(16)}${['mean', 'std', 'min', '1 %', '5 %', '25 %', '50 %', '75 %', '95 %', '99 %', 'max'].map(cell).join('')}`,
    ...entries.map(([name, feature]) => spreadLine(name, feature)),
    '',
    ...entries.flatMap(([name, { look_ahead: ahead }]) =>
      ahead === null
        ? []
        : [
            `  ! ${name} may look ahead: AUC ${ahead.auc.toFixed(3)}, and ${ahead.lagged.toFixed(3)} with the value of a minute before; its ts_ms must be when it was known`,
          ],
    ),
    ...(document.correlated.length === 0
      ? [`  no two features correlate beyond ${document.limits.correlation}`]
      : document.correlated.map(({ a, b, correlation }) => `  ${a} and ${b} correlate: ${correlation.toFixed(3)}`)),
  ].join('\n')
}

const WIDTH = 11

function movedLine(name: string, feature: AnalysedFeature): string {
  const { psi, ks, autocorrelation, n, missing, level, sets } = feature
  const figures = [psi, ks, ...Object.values(autocorrelation)].map((x) => cell(x === null ? '-' : x.toFixed(4)))
  return `  ${name.padEnd(16)}${cell(level ?? 'unknown')}${figures.join('')}${cell(String(n))}${cell(String(missing))}  ${sets.join(' ')}`
}

function spreadLine(name: string, { mean, std, min, max, quantiles }: AnalysedFeature): string {
  // Keys of a record that look like whole numbers are already in their order.
  const figures = [mean, std, min, ...Object.values(quantiles ?? {}), max]
  return `  ${name.padEnd(16)}${figures.map((x) => cell(x === null ? '-' : short(x))).join('')}`
}

function cell(text: string): string {
  return text.padStart(WIDTH)
}

/** Five digits, whatever the size, so that a column holds it with its sign: features go from a price to the variance of a return. */
function short(x: number): string {
  const size = Math.abs(x)
  return size === 0 || (size >= 0.001 && size < 10_000_000) ? String(Number(x.toPrecision(5))) : x.toExponential(3)
}
