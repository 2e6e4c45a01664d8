/** A closed trade of a bot of the user's own: what its record says, and what follows from that. */
import type { UnixMs } from '../kernel/units.ts'

/** What an arm may be called. */
export const ARM_LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/
export const ARM_LABEL_WORDS = 'letters, digits, dots, dashes and underscores, 40 at most'

/** As it was written down. What is null was not. Prices and results in quote units, `qty` in base units. */
export interface WrittenTrade {
  /** Its name among the trades of its arm. */
  readonly id: string
  readonly side: 1 | -1
  readonly openedMs: UnixMs
  readonly closedMs: UnixMs
  readonly qty: number
  readonly filledEntry: number
  readonly filledExit: number
  /** What was asked for: with it the slippage of the fill is known. */
  readonly expectedEntry: number | null
  readonly expectedExit: number | null
  /** Value that was in the market; that of the entry where it is null. */
  readonly notional: number | null
  /** Of both sides; 0 where it is null. */
  readonly fees: number | null
  /** After fees; that of prices and fees where it is null. */
  readonly pnl: number | null
  readonly exit: string | null
  /** The answer that it followed, by its id or by the key that was asked with. */
  readonly predictionId: string | null
  readonly key: string | null
}

/** With every figure that an arm's trades have. Slippage in basis points against us, null where nothing was expected. */
interface OwnTrade extends Omit<WrittenTrade, 'predictionId' | 'key'> {
  readonly notional: number
  readonly fees: number
  readonly pnlGross: number
  readonly pnl: number
  /** Of the notional, in per cent. */
  readonly pnlPct: number
  readonly slipEntryBp: number | null
  readonly slipExitBp: number | null
  readonly exit: string
}

/** @returns why it is no closed trade, in words */
export function ownTrade(written: WrittenTrade): OwnTrade | string {
  const { id, side, openedMs, closedMs, qty, filledEntry, filledExit, expectedEntry, expectedExit } = written
  if (id === '') return 'it has no id'
  if (![openedMs, closedMs].every((ms) => Number.isSafeInteger(ms) && ms > 0)) return 'a time is not one'
  if (closedMs < openedMs) return 'it was closed before it was opened'
  if (!isAboveZero(filledEntry) || !isAboveZero(filledExit)) return 'a price is not above 0'
  if (!isAboveZero(qty)) return 'its amount is not above 0'
  if ([expectedEntry, expectedExit, written.notional].some((value) => value !== null && !isAboveZero(value)))
    return 'an expected price or its value is not above 0'
  if ([written.fees, written.pnl].some((value) => value !== null && !Number.isFinite(value)))
    return 'its fees or its result is not a number'
  const notional = written.notional ?? qty * filledEntry
  const fees = written.fees ?? 0
  const pnl = written.pnl ?? side * (filledExit - filledEntry) * qty - fees
  const { predictionId: _, key: __, ...rest } = written
  return {
    ...rest,
    notional,
    fees,
    pnl,
    // What the bot has from its trade counts, funding and rounding with it.
    pnlGross: pnl + fees,
    pnlPct: (100 * pnl) / notional,
    slipEntryBp: expectedEntry === null ? null : side * (filledEntry / expectedEntry - 1) * 1e4,
    slipExitBp: expectedExit === null ? null : -side * (filledExit / expectedExit - 1) * 1e4,
    exit: written.exit ?? 'unknown',
  }
}

function isAboveZero(value: number): boolean {
  return Number.isFinite(value) && value > 0
}
