import { afterAll, describe, expect, it } from 'vitest'
import { Metrics } from '../../src/api/metrics.ts'
import { RULES } from '../../src/engine/alerts/rules.ts'

const metrics = new Metrics()
afterAll(() => metrics.close())

describe('the metrics', () => {
  it('have every series that an alert rule reads', () => {
    const exposed = new Set(metrics.registry.getMetricsAsArray().map(({ name }) => name))
    const read = RULES.flatMap(({ expr }) => expr.match(/\bml_\w+/g) ?? [])
    expect(read.length).toBeGreaterThan(RULES.length)
    const bare = read.map((series) => series.replace(/_(?:bucket|count|sum)$/, ''))
    expect(bare.filter((series) => !exposed.has(series))).toEqual([])
  })
})
