import type { RehearsalDocument } from '../../control/checklist.ts'
import type { Taken } from '../../control/commands.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoTime, fileTime } from '../../engine/kernel/units.ts'
import { runTask } from '../../work/run.ts'
import type { RehearsalOutcome, RehearseTask } from '../../work/task.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { REHEARSAL } from '../safety/drift-kill.ts'
import { rehearsedLimits, variantOf } from './variants.ts'

const USUAL_DAYS = 28
const AS_CONFIGURED = 'as configured'
const TIME_LIMIT_MS = 30 * 60_000

/**
 * Holds the rules against the recorded weeks of the model in charge, in a process of its own.
 * @returns what is found; `keepRehearsal` writes it down
 * @throws OperatorError without a model in charge, and for a variant that cannot be
 */
export async function rehearse(
  desks: Desks,
  desk: Desk,
  asked: Taken<'rehearse'>,
  signal: AbortSignal,
): Promise<RehearsalDocument> {
  const { inCharge } = desk.lineUp
  if (inCharge === null)
    throw conflict('there is nothing to rehearse', 'no model is in charge', 'train one: onay retrain', 'no_model')
  const { config, dataDir } = desks.options
  const variants = (asked.variants ?? []).map((name) => ({ name, limits: variantOf(config, name) }))
  const { momentMs: untilMs } = desk.tape
  const promise = inCharge.offline?.logLoss ?? null
  const task: RehearseTask = {
    kind: 'rehearse',
    dataDir,
    symbol: desk.symbol,
    version: inCharge.version,
    window: { fromMs: untilMs - (asked.days ?? USUAL_DAYS) * DAY_MS, untilMs },
    reference: inCharge.reference,
    label: desk.parts.limits.label,
    threshold: inCharge.model.threshold,
    promise,
    variants: [{ name: AS_CONFIGURED, limits: rehearsedLimits(config) }, ...variants],
  }
  return documentOf(task, await runTask(task, { signal, timeLimitMs: TIME_LIMIT_MS }))
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
  { symbol, version, window, promise }: RehearseTask,
  { days, variants }: RehearsalOutcome,
): RehearsalDocument {
  return {
    symbol,
    model: version,
    from: isoTime(window.fromMs),
    until: isoTime(window.untilMs),
    promise,
    days: days.map(({ date, n, logLoss, fallbackLogLoss, isWorseThanPromise, isWorseThanFallback }) => ({
      date,
      n,
      log_loss: logLoss,
      fallback_log_loss: fallbackLogLoss,
      worse_than_promise: isWorseThanPromise,
      worse_than_fallback: isWorseThanFallback,
    })),
    variants: variants.map(({ name, rules }) => ({
      name,
      rules: rules.map(({ worseThanPromise, worseThanFallback, ...figures }) => ({
        ...figures,
        worse_than_promise: worseThanPromise,
        worse_than_fallback: worseThanFallback,
      })),
    })),
  }
}
