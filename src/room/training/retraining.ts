import { conflict, messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { isoDate, isoTime } from '../../engine/kernel/units.ts'
import type { RetrainChoice, RetrainDocument } from '../../control/answers.ts'
import { runTask } from '../../work/run.ts'
import type { TrainOutcome } from '../../work/task.ts'
import type { Desks } from '../desk/desks.ts'
import { declareSet } from '../desk/declarations.ts'
import type { Desk } from '../desk/desk.ts'
import { isRecord } from '../../engine/kernel/json.ts'
import { ensembleModel } from '../../engine/models/ensemble.ts'
import { planEnsemble } from './ensemble-candidate.ts'
import { planFile } from './file-candidate.ts'
import { measureHttp, planHttp } from './http-candidate.ts'
import { measureOnnx, openMembers, planOnnx, unhurriedOnnx } from './onnx-candidate.ts'
import { measureModel } from './measure-model.ts'
import { nextVersion } from '../desk/model-registry.ts'
import { register } from './register-model.ts'
import { leavingModel, lossText, refuseReplacing, refuseWhileNeeded } from './retirement.ts'
import { type AddingRequest, planTraining, type PlannedTraining, type TrainingRequest } from './plan-training.ts'
import type { Turns } from '../../work/turns.ts'
import { measureDrift } from '../watch/measure-drift.ts'
import type { WorkBoard } from '../../work/board.ts'

export type Asked = TrainingRequest & { readonly dryRun?: boolean | undefined }

/** A candidate on its way: trained here, or measured where another server holds it. */
interface Making {
  readonly plan: PlannedTraining
  /** Whether it may take the place of a candidate. */
  readonly replace: boolean
  readonly what: string
  readonly said: string
  readonly failed: string
  readonly make: (onProgress: (share: number, step: string) => void, signal: AbortSignal) => Promise<TrainOutcome>
}

interface Begun {
  readonly said: string
  readonly done: Promise<RetrainDocument>
}

/** The set that a routine retrain takes: offered first. */
const USUAL_SET = 'v1.8.1'

/** Trains candidates off the event loop while the room goes on, one at a time for each symbol. */
export class Retraining {
  constructor(
    private readonly desks: Desks,
    private readonly work: WorkBoard,
    private readonly turns: Turns,
    private readonly signal: AbortSignal,
  ) {}

  /** Starts it and says so; how it ended is an event. @throws OperatorError when it is refused */
  start(desk: Desk, request: Asked): string {
    return unawaited(this.begin(desk, this.training(desk, request), request.dryRun === true))
  }

  /** Trains and waits for the end. @throws OperatorError when it is refused, fails or is cancelled */
  run(desk: Desk, request: Asked): Promise<RetrainDocument> {
    return this.begin(desk, this.training(desk, request), request.dryRun === true).done
  }

  /** As `start`, for a model that is not trained here. */
  startAdding(desk: Desk, request: AddingRequest): string {
    return unawaited(this.begin(desk, this.adding(desk, request), false))
  }

  /** As `run`, for a model that is not trained here. */
  add(desk: Desk, request: AddingRequest): Promise<RetrainDocument> {
    return this.begin(desk, this.adding(desk, request), false).done
  }

  choices(desk: Desk): readonly RetrainChoice[] {
    const { config, dataDir } = this.desks.options
    const taken = this.desks.store.models.versions(desk.symbol)
    const sets = [...desk.catalogue.sets].sort((a, b) => Number(b.name === USUAL_SET) - Number(a.name === USUAL_SET))
    const leaving = leavingModel(desk, desk.nowMs())
    const replaces = leaving === null ? null : `${leaving.version}: ${lossText(leaving, desk.nowMs())}`
    return sets.map(({ name: features }) => {
      const version = nextVersion(taken, features)
      try {
        this.refuseSecond(desk.symbol)
        planTraining(desk, config, dataDir, desk.nowMs(), { version, features }, 'candidate')
        return { features, version, refused: null, replaces }
      } catch (error) {
        return {
          features,
          version,
          refused: error instanceof OperatorError ? `${error.what}: ${error.why}` : messageOf(error),
          replaces,
        }
      }
    })
  }

  private training(desk: Desk, request: Asked): Making {
    const { config, dataDir } = this.desks.options
    this.refuseSecond(desk.symbol)
    const plan = planTraining(desk, config, dataDir, desk.nowMs(), request, 'candidate')
    const replace = mayReplace(desk, request)
    if (typeof request.features === 'object' && request.dryRun !== true) declareSet(desk, request.features)
    const { version, featureSet, window } = plan.task
    return {
      plan,
      replace,
      what: `retrain ${version}`,
      said: `training ${version} on the features of ${featureSet}, ${isoDate(window.fromMs)} to ${isoDate(window.untilMs)}`,
      failed: 'was not trained',
      make: (onProgress, signal) => runTask(plan.task, { signal, onProgress }),
    }
  }

  private adding(desk: Desk, request: AddingRequest): Making {
    const { config, dataDir } = this.desks.options
    this.refuseSecond(desk.symbol)
    if (isRecord(request.model)) {
      const { kind } = request.model
      if (kind === 'ensemble') return this.mixing(desk, request)
      if (kind === 'onnx') return this.trying(desk, request, request.model)
      if (kind === 'trees' || kind === 'logistic') return this.scoring(desk, request, request.model)
    }
    const planned = planHttp(desk, config, dataDir, desk.nowMs(), request)
    const { version, window } = planned.plan.task
    return {
      plan: planned.plan,
      replace: mayReplace(desk, request),
      what: `add ${version}`,
      said: `asking ${planned.weights.url} about the rows of ${isoDate(window.fromMs)} to ${isoDate(window.untilMs)}`,
      failed: 'was not registered',
      make: (onProgress, signal) => measureHttp(desk, planned, onProgress, signal),
    }
  }

  private scoring(desk: Desk, request: AddingRequest, file: Readonly<Record<string, unknown>>): Making {
    const { config, dataDir } = this.desks.options
    const planned = planFile(desk, config, dataDir, desk.nowMs(), request, file)
    const { version, window } = planned.plan.task
    return {
      plan: planned.plan,
      replace: mayReplace(desk, request),
      what: `add ${version}`,
      said: `scoring the rows of ${isoDate(window.fromMs)} to ${isoDate(window.untilMs)} by ${version}`,
      failed: 'was not registered',
      make: (onProgress, signal) => measureModel(desk, planned, planned.model, 'scoring', onProgress, signal),
    }
  }

  private trying(desk: Desk, request: AddingRequest, file: Readonly<Record<string, unknown>>): Making {
    const { config, dataDir } = this.desks.options
    const planned = planOnnx(desk, config, dataDir, desk.nowMs(), request, file)
    const { version, window } = planned.plan.task
    return {
      plan: planned.plan,
      replace: mayReplace(desk, request),
      what: `add ${version}`,
      said: `trying ${version}, then scoring the rows of ${isoDate(window.fromMs)} to ${isoDate(window.untilMs)} by it`,
      failed: 'was not registered',
      make: (onProgress, signal) => measureOnnx(desk, planned, onProgress, signal),
    }
  }

  private mixing(desk: Desk, request: AddingRequest): Making {
    const { config, dataDir } = this.desks.options
    const planned = planEnsemble(desk, config, dataDir, desk.nowMs(), request)
    const { version, window } = planned.plan.task
    return {
      plan: planned.plan,
      replace: mayReplace(desk, request),
      what: `add ${version}`,
      said: `mixing ${planned.weights.members.map((member) => member.version).join(', ')} on the rows of ${isoDate(window.fromMs)} to ${isoDate(window.untilMs)}`,
      failed: 'was not registered',
      make: async (onProgress, signal) => {
        await openMembers(planned.weights)
        const model = ensembleModel(planned.weights, desk.catalogue, unhurriedOnnx)
        return measureModel(desk, planned, model, 'mixing', onProgress, signal)
      },
    }
  }

  private begin(desk: Desk, making: Making, dryRun: boolean): Begun {
    const { symbol } = desk
    const id = workId(symbol)
    const signal = this.work.begin(id, { symbol, what: making.what, cancellable: true }, this.signal)
    return { said: making.said, done: this.finish(symbol, making, id, signal, dryRun) }
  }

  private async finish(
    symbol: string,
    { plan, replace, what, failed, make }: Making,
    id: string,
    signal: AbortSignal,
    dryRun: boolean,
  ): Promise<RetrainDocument> {
    try {
      const onProgress = (share: number, step: string): void => this.work.progress(id, { symbol, what, step, share })
      const outcome = await make(onProgress, signal)
      return await this.turns.take(() => this.keep(symbol, { plan, replace }, outcome, dryRun))
    } catch (error) {
      const why = error instanceof OperatorError ? error.why : messageOf(error)
      this.desks.of(symbol).events.log('training', 'warning', `${plan.task.version} ${failed}: ${why}`)
      throw error
    } finally {
      this.work.end(id)
    }
  }

  private keep(
    symbol: string,
    { plan, replace }: Pick<Making, 'plan' | 'replace'>,
    outcome: TrainOutcome,
    dryRun: boolean,
  ): RetrainDocument {
    const { desks } = this
    const desk = desks.of(symbol)
    const { version } = plan.task
    const { seconds } = outcome
    const atMs = desk.tape.momentMs
    if (dryRun) {
      const offline = { ...outcome.report, timestamp: isoTime(atMs) }
      return { version, slot: null, replaced: null, offline, seconds }
    }
    // While it was made a canary may have been asked for, or another candidate have come.
    refuseWhileNeeded(desk)
    if (!replace) refuseReplacing(desk, desk.nowMs())
    const { offline, replaced } = register(desk, desks.evidence, plan, outcome, atMs, desks.options.version)
    desk.transaction(() => {
      // The others have their hourly figure; counting a week of rows again would hold the predictions up.
      measureDrift(desk, desks.evidence, atMs, version)
      desk.persist()
    })
    desks.drainOutbox()
    return { version, slot: plan.slot, replaced, offline, seconds }
  }

  private refuseSecond(symbol: string): void {
    if (this.work.has(workId(symbol))) {
      throw conflict(`a training of ${symbol} is already running`, 'one at a time', 'wait for it, or cancel it', 'busy')
    }
  }
}

/** @throws OperatorError with what would be lost, where it may not */
function mayReplace(desk: Desk, { replace = true, dryRun }: Asked): boolean {
  if (!replace && dryRun !== true) refuseReplacing(desk, desk.nowMs())
  return replace
}

/** How it ended is an event; the promise is not awaited. */
function unawaited({ said, done }: Begun): string {
  done.catch(() => undefined)
  return said
}

function workId(symbol: string): string {
  return `retrain-${symbol}`
}
