import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { SpeedDocument, TokenView } from '../control/answers.ts'
import type { Taken } from '../control/commands.ts'
import { ruleFiles } from '../engine/alerts/made.ts'
import { rulesOf } from '../engine/alerts/rules.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { isRecord } from '../engine/kernel/json.ts'
import { isoTime, minuteText } from '../engine/kernel/units.ts'
import type { Config } from '../room/config/config.ts'
import { limitsOf } from '../room/config/limits.ts'
import { explainedFields, plainAbout } from '../room/config/explained.ts'
import { shownConfig } from '../room/config/load-config.ts'
import { ask, askRunning, read } from './ask-room.ts'
import { contextOf, parseTime, withCommon, type CommonOptions, type Context } from './context.ts'
import type { Io } from './io.ts'
import { clockLook, waitFor } from './waiting.ts'

type SpeedName = '1' | '60' | '600' | 'max' | 'pause' | 'next'

const SPEEDS: Readonly<Record<SpeedName, Taken<'setSpeed'>['speed']>> = {
  '1': 1,
  '60': 60,
  '600': 600,
  max: 'max',
  pause: 'pause',
  next: 'next',
}

/** Small commands: the pace of a recording, who may change things, the configuration as it applies. */
export function addAsking(program: Command, io: Io): void {
  for (const add of [addSpeed, addToken, addConfig]) add(program, io)
}

function addSpeed(program: Command, io: Io): void {
  withCommon(program.command('speed <speed>'))
    .description('1, 60, 600, max, pause, or next: on to the next moment that something waits for')
    .option('--until <time>', 'stop there and pause')
    .option('--wait', 'with --until or next: return once it is there; exit 1 when it went elsewhere')
    .action(async (name: string, options: CommonOptions & { until?: string; wait?: boolean }) => {
      const context = contextOf(options, io)
      const { symbol } = context
      if (!isSpeed(name)) {
        throw new OperatorError(
          `there is no speed ${name}`,
          'the speeds are 1, 60, 600, max, pause and next',
          'choose one of them',
          'speed',
        )
      }
      const untilMs = options.until === undefined ? undefined : parseTime(options.until)
      if (options.wait === true && untilMs === undefined && name !== 'next')
        throw new OperatorError(
          '--wait needs an end',
          `at speed ${name} a recording plays on`,
          'name one with --until, or run: onay speed next --wait',
          'usage',
        )
      if (options.wait === true) await waitForOpening(context)
      const document = await askRunning(context, 'only a running room has a speed', 'setSpeed', {
        symbol,
        speed: SPEEDS[name],
        untilMs,
      })
      if (options.wait === true) await waitForStop(context, document)
      else context.print(document, () => speedText(document))
    })
}

/** A room that has just been started goes through its history first. */
async function waitForOpening(context: Context): Promise<void> {
  await waitFor(context, 'the history is replayed', async (room) => {
    const { phase } = (await room.read({ kind: 'view', symbol: context.symbol })).room
    return phase === 'history' ? { said: 'the room is not open yet' } : { code: 0 }
  })
}

/** Prints where it has come to, in the form of the command's answer. */
async function waitForStop(context: Context, asked: SpeedDocument): Promise<void> {
  const untilMs = asked.until === null ? null : Date.parse(asked.until)
  let document = asked
  const code =
    untilMs === null
      ? 0
      : await waitFor(context, 'the recording plays on', async (room) => {
          const { clock } = (await room.read({ kind: 'view', symbol: context.symbol })).room
          const { paused, speed, marketMs, stop } = clock
          const until = stop === null ? null : isoTime(stop.atMs)
          document = { ...asked, speed: paused ? 'pause' : speed, market_time: isoTime(marketMs), until }
          return clockLook(clock, untilMs)
        })
  context.print(document, () => speedText(document))
  context.io.exit(code)
}

function speedText({ speed, market_time: time, until }: SpeedDocument): string {
  const at = `${minuteText(Date.parse(time))} UTC`
  if (speed === 'pause') return `paused at ${at}`
  return `speed ${speed} at ${at}${until === null ? '' : `, until ${minuteText(Date.parse(until))} UTC`}`
}

function isSpeed(name: string): name is SpeedName {
  return name in SPEEDS
}

function addToken(program: Command, io: Io): void {
  const token = program.command('token').description('who may change things over HTTP')
  withCommon(token.command('add <name>'))
    .description('a token for a person or program, shown this once')
    .option('--person <person>', 'whose it is, default the name: who has several tokens approves once')
    .action(async (name: string, options: CommonOptions & { person?: string }) => {
      const context = contextOf(options, io)
      const made = await ask(context, 'token add', 'addToken', { name, person: options.person })
      context.print(made, () => made.token)
    })
  withCommon(token.command('list'))
    .description('each with whose it is and when it was made')
    .action(async (options: CommonOptions) => {
      const context = contextOf(options, io)
      const list = await read(context, 'tokens', {})
      context.print(list, () => tokensText(list.items))
    })
  withCommon(token.command('revoke <name>'))
    .description('revoke it: requests with it are refused from now on')
    .action(async (name: string, options: CommonOptions) => {
      const context = contextOf(options, io)
      const answer = await ask(context, 'token revoke', 'revokeToken', { name })
      context.print(answer, () => answer.said)
    })
}

function tokensText(tokens: readonly TokenView[]): string {
  if (tokens.length === 0) return 'none yet'
  const cells = Math.max(...tokens.map(({ name }) => name.length))
  return tokens
    .map((token) => {
      const made = `made ${minuteText(token.created_wall_ms)} UTC${token.revoked ? ', revoked' : ''}`
      return `${token.name.padEnd(cells)}  of ${token.person}, ${made}`
    })
    .join('\n')
}

function addConfig(program: Command, io: Io): void {
  withCommon(program.command('config'))
    .description('every field of the configuration as it applies, and what it does')
    .option('--rules <dir>', 'write the rule files for Prometheus, as they are configured, into that directory')
    .action((options: CommonOptions & { rules?: string }) => {
      const context = contextOf(options, io)
      if (options.rules !== undefined) writeRules(context.config, resolve(io.cwd, options.rules))
      context.print(context.config, () => configText(context.config), 'config/1')
    })
}

function writeRules(config: Config, dir: string): void {
  mkdirSync(dir, { recursive: true })
  for (const [name, text] of Object.entries(ruleFiles(rulesOf(config.alerts, limitsOf(config).judge))))
    writeFileSync(join(dir, name), text)
}

/** A line a field: its value, what it would be without being set, what it does. */
function configText(config: Config): string {
  const shown = shownConfig(config)
  const fields = explainedFields().map((field) => ({ ...field, value: valueAt(shown, field.field) }))
  const width = Math.max(...fields.map(({ field }) => field.length))
  return fields
    .map(({ field, value, default: usual, range, about }) => {
      const [now, before] = [JSON.stringify(value), JSON.stringify(usual)]
      return `${field.padEnd(width)}  ${now}${now === before ? '' : ` (default ${before})`}\n    ${plainAbout({ about })}${range === '' ? '' : ` (${plainAbout({ about: range })})`}`
    })
    .join('\n')
}

function valueAt(config: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (isRecord(value) ? value[name] : null), config)
}
