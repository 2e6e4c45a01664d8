import { bakeUntilMs, judgeBake, type BakeVerdict } from '../../engine/canary/bake.ts'
import type { JudgeCounts } from '../../engine/canary/readings.ts'
import { reasonOf } from '../../engine/kernel/errors.ts'
import { seededRandom } from '../../engine/kernel/random.ts'
import { grouped, shortPercent, signed } from '../../engine/kernel/figures.ts'
import { HOUR_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { rowLogLoss } from '../../engine/stats/calibration.ts'
import type { BakeDocument } from '../../evidence/documents/release-documents.ts'
import { COMPARED_SOURCES } from '../../engine/shadow/source.ts'
import type { PromotionRow } from '../../db/release.ts'
import type { Desk } from '../desk/desk.ts'
import type { ReleaseParts } from './contenders.ts'
import { rollback } from './promotion.ts'

const BAKE_SEED = 48

/** Watches a model for two days after its promotion; what is certainly worse puts the former one back. */
export class Bake {
  /** What the last look at a symbol said. */
  private readonly decisions = new Map<string, string>()

  constructor(private readonly parts: ReleaseParts) {}

  /** The hourly look, and one more when a room opens: the last may have been cut off. The first at or after the end says how it ended. */
  look(desk: Desk, atMs: UnixMs): void {
    const promotion = watched(desk)
    if (promotion === null || this.hasEnded(desk, promotion)) return
    const untilMs = bakeUntilMs(promotion.tsMs, desk.parts.limits.bake)
    const measured = tryToMeasure(desk, promotion, Math.min(atMs, untilMs))
    if (measured === null) return
    if (typeof measured === 'string') {
      this.decisions.set(desk.symbol, `${DECISION.measureError}: ${measured}`)
      return
    }
    const { verdict } = measured
    this.decisions.set(desk.symbol, `${DECISION[verdict.kind]}: ${verdict.reason}`)
    if (verdict.kind === 'rollBack') rollback(this.parts, desk, 'the bake', verdict.reason, atMs)
    else if (atMs >= untilMs) this.end(desk, promotion, measured, atMs)
  }

  private hasEnded(desk: Desk, { version, tsMs }: PromotionRow): boolean {
    const entry = desk.parts.store.journal.entryOf(subjectOf(desk, version))
    return entry !== null && entry.tsMs >= tsMs
  }

  private end(
    desk: Desk,
    { version, former }: PromotionRow,
    { verdict, since, settled }: Measured,
    atMs: UnixMs,
  ): void {
    const { kind, reason, difference } = verdict
    const passed = kind === 'keep'
    const figures = [
      `errors ${shareText(since.errors, since.tried)}`,
      `match with ${former ?? 'the former model'} ${shareText(since.matched, since.comparisons)}`,
      difference === null
        ? `${settled} settled minutes`
        : `log loss ${signed(difference.value)} (${shortPercent(desk.parts.limits.bake.confidence)} ${signed(difference.lo)} to ${signed(difference.hi)}) on ${settled} settled minutes`,
    ].join(', ')
    const hours = desk.parts.limits.bake.durationMs / HOUR_MS
    desk.transaction(() => {
      this.parts.evidence.recordFact('bake', subjectOf(desk, version), atMs, {
        model: version,
        ...(former === null ? {} : { former }),
        status: passed ? 'PASSED' : 'UNDECIDED',
        errors: since.errors,
        tried: since.tried,
        matched: since.matched,
        comparisons: since.comparisons,
        settled,
        difference,
        reason,
      })
      const text = `the bake of ${version} ${passed ? 'has passed' : `has ended: ${DECISION[kind]}, ${reason}`}; ${hours} h, ${figures}`
      desk.events.log('promotion', passed ? 'info' : 'warning', text, 'always')
    })
  }

  /** The bake that runs at a moment, for people; null when none does. */
  document(desk: Desk, atMs: UnixMs): BakeDocument | null {
    const promotion = baking(desk, atMs)
    if (promotion === null || promotion.former === null) return null
    return {
      former: promotion.former,
      until: isoTime(bakeUntilMs(promotion.tsMs, desk.parts.limits.bake)),
      decision: this.decisions.get(desk.symbol) ?? 'the first hourly look is still to come',
    }
  }
}

const DECISION: Readonly<Record<BakeVerdict['kind'], string>> = {
  rollBack: 'rolled back',
  wait: 'nothing speaks against it',
  keep: 'it stays in charge',
  measureError: 'could not be measured',
}

const shareText = (part: number, of: number): string =>
  of === 0 ? 'unknown' : `${shortPercent(part / of)} of ${grouped(of)}`

/** Of its entry in the chain. */
function subjectOf({ symbol }: Desk, version: string): string {
  return `${symbol}/bake-${version}`
}

/** The promotion whose bake runs at a moment; null when none does. */
function baking(desk: Desk, atMs: UnixMs): PromotionRow | null {
  const row = watched(desk)
  return row !== null && atMs <= bakeUntilMs(row.tsMs, desk.parts.limits.bake) ? row : null
}

/** The promotion of the model in charge, while the former one is still kept beside it. */
function watched(desk: Desk): PromotionRow | null {
  const row = desk.parts.store.release.newestPromotion(desk.symbol)
  if (
    row === null ||
    row.kind !== 'promotion' ||
    desk.lineUp.former === null ||
    desk.lineUp.inCharge?.version !== row.version
  )
    return null
  return row
}

interface Measured {
  readonly verdict: BakeVerdict
  /** Since the promotion. */
  readonly since: JudgeCounts
  readonly settled: number
}

/** As `measure`, or why it fails: what cannot be read keeps neither a room nor its feed from going on. */
function tryToMeasure(desk: Desk, promotion: PromotionRow, atMs: UnixMs): Measured | string | null {
  try {
    return measure(desk, promotion, atMs)
  } catch (error) {
    return reasonOf(error)
  }
}

/** What the hourly look of a bake says; null without the two models. */
function measure(desk: Desk, promotion: PromotionRow, atMs: UnixMs): Measured | null {
  const { inCharge: baseline, former } = desk.lineUp
  if (baseline === null || former === null) return null
  const sinceMs = promotion.tsMs
  const since = countsSince(desk, baseline.version, former.version, sinceMs, atMs)
  const spans = [
    {
      name: 'last hour',
      counts: countsOf(desk, baseline.version, former.version, Math.max(sinceMs, atMs - HOUR_MS), atMs),
    },
    { name: 'since the promotion', counts: since },
  ]
  const ours = desk.parts.store.predictions.settled(desk.symbol, baseline.version, sinceMs, atMs)
  const theirs = new Map(
    desk.parts.store.predictions
      .settled(desk.symbol, former.version, sinceMs, atMs)
      .map((row) => [row.tsMs, row.score]),
  )
  const paired = ours.flatMap((row) => {
    const other = theirs.get(row.tsMs)
    return other === undefined
      ? []
      : [{ current: rowLogLoss(row.label, row.score), former: rowLogLoss(row.label, other) }]
  })
  const losses = {
    current: Float64Array.from(paired, (pair) => pair.current),
    former: Float64Array.from(paired, (pair) => pair.former),
  }
  const verdict = judgeBake({ spans, losses }, desk.parts.limits, promotion.profile, seededRandom(BAKE_SEED))
  return { verdict, since, settled: paired.length }
}

function countsOf(desk: Desk, current: string, former: string, fromMs: UnixMs, untilMs: UnixMs): JudgeCounts {
  const own = desk.rollups.totals(fromMs, untilMs, COMPARED_SOURCES, current)
  const beside = desk.rollups.totals(fromMs, untilMs, COMPARED_SOURCES, former)
  return {
    comparisons: beside.compared,
    matched: beside.matched,
    tried: own.tried,
    errors: own.errors,
    timed: own.modelTimed,
    above120Ms: own.modelAbove120,
  }
}

/** Beyond the day that is in memory, from the database. */
function countsSince(desk: Desk, current: string, former: string, fromMs: UnixMs, untilMs: UnixMs): JudgeCounts {
  const { release } = desk.parts.store
  const sum = { comparisons: 0, matched: 0, tried: 0, errors: 0, timed: 0, above120Ms: 0 }
  for (const { counts } of release.hourly(desk.symbol, current, fromMs, untilMs)) {
    sum.tried += counts.tried
    sum.errors += counts.errors
    sum.timed += counts.timed
    sum.above120Ms += counts.above120Ms
  }
  for (const { counts } of release.hourly(desk.symbol, former, fromMs, untilMs)) {
    sum.comparisons += counts.comparisons
    sum.matched += counts.matched
  }
  return sum
}
