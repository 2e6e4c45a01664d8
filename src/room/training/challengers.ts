/** Models that run in the shadow beside the candidate, to see what they are worth: gates and canary look away. */
import type { ChallengerDocument, RetirementDocument } from '../../control/answers.ts'
import { conflict, notFound } from '../../engine/kernel/errors.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

const MOST = 8

interface Reason {
  readonly by: string
  readonly reason: string
}

/** Lets a registered model run in the shadow as a challenger. @throws OperatorError for one that is not registered or has a role, and beyond eight */
export function challenge(
  desk: Desk,
  evidence: EvidenceWriter,
  version: string,
  { by, reason }: Reason,
): ChallengerDocument {
  const { symbol, lineUp } = desk
  const { store, wallNow } = desk.parts
  const registered = store.models.get(symbol, version)
  if (registered === null)
    throw notFound(
      `${version} cannot challenge`,
      'no model of this name was registered',
      'see them with: onay models',
      'unknown_version',
    )
  const role = lineUp.roleOf(version)
  if (role !== null)
    throw conflict(`${version} cannot challenge`, `its role is: ${role}`, 'name another one', 'has_role')
  if (lineUp.challengers.length >= MOST)
    throw conflict(
      `${version} cannot challenge`,
      `${MOST} challengers run already: ${lineUp.challengers.map((one) => one.version).join(', ')}`,
      'retire one: onay models retire V',
      'too_many',
    )
  const { momentMs: sinceMs } = desk.tape
  desk.transaction(() => {
    store.models.putChallenger({ symbol, version, sinceMs, wallMs: wallNow() })
    const detail = { model: version, model_sha256: registered.sha256, by, reason }
    evidence.recordFact('challenger', `${symbol}/${version}`, sinceMs, { step: 'begins', ...detail })
    desk.events.log('training', 'info', `${version} challenges from the shadow (${by}): ${reason}`)
  }, 'decision')
  desk.reloadSlots()
  return { symbol, version, role: 'challenger', since: isoTime(sinceMs), challengers: desk.lineUp.challengers.length }
}

/** Takes a challenger out of the shadow; what it traded and what was settled of it stays. */
export function retireChallenger(
  desk: Desk,
  evidence: EvidenceWriter,
  version: string,
  { by, reason }: Reason,
): RetirementDocument {
  const { symbol } = desk
  const { store } = desk.parts
  const { momentMs: atMs } = desk.tape
  const standing = desk.lineUp.of(version)
  const sinceMs = standing?.sinceMs ?? atMs
  const comparisons = store.predictions.settled(symbol, version, sinceMs, atMs).length
  desk.transaction(() => {
    store.models.dropChallenger(symbol, version)
    const detail = { model: version, model_sha256: standing?.sha256 ?? null, by, reason }
    evidence.recordFact('challenger', `${symbol}/${version}`, atMs, { step: 'ends', ...detail })
    desk.events.log('training', 'info', `${version} challenges no longer (${by}): ${reason}`)
  }, 'decision')
  desk.reloadSlots()
  return { symbol, version, since: isoTime(sinceMs), comparisons, slot: 'retired', at: isoTime(atMs), reason }
}
