import type { SetMode } from '../../control/commands.ts'
import type { RetrainRunDocument, SetDocument } from '../../control/set-answers.ts'
import type { SetName } from '../../db/sets.ts'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import { conflict, OperatorError } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { slippageMultiplier } from '../../engine/trading/retrain-gates.ts'
import type { SetOutcome } from '../../work/task.ts'
import { runTask } from '../../work/run.ts'
import type { WorkBoard } from '../../work/board.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { FIRST_ARM, NEWEST } from '../books/set-book.ts'
import { retrainGatesNow } from '../trading/paper-costs.ts'
import { keepRun, keepSet } from './keep-set.ts'

const FEATURE_SET = 'v2-paper'
const MAX_WINDOW_MS = 45 * DAY_MS
/** With less history before the first model, the first set is trained on what there is by now. */
const MIN_FIRST_WINDOW_MS = 7 * DAY_MS
const TIME_LIMIT_MS = 2 * 3_600_000
const MEMORY_LIMIT_MB = 4_096

/** Asked for by somebody, or by the daily job. */
interface SetRequest {
  readonly mode: SetMode | 'daily'
  readonly by: string
}

/** A run that has come to its end; `keep` writes it down inside the caller's transaction. */
interface EndedRun {
  readonly keep: () => RetrainRunDocument
}

const TRIGGERS: Readonly<Record<SetRequest['mode'], RetrainRunDocument['trigger']>> = {
  daily: 'daily',
  ask: 'asked',
  check: 'asked',
  force: 'forced',
  smoke: 'smoke test',
}

/** A set that is being trained before its time has come. */
interface BegunEarly {
  readonly version: string
  readonly window: SetWindow
  readonly outcome: Promise<SetOutcome>
  readonly abort: AbortController
}

/** Trains sets of five: the first on the history before paper trading began, each further one when the gates let it. */
export class SetTraining {
  private readonly early = new Map<string, BegunEarly>()

  constructor(
    private readonly desks: Desks,
    /** Shows how far it is; null where nobody looks. */
    private readonly work: WorkBoard | null,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Judges the gates and trains where they let it. A training that fails is the run's outcome; one that is cancelled throws.
   * @throws OperatorError while no model is in charge, or another training of a set runs
   */
  async run(desk: Desk, { mode, by }: SetRequest): Promise<EndedRun> {
    const { symbol } = desk
    const atMs = desk.tape.momentMs
    if (desk.lineUp.inCharge === null)
      throw conflict(
        'there is nothing to train a set on yet',
        'no model is in charge, so that nothing trades',
        'wait for the first model',
        'no_arm',
      )
    const isFirst = desk.sets.of(FIRST_ARM) === null
    const gates = isFirst && mode !== 'check' ? null : retrainGatesNow(desk, undefined, mode === 'smoke')
    const trigger = isFirst ? 'first set' : TRIGGERS[mode]
    const slippage = slippageMultiplier(gates?.closed_trades ?? 0)
    const common = { symbol, at: isoTime(atMs), trigger, by, gates, slippage_mult: slippage, set: null, error: null }
    const ended = (rest: Pick<RetrainRunDocument, 'outcome'> & Partial<RetrainRunDocument>): EndedRun => ({
      keep: () => keepRun(this.desks, desk, { seconds: 0, ...common, ...rest }, atMs),
    })
    if (mode === 'check') return ended({ outcome: 'checked' })
    if (gates !== null && !gates.passed && mode !== 'force') return ended({ outcome: 'waits' })
    const began = monotonicMs()
    try {
      const { version, window } = this.plan(desk, atMs, isFirst)
      const outcome = await this.trained(desk, version, window)
      return { keep: () => this.keep(desk, { ...common, outcome: 'trained' }, { outcome, window, atMs }) }
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code === 'cancelled' || error.code === 'busy') throw error
      // The data do not allow it yet: more of them may.
      if (error.code === 'training') return ended({ outcome: 'waits', error: error.why })
      const seconds = (monotonicMs() - began) / 1_000
      return ended({ outcome: 'failed', error: `${error.what}: ${error.why}`, seconds })
    }
  }

  /**
   * The rows of a first set are there as soon as those of the first model are: while that one is trained, and history runs on to
   * the hour at which sets are, another core trains it.
   */
  beginFirst(desk: Desk, atMs: UnixMs): void {
    const { symbol, sets, parts } = desk
    if (!parts.limits.paper.sets || sets.of(FIRST_ARM) !== null) return
    const { version, window } = this.plan(desk, atMs, true)
    // Up to that model, whenever it is trained: of less history than that, the window ends with the job's own time.
    if (window.untilMs - window.fromMs < MIN_FIRST_WINDOW_MS) return
    const abort = new AbortController()
    const outcome = this.train(desk, version, window, AbortSignal.any([this.signal, abort.signal]))
    // Its fault is told to whoever asks for the set.
    outcome.catch(() => undefined)
    this.early.set(symbol, { version, window, outcome, abort })
  }

  /** The first model did not come about: its set is not wanted yet. */
  forgetFirst({ symbol }: Desk): void {
    this.early.get(symbol)?.abort.abort()
    this.early.delete(symbol)
  }

  /** The one that was begun early, where it is the same; otherwise a training of its own. */
  private trained(desk: Desk, version: string, window: SetWindow): Promise<SetOutcome> {
    const early = this.early.get(desk.symbol)
    this.early.delete(desk.symbol)
    const isSame =
      early?.version === version && early.window.fromMs === window.fromMs && early.window.untilMs === window.untilMs
    return isSame ? early.outcome : this.train(desk, version, window)
  }

  /** From the start of recorded features, at most 45 days: up to now, the first one up to the first model. */
  private plan(desk: Desk, atMs: UnixMs, isFirst: boolean) {
    const { symbol, parts } = desk
    const { store } = parts
    const version = `set-${store.sets.versions(symbol).length + 1}`
    const firstMs = store.bars.firstMs(symbol) ?? atMs
    const tradingMs = store.models.firstMs(symbol) ?? atMs
    const untilMs = isFirst && tradingMs - firstMs >= MIN_FIRST_WINDOW_MS ? Math.min(tradingMs, atMs) : atMs
    return { version, window: { fromMs: Math.max(firstMs, untilMs - MAX_WINDOW_MS), untilMs } }
  }

  private async train(
    desk: Desk,
    version: string,
    window: SetWindow,
    until: AbortSignal = this.signal,
  ): Promise<SetOutcome> {
    const { dataDir, config } = this.desks.options
    const { symbol } = desk
    const id = `set-${symbol}`
    const what = `train ${version}`
    if (this.work?.has(id) === true)
      throw conflict(
        `a set of ${symbol} is already being trained`,
        'one at a time',
        'wait for it, or cancel it',
        'busy',
      )
    const signal = this.work?.begin(id, { symbol, what, cancellable: true }, until) ?? until
    try {
      const { seed, threads } = config.training
      return await runTask(
        { kind: 'set', dataDir, symbol, version, featureSet: FEATURE_SET, window, seed, threads },
        {
          signal,
          timeLimitMs: TIME_LIMIT_MS,
          memoryLimitMb: MEMORY_LIMIT_MB,
          onProgress: (share, step) => this.work?.progress(id, { symbol, what, step, share }),
        },
      )
    } finally {
      this.work?.end(id)
    }
  }

  private keep(
    desk: Desk,
    run: Omit<RetrainRunDocument, 'seconds'>,
    made: { readonly outcome: SetOutcome; readonly window: SetWindow; readonly atMs: UnixMs },
  ): RetrainRunDocument {
    const name: SetName = run.trigger === 'first set' ? FIRST_ARM : NEWEST
    const set: SetDocument = keepSet(this.desks.evidence, desk, name, made)
    return keepRun(this.desks, desk, { ...run, set, seconds: made.outcome.seconds }, made.atMs)
  }
}

interface SetWindow {
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
}
