import { setImmediate } from 'node:timers/promises'
import type { TickDocument, TicksDocument } from '../../control/tick-answers.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'

const SLICES = 10_000
/** Seeks between two turns of the event loop: a few milliseconds. */
const A_TURN = 500

interface Asked {
  readonly fromMs?: UnixMs | undefined
  readonly untilMs?: UnixMs | undefined
  readonly sample?: number | undefined
}

/**
 * The first tick of each of equal slices of a span, by a seek each: however many there are, few are read. The whole of what is stored
 * unless an end is named.
 */
export async function sampledTicks({ symbol, parts }: Desk, asked: Asked): Promise<TicksDocument> {
  const { ticks } = parts.store
  const slices = Math.min(asked.sample ?? SLICES, SLICES)
  const lastMs = ticks.lastMs(symbol)
  const fromMs = asked.fromMs ?? ticks.first(symbol, 0, Number.MAX_SAFE_INTEGER)?.tsMs
  const untilMs = asked.untilMs ?? (lastMs === null ? undefined : lastMs + 1)
  const none = { symbol, from: null, until: null, slices, items: [] }
  if (fromMs === undefined || untilMs === undefined || untilMs <= fromMs) return none
  const edge = (i: number): UnixMs => fromMs + Math.floor((i * (untilMs - fromMs)) / slices)
  const items: TickDocument[] = []
  for (let i = 0; i < slices; i++) {
    const tick = ticks.first(symbol, edge(i), edge(i + 1))
    if (tick !== null)
      items.push({ at: isoTime(tick.tsMs), price: tick.price, qty: tick.qty, buyer_maker: tick.buyerMaker })
    if (i % A_TURN === A_TURN - 1) await setImmediate()
  }
  return { symbol, from: isoTime(fromMs), until: isoTime(untilMs), slices, items }
}
