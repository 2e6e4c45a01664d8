/** Rooms that bars are pushed to, and what is pushed. */
import { floorTo, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { z } from 'zod'
import type { Room } from './program.ts'

export const SYMBOL = 'BTCUSDT'
export const PUSH = ['--feed', 'push', '--symbol', SYMBOL]

export interface PushedBar {
  readonly ts_ms: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

const Pushed = z.object({
  accepted: z.number(),
  duplicates: z.number(),
  late: z.number(),
  rejected: z.array(z.unknown()),
})
export type PushedSeen = z.infer<typeof Pushed>

/** The last minutes that ended by that clock, oldest first; a minute has the same bar whenever it is asked for. */
export function barsUntil(nowMs: number, minutes: number): PushedBar[] {
  const openMs = floorTo(nowMs, MINUTE_MS)
  return Array.from({ length: minutes }, (_, i) => {
    const ts_ms = openMs - (minutes - i) * MINUTE_MS
    const open = 100 + 5 * Math.sin(ts_ms / 1e7) + Math.sin(ts_ms / 3e5)
    return {
      ts_ms,
      open,
      high: open + 1,
      low: open - 1,
      close: open + 0.3,
      volume: 10 + 5 * Math.abs(Math.sin(ts_ms / 7e5)),
    }
  })
}

/** @throws unless they were taken */
export async function push(room: Room, bars: readonly unknown[]): Promise<PushedSeen> {
  const { status, json, text } = await room.change('/feed/bars', { symbol: SYMBOL, bars })
  if (status !== 200) throw new Error(`answered ${status}: ${text}`)
  return Pushed.parse(json)
}
