import type { Meter } from '../../serving/contract.ts'
import type { Desks } from '../desk/desks.ts'
import { LiveCanaries } from '../canary/live-canaries.ts'
import { Bake } from '../release/bake.ts'
import { Release } from '../release/release.ts'
import type { ReportPages } from '../reports/report-pages.ts'
import type { Scoring } from './scoring.ts'
import { Timeline } from './timeline.ts'
import { Background } from './background.ts'
import { ArmComparison } from '../trading/compare-arms.ts'
import { SetTraining } from '../training/set-training.ts'
import type { WorkBoard } from '../../work/board.ts'
import type { Turns } from '../../work/turns.ts'
import { Bootstrap } from '../training/bootstrap.ts'
import type { BusyDays } from '../watch/busy-days.ts'
import { GateJudge } from '../watch/judge-gates.ts'
import { RuleInputs } from '../watch/rule-inputs.ts'

/** What judges and releases, over the desks of a directory: the same for a room that serves and for a command. */
export interface Judging {
  readonly judge: GateJudge
  readonly live: LiveCanaries
  readonly bake: Bake
  readonly release: Release
}

export function judgingOf(desks: Desks): Judging {
  const judge = new GateJudge(desks.evidence)
  const live = new LiveCanaries(desks.evidence, desks.options.dataDir)
  const parts = { evidence: desks.evidence, config: desks.options.config, judge, live }
  const bake = new Bake(parts)
  return { judge, live, bake, release: new Release(desks, { judge, live }, bake, desks.options.wall) }
}

/** What trains sets and compares arms; a room's commands ask the same. */
export interface LongWork {
  readonly sets: SetTraining
  readonly arms: ArmComparison
}

export function longWorkOf(desks: Desks, signal: AbortSignal, work: WorkBoard | null = null): LongWork {
  return { sets: new SetTraining(desks, work, signal), arms: new ArmComparison(desks, signal) }
}

interface WorkBeside extends LongWork {
  /** Those that its moments take. */
  readonly turns: Turns
}

interface TimelineOptions {
  readonly scoring: Scoring
  readonly meter: Meter | null
  readonly pages: ReportPages | null
  /** Left out where nobody waits for an answer. */
  readonly busyDays?: BusyDays
  /** Left out where nothing goes on beside the timeline. */
  readonly beside?: WorkBeside
  readonly signal: AbortSignal
  readonly onProgress?: (symbol: string, share: number, step: string) => void
}

export function timelineOf(desks: Desks, { judge, live, bake, release }: Judging, options: TimelineOptions): Timeline {
  const { scoring, meter, pages, busyDays = null, beside = null, signal, onProgress } = options
  const { sets, arms } = beside ?? longWorkOf(desks, signal)
  return new Timeline({
    desks,
    evidence: desks.evidence,
    config: desks.options.config,
    judge,
    inputs: new RuleInputs(meter),
    live,
    bake,
    release,
    sets,
    arms,
    background: new Background(beside?.turns ?? null, desks.troubles),
    bootstrap: new Bootstrap(desks, signal, onProgress),
    scoring,
    pages,
    busyDays,
    signal,
  })
}
