import { shortPercent } from '../engine/kernel/figures.ts'

/** What the chain keeps of a decision beside who made it, as far as its kind has it. */
export interface DecisionDetail {
  readonly model?: string | undefined
  readonly step?: string | undefined
  readonly action?: string | undefined
  readonly subject?: string | undefined
  readonly slot?: string | null | undefined
  readonly profile?: string | undefined
  readonly phase?: number | undefined
  /** The candidate's share of the phase, 0 to 1. */
  readonly split?: number | undefined
  readonly status?: string | undefined
  readonly decision?: string | undefined
  readonly former?: string | undefined
  readonly retired?: string | undefined
  readonly replaced_by?: string | undefined
  /** Of a candidate that left the shadow. */
  readonly comparisons?: number | undefined
}

/** What was decided, in a line for people. */
export function decisionText(detail: DecisionDetail): string {
  const { model, slot, profile, phase, split, status, former, retired, comparisons } = detail
  const words = [
    phase === undefined && status === undefined ? undefined : model,
    stepText(detail),
    split === undefined ? undefined : shortPercent(split, 0),
    status,
    slot === undefined || slot === null ? undefined : `as ${slot}`,
    profile === undefined ? undefined : `profile ${profile}`,
    former === undefined ? undefined : `in place of ${former}`,
    retired === undefined ? undefined : `${retired} is retired`,
    detail.replaced_by === undefined ? undefined : `replaced by ${detail.replaced_by}`,
    comparisons === undefined ? undefined : `${comparisons} comparisons ended`,
  ]
  return words.filter((word) => word !== undefined).join(', ')
}

function stepText({ step, action, subject, phase, decision }: DecisionDetail): string | undefined {
  const asked = action === 'promote' ? 'promotion' : action?.replaceAll('_', ' ')
  const what = [asked, subject].filter((word) => word !== undefined).join(' of ')
  if (what !== '') return step === undefined ? what : `${step}: ${what}`
  if (phase === undefined) return step
  if (step === 'phase') return `phase ${phase} begins`
  if (step === 'phase end') return `phase ${phase} ends${decision === undefined ? '' : `: ${decision}`}`
  return step === undefined ? `phase ${phase}` : `${step} in phase ${phase}`
}
