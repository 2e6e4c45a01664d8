import { describe, expect, it } from 'vitest'
import { statusOf } from '../../src/cli/status.ts'
import type { AlertView, RoomView } from '../../src/control/view.ts'
import { approval } from '../kit/canary-documents.ts'
import { START } from '../kit/moments.ts'
import { changed, SHADOW } from '../kit/views.ts'

const RUNNING = { isRunning: true, version: '1.2.3', wallMs: START }

const alert = (changes: Partial<AlertView>): AlertView => ({
  rule: 'MLDriftCritical',
  severity: 'critical',
  state: 'firing',
  sinceMs: START,
  firedMs: START,
  flapping: false,
  acknowledged: null,
  text: 'PSI 0.6',
  next: 'retrain',
  ...changes,
})

const CALM = changed(SHADOW, { watch: { alerts: [] }, models: { approvals: [] }, room: { troubles: [] } })
const withAlert = (changes: Partial<AlertView>): RoomView => changed(CALM, { watch: { alerts: [alert(changes)] } })

describe('the status of a room', () => {
  it('is well where nothing needs a person', () => {
    expect(statusOf([CALM], RUNNING)).toMatchObject({
      schema: 'status/1',
      ok: true,
      running: true,
      troubles: [],
      items: [{ symbol: CALM.room.symbol, needs: [], alerts: [] }],
    })
  })

  it.each<[string, RoomView]>([
    ['an alert fires', withAlert({})],
    ['an approval waits', changed(CALM, { models: { approvals: [approval({ symbol: CALM.room.symbol })] } })],
    ['the kill switch is on', changed(CALM, { models: { killSwitch: true } })],
  ])('names what needs a person where %s', (_, asked) => {
    const status = statusOf([CALM, asked], RUNNING)
    expect(status.ok).toBe(false)
    expect(status.items.map(({ needs }) => needs.length)).toEqual([0, 1])
  })

  it('says the critical alerts first, and what to do about several of them once', () => {
    const alerts = [
      alert({ rule: 'MLPSIWarning', severity: 'warning' }),
      alert({ rule: 'MLBreakerOpen', severity: 'warning', next: 'look at the server' }),
      alert({}),
      alert({ rule: 'MLPSICritical' }),
    ]
    expect(statusOf([changed(CALM, { watch: { alerts } })], RUNNING).items[0]?.needs).toEqual([
      'MLDriftCritical fires: PSI 0.6; retrain',
      'MLPSICritical fires: PSI 0.6',
      'MLPSIWarning fires: PSI 0.6',
      'MLBreakerOpen fires: PSI 0.6; look at the server',
    ])
  })

  it('leaves to others what somebody has acknowledged, and what is for information', () => {
    const seen = withAlert({ acknowledged: { by: 'ada', reason: 'known' } })
    const status = statusOf([seen, withAlert({ severity: 'info' })], RUNNING)
    expect(status.ok).toBe(true)
    expect(status.items[0]?.alerts).toEqual([{ rule: 'MLDriftCritical', severity: 'critical', acknowledged_by: 'ada' }])
    expect(statusOf([withAlert({ state: 'pending', firedMs: null })], RUNNING)).toMatchObject({ ok: true })
  })

  it('tells a trouble of the room once, whatever its symbols, and that no room runs', () => {
    const full = changed(CALM, { room: { troubles: ['the disk is full'] } })
    expect(statusOf([full, full], RUNNING)).toMatchObject({ ok: false, troubles: ['the disk is full'] })
    expect(statusOf([CALM], { ...RUNNING, isRunning: false })).toMatchObject({
      ok: false,
      troubles: [expect.stringContaining('no room runs')],
      items: [{ phase: 'not_running' }],
    })
  })
})
