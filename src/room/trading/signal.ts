import { randomUUID } from 'node:crypto'
import type { SignalDocument } from '../../control/set-answers.ts'
import { isStale, rowAgeMs, rowAgeText } from '../../engine/market/row-age.ts'
import { isoTime, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { SetOutlook } from '../../engine/models/tree-set.ts'
import type { Desk } from '../desk/desk.ts'
import { executionNow } from './paper-costs.ts'

/** What the active set says of the newest row, with what a trade would cost; stored when this returns, or not answered. */
export function signalNow(desk: Desk): SignalDocument {
  const costs = costsNow(desk)
  const said = outlookNow(desk)
  const document = { ...said, ...costs, ...verdictOf(desk, said, costs.expected_cost_bp) }
  const id = `signal-${randomUUID()}`
  desk.transaction(() => {
    desk.parts.store.sets.addSignal({
      symbol: desk.symbol,
      id,
      tsMs: desk.nowMs(),
      arm: document.arm ?? '',
      setVersion: document.set,
      side: document.side,
      direction: document.direction,
      priceBp: document.price_bp,
      riskBp: document.risk_bp,
      momentum: document.momentum,
      volatility: document.volatility,
      sizeMultiplier: document.size_multiplier,
      expectedCostBp: document.expected_cost_bp,
      worthIt: Number(document.worth_it),
      reason: document.reason,
      wallMs: desk.parts.wallNow(),
    })
  })
  return { symbol: desk.symbol, id, ...document }
}

type Outlook = Pick<
  SignalDocument,
  'row_at' | 'arm' | 'set' | 'direction' | 'price_bp' | 'risk_bp' | 'momentum' | 'volatility' | 'reason'
>

/** Abstains as a prediction does: while the kill switch is on, on an old row, and where a feature is missing. */
function outlookNow(desk: Desk): Outlook {
  const active = desk.sets.activeSet
  const { latest } = desk
  const row = {
    row_at: latest === null ? null : isoTime(latest.tsMs),
    arm: desk.sets.active,
    set: active?.set.version ?? null,
  }
  const abstains = (reason: string): Outlook => ({ ...row, ...NOTHING, reason })
  if (desk.killSwitch) return abstains('the kill switch is on')
  if (active === null) return abstains('no set has been trained yet')
  if (latest === null) return abstains('there is no row yet')
  const ageMs = rowAgeMs(latest.tsMs, desk.nowMs())
  if (isStale(ageMs, desk.parts.limits.serving.stalenessBars * MINUTE_MS)) return abstains(rowAgeText(ageMs))
  const outlook = active.set.outlook(latest.values)
  if (outlook === null)
    return abstains(`${active.set.version} lacks ${missingOf(desk, active.set.features, latest.values)}`)
  return { ...row, ...figuresOf(outlook), reason: 'in charge' }
}

const NOTHING = { direction: null, price_bp: null, risk_bp: null, momentum: null, volatility: null } as const

function figuresOf({ direction, price, risk, momentum, volatility }: SetOutlook) {
  return { direction, price_bp: price, risk_bp: risk, momentum, volatility }
}

function missingOf({ catalogue }: Desk, features: readonly string[], values: Float64Array): string {
  return features.filter((name) => !Number.isFinite(values[catalogue.place(name)])).join(', ')
}

/** Long from an even chance of a rise on. */
function verdictOf(
  desk: Desk,
  { direction, price_bp: priceBp, reason }: Outlook,
  costBp: number,
): Pick<SignalDocument, 'side' | 'worth_it' | 'reason'> {
  if (direction === null || priceBp === null) return { side: 'none', worth_it: false, reason }
  const side = direction >= 0.5 ? 'long' : 'short'
  const isUseful = desk.sets.activeSet?.set.useful.price === true
  const moves = `${Math.abs(priceBp).toFixed(1)} bp expected`
  const costs = `${costBp.toFixed(1)} bp that a round trip costs`
  if (!isUseful)
    return { side, worth_it: false, reason: `its price model is not certainly better than no change; ${moves}` }
  const isWorth = Math.abs(priceBp) > costBp
  return { side, worth_it: isWorth, reason: `${moves}, ${isWorth ? 'more' : 'not more'} than the ${costs}` }
}

type Costs = Pick<SignalDocument, 'size_multiplier' | 'expected_cost_bp'>

/** Of each desk, as its fills came to at one moment: a bot that asks often reads the trades once a minute. */
const KNOWN = new WeakMap<Desk, { readonly atMs: UnixMs; readonly costs: Costs }>()

function costsNow(desk: Desk): Costs {
  const atMs = desk.tape.momentMs
  const known = KNOWN.get(desk)
  if (known?.atMs === atMs) return known.costs
  const { rule, assumedSlippagePct } = desk.parts.limits.paper
  const fills = desk.sets.active === null ? null : executionNow(desk, desk.sets.active)
  const slippagePct = fills?.ema_slippage_per_side_pct ?? assumedSlippagePct
  const costs = {
    size_multiplier: fills?.position_size_multiplier ?? 1,
    expected_cost_bp: 2 * (rule.feeBp + 100 * Math.max(0, slippagePct)),
  }
  KNOWN.set(desk, { atMs, costs })
  return costs
}
