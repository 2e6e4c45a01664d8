import { describe, expect, it } from 'vitest'
import { BUILT_IN } from '../../../src/engine/features/built-in.ts'
import { builtInCatalogue, Catalogue, dayScoreOf } from '../../../src/engine/features/catalogue.ts'
import { DayScores } from '../../../src/engine/features/day-scores.ts'
import { columnOf, type FeatureRow } from '../../../src/engine/features/row.ts'
import { FeatureStream } from '../../../src/engine/features/stream.ts'
import { HOUR_MS, MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { START } from '../../kit/moments.ts'
import { tableOf } from '../../kit/tables.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

/** Two days with a gap of three hours and, after it, minutes that lack a return. */
function rowsOf(catalogue = builtInCatalogue): FeatureRow[] {
  const stream = new FeatureStream(catalogue)
  const minutes = Array.from({ length: 2_880 }, (_, i) => i).filter((i) => i < 1_000 || i >= 1_180)
  return minutes.map((i) => stream.push(wanderingBar(START + i * MINUTE_MS)))
}

const valueOf = (catalogue: Catalogue, row: FeatureRow | undefined, name: string) =>
  row?.values[catalogue.place(name)] ?? Number.NaN

describe('day scores', () => {
  it('are what the feature stream itself makes of closes and volumes', () => {
    const names = BUILT_IN.map(([name]) => name)
    const catalogue = new Catalogue(
      [...names, 'close score', 'volume score'],
      [],
      new Map([
        ['close score', 'mid'],
        ['volume score', 'vol1m_log'],
      ]),
    )
    const scores = new DayScores(catalogue, ['close score', 'volume score'])
    for (const row of rowsOf(catalogue)) {
      scores.complete(row)
      expect(valueOf(catalogue, row, 'close score')).toBe(valueOf(catalogue, row, 'zscore_mid_24h'))
      expect(valueOf(catalogue, row, 'volume score')).toBe(valueOf(catalogue, row, 'vol1m_log_z_24h'))
    }
  })

  it('are the same of a table as of rows that arrive, from any row on', () => {
    const wanted = ['mid_logret_1m', 'spread_bp', 'zscore_mid_24h'].map(dayScoreOf)
    const arrived = rowsOf()
    const one = new DayScores(builtInCatalogue, wanted)
    for (const row of arrived) one.complete(row)
    const fromMs = START + 30 * HOUR_MS
    const table = tableOf(rowsOf())
    new DayScores(builtInCatalogue, wanted).completeTable(table, fromMs)
    arrived.forEach((row, i) => {
      for (const name of wanted)
        expect(columnOf(table, name)[i]).toBe(row.tsMs < fromMs ? Number.NaN : valueOf(builtInCatalogue, row, name))
    })
  })

  it('are missing where the feature is, and below 60 values of it', () => {
    const rows = rowsOf()
    const name = dayScoreOf('mid_logret_1m')
    const scores = new DayScores(builtInCatalogue, [name])
    for (const row of rows) scores.complete(row)
    // The first row has no return: 60 values are there with the 61st.
    expect(rows.slice(0, 62).map((row) => Number.isNaN(valueOf(builtInCatalogue, row, name)))).toEqual(
      Array.from({ length: 62 }, (_, i) => i < 60),
    )
    const afterGap = rows[1_000]
    expect(valueOf(builtInCatalogue, afterGap, 'mid_logret_1m')).toBeNaN()
    expect(valueOf(builtInCatalogue, afterGap, name)).toBeNaN()
  })

  it('of columns that nobody wants are not worked out', () => {
    const scores = new DayScores(builtInCatalogue, ['mid_logret_1m', 'zscore_mid_24h'])
    expect(scores.empty).toBe(true)
    const row = rowsOf()[200]
    if (row === undefined) throw new Error('there is no row')
    scores.complete(row)
    for (const name of builtInCatalogue.dayScores.keys()) expect(valueOf(builtInCatalogue, row, name)).toBeNaN()
  })
})
