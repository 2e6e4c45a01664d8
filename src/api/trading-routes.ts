/** Where the commands of paper trading stand on the wire. */
import * as z from 'zod'
import { type CommandKind, SET_MODES } from '../control/commands.ts'
import type { CommandRoute } from './command-route.ts'
import { CompareFields, MarketFields, symbol, TradesFields } from './fields.ts'
import { TradesShape } from './shapes/shape-answers.ts'
import { AbShape } from './shapes/shape-paper.ts'
import { RetrainRunShape, SignalShape } from './shapes/shape-sets.ts'

type TradingKind = Extract<CommandKind, 'addTrades' | 'compareArms' | 'trainSet' | 'signal'>

export const TRADING_ROUTES: { readonly [K in TradingKind]: CommandRoute<K> } = {
  addTrades: {
    method: 'POST',
    path: '/trades',
    summary: "Closed trades of the user's own bot, under an arm; idempotent by arm and id",
    fields: TradesFields,
    answer: TradesShape,
    large: true,
  },
  compareArms: {
    method: 'POST',
    path: '/ab',
    summary: 'Compare two arms by their closed trades; unless it is a dry run the look counts',
    fields: CompareFields,
    answer: AbShape,
  },
  trainSet: {
    method: 'POST',
    path: '/paper/retrain',
    summary:
      'Train a set of five where the gates let it; check trains nothing, force skips the gates, smoke relaxes them',
    fields: z.strictObject({ symbol, mode: z.enum(SET_MODES).optional() }),
    answer: RetrainRunShape,
  },
  signal: {
    method: 'POST',
    path: '/ml/signal',
    summary: 'All that a bot needs of the active set, in one answer; stored before it is given',
    fields: MarketFields,
    answer: SignalShape,
    open: true,
  },
}
