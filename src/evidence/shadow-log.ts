/** The shadow log: what models said of each settled minute of a day, and what arms closed on paper, as JSON lines. */
import { isoTime, type UnixMs } from '../engine/kernel/units.ts'

/** The folder of both files of a day. */
export const SHADOW_LOG_DIR = 'shadow/'
const DAY_FILE = /^(?:predictions|trades)_(\d{4}-\d{2}-\d{2})\.jsonl$/

/** What a model said of a minute whose label is known. */
interface ShadowLine {
  /** The start of the row's bar. */
  readonly tsMs: UnixMs
  readonly model: string
  /** Of the artifact, 0 to 1: what settlement goes by. */
  readonly score: number
  /** Of the artifact, 0 to 1; null where the registry does not have the model. */
  readonly threshold: number | null
  readonly label: number
  /** `minute` where the room has lived through it, `history` where it was run through; null where that is not known. */
  readonly source: string | null
}

/** A trade on paper that is closed: prices in quote units, slippage in basis points against us. */
interface TradeLine {
  readonly arm: string
  readonly modelVersion: string | null
  /** 1 long, -1 short. */
  readonly side: number
  readonly openedMs: UnixMs
  readonly closedMs: UnixMs
  readonly qty: number
  readonly notional: number
  readonly filledEntry: number
  readonly filledExit: number
  readonly fees: number
  readonly slipEntryBp: number | null
  readonly slipExitBp: number | null
  readonly pnl: number
  readonly exit: string
}

/** `2025-05-19` of `predictions_2025-05-19.jsonl` and of `trades_2025-05-19.jsonl`; null for any other name. */
export function shadowLogDate(name: string): string | null {
  return DAY_FILE.exec(name)?.[1] ?? null
}

/** A line a minute and model, in the order given. A day has many thousands, and callers wait meanwhile: each is put together by hand. */
export function predictionLines(lines: readonly ShadowLine[]): string {
  const names = new Map<string | null, string>()
  const quoted = (name: string | null): string => {
    const known = names.get(name) ?? JSON.stringify(name)
    names.set(name, known)
    return known
  }
  let minuteMs = Number.NaN
  let ts = ''
  let text = ''
  for (const { tsMs, model, score, threshold, label, source } of lines) {
    if (tsMs !== minuteMs) ts = isoTime(tsMs)
    minuteMs = tsMs
    const signal = threshold === null ? null : score >= threshold
    text += `{"ts":"${ts}","model":${quoted(model)},"score":${score},"threshold":${threshold},"signal":${signal},"label":${label},"source":${quoted(source)}}\n`
  }
  return text
}

/** A line a trade, in the order given. */
export function tradeLines(lines: readonly TradeLine[]): string {
  const texts = lines.map((trade) =>
    JSON.stringify({
      opened: isoTime(trade.openedMs),
      closed: isoTime(trade.closedMs),
      arm: trade.arm,
      model: trade.modelVersion,
      side: trade.side === 1 ? 'long' : 'short',
      qty: trade.qty,
      notional: trade.notional,
      entry: trade.filledEntry,
      exit: trade.filledExit,
      why: trade.exit,
      fees: trade.fees,
      slip_entry_bp: trade.slipEntryBp,
      slip_exit_bp: trade.slipExitBp,
      pnl: trade.pnl,
    }),
  )
  return texts.map((text) => `${text}\n`).join('')
}
