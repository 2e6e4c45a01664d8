import type { Command } from 'commander'
import type { CostBucketDocument, ExecutionDocument } from '../control/paper-answers.ts'
import { readHere } from './ask-room.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

/** `onay execution`: what the fills of an arm really cost. */
export function addExecution(program: Command, io: Io): void {
  withCommon(program.command('execution'))
    .description(
      'what the fills of an arm really cost, by time of day and regime, and how large a position that allows',
    )
    .option('--arm <label>', 'an arm other than the active one')
    .action(async (options: CommonOptions & { arm?: string }) => {
      const context = contextOf(options, io)
      const document = await readHere(context, 'execution', { symbol: context.symbol, arm: options.arm })
      context.print(document, () => executionText(document))
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
