import { OperatorError } from '../../engine/kernel/errors.ts'
import { DAY_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { runTask } from '../../work/run.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { lastMidnight, planTraining } from './plan-training.ts'
import { register } from './register-model.ts'

/** Trains the first model of a symbol, once the whole window is there. */
export class Bootstrap {
  /** By symbol, the midnight whose window did not train. */
  private readonly failed = new Map<string, UnixMs>()

  constructor(
    private readonly desks: Desks,
    private readonly signal: AbortSignal,
    private readonly onProgress: (symbol: string, share: number, step: string) => void = () => undefined,
  ) {}

  /** The first model is due at the first UTC midnight that has the whole window behind it, with an outcome at least. */
  due(desk: Desk, atMs: UnixMs): boolean {
    if (desk.lineUp.inCharge !== null || desk.tape.newestBar === null) return false
    const firstMs = desk.parts.store.bars.firstMs(desk.symbol)
    const untilMs = lastMidnight(desk, atMs)
    const fromMs = untilMs - this.desks.options.config.training.window_days * DAY_MS
    return (
      firstMs !== null &&
      firstMs <= fromMs &&
      this.failed.get(desk.symbol) !== untilMs &&
      hasOutcomes(desk, fromMs, untilMs)
    )
  }

  /** A window that does not train is an event, and the next midnight tries another one. */
  async train(desk: Desk, atMs: UnixMs): Promise<void> {
    const { desks, signal, onProgress } = this
    const { config, dataDir, version } = desks.options
    try {
      const plan = planTraining(desk, config, dataDir, atMs, {}, 'first')
      const outcome = await runTask(plan.task, {
        signal,
        onProgress: (share, step) => onProgress(desk.symbol, share, step),
      })
      register(desk, desks.evidence, plan, outcome, atMs, version)
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code === 'cancelled') throw error
      this.failed.set(desk.symbol, lastMidnight(desk, atMs))
      desk.transaction(() => desk.events.log('training', 'warning', `${error.what}: ${error.why}`))
    }
  }
}

/** Whether anything is known of what came of the minutes: without it a training would fail, each time anew. */
function hasOutcomes({ symbol, parts }: Desk, fromMs: UnixMs, untilMs: UnixMs): boolean {
  const { kind, name = '' } = parts.limits.label
  return kind !== 'pushed' || parts.store.ownLabels.between(symbol, name, fromMs, untilMs).size > 0
}
