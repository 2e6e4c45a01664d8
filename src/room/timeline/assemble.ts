import type { Meter } from '../../serving/contract.ts'
import type { Desks } from '../desk/desks.ts'
import { Bake } from '../release/bake.ts'
import { Release } from '../release/release.ts'
import type { ReportPages } from '../reports/report-pages.ts'
import type { Scoring } from './scoring.ts'
import { Timeline } from './timeline.ts'
import { Bootstrap } from '../training/bootstrap.ts'
import type { BusyDays } from '../watch/busy-days.ts'
import { GateJudge } from '../watch/judge-gates.ts'
import { RuleInputs } from '../watch/rule-inputs.ts'

/** What judges and releases, over the desks of a directory: the same for a room that serves and for a command. */
export interface Judging {
  readonly judge: GateJudge
  readonly bake: Bake
  readonly release: Release
}

export function judgingOf(desks: Desks): Judging {
  const judge = new GateJudge(desks.evidence)
  const bake = new Bake({ evidence: desks.evidence, config: desks.options.config, judge })
  return { judge, bake, release: new Release(desks, judge, bake, desks.options.wall) }
}

interface TimelineOptions {
  readonly scoring: Scoring
  readonly meter: Meter | null
  readonly pages: ReportPages | null
  /** Left out where nobody waits for an answer. */
  readonly busyDays?: BusyDays
  readonly signal: AbortSignal
  readonly onProgress?: (symbol: string, share: number, step: string) => void
}

export function timelineOf(desks: Desks, { judge, bake }: Judging, options: TimelineOptions): Timeline {
  const { scoring, meter, pages, busyDays = null, signal, onProgress } = options
  return new Timeline({
    desks,
    evidence: desks.evidence,
    config: desks.options.config,
    judge,
    inputs: new RuleInputs(meter),
    bake,
    bootstrap: new Bootstrap(desks, signal, onProgress),
    scoring,
    pages,
    busyDays,
  })
}
