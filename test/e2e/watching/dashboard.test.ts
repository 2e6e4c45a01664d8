import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { prepare } from '../../kit/prepared.ts'
import { stage } from '../../kit/program.ts'
import { ROOT } from '../../kit/samples.ts'
import { until } from '../../kit/until.ts'
import { HAS_PROMETHEUS, Prometheus } from './prometheus.ts'

const Dashboard = z.object({
  refresh: z.string(),
  schemaVersion: z.number(),
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      description: z.string().min(1),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      datasource: z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') }),
      targets: z.array(z.object({ refId: z.string(), expr: z.string() })).min(1),
    }),
  ),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
})
const dashboard = Dashboard.parse(JSON.parse(readFileSync(join(ROOT, 'dashboards/grafana-ml-dashboard.json'), 'utf8')))
const queries = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const))

describe('the Grafana dashboard', () => {
  it('has its 11 panels, each refreshed every 10 s from the Prometheus that is chosen', () => {
    expect(dashboard.panels).toHaveLength(11)
    expect(dashboard.refresh).toBe('10s')
    expect(dashboard.templating.list).toMatchObject([{ name: 'datasource', type: 'datasource' }])
    expect(new Set(dashboard.panels.map((panel) => panel.id)).size).toBe(11)
  })

  it('lays no panel over another, nor beyond the 24 columns', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24)
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
  })
})

// Where it is missing, that is what the skipped tests say: apt-get install prometheus.
describe.skipIf(!HAS_PROMETHEUS)('a real Prometheus that scrapes a real room', () => {
  const shell = stage()
  let prometheus: Prometheus

  beforeAll(async () => {
    const dataDir = await prepare(shell, 'candidate')
    const room = await shell.keeping(() => shell.open(dataDir, ['--speed', '600']))
    prometheus = await Prometheus.scraping(new URL(room.url).host)
    const ask = () => room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })
    // Rates need figures that grow between two scrapes.
    await until('answers in the metrics', async () => {
      expect((await ask()).status).toBe(200)
      const [sample] = await prometheus.query('rate(ml_shadow_match_total[5m])')
      return Number(sample?.value[1] ?? 0) > 0
    })
  })
  afterAll(() => prometheus.stop())

  it.each(queries)('has data for the panel "%s": %s', async (_, expr) => {
    // Some need figures that grow between two scrapes.
    await until(`a figure for ${expr}`, async () => {
      const found = await prometheus.query(expr)
      return found.some(({ value }) => Number.isFinite(Number(value[1])))
    })
  })

  it('can tell the six gates apart, and the four verdicts', async () => {
    const gates = await prometheus.query('ml_gate_status')
    expect(new Set(gates.map(({ metric }) => metric.gate)).size).toBe(6)
    for (const { value } of gates) expect([-2, -1, 0, 1]).toContain(Number(value[1]))
  })
})
