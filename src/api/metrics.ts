import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, Registry } from 'prom-client'
import type { MarketFigures } from '../control/figures.ts'
import type { Meter, ShadowResult } from '../serving/contract.ts'
import { SymbolMetrics } from './symbol-metrics.ts'

const NANOSECONDS = 1e6

/** The metrics of a room: those of each symbol under its label, and what is the room's own without one. */
export class Metrics implements Meter {
  readonly contentType: string
  private readonly registry = new Registry()
  private readonly symbols = new Map<string, SymbolMetrics>()
  private lastSeries: number | null = null
  private readonly lag = monitorEventLoopDelay({ resolution: 20 })
  private readonly loop = new Gauge({
    name: 'ml_event_loop_lag_ms',
    help: '99th percentile of the event loop delay since the last scrape, ms',
    registers: [this.registry],
  })

  constructor() {
    this.contentType = this.registry.contentType
    this.lag.enable()
  }

  answered(symbol: string, model: string, status: 'ok' | 'abstain', latencyMs: number, score: number | null): void {
    this.of(symbol).answered(model, status, latencyMs, score)
  }

  baselineRan(symbol: string, ok: boolean, modelMs: number | null): void {
    this.of(symbol).baselineRan(ok, modelMs)
  }

  shadowRan(symbol: string, result: ShadowResult, baselineMs: number | null): void {
    this.of(symbol).shadowRan(result, baselineMs)
  }

  /** Series of the last scrape; null before the first. */
  series(): number | null {
    return this.lastSeries
  }

  /** The text of a scrape: of these symbols, and of the room. */
  async scrape(figures: readonly MarketFigures[]): Promise<string> {
    this.loop.set(this.lag.percentile(99) / NANOSECONDS)
    this.lag.reset()
    const registries = figures.map((each) => {
      const metrics = this.of(each.symbol)
      metrics.set(each)
      return metrics.registry
    })
    const [first = this.registry] = registries
    const blocks = first.getMetricsAsArray().map(async ({ name }) => {
      const texts = await Promise.all(registries.map((registry) => registry.getSingleMetricAsString(name)))
      // Help and type of a name stand once, above its samples of every symbol.
      return texts.map((text, i) => (i === 0 ? text : samplesOf(text))).join('\n')
    })
    const own = registries.length === 0 ? [] : [await this.registry.metrics()]
    const text = [...(await Promise.all(blocks)), ...own].join('\n')
    this.lastSeries = samplesOf(text).split('\n').length
    return text
  }

  close(): void {
    this.lag.disable()
  }

  private of(symbol: string): SymbolMetrics {
    const known = this.symbols.get(symbol)
    if (known !== undefined) return known
    const made = new SymbolMetrics(symbol)
    this.symbols.set(symbol, made)
    return made
  }
}

/** Its lines without help, type and blanks. */
function samplesOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')
}
