import type { Command } from 'commander'
import type { AbDocument } from '../control/paper-answers.ts'
import type { AbStatusDocument } from '../control/set-answers.ts'
import { AB_MODES, type AbMode } from '../engine/trading/ab.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { percent } from '../engine/kernel/figures.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { ask, readHere } from './ask-room.ts'
import { contextOf, parseTime, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

interface AbCommandOptions extends CommonOptions {
  readonly arms?: string
  readonly mode?: string
  readonly split?: string
  readonly dryRun?: boolean
  readonly status?: boolean
  readonly forceSwap?: boolean
}

/** `onay ab`: whether one arm should take another's place. */
export function addAb(program: Command, io: Io): void {
  withCommon(program.command('ab'))
    .description('compare two arms by their closed trades; exit 0 when B should take the place of A, 1 when not')
    .option(
      '--arms <a,b>',
      'which two; the active set and the other one unless named, before there are sets the model in charge and the candidate',
    )
    .option('--mode <mode>', 'concurrent: both traded all the time; labelled: two arms of their own times')
    .option('--split <time>', 'one arm, before and after a moment')
    .option('--dry-run', 'the look does not count')
    .option('--status', 'which arm is active, the sets, and the newest evaluation; exit 0')
    .option('--force-swap', 'ask for a swap whatever the figures say: the prompt shows them, and waits for ONAY')
    .action(async (options: AbCommandOptions) => {
      const context = contextOf(options, io)
      if (options.status === true) {
        const status = await readHere(context, 'abStatus', { symbol: context.symbol })
        context.print(status, () => statusText(status))
        return
      }
      const document = await ask(context, 'ab', 'compareArms', {
        symbol: context.symbol,
        arms: options.arms?.split(',').map((arm) => arm.trim()),
        mode: modeOf(options.mode),
        splitMs: options.split === undefined ? undefined : parseTime(options.split),
        dryRun: options.dryRun,
        forceSwap: options.forceSwap,
      })
      context.print(document, () => abText(document))
      io.exit(document.swap_recommended ? 0 : 1)
    })
}

function statusText({ symbol, active, swapped_at: swappedAt, sets, newest, waiting }: AbStatusDocument): string {
  if (active === null) return `${symbol}  no set has been trained yet, so that no arm is active`
  const since = swappedAt === null ? 'as it was from the beginning' : `since ${minuteText(swappedAt)} UTC`
  return [
    `${symbol}  the active arm is ${active}, ${since}`,
    ...sets.map(
      ({ name, version, since: from, useful }) =>
        `  ${name.padEnd(NAME)}${version}, since ${minuteText(from)} UTC; better than naive in ${useful.length === 0 ? 'nothing' : useful.join(', ')}`,
    ),
    newest === null
      ? '  no two arms have been compared yet'
      : `  evaluation ${newest.run}, ${minuteText(newest.at)} UTC, ${newest.arm_a} against ${newest.arm_b}: ${newest.reason}`,
    ...(waiting === null ? [] : [`  ${waiting} waits for ONAY: onay approvals`]),
  ].join('\n')
}

function modeOf(text: string | undefined): AbMode | undefined {
  if (text === undefined) return undefined
  const mode = AB_MODES.find((one) => one === text)
  if (mode === undefined)
    throw new OperatorError(
      `there is no mode ${text}`,
      `the modes are ${AB_MODES.join(', ')}`,
      'name one of them',
      'mode',
    )
  return mode
}

const MODE_WORDS: Readonly<Record<AbDocument['mode'], string>> = {
  concurrent: 'both traded at the same time',
  sequential: 'one after the other: the market has differed too',
  labelled: 'each over its own days: the market may have differed too',
}
const NAME = 22

function abText(document: AbDocument): string {
  const { symbol, at, mode, arm_a: a, arm_b: b, difference, look, level, dry_run: dry } = document
  const rows: readonly (readonly [name: string, of: (side: AbDocument['arm_a']) => string])[] = [
    ['', ({ arm }) => arm],
    ['trades, days', ({ trades, days }) => `${trades}, ${days}`],
    ['Sharpe', ({ sharpe }) => between(sharpe, 2)],
    ['expectancy', ({ expectancy }) => between(expectancy, 3)],
    ['win rate', ({ win_rate: rate }) => between(rate, 3)],
    ['profit factor', ({ profit_factor: factor }) => between(factor, 2)],
    ['drawdown', ({ max_drawdown: drawdown }) => between(drawdown, 2)],
    ['a day and exposure', ({ daily_return_per_exposure: daily }) => between(daily, 4)],
  ]
  const width = 2 + Math.max(...rows.flatMap(([, of]) => [of(a).length, of(b).length]))
  return [
    `${symbol}  ${minuteText(at)} UTC  ${MODE_WORDS[mode]}`,
    ...rows.map(([name, of]) => `  ${name.padEnd(NAME)}${of(a).padStart(width)}${of(b).padStart(width)}`),
    `  B less A, a day and unit of exposure: ${between(difference, 4)}`,
    `  rule ${document.rule ? 'holds' : 'does not hold'}; ${document.certain ? 'certain' : 'not certain'} at look ${look}, ${percent(level, 2)}${dry ? '; this look does not count' : ''}`,
    `${document.verdict}: ${document.reason}`,
    ...(document.approval === null ? [] : [`${document.approval} waits for ONAY: onay approvals`]),
    ...(document.swapped ? [`${b.arm} is the active arm now`] : []),
  ].join('\n')
}

function between({ value, lo, hi }: AbDocument['difference'], digits: number): string {
  if (value === null) return '-'
  const range = lo === null || hi === null ? '' : ` (${lo.toFixed(digits)}..${hi.toFixed(digits)})`
  return `${value.toFixed(digits)}${range}`
}
