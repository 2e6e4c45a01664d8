import type { Command } from 'commander'
import type { AbDocument } from '../control/paper-answers.ts'
import { AB_MODES, type AbMode } from '../engine/trading/ab.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { percent } from '../engine/kernel/figures.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { ask } from './ask-room.ts'
import { contextOf, parseTime, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

interface AbCommandOptions extends CommonOptions {
  readonly arms?: string
  readonly mode?: string
  readonly split?: string
  readonly dryRun?: boolean
}

/** `onay ab`: whether one arm should take another's place. */
export function addAb(program: Command, io: Io): void {
  withCommon(program.command('ab'))
    .description('compare two arms by their closed trades; exit 0 when B should take the place of A, 1 when not')
    .option('--arms <a,b>', 'which two; the model in charge and the candidate unless named')
    .option('--mode <mode>', 'concurrent: both traded all the time; labelled: two arms of their own times')
    .option('--split <time>', 'one arm, before and after a moment')
    .option('--dry-run', 'the look does not count')
    .action(async (options: AbCommandOptions) => {
      const context = contextOf(options, io)
      const document = await ask(context, 'ab', 'compareArms', {
        symbol: context.symbol,
        arms: options.arms?.split(',').map((arm) => arm.trim()),
        mode: modeOf(options.mode),
        splitMs: options.split === undefined ? undefined : parseTime(options.split),
        dryRun: options.dryRun,
      })
      context.print(document, () => abText(document))
      io.exit(document.swap_recommended ? 0 : 1)
    })
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
const CELL = 30

function abText(document: AbDocument): string {
  const { symbol, at, mode, arm_a: a, arm_b: b, difference, look, level, dry_run: dry } = document
  const row = (name: string, of: (side: AbDocument['arm_a']) => string): string =>
    `  ${name.padEnd(NAME)}${of(a).padStart(CELL)}${of(b).padStart(CELL)}`
  return [
    `${symbol}  ${minuteText(at)} UTC  ${MODE_WORDS[mode]}`,
    row('', ({ arm }) => arm),
    row('trades, days', ({ trades, days }) => `${trades}, ${days}`),
    row('Sharpe', ({ sharpe }) => between(sharpe, 2)),
    row('expectancy', ({ expectancy }) => between(expectancy, 3)),
    row('win rate', ({ win_rate: rate }) => between(rate, 3)),
    row('profit factor', ({ profit_factor: factor }) => between(factor, 2)),
    row('drawdown', ({ max_drawdown: drawdown }) => between(drawdown, 2)),
    row('a day and exposure', ({ daily_return_per_exposure: daily }) => between(daily, 4)),
    `  B less A, a day and unit of exposure: ${between(difference, 4)}`,
    `  rule ${document.rule ? 'holds' : 'does not hold'}; ${document.certain ? 'certain' : 'not certain'} at look ${look}, ${percent(level, 2)}${dry ? '; this look does not count' : ''}`,
    `${document.verdict}: ${document.reason}`,
  ].join('\n')
}

function between({ value, lo, hi }: AbDocument['difference'], digits: number): string {
  if (value === null) return '-'
  const range = lo === null || hi === null ? '' : ` (${lo.toFixed(digits)}..${hi.toFixed(digits)})`
  return `${value.toFixed(digits)}${range}`
}
