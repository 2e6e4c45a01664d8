import type { UnixMs } from '../kernel/units.ts'
import { type Approval, isSamePerson, PHRASE } from './prompt.ts'

export interface GivenAnswer {
  readonly decision: 'approve' | 'reject'
  /** What was typed. Rejecting needs none. */
  readonly phrase: string
  readonly reason: string
  /** The token's or the terminal user's name. */
  readonly by: string
  /** Whose name that is: the person that the token belongs to, or who is logged in. */
  readonly person: string
  readonly atWallMs: UnixMs
  /** What is true now of what was shown; worked out anew by the caller, never taken from the prompt. */
  readonly current: { readonly verdictsKey: string; readonly sha256: string | null }
}

/** The approval as it stands now, in both cases: a refusal may have found it expired or stale. */
type Answered =
  | { readonly ok: true; readonly approval: Approval }
  | { readonly ok: false; readonly why: string; readonly approval: Approval }

/**
 * Takes in a person's answer. Pure. A wrong phrase, an empty reason or a person who has answered already is refused and
 * leaves the prompt waiting; an expired or stale one is over. Whoever approves says why; rejecting asks for nothing.
 */
export function answer(approval: Approval, given: GivenAnswer): Answered {
  if (approval.state !== 'waiting') return refuse(approval, `it was ${STATE_WORDS[approval.state]} before`)
  const now = seenAt(approval, given.atWallMs)
  if (now.state === 'expired') return refuse(now, 'it has expired; ask again')
  if (given.by.trim() === '' || given.person.trim() === '') return refuse(now, 'an answer needs a name')
  if (given.decision === 'reject') return { ok: true, approval: { ...now, state: 'refused' } }
  const changed = changeOf(now, given.current)
  if (changed !== null) return refuse({ ...now, state: 'stale' }, `${changed} since it was shown; ask again`)
  if (given.phrase !== PHRASE) return refuse(now, `the phrase is ${PHRASE}, letter for letter`)
  if (given.reason.trim() === '') return refuse(now, 'a reason is needed')
  const before = now.given.find(({ by, person = by }) => isSamePerson(person, given.person))
  if (before !== undefined) return refuse(now, `${already(before.by, given)}; another person is needed`)
  return { ok: true, approval: withName(now, given) }
}

/**
 * The approval as a wall time finds it; once expired it stays so. Where the clock was set back since it was last seen, the
 * expiry moves back by as much, so that no clock gives anybody more time. A clock that is not a number ends it.
 */
export function seenAt(approval: Approval, atWallMs: UnixMs): Approval {
  if (approval.state !== 'waiting') return approval
  if (!Number.isFinite(atWallMs)) return { ...approval, state: 'expired' }
  const setBackMs = Math.max(0, approval.seenWallMs - atWallMs)
  const expiresWallMs = approval.expiresWallMs - setBackMs
  const state = atWallMs < expiresWallMs ? 'waiting' : 'expired'
  return { ...approval, expiresWallMs, seenWallMs: atWallMs, state }
}

const STATE_WORDS = { approved: 'approved', refused: 'refused', expired: 'expired', stale: 'found stale' } as const

function changeOf(approval: Approval, current: GivenAnswer['current']): string | null {
  if (current.sha256 !== approval.sha256) return 'the artifact has changed'
  return current.verdictsKey === approval.verdictsKey ? null : 'a verdict among its figures has changed'
}

function withName(approval: Approval, { by, person, reason, atWallMs }: GivenAnswer): Approval {
  const { sentence } = approval
  const word = { by: by.trim(), person: person.trim(), reason: reason.trim(), atWallMs, sentence }
  const given = [...approval.given, word]
  return { ...approval, given, state: given.length >= approval.needs ? 'approved' : 'waiting' }
}

/** @param before the name that the person has approved under */
function already(before: string, { by, person }: GivenAnswer): string {
  const same = isSamePerson(before, by)
  return same
    ? `${by.trim()} has approved it already`
    : `${by.trim()} is ${person.trim()}, who has approved it as ${before}`
}

function refuse(approval: Approval, why: string): Answered {
  return { ok: false, why, approval }
}
