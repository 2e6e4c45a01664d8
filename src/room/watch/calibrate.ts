import { calibrationHash } from '../../db/calibrations.ts'
import { seededRandom } from '../../engine/kernel/random.ts'
import { signed } from '../../engine/kernel/figures.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { DAY_MS, fileTime, HOUR_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { calibrated, type Calibration } from '../../engine/models/calibration.ts'
import { calibrationCurve } from '../../engine/stats/calibration.ts'
import {
  dayOfAnswers,
  isWell,
  MIN_MINUTES,
  raisedBy,
  recalibrate,
  type Recalibration,
  type SettledMinutes,
} from '../../engine/training/recalibration.ts'
import type { CalibrationDocument } from '../../evidence/documents/calibration-document.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { LoadedModel, StandingCalibration } from '../../serving/line-up.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

const SEED = 6
/** Looks of a week, those that were asked for among them. */
const LOOKS = 200
/** The threshold moves once in so long, however often somebody looks. */
const STEP_MS = 5 * HOUR_MS

/** The look of the job; inside the caller's transaction. */
export function calibrateOnTime(desk: Desk, evidence: EvidenceWriter, atMs: UnixMs): JobResult {
  if (desk.lineUp.inCharge === null) return { ok: true, result: 'no model yet' }
  return { ok: true, result: calibrate(desk, evidence, atMs).verdict }
}

/** A look that somebody asked for. @throws OperatorError where no model is in charge */
export function calibrateNow(desk: Desk, evidence: EvidenceWriter, dryRun: boolean): CalibrationDocument {
  const atMs = desk.tape.momentMs
  if (desk.lineUp.inCharge === null)
    throw conflict(
      'there is nothing to calibrate',
      `no model is in charge of ${desk.symbol} yet`,
      'the first is trained once 14 days of bars are there',
      'no_model',
    )
  if (dryRun) return lookAt(desk, desk.lineUp.inCharge, atMs).document
  return desk.transaction(() => calibrate(desk, evidence, atMs))
}

/** Looks, takes over what is better, and records both; inside the caller's transaction. */
function calibrate(desk: Desk, evidence: EvidenceWriter, atMs: UnixMs): CalibrationDocument {
  const { inCharge } = desk.lineUp
  if (inCharge === null) throw new RangeError('no model is in charge')
  const { symbol, parts } = desk
  const { next, document } = lookAt(desk, inCharge, atMs)
  parts.store.calibrations.put({ calibration: next, takenMs: next.takenMs, document }, parts.wallNow())
  const detail = {
    model: inCharge.version,
    model_sha256: inCharge.sha256,
    verdict: document.verdict,
    calibration_sha256: document.sha256,
    raised_by: next.raisedBy,
  }
  const isRaised = next.raisedBy !== inCharge.calibration.raisedBy
  if (document.verdict === 'taken' || isRaised) {
    const subject = evidence.subject(symbol, `calibration_${fileTime(atMs)}.json`)
    evidence.writeDocument(subject, evidence.stamp('calibration/1', atMs, document), atMs, detail)
    desk.models.calibrate(next)
  } else evidence.recordFact('calibration', `${symbol}/${inCharge.version}`, atMs, detail)
  if (document.verdict === 'taken')
    desk.events.log('calibration', 'info', `${inCharge.version} answers with a new calibration: ${document.reason}`)
  if (isRaised) desk.events.log('calibration', 'warning', raisedText(inCharge, next, document), 'warning')
  return document
}

function raisedText({ version, calibration }: LoadedModel, next: Calibration, { day }: CalibrationDocument): string {
  const error = day === null ? 'unknown' : day.ece.toFixed(3)
  return next.raisedBy > calibration.raisedBy
    ? `the threshold of ${version} is raised to ${signed(next.raisedBy, 2)}: its answers promise too much, calibration error ${error}`
    : `the threshold of ${version} is its own again: calibration error ${error}, well for a day`
}

interface Look {
  readonly next: StandingCalibration
  readonly document: CalibrationDocument
}

/** What a look comes to; changes nothing. */
function lookAt(desk: Desk, model: LoadedModel, atMs: UnixMs): Look {
  const { symbol, calibrations, parts } = desk
  const { version, sha256, calibration: now, sinceMs } = model
  const since = calibrations.settled(version, now.takenMs ?? 0, atMs)
  const found = recalibrate(since, now.map, parts.limits.label.horizonMin, seededRandom(SEED))
  const isTaken = found?.better === true
  const map = isTaken ? found.map : now.map
  const day = calibrations.settled(version, atMs - DAY_MS, atMs)
  const answers = dayOfAnswers(map, day)
  const before = parts.store.calibrations
    .newest(symbol, version, sha256, LOOKS)
    .filter(({ document }) => Date.parse(document.at) > atMs - DAY_MS)
    .map(({ document }) => ({ atMs: Date.parse(document.at), day: document.day }))
  const wasWell = before.every((look) => look.day !== null && isWell(look.day))
  const isWatched = atMs - DAY_MS >= sinceMs && (before.at(-1)?.atMs ?? atMs) <= atMs - DAY_MS + 2 * STEP_MS
  const isDue = (before[0]?.atMs ?? 0) <= atMs - STEP_MS
  const raised = isDue ? raisedBy(now.raisedBy, answers, isWell(answers) && wasWell && isWatched) : now.raisedBy
  const next = { map, raisedBy: raised, takenMs: isTaken ? atMs : now.takenMs }
  const document: CalibrationDocument = {
    symbol,
    model: version,
    model_sha256: sha256,
    at: isoTime(atMs),
    n: since.tsMs.length,
    ...verdictOf(found, since.tsMs.length),
    tried: triedDocument(found),
    day: dayDocument(day, map, answers),
    kind: map?.kind ?? null,
    raised_by: next.raisedBy,
    threshold: model.model.threshold + next.raisedBy,
    sha256: calibrationHash(next),
  }
  return { next, document }
}

function verdictOf(found: Recalibration | null, n: number): Pick<CalibrationDocument, 'verdict' | 'reason'> {
  if (found === null) return { verdict: 'wait', reason: `${Math.max(1, MIN_MINUTES - n)} more settled minutes needed` }
  const { difference, tested, better, logLoss } = found
  const figures = `log loss ${logLoss.after.toFixed(4)} against ${logLoss.before.toFixed(4)} on ${tested} minutes that it has not seen, difference ${signed(difference.value)} (95 % ${signed(difference.lo)} to ${signed(difference.hi)})`
  return better
    ? { verdict: 'taken', reason: figures }
    : { verdict: 'kept', reason: `not better with certainty: ${figures}` }
}

function triedDocument(found: Recalibration | null): CalibrationDocument['tried'] {
  if (found === null) return null
  const { map, fitted, tested, logLoss, ece, difference } = found
  return { kind: map.kind, fitted, tested, log_loss: logLoss, ece, difference }
}

function dayDocument(
  { scores, labels }: SettledMinutes,
  map: Calibration['map'],
  { n, ece, meanScore, meanLabel }: ReturnType<typeof dayOfAnswers>,
): CalibrationDocument['day'] {
  if (n === 0) return null
  return {
    n,
    ece,
    mean_score: meanScore,
    mean_label: meanLabel,
    artifact: calibrationCurve(labels, scores),
    answers: calibrationCurve(
      labels,
      scores.map((score) => calibrated(map, score)),
    ),
  }
}
