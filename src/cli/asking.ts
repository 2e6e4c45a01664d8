import type { Command } from 'commander'
import { roomAnswer } from '../api/client.ts'
import { Access } from '../api/access.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { Desks } from '../room/desk/desks.ts'
import { contextOf, parseTime, withCommon, type CommonOptions, type Context } from './context.ts'
import { asWriter } from './writing.ts'
import type { Io } from './io.ts'

/** Commands that change something: asked of the running room, or done here where none runs and that makes sense. */
export function addAsking(program: Command, io: Io): void {
  addSpeed(program, io)
  addToken(program, io)
  addConfig(program, io)
}

function addSpeed(program: Command, io: Io): void {
  withCommon(program.command('speed <speed>'))
    .description('1, 60, 600, max, pause, or next: on to the next moment that something waits for')
    .option('--until <time>', 'stop there and pause')
    .action(async (speed: string, options: CommonOptions & { until?: string }) => {
      const context = contextOf(options, io)
      const body = {
        speed,
        symbol: context.symbol,
        until_ms: options.until === undefined ? undefined : parseTime(options.until),
      }
      if (!['1', '60', '600', 'max', 'pause', 'next'].includes(speed)) {
        throw new OperatorError(
          `there is no speed ${speed}`,
          'the speeds are 1, 60, 600, max, pause and next',
          'name one of them',
          'speed',
        )
      }
      const answer = await roomAnswer<{ speed: number | string; market_time: string; until: string | null }>(
        context.dataDir,
        'POST',
        '/speed',
        body,
      )
      if (answer === null) throw noRoom('the speed is that of a running room')
      context.print(
        answer,
        () => `speed ${answer.speed} at ${answer.market_time}${answer.until === null ? '' : `, until ${answer.until}`}`,
      )
    })
}

function addToken(program: Command, io: Io): void {
  const token = program.command('token').description('who may change things over HTTP')
  withCommon(token.command('add <name>'))
    .description('a token for a person or program, shown this once')
    .action(async (name: string, options: CommonOptions) => {
      const context = contextOf(options, io)
      const made =
        (await roomAnswer<{ name: string; token: string }>(context.dataDir, 'POST', '/tokens', { name })) ??
        (await asWriter(context, { what: 'token' }, (desks) => ({ name, token: accessOf(desks, context).add(name) })))
      context.print(made, () => made.token)
    })
  withCommon(token.command('list'))
    .description('names and when they were made')
    .action(async (options: CommonOptions) => {
      const context = contextOf(options, io)
      const list =
        (await roomAnswer<{ items: ReturnType<Access['list']> }>(context.dataDir, 'GET', '/tokens')) ??
        (await asWriter(context, { what: 'token' }, (desks) => ({ items: accessOf(desks, context).list() })))
      context.print(
        list,
        () => list.items.map((item) => `${item.name}${item.revoked ? ' (revoked)' : ''}`).join('\n') || 'none yet',
      )
    })
  withCommon(token.command('revoke <name>'))
    .description('from now on it opens nothing')
    .action(async (name: string, options: CommonOptions) => {
      const context = contextOf(options, io)
      const said =
        (await roomAnswer<{ said: string }>(context.dataDir, 'DELETE', `/tokens/${encodeURIComponent(name)}`)) ??
        (await asWriter(context, { what: 'token' }, (desks) => {
          accessOf(desks, context).revoke(name)
          return { said: `the token of ${name} is revoked` }
        }))
      context.print(said, () => said.said)
    })
}

function addConfig(program: Command, io: Io): void {
  withCommon(program.command('config'))
    .description('every field of the configuration as it applies')
    .action((options: CommonOptions) => {
      const context = contextOf(options, io)
      context.print(context.config, () => JSON.stringify(context.config, null, 2))
    })
}

function accessOf(desks: Desks, context: Context): Access {
  return new Access(desks.store, context.dataDir, () => wallClock.now())
}

function noRoom(why: string): OperatorError {
  return new OperatorError('no room runs on this data directory', why, 'start it with: onay start', 'no_room')
}
