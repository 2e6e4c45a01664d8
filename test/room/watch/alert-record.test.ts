import { describe, expect, it } from 'vitest'
import type { AlertInputs } from '../../../src/engine/alerts/rule.ts'
import { acknowledge, watchAlerts } from '../../../src/room/watch/watch-alerts.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'
import { SaidInputs } from '../../kit/said-inputs.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR

/** Evaluates the rules once for each of these, a minute apart. */
function minutes({ desk, desks }: DeskKit, ...said: readonly Partial<AlertInputs>[]): void {
  said.forEach((inputs, i) => {
    const atMs = NOON + i * MINUTE
    desk.tape.enterMoment(atMs)
    desk.transaction(() => watchAlerts(desk, desks.evidence, new SaidInputs(inputs), atMs))
  })
}

function events({ desks }: DeskKit): [string, string][] {
  const rows = desks.store.journal.events(SYMBOL, 50).toReversed()
  return rows.map(({ severity, text }): [string, string] => [severity, text])
}

function chain({ desks }: DeskKit): unknown[] {
  return desks.store.journal.entries().map(({ kind, subject, detail }) => [kind, subject, JSON.parse(detail)])
}

const ON = { killSwitch: true }
const OFF = { killSwitch: false }

describe('an alert that fires and is resolved', () => {
  it.each([
    ['critical', 'MLKillSwitchOn', ON, 'the kill switch is on', 'the kill switch is off'],
    ['warning', 'MLJobOverdue', { overdueJobs: ['gates'] }, 'overdue: gates', 'overdue: none'],
  ] as const)('is told with its severity, and its end as news alone: %s', (severity, rule, holds, on, off) => {
    const kit = aDesk(fresh())
    minutes(kit, {}, holds, {})
    expect(events(kit)).toEqual([
      [severity, `${rule} fired: ${on}`],
      ['info', `${rule} resolved: ${off}`],
    ])
    expect(chain(kit)).toEqual(
      [
        ['fired', on],
        ['resolved', off],
      ].map(([change, text]) => ['alert', `${SYMBOL}/${rule}`, { rule, severity, change, text }]),
    )
    kit.desks.close()
  })

  it('is told as flapping from its fourth change within an hour on, and no other alert beside it', () => {
    const kit = aDesk(fresh())
    minutes(kit, ON, OFF, ON, OFF, { ...ON, breakerOpen: true })
    const texts = events(kit).map(([, text]) => text)
    expect(texts.filter((text) => text.includes('fired'))).toEqual([
      'MLKillSwitchOn fired: the kill switch is on',
      'MLKillSwitchOn fired: the kill switch is on',
      expect.stringContaining('MLBreakerOpen fired: '),
      'MLKillSwitchOn fired (flapping): the kill switch is on',
    ])
    kit.desks.close()
  })
})

describe('an alert that somebody has seen', () => {
  it('says by whom and why, in the answer, the log and the chain', () => {
    const kit = aDesk(fresh())
    const { desk, desks } = kit
    minutes(kit, ON)
    const seen = { by: 'ada', reason: 'the exchange is in maintenance' }
    expect(acknowledge(desk, desks.evidence, 'MLKillSwitchOn', seen)).toBe('MLKillSwitchOn is acknowledged')
    expect(events(kit).at(-1)).toEqual(['info', 'MLKillSwitchOn acknowledged by ada: "the exchange is in maintenance"'])
    expect(chain(kit).at(-1)).toEqual([
      'alert',
      `${SYMBOL}/MLKillSwitchOn`,
      { rule: 'MLKillSwitchOn', change: 'acknowledged', ...seen },
    ])
    expect(desks.store.watch.alerts(SYMBOL)).toMatchObject([{ ackBy: 'ada', ackReason: seen.reason }])
    kit.desks.close()
  })

  it('leaves no trace where it could not be acknowledged', () => {
    const kit = aDesk(fresh())
    const { desk, desks } = kit
    minutes(kit, ON)
    const before = [events(kit), chain(kit)]
    const refused = [
      ['MLBreakerOpen', 'seen'],
      ['MLKillSwitchOn', '\t '],
    ].map(([rule = '', reason = '']) => refusal(() => acknowledge(desk, desks.evidence, rule, { by: 'ada', reason })))
    expect(refused.map(({ what }) => what)).toEqual(['MLBreakerOpen is not firing', 'the alert was not acknowledged'])
    expect([events(kit), chain(kit)]).toEqual(before)
    kit.desks.close()
  })
})
