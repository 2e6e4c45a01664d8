/** The kill switch of one market: what it is, why it stands where it stands, and what has changed since. */
import type { UnixMs } from '../kernel/units.ts'

/** Who or what switched it: a person, rows that stayed old, a drill, or the file beside the database where that could not be read. */
export const KILL_CAUSES = ['person', 'staleness', 'drift', 'drill', 'file'] as const
type KillCause = (typeof KILL_CAUSES)[number]

/** What the room looked like when it was switched on. */
export interface KillMoment {
  readonly inCharge: string | null
  /** Overall PSI of the model in charge. */
  readonly psi: number | null
  /** Rules that fired. */
  readonly firing: readonly string[]
}

export interface KillState {
  readonly on: boolean
  /** Market time. */
  readonly sinceMs: UnixMs
  readonly sinceWallMs: UnixMs
  readonly by: string
  readonly reason: string
  readonly cause: KillCause
  /** Null where that is not known. */
  readonly seen: KillMoment | null
}

/** How long a drill holds the switch. */
export const DRILL_SEC = 5

/** Where no switch was ever touched. */
export const NEVER_SWITCHED: KillState = {
  on: false,
  sinceMs: 0,
  sinceWallMs: 0,
  by: '',
  reason: '',
  cause: 'person',
  seen: null,
}

/** A file that cannot be read may have said that it is on: whoever cannot tell stays on the safe side. */
const UNREADABLE: KillState = {
  ...NEVER_SWITCHED,
  on: true,
  by: 'onay',
  reason: 'the file of the kill switch cannot be read, and it may have been on',
  cause: 'file',
}

/** On where either says so; of two that are on, the database's. */
export function standingOf(stored: KillState | null, file: KillState | 'damaged' | null): KillState {
  if (stored?.on === true) return stored
  if (file === 'damaged') return UNREADABLE
  if (file?.on === true) return file
  return stored ?? NEVER_SWITCHED
}

/** What is not as it was when the switch was thrown, a sentence each: what is over, and what else has changed. */
export function changesSince(
  then: KillMoment,
  now: KillMoment,
): { readonly over: readonly string[]; readonly changed: readonly string[] } {
  const over = then.firing.filter((rule) => !now.firing.includes(rule))
  const begun = now.firing.filter((rule) => !then.firing.includes(rule))
  return {
    over: over.map((rule) => `${rule}, which fired then, fires no longer`),
    changed: [
      ...(then.inCharge === now.inCharge
        ? []
        : [`${now.inCharge ?? 'no model'} is in charge now, ${then.inCharge ?? 'no model'} was then`]),
      ...(then.psi === now.psi ? [] : [`PSI is ${psiText(now.psi)} now, ${psiText(then.psi)} then`]),
      ...now.firing.map((rule) => `${rule} ${begun.includes(rule) ? 'fires, and did not then' : 'still fires'}`),
    ],
  }
}

function psiText(psi: number | null): string {
  return psi === null ? 'unknown' : psi.toFixed(3)
}
