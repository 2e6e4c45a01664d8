import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acknowledge } from '../../../src/room/watch/watch-alerts.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import type { Timeline } from '../../../src/room/timeline/timeline.ts'
import type { Desk } from '../../../src/room/desk/desk.ts'
import { noteStop, noticeReturn } from '../../../src/room/watch/outage.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { loaded, modelOf } from '../../kit/desk.ts'
import { NO_FIGURES, runningCanary } from '../../kit/canary.ts'
import { openDesks, SYMBOL, timelineFor } from '../../kit/room.ts'
import { MINUTE, START } from '../../kit/moments.ts'

describe('the alerts of a room', () => {
  let dir = ''
  let desks: Desks
  let timeline: Timeline
  let desk: Desk
  const open = (): void => {
    desks = openDesks(dir)
    timeline = timelineFor(desks)
    desk = desks.of(SYMBOL)
  }
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'onay-alerts-'))
    open()
  })
  afterEach(() => {
    desks.close()
    rmSync(dir, { recursive: true })
  })

  /** A minute in which the candidate was tried a hundred times and failed so often. */
  async function minute(at: number, failed: number): Promise<void> {
    desk.models.stand(
      new LineUp({
        inCharge: loaded(modelOf('base', () => 0.5)),
        candidate: loaded(modelOf('v2', () => 0.5)),
      }),
    )
    const tsMs = START + at * MINUTE
    const key = { tsMs, model: 'v2', source: 'caller', phase: '' } as const
    for (let i = 0; i < 100; i++) desk.rollups.tried(key, i >= failed, 1)
    await look(tsMs + MINUTE)
  }
  async function look(atMs: number): Promise<void> {
    desk.tape.enterMoment(atMs)
    desk.tape.finishMoment(atMs)
    await timeline.between(desk, atMs)
    desk.transaction(() => desk.persist())
  }
  const stateOf = (rule: string): string | undefined => desk.alerts.active.find((alert) => alert.rule === rule)?.state
  const reopen = (): void => {
    desks.close()
    open()
  }

  it('about errors in a canary fire on what its judge saw, while it runs and for ten minutes after its end', async () => {
    const NAME = 'MLCanaryShadowErrorRateHigh'
    const run = runningCanary(desk.symbol, { candidate: 'v2', baseline: 'base', sinceMs: START })
    const seen = (errors: number) => ({
      atMs: START,
      decision: 'go on',
      reason: '',
      figures: { ...NO_FIGURES, tried: 500, errors },
      inside: 0,
      total: 0,
    })
    desk.canary.take({ ...run, lastLook: seen(10) })
    await look(START + MINUTE)
    expect(stateOf(NAME)).toBeUndefined()
    const endedMs = START + 2 * MINUTE
    const aborted = { kind: 'aborted', atMs: endedMs, phase: 1, reason: { by: 'candidateGone' } } as const
    desk.canary.take({ ...run, lastLook: seen(30), state: aborted, endedMs })
    for (let at = 2; at <= 12; at++) await look(START + at * MINUTE)
    expect(stateOf(NAME)).toBe('firing')
    for (let at = 13; at <= 18; at++) await look(START + at * MINUTE)
    expect(stateOf(NAME)).toBeUndefined()
  })

  it('are the same after a restart: pending since, firing since, who has seen them', async () => {
    for (let at = 0; at < 8; at++) await minute(at, 50)
    acknowledge(desk, desks.evidence, 'MLShadowErrorRateHigh', { by: 'operator', reason: 'its server is being mended' })
    const before = desk.alerts.active
    expect(before.map((alert) => alert.state)).toContain('firing')
    reopen()
    expect(desk.alerts.active).toEqual(before)
    expect(desk.alerts.acknowledgementOf('MLShadowErrorRateHigh')).toMatchObject({ by: 'operator' })
  })

  it('are not fired by a time in which the room was down', async () => {
    for (let at = 0; at < 2; at++) await minute(at, 50)
    expect(stateOf('MLShadowErrorRateHigh')).toBe('pending')
    reopen()
    await minute(100, 50)
    expect(stateOf('MLShadowErrorRateHigh')).toBe('pending')
  })

  it('are forgotten by whom they were seen once they are over', async () => {
    for (let at = 0; at < 8; at++) await minute(at, 50)
    acknowledge(desk, desks.evidence, 'MLShadowErrorRateHigh', { by: 'operator', reason: 'known' })
    for (let at = 8; at < 25; at++) await minute(at, 0)
    expect(stateOf('MLShadowErrorRateHigh')).toBeUndefined()
    expect(desk.alerts.acknowledgementOf('MLShadowErrorRateHigh')).toBeNull()
    const changes = desks.store.watch.alertChanges(SYMBOL, 0, Number.MAX_SAFE_INTEGER)
    expect(changes.filter((change) => change.rule === 'MLShadowErrorRateHigh').map((change) => change.change)).toEqual([
      'fired',
      'acknowledged',
      'resolved',
    ])
  })

  it.each([
    ['what does not fire', 'MLKillSwitchOn', 'fine', 'MLKillSwitchOn is not firing'],
    ['without a reason', 'MLShadowErrorRateHigh', ' ', 'no reason was given'],
  ])('cannot be acknowledged: %s', async (_, rule, reason, said) => {
    for (let at = 0; at < 8; at++) await minute(at, 50)
    expect(() => acknowledge(desk, desks.evidence, rule, { by: 'operator', reason })).toThrow(said)
  })

  it('say that the engine was down after anything but a clean stop, when its last sign of life is older than two minutes', async () => {
    noticeReturn(desks, START)
    await look(START)
    reopen()
    noticeReturn(desks, START + MINUTE)
    await look(START + MINUTE)
    expect(stateOf('MLEngineDown')).toBeUndefined()
    reopen()
    noticeReturn(desks, START + 10 * MINUTE)
    await look(START + 10 * MINUTE)
    expect(stateOf('MLEngineDown')).toBe('firing')
    await look(START + 12 * MINUTE)
    expect(stateOf('MLEngineDown')).toBeUndefined()
    noteStop(desks)
    reopen()
    noticeReturn(desks, START + 60 * MINUTE)
    await look(START + 60 * MINUTE)
    expect(stateOf('MLEngineDown')).toBeUndefined()
  })

  it('write every change into the chain', async () => {
    for (let at = 0; at < 8; at++) await minute(at, 50)
    const kinds = desks.store.journal.entries().filter((entry) => entry.kind === 'alert')
    expect(kinds.map((entry) => entry.subject)).toContain(`${SYMBOL}/MLShadowErrorRateHigh`)
  })
})
