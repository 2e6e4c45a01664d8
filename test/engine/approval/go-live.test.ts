import { describe, expect, it } from 'vitest'
import { type GoLiveFacts, isReady, judgeGoLive } from '../../../src/engine/approval/go-live.ts'
import { DAY, HOUR, MINUTE } from '../../kit/moments.ts'

/** A room on a real feed in which nothing is wrong, and figures stand at their limits. */
const HEALTHY: GoLiveFacts = {
  health: { ok: true, troubles: [] },
  prediction: { servedBy: 'baseline', reason: 'ok', latencyMs: 80 },
  latencyLimitMs: 80,
  inCharge: 'v1',
  artifacts: { files: 8, faults: [] },
  shadow: { version: 'v2', tried: 30, compared: 30 },
  killSwitch: { on: false, reason: '', drilledAgoMs: 30 * DAY, isDrillEmpty: false, fileFault: null },
  rowAgeMs: 2 * MINUTE,
  rowLimitMs: 2 * MINUTE,
  gates: { agoMs: 5 * MINUTE, verdict: 'ELIGIBLE', failing: [] },
  jobs: { overdue: [], failed: [] },
  backup: { ageMs: 26 * HOUR, isWhole: true },
  isRecording: false,
  clock: null,
  disk: { free: 7e9, perDay: 1e9 },
  channels: [{ channel: 'webhook', fault: null }],
  tokenMode: '600',
  drift: { verdict: 'warning', asksKill: false },
  firing: [],
}

const found = (change: Partial<GoLiveFacts>, verdict: string) =>
  judgeGoLive({ ...HEALTHY, ...change }).filter((check) => check.verdict === verdict)

describe('the go-live checklist', () => {
  it('is READY where every figure stands at its limit and nothing is wrong', () => {
    const checks = judgeGoLive(HEALTHY)
    expect(checks.map(({ verdict, next }) => [verdict, next])).toEqual(checks.map(() => ['PASS', null]))
    expect(isReady(checks)).toBe(true)
  })

  it.each<[fault: string, check: string, said: RegExp, Partial<GoLiveFacts>]>([
    ['a room that does not answer', 'api', /refused/, { health: 'it did not answer: connection refused' }],
    [
      'a room in trouble',
      'api',
      /^predictions: disk full$/,
      { health: { ok: false, troubles: ['predictions: disk full'] } },
    ],
    ['no prediction', 'prediction', /503/, { prediction: 'it was refused: 503' }],
    [
      'a slow prediction',
      'prediction',
      /81\.0 ms, limit 80/,
      { prediction: { servedBy: 'baseline', reason: '', latencyMs: 81 } },
    ],
    [
      'the fallback in its place',
      'prediction',
      /a feature is missing/,
      { prediction: { servedBy: 'fallback', reason: 'a feature is missing', latencyMs: 1 } },
    ],
    ['no model in charge', 'model', /the fallback answers/, { inCharge: null }],
    [
      'a changed artifact',
      'artifacts',
      /is changed/,
      { artifacts: { files: 8, faults: ['model_weights_v1.json is changed'] } },
    ],
    ['a shadow that is not recorded', 'shadow', /0 comparisons/, { shadow: { version: 'v2', tried: 9, compared: 0 } }],
    ['gates that nobody judges', 'gates', /never/, { gates: null }],
    [
      'gates that were judged long ago',
      'gates',
      /6 minutes ago/,
      { gates: { agoMs: 6 * MINUTE, verdict: 'ELIGIBLE', failing: [] } },
    ],
    [
      'a candidate that is blocked',
      'gates',
      /BLOCKED: psi FAIL/,
      { gates: { agoMs: 0, verdict: 'BLOCKED', failing: ['psi FAIL'] } },
    ],
    ['critical drift', 'drift', /critical/, { drift: { verdict: 'critical', asksKill: false } }],
    ['drift beyond every limit', 'drift', /beyond/, { drift: { verdict: 'ok', asksKill: true } }],
    ['old rows', 'rows', /121 s old, limit 120/, { rowAgeMs: 121_000 }],
    ['no row', 'rows', /no row/, { rowAgeMs: null }],
    [
      'a kill switch that is on',
      'kill switch',
      /on: fills look wrong/,
      { killSwitch: { ...HEALTHY.killSwitch, on: true, reason: 'fills look wrong', drilledAgoMs: 0 } },
    ],
    [
      'one that was never drilled',
      'kill switch',
      /never/,
      { killSwitch: { ...HEALTHY.killSwitch, drilledAgoMs: null } },
    ],
    [
      'one that was drilled long ago',
      'kill switch',
      /30 days ago/,
      { killSwitch: { ...HEALTHY.killSwitch, drilledAgoMs: 30 * DAY + 1 } },
    ],
    ['a critical alert', 'alerts', /MLPSICritical/, { firing: ['MLPSICritical'] }],
    [
      'a channel that does not deliver',
      'delivery',
      /telegram: 401/,
      {
        channels: [
          { channel: 'webhook', fault: null },
          { channel: 'telegram', fault: '401' },
        ],
      },
    ],
    ['a job that failed', 'jobs', /backup: disk full/, { jobs: { overdue: [], failed: ['backup: disk full'] } }],
    ['a job that is overdue', 'jobs', /overdue: gates/, { jobs: { overdue: ['gates'], failed: [] } }],
    [
      'a drill during which nobody asked',
      'kill switch',
      /nobody asked during its drill/,
      { killSwitch: { ...HEALTHY.killSwitch, drilledAgoMs: null, isDrillEmpty: true } },
    ],
    [
      'a damaged file of the kill switch',
      'kill switch',
      /its file is damaged/,
      { killSwitch: { ...HEALTHY.killSwitch, fileFault: 'its file is damaged: a start would find it on' } },
    ],
    [
      'a trouble while it serves',
      'api',
      /^evidence cannot be written$/,
      { health: { ok: true, troubles: ['evidence cannot be written'] } },
    ],
    ['a backup that was changed', 'backup', /has changed/, { backup: { ageMs: HOUR, isWhole: false } }],
    ['no backup', 'backup', /none/, { backup: null }],
    ['an old backup', 'backup', /limit 26 h/, { backup: { ageMs: 26 * HOUR + 1, isWhole: true } }],
    ['a clock that is off', 'clock', /9 s behind/, { clock: '9 s behind' }],
    ['a full disk', 'disk', /0\.1 GB/, { disk: { free: 0.1e9, perDay: null } }],
    ['a disk that will be full', 'disk', /6 days/, { disk: { free: 6.9e9, perDay: 1e9 } }],
    ['a token that others may read', 'token', /640/, { tokenMode: '640' }],
    ['no token', 'token', /missing/, { tokenMode: null }],
  ])('names %s, and what to do', (_, check, said, change) => {
    const failing = found(change, 'FAIL')
    expect(failing).toEqual([{ check, verdict: 'FAIL', said: expect.stringMatching(said), next: expect.any(String) }])
    expect(isReady(judgeGoLive({ ...HEALTHY, ...change }))).toBe(false)
  })

  it.each<[what: string, check: string, Partial<GoLiveFacts>]>([
    ['a shadow without a candidate', 'shadow', { shadow: null }],
    ['channels where none is configured', 'delivery', { channels: [] }],
    ['drift with too few rows', 'drift', { drift: { verdict: 'wait', asksKill: false } }],
    ['drift before the first check', 'drift', { drift: null }],
    ['a backup of a recording', 'backup', { isRecording: true, backup: null }],
    ['the clock of a recording', 'clock', { isRecording: true }],
    ['artifacts where the chain has none', 'artifacts', { artifacts: { files: 0, faults: [] } }],
  ])('says what it did not try: %s', (_, check, change) => {
    expect(found(change, 'NOT TRIED').map((one) => one.check)).toContain(check)
    expect(found(change, 'FAIL')).toEqual([])
  })

  it.each<[check: string, said: string, Partial<GoLiveFacts>]>([
    ['backup', 'less than 1 h old, restored and verified', { backup: { ageMs: HOUR - 1, isWhole: true } }],
    ['backup', '2 h old, restored and verified', { backup: { ageMs: 3 * HOUR - 1, isWhole: true } }],
    ['backup', '27 h old, restored and verified', { isRecording: true, backup: { ageMs: 27 * HOUR, isWhole: true } }],
    ['clock', "with the feed's", {}],
    ['disk', '7.0 GB free, 7 days at this growth', {}],
    ['disk', '999.9 GB free, 999 days at this growth', { disk: { free: 999.9e9, perDay: 1e9 } }],
    ['disk', '1000.0 GB free, years at this growth', { disk: { free: 1000e9, perDay: 1e9 } }],
    ['disk', '7.0 GB free', { disk: { free: 7e9, perDay: null } }],
    ['disk', '7.0 GB free', { disk: { free: 7e9, perDay: 0 } }],
    ['disk', '0.2 GB free', { disk: { free: 200 * 2 ** 20, perDay: null } }],
    ['rows', 'the newest is 1 s old, limit 120', { rowAgeMs: 1_000 }],
    ['gates', 'judged each minute, of the model in charge alone', { gates: { agoMs: 0, verdict: null, failing: [] } }],
  ])('says of %s: %s', (check, said, change) => {
    expect(judgeGoLive({ ...HEALTHY, ...change })).toContainEqual({ check, verdict: 'PASS', said, next: null })
  })

  it.each<[inCharge: string | null, said: string]>([
    [null, 'no model is registered'],
    ['v1', 'the chain has no file of the models'],
  ])('says why it tried no artifact: in charge %s, %s', (inCharge, said) => {
    const checks = judgeGoLive({ ...HEALTHY, inCharge, artifacts: { files: 0, faults: [] } })
    expect(checks.find(({ check }) => check === 'artifacts')).toMatchObject({ verdict: 'NOT TRIED', said })
  })
})
