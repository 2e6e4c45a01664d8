/** A timeline over a desk whose models, training, bake and rules say what a test wants, and which notes whom it asked. */
import { afterEach, beforeEach } from 'vitest'
import type { RecordedRow } from '../../src/feeds/recording.ts'
import { defaultConfig } from '../../src/room/config/config.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import { Bake } from '../../src/room/release/bake.ts'
import type { MomentKind } from '../../src/room/timeline/moment.ts'
import { ReportPages } from '../../src/room/reports/report-pages.ts'
import type { Scoring } from '../../src/room/timeline/scoring.ts'
import { longWorkOf } from '../../src/room/timeline/assemble.ts'
import { Background } from '../../src/room/timeline/background.ts'
import { Timeline } from '../../src/room/timeline/timeline.ts'
import { Bootstrap } from '../../src/room/training/bootstrap.ts'
import { Turns } from '../../src/work/turns.ts'
import { aDesk, type DeskKit } from './a-desk.ts'
import { barAt } from './bars.ts'
import { runningCanary } from './canary.ts'
import { freshDirectories } from './directories.ts'
import { HOUR, MINUTE, START } from './moments.ts'
import { judgement } from './release-desk.ts'
import { SaidInputs } from './said-inputs.ts'
import { SaidJudge } from './said-judge.ts'

export const NOON = START + 12 * HOUR
/** A moment at which the judge looks, between two minutes. */
export const BETWEEN = NOON + 30_000

/** A desk and its timeline anew for each test. */
export function eachHeard(begin: (kit: DeskKit, heard: HeardTimeline) => void): void {
  const fresh = freshDirectories()
  let kit: DeskKit
  beforeEach(() => {
    kit = aDesk(fresh())
    begin(kit, new HeardTimeline(kit))
  })
  afterEach(() => kit.desks.close())
}

/** From noon on, a canary of v2 against v1. */
export function canaryRuns({ desk }: DeskKit): void {
  desk.canary.take(runningCanary(desk.symbol, { candidate: 'v2', baseline: 'v1', sinceMs: NOON }))
}

/** The row whose bar is known at a moment. */
export function rowsAt(atMs: number): RecordedRow[] {
  return [{ line: 0, bar: barAt((atMs - MINUTE - START) / MINUTE, 100) }]
}

type Asked = 'score' | 'train' | 'probe' | 'bake' | 'pages'

export class HeardTimeline {
  /** Whom it asked, in that order. */
  readonly asked: Asked[] = []
  /** Whether the first model is to be trained now. */
  trainingDue = false
  /** Who fails when asked next. */
  failing: Asked | null = null
  /** What scoring does to the desk, before it fails or not. */
  whileScoring: (desk: Desk) => void = () => undefined
  readonly inputs = new SaidInputs()
  readonly judge: SaidJudge
  readonly timeline: Timeline

  constructor(private readonly kit: DeskKit) {
    const { desks } = kit
    const { evidence } = desks
    const { config } = desks.options
    const ask = (whom: Asked): void => this.ask(whom)
    const isDue = (): boolean => this.trainingDue
    this.judge = new SaidJudge(evidence, judgement())
    const bake = new (class extends Bake {
      override look(): void {
        ask('bake')
      }
    })({ evidence, config: defaultConfig(), judge: this.judge, live: kit.judging.live })
    const bootstrap = new (class extends Bootstrap {
      override due(): boolean {
        return isDue()
      }

      override train(): Promise<void> {
        ask('train')
        return Promise.resolve()
      }
    })(desks, new AbortController().signal)
    const scoring: Scoring = {
      score: (desk) => {
        this.whileScoring(desk)
        ask('score')
        return Promise.resolve()
      },
      probe: () => {
        ask('probe')
        return Promise.resolve()
      },
    }
    const pages = new (class extends ReportPages {
      override wake(): void {
        ask('pages')
      }
    })(desks, new Turns(), new AbortController().signal)
    const { judge, inputs } = this
    this.timeline = new Timeline({
      desks,
      evidence,
      config,
      judge,
      inputs,
      live: kit.judging.live,
      bake,
      release: kit.judging.release,
      ...longWorkOf(desks, new AbortController().signal),
      background: new Background(null, desks.troubles),
      bootstrap,
      scoring,
      pages,
      busyDays: null,
      signal: new AbortController().signal,
    })
  }

  /** A moment of any kind, by default with the bar that is known at it. */
  async goThrough(kind: MomentKind, atMs: number, rows = rowsAt(atMs)): Promise<void> {
    const { timeline } = this
    const { desk } = this.kit
    if (kind === 'history') timeline.history(desk, [{ rows, atMs }])
    else if (kind === 'between') await timeline.between(desk, atMs)
    else await timeline[kind](desk, rows, atMs)
  }

  /** What has happened, as far as it can be seen on the desk and in its database. */
  happened() {
    const { desk, desks } = this.kit
    return {
      bars: desk.tape.feed.bars,
      watched: desk.alerts.heartbeat !== null,
      ranJobs: desk.jobs.all().length > 0,
      clock: desk.tape.feed.clockMs,
      moment: desk.tape.momentMs,
      stored: desks.store.feeds.get(desk.symbol)?.bars ?? null,
    }
  }

  private ask(whom: Asked): void {
    this.asked.push(whom)
    if (this.failing !== whom) return
    this.failing = null
    throw new Error(`${whom} failed`)
  }
}
