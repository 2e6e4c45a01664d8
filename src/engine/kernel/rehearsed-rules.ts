/** Rules that a rehearsal holds against recorded weeks, by their names in documents and on the screen. */
export const RULES_IN_CHARGE = [
  'drift warning',
  'drift critical',
  'kill switch by drift',
  'kill switch by staleness',
] as const
export type RuleInCharge = (typeof RULES_IN_CHARGE)[number]

/** Without the sixth, which has no limit. */
export const REHEARSED_GATES = ['gate 1', 'gate 2', 'gate 3', 'gate 4', 'gate 5'] as const
export type RehearsedGate = (typeof REHEARSED_GATES)[number]

/** Gates look at the candidate where there is one, the judge at it alone, the others at the model in charge. */
export const REHEARSED_RULES = [...RULES_IN_CHARGE, ...REHEARSED_GATES, 'canary judge'] as const
export type RehearsedRule = (typeof REHEARSED_RULES)[number]
