import { conflict, messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import type { SmokeDocument } from '../../evidence/documents/documents.ts'
import type { EvalResultDocument } from '../../evidence/documents/validation-documents.ts'
import { LineUp } from '../../serving/line-up.ts'
import { runTask } from '../../work/run.ts'
import { SMOKE_REQUESTS } from '../../work/smoke-task.ts'
import type { Validate } from '../../control/commands.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'
import { writeValidation, type Measured } from './validation-documents.ts'
import { planValidation, type ValidationPlan } from './validation-plan.ts'
import { fireAt, scrape, type FiringParts } from './validation-smokes.ts'
import type { Turns } from '../../work/turns.ts'
import type { WorkBoard } from '../../work/board.ts'

interface ValidationParts extends FiringParts {
  readonly work: WorkBoard
  readonly turns: Turns
  readonly signal: AbortSignal
}

type OnProgress = (share: number, step: string) => void

/**
 * Validates versions while the room goes on, one at a time for each symbol. What is measured is written at the end, in one
 * transaction: a validation that was cancelled or failed leaves nothing.
 */
export class Validation {
  constructor(private readonly parts: ValidationParts) {}

  /** Starts it and says so; how it ended is an event. @throws OperatorError when it is refused */
  start(desk: Desk, request: Validate): string {
    const { said, done } = this.begin(desk, request)
    // How it ended is an event; the promise is not awaited.
    done.catch(() => undefined)
    return said
  }

  /** Validates and waits for the end. @throws OperatorError when it is refused, fails or is cancelled */
  async run(desk: Desk, request: Validate, onProgress?: OnProgress): Promise<EvalResultDocument> {
    return this.begin(desk, request, onProgress).done
  }

  private begin(
    desk: Desk,
    request: Validate,
    onProgress: OnProgress = () => undefined,
  ): { said: string; done: Promise<EvalResultDocument> } {
    const { desks, work } = this.parts
    const { symbol } = desk
    for (const [kind, what] of [
      ['retrain', 'training'],
      ['validate', 'validation'],
    ] as const) {
      if (work.has(`${kind}-${symbol}`))
        throw conflict(
          `a ${what} of ${symbol} is already running`,
          'one at a time',
          'wait for it, or cancel it',
          'busy',
        )
    }
    const plan = planValidation(desks, desk, request)
    const { version } = plan.model
    const id = `validate-${symbol}`
    const what = `validate ${version}`
    const signal = work.begin(id, { symbol, what, cancellable: true }, this.parts.signal)
    const tell: OnProgress = (share, step) => {
      work.progress(id, { symbol, what, step, share })
      onProgress(share, step)
    }
    return {
      said: `validating ${version}: drift, ${'missing' in plan.shadow ? 1 : 2} smokes of ${SMOKE_REQUESTS} requests`,
      done: this.finish(desk.symbol, plan, request, signal, tell).finally(() => work.end(id)),
    }
  }

  private async finish(
    symbol: string,
    plan: ValidationPlan,
    request: Validate,
    signal: AbortSignal,
    tell: OnProgress,
  ): Promise<EvalResultDocument> {
    const { version } = plan.model
    try {
      const measured = await this.measure(symbol, plan, signal, tell)
      return await this.parts.turns.take(() => {
        if (signal.aborted) throw cancelled(version)
        return this.keep(symbol, plan, request, measured)
      })
    } catch (error) {
      const why = error instanceof OperatorError ? `${error.what}: ${error.why}` : messageOf(error)
      const { desks } = this.parts
      desks.of(symbol).events.log('validation', 'warning', `${version} was not validated, nothing written: ${why}`)
      throw error
    }
  }

  private async measure(
    symbol: string,
    plan: ValidationPlan,
    signal: AbortSignal,
    tell: OnProgress,
  ): Promise<Measured> {
    const { desks } = this.parts
    const { model, profile, shadow: through } = plan
    tell(0, 'drift, from the rows')
    const desk = desks.of(symbol)
    const drift = await runTask(
      {
        kind: 'drift',
        dataDir: desks.options.dataDir,
        symbol,
        atMs: desk.nowMs(),
        limits: desks.limits.psi,
        reference: model.reference,
        former: plan.former,
      },
      { signal },
    )
    const { version } = model
    const alone = new LineUp({ inCharge: model })
    const smoke = await fireAt(
      this.parts,
      symbol,
      { lineUp: alone, answeredBy: version, subject: { version, profile, shadow: false } },
      signal,
      (share, step) => tell(0.1 + 0.4 * share, `smoke of ${version}: ${step}`),
    )
    let shadow: SmokeDocument | null = null
    if (!('missing' in through)) {
      const subject = { version, profile: through.profile, shadow: true }
      shadow = await fireAt(this.parts, symbol, { ...through, subject }, signal, (share, step) =>
        tell(0.5 + 0.4 * share, `smoke through the shadow: ${step}`),
      )
    }
    tell(0.95, 'metrics')
    return { drift, smoke, shadow, metrics: await scrape(this.parts, symbol, signal) }
  }

  private keep(symbol: string, plan: ValidationPlan, request: Validate, measured: Measured): EvalResultDocument {
    const { desks } = this.parts
    const desk = desks.of(symbol)
    const { store, evidence } = desks
    const { version, sha256 } = plan.model
    refuseChanged(desks, desk, plan, request)
    const atMs = desk.nowMs()
    const changed = plan.slot !== null && plan.profile !== plan.slot.profile
    const document = desk.transaction(() => {
      if (plan.slot !== null && changed) {
        const { profile } = plan
        store.models.putSlot({ ...plan.slot, profile, wallMs: desk.parts.wallNow() })
        evidence.recordFact('profile', `${symbol}/${version}`, atMs, { model: version, model_sha256: sha256, profile })
        desk.events.log('validation', 'info', `${version} is judged under ${profile} from now on`)
      }
      const written = writeValidation(desks, desk, plan, measured, atMs)
      const failed = written.checks.filter((check) => !check.pass).map((check) => check.check)
      desk.events.log(
        'validation',
        written.verdict === 'PASS' ? 'info' : 'warning',
        `validation of ${version}: ${written.verdict}${failed.length === 0 ? '' : ` by ${failed.join(', ')}`}`,
      )
      return written
    }, 'decision')
    if (changed) desk.reloadSlots()
    desks.drainOutbox()
    return document
  }
}

/** What was measured is of the models of the beginning. @throws OperatorError when others stand in the slots now */
function refuseChanged(desks: Desks, desk: Desk, plan: ValidationPlan, request: Validate): void {
  const now = planValidation(desks, desk, { ...request, version: plan.model.version })
  const pair = ({ shadow }: ValidationPlan): string =>
    'missing' in shadow ? '' : `${shadow.lineUp.inCharge?.sha256}/${shadow.lineUp.candidate?.sha256}`
  if (now.slot?.slot === plan.slot?.slot && now.model.sha256 === plan.model.sha256 && pair(now) === pair(plan)) return
  throw conflict(
    `${plan.model.version} was not validated`,
    'another model came into charge or into the shadow meanwhile',
    'validate again',
    'changed',
  )
}

function cancelled(version: string): OperatorError {
  return conflict(
    `validating ${version} was cancelled`,
    'it was cancelled by request',
    'start it again with: onay validate',
    'cancelled',
  )
}
