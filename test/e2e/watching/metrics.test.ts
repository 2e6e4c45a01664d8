import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepare } from '../../kit/prepared.ts'
import { stage } from '../../kit/program.ts'
import { until } from '../../kit/until.ts'
import { HAS_PROMETHEUS } from './prometheus.ts'

const NAMED = [
  'ml_predict_requests_total',
  'ml_predict_latency_ms',
  'ml_prediction_score',
  'ml_model_errors_total',
  'ml_shadow_success_total',
  'ml_shadow_error_total',
  'ml_shadow_match_total',
  'ml_shadow_mismatch_total',
  'ml_shadow_abs_delta',
  'ml_shadow_latency_ms',
  'ml_shadow_match_rate',
  'ml_baseline_latency_ms',
  'ml_psi_score',
  'ml_psi_feature',
  'ml_ks_feature',
  'ml_shadow_latency_delta_ms',
  'ml_drift_events_total',
  'ml_gate_status',
  'ml_canary_share',
  'ml_canary_phase',
  'ml_kill_switch',
  'ml_breaker_open',
  'ml_feature_staleness_seconds',
  'ml_model_ece',
  'ml_job_last_success_seconds',
  'ml_event_loop_lag_ms',
]

describe('the metrics of a room', () => {
  const shell = stage()
  let text = ''
  beforeAll(async () => {
    const room = await shell.open(await prepare(shell, 'candidate'), ['--speed', '600'])
    text = await until('a comparison in the metrics', async () => {
      expect((await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })).status).toBe(200)
      const scraped = (await room.get('/ml/metrics')).text
      return /^ml_shadow_match_total{.*} [1-9]/m.test(scraped) ? scraped : undefined
    })
  })

  it.each(NAMED)('have %s', (name) => {
    expect(text).toContain(`# TYPE ${name} `)
  })

  it('are under 100 lines for one symbol', () => {
    expect(text.split('\n').filter((line) => line.startsWith('ml_')).length).toBeLessThan(100)
  })

  it('have bounds at 60, 80 and 120 ms, of which alerts are shares', () => {
    for (const bound of [60, 80, 120])
      expect(text).toContain(`ml_predict_latency_ms_bucket{le="${bound}",symbol="BTCUSDT"}`)
  })

  it('say what they measured: KS by feature, calibration, a full window', () => {
    expect(text).toMatch(/^ml_ks_feature\{feature="mid",symbol="BTCUSDT"\} 0\.\d+/m)
    expect(text).toMatch(/^ml_model_ece\{symbol="BTCUSDT"\} 0\.\d+/m)
    expect(text).toMatch(/^ml_drift_level\{symbol="BTCUSDT"\} 2$/m)
    expect(text).toMatch(/^ml_psi_score\{symbol="BTCUSDT"\} 1\.39/m)
    expect(text).toMatch(/^ml_feature_missing_share\{symbol="BTCUSDT"\} 0$/m)
  })

  // The names are an interface that dashboards rest on, and end in _ms: of that alone promtool says something.
  it.skipIf(!HAS_PROMETHEUS)(
    'are taken by promtool check metrics, which has nothing to say but of the unit in five names',
    () => {
      const { stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
      const said = stderr.trim().split('\n')
      expect(
        said.filter((line) => !/^ml_\w+_ms metric names should not contain abbreviated units$/.test(line)),
      ).toEqual([])
    },
  )
})
