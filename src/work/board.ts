import { monotonicMs } from '../engine/kernel/clock.ts'
import { conflict, notFound } from '../engine/kernel/errors.ts'
import type { WorkView } from '../control/view.ts'

interface Entry {
  view: WorkView
  readonly beganMs: number
  readonly abort: AbortController
}

/** Long work that runs now: what the screen shows of it, and how it is cancelled. */
export class WorkBoard {
  private readonly entries = new Map<string, Entry>()

  /** @param onProgress takes each step, where no screen shows it */
  constructor(private readonly onProgress?: (work: WorkView) => void) {}

  begin(id: string, what: { symbol: string; what: string; cancellable: boolean }, parent: AbortSignal): AbortSignal {
    const abort = new AbortController()
    parent.addEventListener('abort', () => abort.abort(), { once: true })
    if (parent.aborted) abort.abort()
    this.entries.set(id, {
      view: { id, ...what, share: null, step: 'starts', etaSec: null },
      beganMs: monotonicMs(),
      abort,
    })
    return abort.signal
  }

  /** @param said without a share, what is done stays: the step is a part of it that says nothing of the whole */
  progress(id: string, said: { symbol: string; what: string; step: string; share?: number | null }): void {
    const entry = this.entries.get(id)
    if (entry === undefined) return
    const spent = (monotonicMs() - entry.beganMs) / 1_000
    const { share = entry.view.share } = said
    const etaSec = share === null || share <= 0 ? null : (spent / share) * (1 - share)
    entry.view = { ...entry.view, ...said, share, etaSec }
    this.onProgress?.(entry.view)
  }

  end(id: string): void {
    this.entries.delete(id)
  }

  has(id: string): boolean {
    return this.entries.has(id)
  }

  /** @throws OperatorError when no such work runs or it cannot be cancelled */
  cancel(id: string): string {
    const entry = this.entries.get(id)
    if (entry === undefined)
      throw notFound(
        'nothing to cancel',
        `${id} is not running; it may have just ended`,
        'look at the screen',
        'no_work',
      )
    if (!entry.view.cancellable)
      throw conflict(
        `${entry.view.what} cannot be cancelled`,
        'the room needs it',
        'wait for it, or quit',
        'not_cancellable',
      )
    entry.abort.abort()
    return `${entry.view.what} is being cancelled`
  }

  cancelAll(): void {
    for (const entry of this.entries.values()) entry.abort.abort()
  }

  /** Of one symbol, history first. */
  views(symbol: string): WorkView[] {
    return [...this.entries.values()]
      .map((entry) => entry.view)
      .filter((view) => view.symbol === symbol || view.id === 'history')
  }
}
