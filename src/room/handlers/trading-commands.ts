import type { CommandOf, Handles } from '../../control/commands.ts'
import type { AbDocument } from '../../control/paper-answers.ts'
import type { RetrainRunDocument } from '../../control/set-answers.ts'
import type { LongWork } from '../timeline/assemble.ts'
import { followedAnswers } from '../trading/followed-answer.ts'
import { takeTrades } from '../trading/own-trades.ts'
import { signalNow } from '../trading/signal.ts'
import type { RoomParts } from './room-parts.ts'

export interface TradingParts extends RoomParts, LongWork {}

/** Arms: trades that are brought in, what is better than what, sets of five, and what the active one says. */
export function tradingCommands(parts: TradingParts): Handles<'addTrades' | 'compareArms' | 'trainSet' | 'signal'> {
  const { turns, openDesk } = parts
  return {
    addTrades: async ({ symbol, arm, trades }) => {
      const answers = await followedAnswers(openDesk(symbol), trades)
      return turns.take(() => takeTrades(openDesk(symbol), arm, trades, answers))
    },
    compareArms: (command) => compareArms(parts, command),
    trainSet: (command) => trainSet(parts, command),
    // As a prediction it waits for no turn: what it writes is one row, in a transaction of its own.
    signal: ({ symbol }) => signalNow(openDesk(symbol)),
  }
}

async function compareArms(
  { desks, release, arms, turns, openDesk }: TradingParts,
  { symbol, by, forceSwap = false, ...asked }: CommandOf<'compareArms'>,
): Promise<AbDocument> {
  const desk = openDesk(symbol)
  const look = await arms.compare(desk, asked, false)
  return turns.take(() => {
    const document = desk.transaction(() => {
      const made = look.keep()
      return { ...made, ...release.offerSwap(desk, made, { by, isForced: forceSwap }) }
    }, 'decision')
    desks.drainOutbox()
    return document
  })
}

async function trainSet(
  { desks, sets, turns, openDesk }: TradingParts,
  { symbol, by, mode = 'ask' }: CommandOf<'trainSet'>,
): Promise<RetrainRunDocument> {
  const desk = openDesk(symbol)
  const run = await sets.run(desk, { mode, by })
  return turns.take(() => {
    const document = desk.transaction(() => run.keep(), 'decision')
    desks.drainOutbox()
    return document
  })
}
