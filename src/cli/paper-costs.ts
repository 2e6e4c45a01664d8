import type { Command } from 'commander'
import type { CostBucketDocument, ExecutionDocument, RetrainGatesDocument } from '../control/paper-answers.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { readHere } from './ask-room.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

/** `onay execution` and `onay paper-retrain`: what trades on paper are good for. */
export function addPaperCosts(program: Command, io: Io): void {
  withCommon(program.command('execution'))
    .description(
      'what the fills of an arm really cost, by time of day and regime, and how large a position that allows',
    )
    .option('--arm <label>', 'an arm other than that of the model in charge')
    .action(async (options: CommonOptions & { arm?: string }) => {
      const context = contextOf(options, io)
      const document = await readHere(context, 'execution', { symbol: context.symbol, arm: options.arm })
      context.print(document, () => executionText(document))
    })
  withCommon(program.command('paper-retrain'))
    .description('the gates of a retraining on paper trades; exit 1 while any is not PASS. Only --dry-run is there yet')
    .option('--arm <label>', 'an arm other than that of the model in charge')
    .option('--dry-run', 'check the gates and train nothing')
    .option('--smoke-test', 'by limits that are only good for a try: 7 days and 10 trades')
    .action(async (options: CommonOptions & { arm?: string; dryRun?: boolean; smokeTest?: boolean }) => {
      if (options.dryRun !== true)
        throw new OperatorError(
          'nothing was trained',
          'this version checks the gates of a retraining on paper trades, and does not train on them yet',
          'write: onay paper-retrain --dry-run',
          'not_there',
        )
      const context = contextOf(options, io)
      const { arm, smokeTest } = options
      const document = await readHere(context, 'retrainGates', { symbol: context.symbol, arm, smokeTest })
      context.print(document, () => gatesText(document))
      io.exit(document.passed ? 0 : 1)
    })
}

function executionText(document: ExecutionDocument): string {
  const { symbol, arm, trades, assumed_slippage_per_side_pct: assumed, position_size_multiplier: multiplier } = document
  if (document.placeholder)
    return `${symbol}  ${arm}: ${trades} closed trades are too few to calibrate on; ${assumed} % a side is assumed`
  const { ema_slippage_per_side_pct: ema, mean_slippage_per_side_pct: mean, effective_trades: effective } = document
  return [
    `${symbol}  ${arm}: ${trades} closed trades`,
    `  slippage a side    ${ema.toFixed(4)} % lately (of ${effective.toFixed(0)} trades), ${mean.toFixed(4)} % on the whole, ${assumed} % assumed`,
    `  position size      x ${multiplier.toFixed(2)}`,
    ...bucketLines('by time of day', document.time_of_day),
    ...bucketLines('by regime', document.regime_slippage),
    ...document.recommendations.map((text) => `  ! ${text}`),
  ].join('\n')
}

function bucketLines(title: string, buckets: Readonly<Record<string, CostBucketDocument>>): string[] {
  return Object.entries(buckets).map(
    ([name, { trades, avg_slippage_per_side_pct: cost, position_size_multiplier: multiplier }], i) =>
      `  ${(i === 0 ? title : '').padEnd(19)}${name.padEnd(10)}${`${cost.toFixed(4)} %`.padStart(10)}  x ${multiplier.toFixed(2)}  ${trades} trades`,
  )
}

function gatesText({ symbol, arm, smoke_test: smokeTest, gates }: RetrainGatesDocument): string {
  return [
    `${symbol}  retraining on the trades of ${arm}${smokeTest ? ', by the limits of a smoke test' : ''}`,
    ...gates.map(({ gate_name: name, verdict, value, threshold, reason, ready_at: at }) => {
      const figure = value === null ? '-' : String(Number(value.toFixed(2)))
      const ready = at === null ? '' : `, at the earliest ${minuteText(at)} UTC`
      return `  ${verdict.padEnd(5)} ${name.padEnd(17)}${figure.padStart(8)} of ${threshold}  ${reason}${ready}`
    }),
  ].join('\n')
}
