/** How long work tells where it is, and hears that it should stop. */
export interface Watch {
  /** @param share done, 0 to 1. @param step what comes now, for people: "fold 3 of 5" */
  readonly onProgress: (share: number, step: string) => void
  readonly cancelled: () => boolean
}

/** Thrown out of a training that was told to stop; it leaves nothing behind. */
export class TrainingCancelled extends Error {
  override readonly name = 'TrainingCancelled'

  constructor() {
    super('the training was cancelled')
  }
}

/** Says what comes now, unless it was cancelled. @throws TrainingCancelled */
export function enter(watch: Watch, share: number, step: string): void {
  if (watch.cancelled()) throw new TrainingCancelled()
  watch.onProgress(share, step)
}
