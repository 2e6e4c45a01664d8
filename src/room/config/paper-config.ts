/** How arms trade on paper, and which ones there are besides the models that stand. */
import * as z from 'zod'
import { ARM_LABEL, ARM_LABEL_WORDS } from '../../engine/trading/own-trade.ts'
import type { PaperRule } from '../../engine/trading/paper-trade.ts'

const levelBp = (about: string) => z.number().positive().nullable().default(null).describe(about)
const horizon = z.number().int().min(1).max(1_440)

const DeclaredArm = z.strictObject({
  label: z.string().regex(ARM_LABEL, ARM_LABEL_WORDS),
  model: z.string().min(1),
  threshold: z.number().min(0).max(1),
  stop_bp: z.number().positive().nullable().optional(),
  target_bp: z.number().positive().nullable().optional(),
  horizon_min: horizon.optional(),
})

export const Paper = z
  .strictObject({
    notional: z.number().positive().default(1_000).describe('value of a [paper trade](paper.md), in quote units'),
    fee_bp: z.number().min(0).default(5).describe('fee of a paper trade a side, in basis points of the filled value'),
    horizon_min: horizon.default(15).describe('bars after which a paper trade is closed'),
    stop_bp: levelBp('distance of the stop from the entry, in basis points'),
    target_bp: levelBp('distance of the target from the entry, in basis points'),
    latency_ms: z
      .number()
      .min(0)
      .max(59_999)
      .default(200)
      .describe('with [ticks](paper.md#ticks): how long after a decision its order meets the market, in milliseconds'),
    assumed_slippage_pct: z
      .number()
      .positive()
      .default(0.05)
      .describe('slippage a side that is assumed until fills show another, in per cent'),
    sets: z
      .boolean()
      .default(true)
      .describe('whether [sets of five](paper.md#the-set-of-five) are trained and trade on paper'),
    set_threshold: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.5)
      .describe('how sure of its direction a set must be before its arm opens a trade; 0.5: whenever it has none open'),
    arms: z
      .array(DeclaredArm)
      .max(32)
      .default([])
      .refine((arms) => new Set(arms.map(({ label }) => label)).size === arms.length, 'two arms have the same label')
      .describe(
        'further [arms](paper.md#arms): `label`, `model`, `threshold`, and a `stop_bp`, `target_bp` and `horizon_min` of their own',
      ),
  })
  .prefault({} as never)

/** A label under which trades are counted: whose scores decide, and by which rule. */
export interface Arm {
  readonly label: string
  /** The version whose scores it trades by. */
  readonly model: string
  readonly rule: PaperRule
}

export interface PaperLimits {
  /** Of a model that stands, whose threshold is its own. */
  readonly rule: Omit<PaperRule, 'threshold'>
  /** With ticks, from a decision to its order in the market. */
  readonly latencyMs: number
  /** A side, in per cent, until fills show another. */
  readonly assumedSlippagePct: number
  /** Whether sets are trained and trade, and from which score on. */
  readonly sets: boolean
  readonly setThreshold: number
  /** Those that the configuration declares. */
  readonly arms: readonly Arm[]
}

export function paperLimits(paper: z.infer<typeof Paper>): PaperLimits {
  const { notional, fee_bp: feeBp, horizon_min: horizonMin, stop_bp: stopBp, target_bp: targetBp } = paper
  const rule = { notional, feeBp, horizonMin, stopBp, targetBp }
  const arms = paper.arms.map(({ label, model, threshold, stop_bp, target_bp, horizon_min }) => ({
    label,
    model,
    rule: {
      ...rule,
      threshold,
      stopBp: stop_bp === undefined ? stopBp : stop_bp,
      targetBp: target_bp === undefined ? targetBp : target_bp,
      horizonMin: horizon_min ?? horizonMin,
    },
  }))
  const { sets, set_threshold: setThreshold, assumed_slippage_pct: assumedSlippagePct, latency_ms: latencyMs } = paper
  return { rule, latencyMs, assumedSlippagePct, sets, setThreshold, arms }
}
