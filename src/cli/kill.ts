import type { Command } from 'commander'
import type { KillDocument, KillSwitchesDocument } from '../control/answers.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { ask, askRunning, read } from './ask-room.ts'
import { contextAsking, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'
import { approvalText } from './release-texts.ts'

/** `onay kill`: the switch that makes every answer abstain. Without --symbol it is that of every market of the room. */
export function addKill(program: Command, io: Io): void {
  const kill = withCommon(program.command('kill'))
    .description('the kill switch: whether it is on; exit 1 when it is')
    .action(async (options: CommonOptions) => {
      const context = contextAsking(options, io)
      const document = await read(context, 'kill', { symbol: context.symbol })
      context.print(document, () => killText(document))
      io.exit(document.items.some(({ enabled }) => enabled) ? 1 : 0)
    })
  withCommon(kill.command('on'))
    .description('every answer abstains, at once, of every market unless --symbol names one; needs no approval')
    .option('--reason <text>', 'why, for the record')
    .action(async (options: CommonOptions & { reason?: string }) => {
      const context = contextAsking(options, io)
      const taken = { symbol: context.symbol, reason: options.reason ?? null, enabled: true }
      const document = await ask(context, 'kill on', 'switchKill', taken)
      context.print(document, () => killText(document))
    })
  withCommon(kill.command('drill'))
    .description('ask to throw it for a few seconds and measure that: waits for ONAY')
    .action(async (options: CommonOptions) => {
      const context = contextAsking(options, io)
      const approval = await askRunning(context, 'a drill needs a room that serves', 'drillKill', {
        symbol: context.symbol,
      })
      context.print(approval, () => approvalText(approval))
    })
  withCommon(kill.command('off'))
    .description('ask for it to be taken back: waits for ONAY')
    .action(async (options: CommonOptions) => {
      const context = contextAsking(options, io)
      const taken = { symbol: context.symbol, reason: null, enabled: false }
      const why = 'a running room takes it back, after ONAY'
      const document = await askRunning(context, why, 'switchKill', taken)
      context.print(document, () => document.approvals.map(approvalText).join('\n'))
    })
}

function killText({ items, approvals }: KillSwitchesDocument): string {
  const waiting = approvals.map(({ id, symbol }) => `${symbol}: ${id} waits for ONAY`)
  return [...items.map(switchText), ...waiting].join('\n')
}

function switchText({ symbol, enabled, since, by, reason, stored }: KillDocument): string {
  if (since === null) return `${symbol}: the kill switch is ${enabled ? 'ON' : 'off'}${enabled ? `: ${reason}` : ''}`
  const when = `since ${minuteText(Date.parse(since))} UTC, by ${by}: ${reason}`
  const kept = stored ? '' : '; it holds in memory alone: a restart would forget it, see the troubles of onay status'
  return `${symbol}: the kill switch is ${enabled ? 'ON' : 'off'} ${when}${kept}`
}
