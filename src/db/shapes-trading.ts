/** The shapes of what arms have going. */
import * as z from 'zod'
import type { Position } from '../engine/trading/paper-trade.ts'

const number = z.number()

const rule = z.object({
  threshold: number,
  horizonMin: number,
  stopBp: number.nullable(),
  targetBp: number.nullable(),
  feeBp: number,
  notional: number,
})
const order = z.object({
  model: z.string(),
  side: z.union([z.literal(1), z.literal(-1)]),
  rowMs: number,
  expectedEntry: number,
  spreadBp: number,
  rv60mLog: number.nullable(),
  rule,
})
const entry = order.extend({ openedMs: number, filledEntry: number })

export const PositionShape: z.ZodType<Position> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('flat'), fromMs: number }),
  z.object({ kind: z.literal('ordered'), order }),
  z.object({ kind: z.literal('open'), entry }),
  z.object({ kind: z.literal('leaving'), entry, expectedExit: number, spreadBp: number.nullable() }),
])
