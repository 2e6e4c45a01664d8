import { percent } from '../../engine/kernel/figures.ts'
import type { Profile } from '../../engine/models/roles.ts'
import { randomUUID } from 'node:crypto'
import { conflict, notFound } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { SmokeDocument } from '../../evidence/documents/documents.ts'
import type { ServingDesk, ShadowResult } from '../../serving/contract.ts'
import type { LineUp } from '../../serving/line-up.ts'
import type { SmokeLimits } from '../config/limits.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { SMOKE_REQUESTS } from '../../work/smoke-task.ts'
import { SmokeDesk } from './smoke-desk.ts'

const MAX_RUNS = 16
/** Turns of the event loop that the shadow is waited for: far more than it needs. */
const MAX_TURNS = 1_000

/** What the client of a smoke run measured. */
interface SmokeFigures {
  readonly requests: number
  readonly success: number
  readonly seconds: number
  readonly latency_ms: SmokeDocument['latency_ms']
}

interface Run {
  readonly symbol: string
  /** The models that it is fired at; null for those in the slots. */
  readonly lineUp: LineUp | null
  desk: ServingDesk | null
  /** Requests whose shadow run has ended, with a score or without. */
  heard: number
  compared: number
  matched: number
  deltaSum: number
  deltaMax: number
  errors: number
  tried: number
}

/** Whom a run judges. */
export interface SmokeSubject {
  readonly version: string
  readonly profile: Profile
  /** Whether what the shadow said counts. */
  readonly shadow: boolean
}

/** Smoke runs under way: what the shadow said of their requests is counted here and nowhere else. */
export class SmokeRuns {
  private readonly runs = new Map<string, Run>()

  constructor(private readonly limits: SmokeLimits) {}

  /** @param lineUp the models that are to answer and to run in the shadow, whatever stands in the slots meanwhile */
  begin(symbol: string, lineUp: LineUp | null = null): string {
    const oldest = this.runs.keys().next().value
    if (this.runs.size >= MAX_RUNS && oldest !== undefined) this.runs.delete(oldest)
    const id = randomUUID()
    const none = { heard: 0, compared: 0, matched: 0, deltaSum: 0, deltaMax: 0, errors: 0, tried: 0 }
    this.runs.set(id, { symbol, lineUp, desk: null, ...none })
    return id
  }

  /** Takes in what the shadow said; null when no such run is under way. */
  listener(id: string): ((result: ShadowResult) => void) | null {
    const run = this.runs.get(id)
    if (run === undefined) return null
    return (result) => {
      run.heard++
      if (result.kind === 'skipped' || result.kind === 'abstained') return
      run.tried++
      if (result.kind === 'fault') {
        run.errors++
        return
      }
      run.compared++
      if (result.matched) run.matched++
      run.deltaSum += result.delta
      run.deltaMax = Math.max(run.deltaMax, result.delta)
    }
  }

  /** The desk that answers the requests of a run: the symbol's own, or one with the run's models in its slots. */
  deskOf(id: string, desk: Desk): ServingDesk {
    const run = this.runs.get(id)
    if (run === undefined) return desk
    if (run.symbol !== desk.symbol)
      throw conflict(
        `the smoke run is not for ${desk.symbol}`,
        `it was begun for ${run.symbol}`,
        'begin another',
        'run',
      )
    if (run.lineUp === null) return desk
    run.desk ??= new SmokeDesk(desk, run.lineUp)
    return run.desk
  }

  /** Resolves when the shadow has been heard on so many answers; it runs a turn of the event loop after they have gone. */
  async settled(id: string, answers: number): Promise<void> {
    const heard = (): number => this.runs.get(id)?.heard ?? answers
    for (let turn = 0; heard() < answers && turn < MAX_TURNS; turn++)
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
  }

  /** Forgets a run that was given up. */
  drop(id: string): void {
    this.runs.delete(id)
  }

  /**
   * Ends a run and judges it. Writes nothing.
   * @throws OperatorError when there is no such run
   */
  end(id: string, figures: SmokeFigures, subject: SmokeSubject): SmokeDocument {
    const run = this.known(id)
    this.runs.delete(id)
    const { shadow } = subject
    const compared = shadow && run.compared > 0
    const document: SmokeDocument = {
      symbol: run.symbol,
      model: subject.version,
      ...figures,
      success_rate: figures.success / figures.requests,
      match_rate: compared ? run.matched / run.compared : null,
      mean_delta: compared ? run.deltaSum / run.compared : null,
      max_delta: compared ? run.deltaMax : null,
      shadow_errors: shadow ? run.errors : null,
      shadow_error_rate: shadow && run.tried > 0 ? run.errors / run.tried : null,
      slo_check: { pass: false, why: [] },
    }
    const why = shortcomings(document, this.limits, subject)
    return { ...document, slo_check: { pass: why.length === 0, why } }
  }

  /**
   * Ends a run fired at what stands in the slots, and writes its evidence.
   * @throws OperatorError when there is no such run, or no candidate for one through the shadow
   */
  finish(desks: Desks, id: string, figures: SmokeFigures, shadow: boolean): SmokeDocument {
    const desk = desks.of(this.known(id).symbol)
    const model = shadow ? desk.lineUp.candidate : desk.lineUp.inCharge
    if (model === null) {
      throw conflict(
        shadow ? 'no candidate is in the shadow' : 'no model is in charge',
        'there is no model to smoke-test',
        'retrain first: onay retrain',
        'no_model',
      )
    }
    const { version, profile, sha256 } = model
    const document = this.end(id, figures, { version, profile, shadow })
    desk.transaction(() => writeSmoke(desks.evidence, document, { shadow, sha256, profile }, desk.nowMs()))
    desks.drainOutbox()
    return document
  }

  private known(id: string): Run {
    const run = this.runs.get(id)
    if (run !== undefined) return run
    throw notFound('there is no such smoke run', 'it has ended, or the room was restarted', 'run it again', 'no_run')
  }
}

/** Writes the files of a smoke, inside the caller's transaction. Returns their subjects. */
export function writeSmoke(
  evidence: EvidenceWriter,
  document: SmokeDocument,
  of: { readonly shadow: boolean; readonly sha256: string; readonly profile: Profile },
  atMs: UnixMs,
): string[] {
  const stamped = evidence.stamp('smoke/1', atMs, document)
  const { model, requests, slo_check: check } = document
  const { sha256, profile } = of
  const failed = check.pass ? {} : { why: check.why.join('; ') }
  const detail = { model, model_sha256: sha256, pass: check.pass, ...failed, requests, profile }
  // A short one is evidence too, and no gate's.
  const size = requests >= SMOKE_REQUESTS ? '1k' : String(requests)
  return ['', `_${model}`].map((suffix) => {
    const name = `${of.shadow ? 'shadow_' : ''}smoke_${size}${suffix}.json`
    const subject = evidence.subject(document.symbol, name)
    evidence.writeDocument(subject, stamped, atMs, detail)
    return subject
  })
}

function shortcomings(document: SmokeDocument, limits: SmokeLimits, { shadow, profile }: SmokeSubject): string[] {
  const why: string[] = []
  if (document.success_rate < limits.successRate)
    why.push(`success ${percent(document.success_rate)}, ${limits.successRate * 100} % needed`)
  if (document.latency_ms.p95 >= limits.p95Ms)
    why.push(`p95 ${document.latency_ms.p95.toFixed(1)} ms, below ${limits.p95Ms} ms needed`)
  if (!shadow) return why
  if (document.shadow_error_rate === null || document.match_rate === null || document.mean_delta === null)
    return [...why, 'nothing was compared']
  if (document.shadow_error_rate >= limits.shadowErrorRate)
    why.push(`shadow errors ${percent(document.shadow_error_rate)}`)
  if (profile === 'equivalent' && document.match_rate < limits.matchRate)
    why.push(`match ${percent(document.match_rate)}, ${limits.matchRate * 100} % needed`)
  if (profile === 'equivalent' && document.mean_delta >= limits.meanDelta)
    why.push(`mean delta ${document.mean_delta.toFixed(3)}, below ${limits.meanDelta} needed`)
  return why
}
