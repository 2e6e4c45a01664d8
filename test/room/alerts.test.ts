import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acknowledge, watchAlerts } from '../../src/room/alert-watch.ts'
import type { Canary } from '../../src/room/canary.ts'
import type { Core } from '../../src/room/core.ts'
import type { Desk } from '../../src/room/desk.ts'
import { noteStop, noticeReturn } from '../../src/room/outage.ts'
import { loaded, modelOf } from '../serving/desk.ts'
import { LineUp } from '../../src/serving/line-up.ts'
import { MINUTE, openCore, START, SYMBOL } from './rooms.ts'

describe('the alerts of a room', () => {
  let dir = ''
  let core: Core
  let desk: Desk
  const open = (): void => {
    core = openCore(dir)
    desk = core.station(SYMBOL).desk
  }
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'onay-alerts-'))
    open()
  })
  afterEach(() => {
    core.close()
    rmSync(dir, { recursive: true })
  })

  /** A minute in which the candidate was tried a hundred times and failed so often. */
  function minute(at: number, failed: number): void {
    desk.slots = new LineUp({
      inCharge: loaded(modelOf('base', () => 0.5)),
      candidate: loaded(modelOf('v2', () => 0.5)),
    })
    const tsMs = START + at * MINUTE
    const key = { tsMs, model: 'v2', source: 'caller', phase: '' } as const
    for (let i = 0; i < 100; i++) desk.rollups.tried(key, i >= failed, 1)
    look(tsMs + MINUTE)
  }
  function look(atMs: number): void {
    desk.momentMs = atMs
    desk.feed.clockMs = atMs
    core.timeline.watchAlerts(core.station(SYMBOL), atMs)
    core.store.db.transaction(() => desk.persist())
  }
  const stateOf = (rule: string): string | undefined => desk.alerts.find((alert) => alert.rule === rule)?.state
  const reopen = (): void => {
    core.close()
    open()
  }

  it('abort a canary that runs when its aborting rule fires, and not before', () => {
    const aborted: string[] = []
    // Of the canary only what the watch may touch.
    desk.canary = {
      running: true,
      abort: (by: string, reason: string) => aborted.push(`${by}: ${reason}`),
    } as unknown as Canary
    for (let at = 0; at < 5; at++) minute(at, 50)
    expect([stateOf('MLCanaryShadowErrorRateHigh'), aborted]).toEqual(['pending', []])
    minute(5, 50)
    expect(stateOf('MLCanaryShadowErrorRateHigh')).toBe('firing')
    expect(aborted).toEqual(['MLCanaryShadowErrorRateHigh: shadow errors 50.0 %, limit 2 %'])
  })

  it('leave other canaries alone: without one that runs, the rules on it are quiet', () => {
    for (let at = 0; at < 10; at++) minute(at, 50)
    expect(stateOf('MLShadowErrorRateHigh')).toBe('firing')
    expect(stateOf('MLCanaryShadowErrorRateHigh')).toBeUndefined()
  })

  it('are the same after a restart: pending since, firing since, who has seen them', () => {
    for (let at = 0; at < 8; at++) minute(at, 50)
    acknowledge(desk, core.evidence, 'MLShadowErrorRateHigh', { by: 'operator', reason: 'its server is being mended' })
    const before = desk.alerts
    expect(before.map((alert) => alert.state)).toContain('firing')
    reopen()
    expect(desk.alerts).toEqual(before)
    expect(desk.acknowledged.get('MLShadowErrorRateHigh')).toMatchObject({ by: 'operator' })
  })

  it('are not fired by a time in which the room was down', () => {
    for (let at = 0; at < 2; at++) minute(at, 50)
    expect(stateOf('MLShadowErrorRateHigh')).toBe('pending')
    reopen()
    minute(100, 50)
    expect(stateOf('MLShadowErrorRateHigh')).toBe('pending')
  })

  it('are forgotten by whom they were seen once they are over', () => {
    for (let at = 0; at < 8; at++) minute(at, 50)
    acknowledge(desk, core.evidence, 'MLShadowErrorRateHigh', { by: 'operator', reason: 'known' })
    for (let at = 8; at < 25; at++) minute(at, 0)
    expect(stateOf('MLShadowErrorRateHigh')).toBeUndefined()
    expect(desk.acknowledged.size).toBe(0)
    const changes = core.store.watch.alertChanges(SYMBOL, 0, Number.MAX_SAFE_INTEGER)
    expect(changes.filter((change) => change.rule === 'MLShadowErrorRateHigh').map((change) => change.change)).toEqual([
      'fired',
      'acknowledged',
      'resolved',
    ])
  })

  it.each([
    ['what does not fire', 'MLKillSwitchOn', 'fine', 'MLKillSwitchOn does not fire'],
    ['without a reason', 'MLShadowErrorRateHigh', ' ', 'no reason was given'],
  ])('cannot be acknowledged: %s', (_, rule, reason, said) => {
    for (let at = 0; at < 8; at++) minute(at, 50)
    expect(() => acknowledge(desk, core.evidence, rule, { by: 'operator', reason })).toThrow(said)
  })

  it('say that the engine was down after anything but a clean stop, when its last sign of life is older than two minutes', () => {
    noticeReturn(core, START)
    look(START)
    reopen()
    noticeReturn(core, START + MINUTE)
    look(START + MINUTE)
    expect(stateOf('MLEngineDown')).toBeUndefined()
    reopen()
    noticeReturn(core, START + 10 * MINUTE)
    look(START + 10 * MINUTE)
    expect(stateOf('MLEngineDown')).toBe('firing')
    look(START + 12 * MINUTE)
    expect(stateOf('MLEngineDown')).toBeUndefined()
    noteStop(core)
    reopen()
    noticeReturn(core, START + 60 * MINUTE)
    look(START + 60 * MINUTE)
    expect(stateOf('MLEngineDown')).toBeUndefined()
  })

  it('write every change into the chain', () => {
    for (let at = 0; at < 8; at++) minute(at, 50)
    const kinds = core.store.journal.entries().filter((entry) => entry.kind === 'alert')
    expect(kinds.map((entry) => entry.subject)).toContain(`${SYMBOL}/MLShadowErrorRateHigh`)
    expect(core.store.db.transaction(() => watchAlerts(desk, core.evidence, desk.momentMs + MINUTE))).toBeNull()
  })
})
