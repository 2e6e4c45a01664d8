import { DRILL_SEC } from '../../engine/approval/kill-switch.ts'
import { monotonicMs } from '../../engine/kernel/clock.ts'
import { reasonOf } from '../../engine/kernel/errors.ts'
import { isoTime, fileTime } from '../../engine/kernel/units.ts'
import type { KillDrillDocument } from '../../evidence/documents/release-documents.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { switchOff, switchOn } from './kill-switch.ts'

const TROUBLE = 'kill drill'

/** What lets time pass, or ends with the room. */
interface Pause {
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** A drill that a person has approved. */
interface ApprovedDrill {
  readonly by: string
  readonly reason: string
  readonly approval: string
}

/** Throws the kill switch for a few seconds, as was approved, and keeps what that showed. */
export class KillDrills {
  private readonly running = new Set<Promise<void>>()

  constructor(
    private readonly desks: Desks,
    private readonly pause: Pause,
    private readonly signal: AbortSignal,
  ) {}

  begin(symbol: string, approved: ApprovedDrill): void {
    const drill = this.watched(this.desks.of(symbol), approved).finally(() => this.running.delete(drill))
    this.running.add(drill)
  }

  /** Resolves when the drills that run have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.running)
  }

  private async watched(desk: Desk, approved: ApprovedDrill): Promise<void> {
    const { troubles } = this.desks
    try {
      await this.run(desk, approved)
      troubles.clear(TROUBLE)
    } catch (error) {
      troubles.report(TROUBLE, `that of ${desk.symbol} did not end, and its switch may be on: ${reasonOf(error)}`)
    }
  }

  private async run(desk: Desk, { by, reason, approval }: ApprovedDrill): Promise<void> {
    const { evidence } = this.desks
    const { kill } = desk
    const before = kill.abstained
    const calledMs = monotonicMs()
    switchOn(evidence, desk, { by, reason: `drill: ${reason}`, cause: 'drill' })
    const thrownMs = monotonicMs() - calledMs
    await this.pause.wait(DRILL_SEC * 1_000, this.signal)
    const { momentMs: atMs } = desk.tape
    // A person may have taken it back before, or thrown it in earnest.
    const isDrill = kill.on && kill.state.cause === 'drill'
    const document: KillDrillDocument = {
      symbol: desk.symbol,
      at: isoTime(atMs),
      by,
      reason,
      approval,
      held_sec: DRILL_SEC,
      thrown_ms: rounded(thrownMs),
      last_other_answer_ms: rounded(Math.max(0, kill.lastOtherMs - calledMs)),
      abstained: kill.abstained - before,
      ended: kill.on && !isDrill ? 'on' : 'off',
    }
    desk.transaction(() => {
      if (isDrill) switchOff(evidence, desk, { by, reason: 'the drill is over', approval, atMs })
      const subject = evidence.subject(desk.symbol, `kill_drill_${fileTime(atMs)}.json`)
      evidence.writeDocument(subject, evidence.stamp('kill_drill/1', atMs, document), atMs)
      desk.events.log('kill', 'info', said(document))
    }, 'decision')
    kill.restore()
    this.desks.drainOutbox()
  }
}

function said({ abstained, last_other_answer_ms: lastMs, ended }: KillDrillDocument): string {
  const end = ended === 'off' ? '' : '; it was thrown in earnest meanwhile, and stays on'
  if (abstained === 0) return `the drill of the kill switch showed nothing: nobody asked for a prediction${end}`
  return `drill of the kill switch: the last other answer left ${lastMs} ms after it was thrown, ${abstained} abstained${end}`
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
