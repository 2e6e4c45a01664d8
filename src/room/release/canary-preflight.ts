import { statfsSync } from 'node:fs'
import { conflict } from '../../engine/kernel/errors.ts'
import { MINUTE_MS, minuteText } from '../../engine/kernel/units.ts'
import { rowAgeMs, rowAgeText } from '../../engine/market/row-age.ts'
import type { PreflightDocument } from '../../evidence/documents/release-documents.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import { contendersOf } from './contenders.ts'
import type { Desks } from '../desk/desks.ts'
import type { Desk } from '../desk/desk.ts'

type PreflightCheck = PreflightDocument['checks'][number]

const MIB = 1_048_576
const MIN_FREE_BYTES = 200 * MIB
/** A real clock that disagrees more with the newest bar than this is wrong, or the feed is. */
const MAX_AHEAD_MS = 5 * MINUTE_MS
/** The gates are judged each minute: older ones say that nothing measures any more. */
const MAX_JUDGED_AGO_MS = 5 * MINUTE_MS

/**
 * Looks at everything that a canary rests on, and keeps the record; inside or outside a transaction.
 * @throws OperatorError without a candidate: nothing is written then
 */
export function preflight(desks: Desks, desk: Desk): PreflightDocument {
  const { symbol } = desk
  const { candidate } = contendersOf(desk, 'roll out')
  const { version, sha256 } = candidate
  const atMs = desk.nowMs()
  const checks = checksOf(desks, desk, candidate)
  const pass = checks.every((check) => check.pass)
  const document: PreflightDocument = { symbol, candidate: version, checks, pass }
  const { evidence } = desks
  const stamped = evidence.stamp('canary_preflight/1', atMs, document)
  desk.transaction(() =>
    evidence.writeOfVersion({ symbol, version }, 'canary_preflight', stamped, atMs, { model_sha256: sha256, pass }),
  )
  desks.drainOutbox()
  return document
}

/** The preflight of a live start. @throws OperatorError 409 naming every check that failed */
export function requirePreflight(desks: Desks, desk: Desk): void {
  const failed = preflight(desks, desk).checks.filter((check) => !check.pass)
  if (failed.length === 0) return
  throw conflict(
    'the preflight failed',
    failed.map(({ check, said }) => `${check}: ${said}`).join('; '),
    'fix these checks, then start the canary again',
    'preflight',
  )
}

function checksOf(desks: Desks, desk: Desk, { version }: LoadedModel): readonly PreflightCheck[] {
  const { evidence, store } = desks
  const newest = desk.tape.newestBar
  const ageMs = newest === null ? null : rowAgeMs(newest.tsMs, desk.nowMs())
  const standingOf = (name: string): string =>
    evidence.standing(evidence.artifactSubject(desk.symbol, version, `${name}_${version}.json`))
  const artifact = standingOf('model_weights')
  const reference = standingOf('reference_distributions')
  const gates = store.watch.newestGates(desk.symbol)
  return [
    check('health', ageMs !== null && ageMs <= 2 * MINUTE_MS, ageMs === null ? 'no bar yet' : rowAgeText(ageMs)),
    check(
      'metrics',
      gates !== null && desk.nowMs() - gates.tsMs <= MAX_JUDGED_AGO_MS,
      gates === null ? 'the gates were never judged' : `the gates were last judged at ${minuteText(gates.tsMs)} UTC`,
    ),
    check('artifact', artifact === 'whole', `the weights on the disk: ${artifact}`),
    check('reference', reference === 'whole', `the reference distributions on the disk: ${reference}`),
    check('breaker', !desk.breaker.open, desk.breaker.open ? 'open' : 'closed'),
    diskCheck(freeBytes(desks.options.dataDir)),
    clockCheck(desk, ageMs, desks.troubles.of('clock')),
  ]
}

/** @param measured what is wrong with it by the exchange's own clock; null where nothing is, or nothing measures it */
function clockCheck(desk: Desk, ageMs: number | null, measured: string | null): PreflightCheck {
  const ahead = ageMs !== null && ageMs < -MAX_AHEAD_MS
  const said =
    desk.tape.feed.clockKind === 'replay' ? `the recording's, ${minuteText(desk.nowMs())} UTC` : 'the machine'
  return check('clock', ageMs !== null && !ahead && measured === null, measured ?? said)
}

/** Whether there is room for what a canary writes. */
export function diskCheck(free: number): PreflightCheck {
  const said = `${Math.round(free / MIB)} MiB free, ${MIN_FREE_BYTES / MIB} needed`
  return check('disk', free >= MIN_FREE_BYTES, said)
}

function check(name: string, pass: boolean, said: string): PreflightCheck {
  return { check: name, pass, said }
}

/** 0 when it cannot be read: the check then fails, instead of trusting a disk that does not answer. */
export function freeBytes(dataDir: string): number {
  try {
    const { bavail, bsize } = statfsSync(dataDir)
    return bavail * bsize
  } catch {
    return 0
  }
}
