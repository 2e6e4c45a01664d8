import type { RehearsalDocument } from '../../control/checklist.ts'
import type { Taken } from '../../control/commands.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoTime, fileTime } from '../../engine/kernel/units.ts'
import type { WorkBoard } from '../../work/board.ts'
import { runTask } from '../../work/run.ts'
import type { RehearsalOutcome, RehearseTask } from '../../work/task.ts'
import type { RehearsedDay } from '../../engine/drift/rehearsal.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { REHEARSAL } from '../safety/drift-kill.ts'
import { planNamed } from '../config/canary-plans.ts'
import { rehearsedLimits, variantOf } from './variants.ts'

const USUAL_DAYS = 28
const USUAL_PLAN = 'mini'
const AS_CONFIGURED = 'as configured'
const TIME_LIMIT_MS = 30 * 60_000

interface RehearsalParts {
  readonly desks: Desks
  readonly work: WorkBoard
  readonly signal: AbortSignal
}

/**
 * Holds the rules against the recorded weeks of the model in charge, and the judge of a canary against those of the candidate, in a
 * process of its own.
 * @returns what is found; `keepRehearsal` writes it down
 * @throws OperatorError without a model in charge, for a variant or a plan that cannot be, and while another one runs
 */
export async function rehearse(
  { desks, work, signal }: RehearsalParts,
  desk: Desk,
  asked: Taken<'rehearse'>,
): Promise<RehearsalDocument> {
  const task = planned(desks, desk, asked)
  const { symbol } = desk
  const id = `rehearse-${symbol}`
  if (work.has(id))
    throw conflict(
      `${symbol} is being rehearsed already`,
      'one at a time',
      'wait for it, or cancel it with c on the screen',
      'busy',
    )
  const own = work.begin(id, { symbol, what: `rehearse the rules on ${task.version}`, cancellable: true }, signal)
  try {
    return documentOf(task, await runTask(task, { signal: own, timeLimitMs: TIME_LIMIT_MS }))
  } finally {
    work.end(id)
  }
}

function planned(desks: Desks, desk: Desk, asked: Taken<'rehearse'>): RehearseTask {
  const { inCharge, candidate } = desk.lineUp
  if (inCharge === null)
    throw conflict('there is nothing to rehearse', 'no model is in charge', 'train one: onay retrain', 'no_model')
  const { config, dataDir } = desks.options
  const variants = (asked.variants ?? []).map((name) => ({ name, limits: variantOf(config, inCharge.model, name) }))
  const { momentMs: untilMs } = desk.tape
  const promise = inCharge.offline?.logLoss ?? null
  // A plan that there is not is refused without a candidate too.
  const plan = planNamed(config, asked.plan ?? USUAL_PLAN)
  return {
    kind: 'rehearse',
    dataDir,
    symbol: desk.symbol,
    version: inCharge.version,
    window: { fromMs: untilMs - (asked.days ?? USUAL_DAYS) * DAY_MS, untilMs },
    reference: inCharge.reference,
    label: desk.parts.limits.label,
    threshold: inCharge.model.threshold,
    promise,
    candidate:
      candidate === null
        ? null
        : {
            version: candidate.version,
            threshold: candidate.model.threshold,
            promise: candidate.offline?.logLoss ?? null,
            plan,
            profile: candidate.profile,
          },
    variants: [{ name: AS_CONFIGURED, limits: rehearsedLimits(config, inCharge.model) }, ...variants],
  }
}

/** Writes it down as evidence: whoever lets drift throw the kill switch by itself has seen it. */
export function keepRehearsal(desks: Desks, desk: Desk, document: RehearsalDocument): RehearsalDocument {
  const { evidence } = desks
  const { momentMs: atMs } = desk.tape
  const stamped = evidence.stamp('rehearsal/1', atMs, document)
  const name = `${REHEARSAL}${fileTime(desk.parts.wallNow())}.json`
  desk.transaction(() => {
    evidence.writeDocument(evidence.subject(desk.symbol, name), stamped, atMs)
  })
  desks.drainOutbox()
  return stamped
}

function documentOf(
  { symbol, version, window, promise, candidate }: RehearseTask,
  { days, candidate: found, gates, variants }: RehearsalOutcome,
): RehearsalDocument {
  return {
    symbol,
    model: version,
    from: isoTime(window.fromMs),
    until: isoTime(window.untilMs),
    promise,
    days: days.map(dayOf),
    canary:
      candidate === null || found === null
        ? null
        : {
            candidate: candidate.version,
            plan: candidate.plan.name,
            profile: candidate.profile,
            promise: candidate.promise,
            minutes: found.minutes,
            timed_minutes: found.timedMinutes,
            days: found.days.map(dayOf),
          },
    gates: {
      model: candidate?.version ?? version,
      judged: gates.map(({ gate, judged: moments }) => ({ gate, moments })),
    },
    variants: variants.map(({ name, rules, canaries }) => ({
      name,
      canaries,
      rules: rules.map(({ worseThanPromise, worseThanFallback, ...figures }) => ({
        ...figures,
        worse_than_promise: worseThanPromise,
        worse_than_fallback: worseThanFallback,
      })),
    })),
  }
}

function dayOf(day: RehearsedDay): RehearsalDocument['days'][number] {
  const { date, n, logLoss, fallbackLogLoss, isWorseThanPromise, isWorseThanFallback } = day
  return {
    date,
    n,
    log_loss: logLoss,
    fallback_log_loss: fallbackLogLoss,
    worse_than_promise: isWorseThanPromise,
    worse_than_fallback: isWorseThanFallback,
  }
}
