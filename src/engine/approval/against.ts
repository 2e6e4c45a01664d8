import type { ApprovalAction } from './prompt.ts'

interface Interval {
  readonly value: number
  readonly lo: number
  readonly hi: number
}

/** One figure of each model on the same settled minutes; null where it could not be had. */
interface OfEach {
  readonly candidate: number | null
  readonly baseline: number | null
  readonly fallback: number | null
}

/** What is known when a prompt opens. Null is unknown, and unknown speaks against a start or a promotion. */
export interface Doubts {
  readonly action: ApprovalAction
  readonly candidate: string
  readonly baseline: string
  readonly profile: 'equivalent' | 'improve'
  readonly mode: 'observe' | 'serve'
  readonly outcome: {
    readonly verdict: 'too_early' | 'better' | 'worse' | 'no_worse' | 'undecided'
    readonly n: number
    readonly minRows: number
    readonly logLoss: OfEach
    /** Candidate minus baseline. */
    readonly difference: Interval | null
    /** Of the same minutes; null where it was not worked out. */
    readonly auc: OfEach | null
  } | null
  /** Offline AUC with its interval, and the limit it is held to. */
  readonly offline: { readonly auc: number; readonly lo: number; readonly hi: number; readonly limit: number } | null
  /** Share of the compared rows on which the two agree. */
  readonly match: { readonly rate: number; readonly n: number } | null
  /** What the successful canary counted; null where there was none. */
  readonly canary: { readonly live: number; readonly probes: number } | null
}

const FEW_LIVE = 100

/** A line for people, and the verdict in it: what stays the same while its figures move. */
interface Judged {
  readonly verdict: string
  readonly text: string
}

/** What speaks against it, in plain words, the weightiest first. */
export function speaksAgainst(doubts: Doubts): readonly string[] {
  return [
    ...againstBaseline(doubts),
    ...againstFallback(doubts).map(({ text }) => text),
    ...offlineLines(doubts).map(({ text }) => text),
    ...differenceLines(doubts),
    ...exposureLines(doubts),
  ]
}

/** Every verdict that a prompt shows with its figures: whoever approves has approved these. */
export function verdictsShown(doubts: Doubts): readonly string[] {
  const { profile, outcome } = doubts
  const verdicts = [...againstFallback(doubts), ...offlineLines(doubts)].map(({ verdict }) => verdict)
  return [profile, outcome?.verdict ?? 'no outcome', isHigher(doubts) ? 'no better' : 'lower', ...verdicts]
}

/** Whether its settled log loss is not below that of the model in charge; unknown is no. */
function isHigher({ outcome }: Doubts): boolean {
  if (outcome === null || outcome.verdict === 'too_early') return false
  const { candidate, baseline } = outcome.logLoss
  return candidate !== null && baseline !== null && candidate >= baseline
}

function againstBaseline(doubts: Doubts): string[] {
  const { outcome, candidate, baseline } = doubts
  if (outcome === null || outcome.n === 0) return [`${candidate} has no settled minutes yet, so its worth is unknown`]
  const { verdict, n, minRows, logLoss, difference } = outcome
  if (verdict === 'too_early') {
    return [`${count(n)} settled minutes are too few to say what ${candidate} is worth: ${count(minRows)} are needed`]
  }
  if (logLoss.candidate === null || logLoss.baseline === null) {
    return [`the settled log loss of ${candidate} against ${baseline} could not be worked out`]
  }
  const higher = isHigher(doubts)
  if (verdict === 'better' || (verdict === 'no_worse' && !higher)) return []
  const losses = `settled log loss ${logLoss.candidate.toFixed(4)} against ${logLoss.baseline.toFixed(4)} for ${baseline} on ${count(n)} minutes`
  const interval =
    difference === null ? '' : ` (95 % interval of the difference ${signed(difference.lo)} to ${signed(difference.hi)})`
  const say = verdict === 'worse' ? 'worse' : higher ? 'no better' : 'undecided'
  return [`${losses}: ${say}${interval}`]
}

function againstFallback({ outcome, candidate, baseline }: Doubts): Judged[] {
  if (outcome === null || outcome.verdict === 'too_early') return []
  const { logLoss, auc, n } = outcome
  const lines: Judged[] = []
  if (auc !== null && auc.fallback !== null && auc.candidate !== null && auc.fallback > auc.candidate) {
    const both = auc.baseline !== null && auc.fallback > auc.baseline
    const other = both ? ` and ${auc.baseline.toFixed(3)} (${baseline})` : ''
    const figures = `AUC ${auc.fallback.toFixed(3)} against ${auc.candidate.toFixed(3)} (${candidate})${other}`
    lines.push(judged(`the plain fallback ranks better than ${both ? 'both' : candidate}`, figures))
  }
  if (logLoss.fallback !== null && logLoss.candidate !== null && logLoss.fallback < logLoss.candidate) {
    const figures = `${logLoss.fallback.toFixed(4)} against ${logLoss.candidate.toFixed(4)} on ${count(n)} minutes`
    lines.push(judged('the plain fallback has the lower log loss', figures))
  }
  return lines
}

function offlineLines({ offline, candidate }: Doubts): Judged[] {
  if (offline === null) return [{ verdict: 'no offline report', text: `there is no offline report of ${candidate}` }]
  const { auc, lo, hi, limit } = offline
  const figures = `AUC ${auc.toFixed(3)}, 95 % interval ${lo.toFixed(3)} to ${hi.toFixed(3)}, limit ${limit}`
  if (hi < limit) return [judged('offline it lies below its limit', figures)]
  return lo < limit ? [judged('offline it may lie on either side of its limit', figures)] : []
}

function differenceLines({ profile, match, candidate, baseline }: Doubts): string[] {
  if (match === null) return [`${candidate} has not been compared with ${baseline}`]
  const figures = `${(match.rate * 100).toFixed(1)} % of ${count(match.n)} rows`
  if (profile === 'equivalent') return []
  return [`${candidate} is meant to differ: it agrees with ${baseline} on ${figures}, and that stops nothing`]
}

function exposureLines({ action, mode, canary, candidate, baseline }: Doubts): string[] {
  if (action === 'canary_start') {
    return mode === 'observe'
      ? [
          `no caller is exposed: all get ${baseline}'s answers, so this canary cannot show how they would fare with ${candidate}`,
        ]
      : [`callers are exposed: what ${candidate} gets wrong, those in its share act on`]
  }
  const lines: string[] = []
  if (mode === 'observe') lines.push('no caller was exposed in the canary: it only watched')
  if (canary !== null && canary.live < FEW_LIVE) {
    lines.push(`the canary counted ${count(canary.live)} live requests, the other ${count(canary.probes)} were probes`)
  }
  return lines
}

function judged(verdict: string, figures: string): Judged {
  return { verdict, text: `${verdict}: ${figures}` }
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`
}

/** `10,075` */
function count(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')
}
