/** A desk with models in its slots, and a release over it, in a few milliseconds: nothing is trained, played or served. */
import type { SlotName } from '../../src/db/models.ts'
import type { JudgeCounts } from '../../src/engine/canary/readings.ts'
import type { ModelWeights } from '../../src/engine/models/contract.ts'
import type { CanaryProfile } from '../../src/engine/canary/plan.ts'
import { GATE_NAMES, type GateResult } from '../../src/engine/gates/catalogue.ts'
import type { Outcome } from '../../src/engine/gates/outcome.ts'
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'
import type { ApprovalDocument } from '../../src/evidence/documents/release-documents.ts'
import { type Config, defaultConfig } from '../../src/room/config/config.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import type { Desks } from '../../src/room/desk/desks.ts'
import { LiveCanaries } from '../../src/room/canary/live-canaries.ts'
import { Bake } from '../../src/room/release/bake.ts'
import { look } from '../../src/room/release/canary.ts'
import type { ReleaseParts } from '../../src/room/release/contenders.ts'
import { Release } from '../../src/room/release/release.ts'
import type { Judgement } from '../../src/room/watch/judge-gates.ts'
import { DAY, HOUR, MINUTE, THREE_WEEKS_ON } from './moments.ts'
import { openDesks } from './room.ts'
import { midWeights, offlineReport } from './stored.ts'

export const SYMBOL = 'AAAUSDT'
export const BEGAN_MS = THREE_WEEKS_ON
export const WALL_MS = Date.parse('2026-01-02T03:04:05Z')
/** Three phases of two minutes each. */
export const BRIEF = 'brief'

/** Older than what a restart counts anew from raw rows, which are not made here. */
const OLD_MS = 5 * MINUTE
const SHIPPED = defaultConfig()

export interface DeskOptions {
  readonly baseline?: string | null
  readonly candidate?: string | null
  readonly former?: string | null
  readonly profile?: CanaryProfile
  readonly config?: Partial<Config>
  readonly canary?: Partial<Config['canary']>
}

/** What the gates and the outcome say: by default that nothing is in the way. */
export function judgement(
  change: { gates?: Partial<Record<number, Partial<GateResult>>>; outcome?: Partial<Outcome> } = {},
): Judgement {
  const gates = GATE_NAMES.map((name, i): GateResult => {
    const gate = i + 1
    const fine = { gate, name, verdict: 'PASS', value: 0, threshold: 1, reason: 'within', readyAtMs: null } as const
    return { ...fine, ...change.gates?.[gate] }
  })
  const outcome: Outcome = {
    verdict: 'better',
    n: 2_000,
    logLoss: { candidate: 0.65, baseline: 0.67, fallback: 0.68 },
    difference: { value: -0.02, lo: -0.03, hi: -0.01 },
    againstFallback: { value: -0.03, lo: -0.04, hi: -0.02 },
    ...change.outcome,
  }
  return { model: null, gates, outcome, evidence: { present: 14, required: 14, missing: [] } }
}

/** Where counts go. */
interface Place {
  readonly model: string
  readonly tsMs: number
  readonly source?: 'minute' | 'caller' | 'probe'
  readonly phase?: string
  /** Of each run that was not slow. */
  readonly latencyMs?: number
}

/** A candidate whose artifacts stand on the disk, and gates that have been judged: with a fresh bar no preflight fails. */
export function standReady(desks: Desks, desk: Desk): void {
  const { store, evidence } = desks
  const { symbol, lineUp, tape } = desk
  const { candidate } = lineUp
  if (candidate === null) throw new Error('there is no candidate')
  const { version } = candidate
  const atMs = tape.momentMs
  desk.transaction(() => {
    for (const name of ['model_weights', 'reference_distributions'])
      evidence.writeText(evidence.artifactSubject(symbol, version, `${name}_${version}.json`), '{}\n', atMs)
    store.watch.logGates({
      symbol,
      tsMs: atMs,
      round: 0,
      model: version,
      verdicts: 'PPPPPP',
      figures: [],
      outcome: 'better',
      detail: null,
      wallMs: WALL_MS,
    })
  })
  desks.drainOutbox()
}

export class ReleaseDesk {
  readonly wall = new ManualClock(WALL_MS)
  readonly desks: Desks
  readonly desk: Desk
  readonly release: Release
  readonly bake: Bake
  readonly parts: ReleaseParts
  /** What the gates say when they are asked next. */
  judgement = judgement()

  constructor(
    readonly dir: string,
    options: DeskOptions = {},
  ) {
    const phases = [0.05, 0.25, 1].map((split) => ({ split, duration_min: 2 }))
    const config: Config = {
      ...SHIPPED,
      canary: { ...SHIPPED.canary, min_live: 0, plans: { [BRIEF]: phases }, ...options.canary },
      ...options.config,
    }
    this.desks = openDesks(dir, { config, wall: this.wall, symbols: [SYMBOL] })
    this.desk = this.desks.of(SYMBOL)
    const judge = { judgeFresh: (): Judgement => this.judgement }
    const live = new LiveCanaries(this.desks.evidence, this.desks.options.dataDir)
    this.parts = { evidence: this.desks.evidence, config, judge, live }
    this.bake = new Bake(this.parts)
    this.release = new Release(this.desks, { judge, live }, this.bake, this.wall)
    if (this.desk.tape.momentMs === 0) this.furnish(options)
  }

  /** The market clock stands there, with a bar that has just ended. */
  at(atMs: number): void {
    const { desk } = this
    desk.tape.enterMoment(atMs)
    const bar = {
      tsMs: Math.floor(atMs / MINUTE) * MINUTE - MINUTE,
      open: 100,
      high: 101,
      low: 99,
      close: 100,
      volume: 1,
    }
    if ((desk.tape.newestBar?.tsMs ?? 0) < bar.tsMs) {
      desk.transaction(() => {
        this.desks.store.bars.insert(desk.symbol, bar, WALL_MS, false)
        this.desks.store.features.insert(desk.symbol, desk.tape.accept(bar), WALL_MS)
      })
      desk.tape.clearArrived()
    }
    desk.tape.finishMoment(atMs)
    desk.transaction(() => desk.persist())
  }

  /** Counts what a model did, as serving would have. */
  count(counts: Partial<JudgeCounts>, { model, tsMs, source = 'caller', phase = '', latencyMs = 1 }: Place): void {
    const { tried = 0, errors = 0, comparisons = 0, matched = comparisons, timed = tried, above120Ms = 0 } = counts
    const key = { tsMs, model, source, phase }
    for (let i = 0; i < tried; i++) {
      const ms = i < above120Ms ? 200 : latencyMs
      this.desk.rollups.tried(key, i >= errors, i < timed ? ms : null)
    }
    for (let i = 0; i < comparisons; i++) this.desk.rollups.compared(key, i < matched ? 0 : 0.5, i < matched)
  }

  /** Counts for the phase that runs. @param source the phase's own are probes, unless callers are meant */
  countInPhase(counts: Partial<JudgeCounts>, source: 'caller' | 'probe' = 'probe', latencyMs = 1): void {
    const { phase } = this.desk.canary
    if (phase === null) throw new Error('no phase runs')
    this.count(counts, { model: phase.run.candidate, tsMs: this.nowMs - OLD_MS, source, phase: phase.key, latencyMs })
  }

  get nowMs(): number {
    return this.desk.tape.momentMs
  }

  /** The judge, so much later. */
  look(laterMs: number): void {
    this.at(this.nowMs + laterMs)
    this.lookNow()
  }

  /** The judge, at the moment that was entered. */
  lookNow(): void {
    look(this.parts, this.desk, this.nowMs)
  }

  /** A candidate whose artifacts stand on the disk, gates that have been judged, and a bar that has just come in: no preflight fails. */
  ready(): void {
    standReady(this.desks, this.desk)
  }

  /** Asks for a live start. */
  request(by = 'ada'): ApprovalDocument {
    return this.release.requestCanary({ symbol: SYMBOL, plan: BRIEF }, by)
  }

  approve(id: string, by = 'grace'): ApprovalDocument {
    return this.release.answer(id, { decision: 'approve', phrase: 'ONAY', reason: 'it is time' }, by)
  }

  /** A canary in its first phase. */
  start(): void {
    this.ready()
    this.approve(this.request().id)
  }

  /** A canary that has succeeded a while ago, and the hours of validation since. */
  succeed(validatedH = 24): void {
    this.start()
    for (let phase = 0; phase < 3; phase++) {
      this.countInPhase({ tried: 300, comparisons: 300 })
      this.look(2 * MINUTE)
    }
    const { newest } = this.desk.canary
    if (newest?.state.kind !== 'succeeded') throw new Error(`the canary has not succeeded: ${newest?.state.kind}`)
    const fromMs = newest.state.atMs
    for (let hour = 0; hour < validatedH; hour++) this.countHour(newest.candidate, fromMs + hour * HOUR)
    this.at(fromMs + validatedH * HOUR)
  }

  /** An hour in which the candidate was tried and compared each minute. */
  countHour(model: string, fromMs: number, counts: Partial<JudgeCounts> = {}): void {
    const { tried = 60, comparisons = tried, matched = comparisons, ...faults } = counts
    const source = 'minute'
    // One each minute, and what is beside that in the first.
    const rest = Math.min(59, tried, comparisons, matched)
    for (let i = 1; i <= rest; i++)
      this.count({ tried: 1, comparisons: 1 }, { model, tsMs: fromMs + i * MINUTE, source })
    const first = { ...faults, tried: tried - rest, comparisons: comparisons - rest, matched: matched - rest }
    this.count(first, { model, tsMs: fromMs, source })
    this.desk.transaction(() => this.desk.persist())
  }

  /** Subjects of the chain with the step of each, oldest first. */
  chain(...kinds: readonly string[]): string[] {
    return this.desks.store.journal
      .entries()
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ kind, detail }) => `${kind} ${stepIn(detail)}`.trim())
  }

  /** The same directory, as a process that starts finds it. */
  reopened(options: DeskOptions = {}): ReleaseDesk {
    this.close()
    return new ReleaseDesk(this.dir, options)
  }

  close(): void {
    this.desks.close()
  }

  private furnish({ baseline = 'v1', candidate = 'v2', former = null, profile = 'equivalent' }: DeskOptions): void {
    const { desk } = this
    desk.transaction(() => {
      const slots = { baseline, candidate, former }
      for (const slot of ['baseline', 'candidate', 'former'] as const) {
        const version = slots[slot]
        if (version === null) continue
        this.register(version)
        this.place(slot, version, profile)
      }
    })
    desk.reloadSlots()
    this.at(BEGAN_MS)
  }

  place(slot: SlotName, version: string, profile: CanaryProfile = 'equivalent'): void {
    const sinceMs = BEGAN_MS - DAY
    const row = { symbol: SYMBOL, slot, version, profile, sinceMs, wallMs: WALL_MS }
    this.desk.transaction(() => this.desks.store.models.putSlot(row))
  }

  register(version: string, weights: ModelWeights = midWeights(version)): void {
    this.desk.transaction(() => this.addToRegistry(version, weights))
  }

  private addToRegistry(version: string, model: ModelWeights): void {
    const { store, evidence } = this.desks
    const weights = `${canonicalJson(model)}\n`
    const window = { fromMs: BEGAN_MS - 15 * DAY, untilMs: BEGAN_MS - DAY }
    store.models.register({
      symbol: SYMBOL,
      version,
      kind: model.kind,
      featureSet: 'v1.8.1',
      sha256: sha256Hex(weights),
      windowFromMs: window.fromMs,
      windowUntilMs: window.untilMs,
      weights,
      reference: JSON.stringify({ version, window, n: 1, features: {}, withinReference: null }),
      scaler: '{}',
      manifest: '{}',
      offline: JSON.stringify(
        offlineReport({
          version,
          auc: 0.65,
          auc_interval: { value: 0.65, lo: 0.63, hi: 0.67 },
          precision_at_20: 0.6,
          ece: 0.02,
          base_rate: 0.4,
        }),
      ),
      seconds: 1,
      tsMs: BEGAN_MS - DAY,
      wallMs: WALL_MS,
    })
    evidence.recordFact('registration', `${SYMBOL}/${version}`, BEGAN_MS - DAY, { model: version })
  }
}

function stepIn(detail: string): string {
  const { step, status } = JSON.parse(detail) as { step?: string; status?: string }
  return [step, status].filter((word) => word !== undefined).join(' ')
}
