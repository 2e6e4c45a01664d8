import type { Command } from 'commander'
import { minuteUtc } from '../engine/kernel/units.ts'
import type { EnsembleDocument } from '../evidence/documents/ensemble-document.ts'
import { readHere } from './ask-room.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

/** `onay ensemble`: what a mix of models would be worth, and how its weights stand. */
export function addEnsemble(program: Command, io: Io): void {
  withCommon(program.command('ensemble'))
    .description('the weights of a mix of models by log loss and by money, and whether it beats its best member')
    .action(async (options: CommonOptions) => {
      const context = contextOf(options, io)
      const document = await readHere(context, 'ensemble', { symbol: context.symbol })
      context.print(document, () => ensembleText(document))
    })
}

function ensembleText({
  symbol,
  at,
  model,
  minutes,
  members,
  kept,
  money_kept,
  regimes,
  plain,
}: EnsembleDocument): string {
  const what = model === null ? 'a mix of what stands, which serves nothing' : `the mix ${model}`
  return [
    `${symbol} ${minuteUtc(at)}  ${what}, over 7 days, ${minutes} minutes that every member has scored`,
    `  ${'member'.padEnd(18)}by score  (alone)   by money  (alone)   log loss   Sharpe   trades`,
    ...members.map(
      (member) =>
        `  ${member.version.padEnd(18)}${member.weight.toFixed(3).padStart(8)}  ${figure(member.target, 3).padStart(7)}   ${member.money_weight.toFixed(3).padStart(8)}  ${figure(member.money_target, 3).padStart(7)}   ${figure(member.log_loss, 4).padStart(8)}   ${figure(member.sharpe, 2).padStart(6)}   ${String(member.trades).padStart(6)}`,
    ),
    ...(regimes?.of ?? []).map(
      ({ regime, minutes: own, weights, kept: why }) =>
        `  ${`in a ${regime} market`.padEnd(22)}${weights === null ? 'as above' : weights.map((weight) => weight.toFixed(3)).join('  ')}, ${own} minutes${why === null ? '' : `; they stay: ${why}`}`,
    ),
    `  ${plain}`,
    ...(kept === null ? [] : [`  the weights by score stay: ${kept}`]),
    ...(money_kept === null ? [] : [`  the weights by money stay: ${money_kept}`]),
  ].join('\n')
}

function figure(value: number | null, decimals: number): string {
  return value === null ? '-' : value.toFixed(decimals)
}
