import type { Handles } from '../../control/commands.ts'
import { compareArmsNow } from '../trading/compare-arms.ts'
import { takeTrades } from '../trading/own-trades.ts'
import type { RoomParts } from './room-parts.ts'

export interface TradingParts extends RoomParts {
  /** Ends the processes that work for it. */
  readonly signal: AbortSignal
}

/** Arms: trades that are brought in, and what is better than what. */
export function tradingCommands({
  desks,
  turns,
  openDesk,
  signal,
}: TradingParts): Handles<'addTrades' | 'compareArms'> {
  return {
    addTrades: ({ symbol, arm, trades }) => turns.take(() => takeTrades(openDesk(symbol), arm, trades)),
    compareArms: ({ symbol, ...asked }) => compareArmsNow({ desks, turns, signal }, openDesk(symbol), asked),
  }
}
