import { DRILL_SEC } from './kill-switch.ts'
import { DAY_MS, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import { unreachable } from '../kernel/unreachable.ts'

/** What a person must approve. Nothing that lowers risk is among it. */
export type ApprovalAction = ApprovalSubject['action']

export type ApprovalState = 'waiting' | 'approved' | 'refused' | 'expired' | 'stale'

/** One person's word for it. */
export interface GivenApproval {
  readonly by: string
  /** Whose name that is; left out in approvals that were given before a token belonged to a person. */
  readonly person?: string
  readonly reason: string
  readonly atWallMs: UnixMs
  readonly sentence: string
}

/** A prompt that waits for a person, or what became of it. Bound to one action on one artifact and the figures shown. */
export interface Approval {
  readonly id: string
  readonly action: ApprovalAction
  readonly symbol: string
  /** The version or the arm that it is about. */
  readonly subject: string
  /** Of the artifact; null where the action has none. */
  readonly sha256: string | null
  readonly figures: Readonly<Record<string, unknown>>
  readonly figuresHash: string
  /** The verdicts among the figures as one text: when it is another later on, the approval is stale. */
  readonly verdictsKey: string
  /** What speaks against it, in plain words. */
  readonly against: readonly string[]
  readonly sentence: string
  /** So many different persons are needed. */
  readonly needs: 1 | 2
  readonly given: readonly GivenApproval[]
  readonly openedBy: string
  readonly openedWallMs: UnixMs
  /** When it expires by the wall clock as that stood at `seenWallMs`. */
  readonly expiresWallMs: UnixMs
  /** The wall time that it was last looked at with: shows when the clock was set back. */
  readonly seenWallMs: UnixMs
  readonly state: ApprovalState
}

/** What is to be typed, letter for letter. */
export const PHRASE = 'ONAY'

/** Who it was, for people: the name, and the person behind it where that is another name. */
export function namedPerson({ by, person }: { readonly by: string; readonly person?: string | undefined }): string {
  return person === undefined || isSamePerson(by, person) ? by : `${by} (${person})`
}

/** Two names that differ by case or blanks alone are one person's. */
export function isSamePerson(a: string, b: string): boolean {
  return plainName(a) === plainName(b)
}

function plainName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

/** What an approval is asked for. */
export type ApprovalSubject =
  | {
      readonly action: 'canary_start'
      readonly candidate: string
      readonly mode: 'observe' | 'serve'
      /** Of the first phase: share (0 to 1) and length. */
      readonly split: number
      readonly durationMs: number
    }
  | { readonly action: 'promote'; readonly candidate: string }
  /** The candidate is the arm that is to be active in place of another. */
  | { readonly action: 'ab_swap'; readonly candidate: string; readonly former: string }
  /** The candidate is the market whose kill switch is taken back. */
  | { readonly action: 'kill_off'; readonly candidate: string }
  /** The same of one that is thrown for a few seconds, to see that it works. */
  | { readonly action: 'kill_drill'; readonly candidate: string }

/** Opens a prompt. @throws RangeError when a wall time is not a number: the prompt would never expire */
export function openApproval(
  asked: ApprovalSubject,
  bound: Pick<
    Approval,
    'id' | 'symbol' | 'sha256' | 'figures' | 'figuresHash' | 'verdictsKey' | 'against' | 'needs' | 'openedBy'
  >,
  { openedWallMs, expiresWallMs }: { readonly openedWallMs: UnixMs; readonly expiresWallMs: UnixMs },
): Approval {
  if (!Number.isFinite(openedWallMs) || !Number.isFinite(expiresWallMs))
    throw new RangeError('an approval needs a wall clock to expire by')
  return {
    ...bound,
    action: asked.action,
    subject: asked.candidate,
    sentence: sentenceOf(asked),
    given: [],
    openedWallMs,
    expiresWallMs,
    seenWallMs: openedWallMs,
    state: 'waiting',
  }
}

/** The sentence that is recorded: `ONAY: Promote v1.8.1 to production`. */
export function sentenceOf(asked: ApprovalSubject): string {
  switch (asked.action) {
    case 'canary_start': {
      const share = Number((asked.split * 100).toFixed(2))
      const { durationMs } = asked
      const length =
        durationMs % DAY_MS === 0 ? `${durationMs / DAY_MS} d` : `${Number((durationMs / MINUTE_MS).toFixed(1))} min`
      return `${PHRASE}: Canary START ${share} %/${length} ${asked.mode} (${asked.candidate})`
    }
    case 'promote':
      return `${PHRASE}: Promote ${asked.candidate} to production`
    case 'ab_swap':
      return `${PHRASE}: Make ${asked.candidate} the active arm in place of ${asked.former}`
    case 'kill_drill':
      return `${PHRASE}: Throw the kill switch of ${asked.candidate} for ${DRILL_SEC} s, as a drill`
    case 'kill_off':
      return `${PHRASE}: Switch the kill switch of ${asked.candidate} off`
    default:
      return unreachable(asked)
  }
}
