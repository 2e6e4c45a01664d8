import { openStore, type Store } from '../db/store.ts'
import type { ComparedRow } from '../db/rollups.ts'
import {
  type ComparedMinute,
  type ComparedRuns,
  type RehearsedCanary,
  rehearseCanaries,
} from '../engine/canary/rehearsal.ts'
import { CHECK_EVERY_MS } from '../engine/drift/check.ts'
import { DriftDay } from '../engine/drift/drift-day.ts'
import { ksReferences } from '../engine/drift/ks-hours.ts'
import {
  type RecordedWeeks,
  type RehearsedDay,
  rehearse,
  rehearsedDays,
  type RehearsedMinute,
  rehearsedRule,
} from '../engine/drift/rehearsal.ts'
import { type GateRecord, type RehearsedGateLimits, rehearseGates } from '../engine/gates/rehearsal.ts'
import { DAY_MS, floorTo, MINUTE_MS } from '../engine/kernel/units.ts'
import { heuristicScore } from '../engine/models/heuristic.ts'
import type { CanaryCounts, RehearsalOutcome, RehearseTask } from './task.ts'

/** Reads recorded weeks from the database (for reading only) and holds rules with other limits against them. */
export function rehearseRules(task: RehearseTask): RehearsalOutcome {
  const store = openStore(task.dataDir, 'read')
  try {
    const weeks = recordedWeeks(store, task)
    const days = rehearsedDays(weeks)
    const judged = judgedCandidate(store, task)
    const gates = judgedGates(store, task, judged ?? { minutes: weeks.minutes, days })
    return {
      days,
      candidate: judged?.found ?? null,
      gates: gates.judged,
      variants: task.variants.map(({ name, limits }) => {
        const rules = [...rehearse(weeks, days, limits), ...gates.under(limits.gates)]
        const canaries = judged?.under(limits) ?? null
        return canaries === null
          ? { name, rules, canaries }
          : { name, rules: [...rules, canaries.rule], canaries: canaries.counts }
      }),
    }
  } finally {
    store.db.close()
  }
}

/** The judge over canaries of the candidate, were they run all the time; null without a candidate. */
function judgedCandidate(store: Store, task: RehearseTask): JudgedCandidate | null {
  const { candidate, symbol, window } = task
  if (candidate === null) return null
  const { version, threshold, promise, plan, profile } = candidate
  const rows = store.rollups.compared(symbol, version, window.fromMs - DAY_MS, window.untilMs)
  const compared = comparedMinutes(rows)
  const minutes = minutesOf(store, { ...task, version })
  const days = rehearsedDays({ minutes, promise })
  // Most variants are about other rules: canaries under the same limits are gone through once.
  const known = new Map<string, ReturnType<JudgedCandidate['under']>>()
  const timedMinutes = new Set(rows.filter(({ timed }) => timed > 0).map(({ tsMs }) => tsMs)).size
  return {
    minutes,
    days,
    found: { days, minutes: compared.length, timedMinutes },
    under: ({ judge, probes }) => {
      const limits = JSON.stringify([judge, probes])
      const before = known.get(limits)
      if (before !== undefined) return before
      const canaries = rehearseCanaries(compared, { plan, profile, judge, probes }, window.fromMs)
      const stopped = canaries.filter(({ status }) => status === 'ABORTED')
      const firings = stopped.map(({ endedMs, plannedMs }) => ({
        fromMs: endedMs,
        untilMs: Math.max(plannedMs, endedMs + MINUTE_MS),
      }))
      const rule = rehearsedRule('canary judge', firings, { minutes, threshold }, days)
      const found = { rule, counts: countsOf(canaries) }
      known.set(limits, found)
      return found
    },
  }
}

interface JudgedDays {
  readonly minutes: readonly RehearsedMinute[]
  readonly days: readonly RehearsedDay[]
}

interface JudgedCandidate extends JudgedDays {
  readonly found: NonNullable<RehearsalOutcome['candidate']>
  readonly under: (limits: RehearseTask['variants'][number]['limits']) => {
    readonly rule: RehearsalOutcome['variants'][number]['rules'][number]
    readonly counts: CanaryCounts
  }
}

function countsOf(canaries: readonly RehearsedCanary[]): CanaryCounts {
  const ended = (status: RehearsedCanary['status']): number => canaries.filter((one) => one.status === status).length
  return {
    begun: canaries.length,
    succeeded: ended('SUCCESS'),
    stopped: ended('ABORTED'),
    inconclusive: ended('INCONCLUSIVE'),
  }
}

/** @param rows ascending, the room's own after the callers' of a minute */
function comparedMinutes(rows: readonly ComparedRow[]): readonly ComparedMinute[] {
  const minutes: ComparedMinute[] = []
  for (const row of rows) {
    const runs = runsOf(row)
    const last = minutes.at(-1)
    if (last?.tsMs === row.tsMs) minutes[minutes.length - 1] = { tsMs: row.tsMs, own: runs, all: sumOf(last.all, runs) }
    else minutes.push({ tsMs: row.tsMs, own: row.isOwn ? runs : null, all: runs })
  }
  return minutes
}

/** History has no latencies: what was not timed counts as on time. */
function runsOf({ tried, errors, compared, matched, above80, above120 }: ComparedRow): ComparedRuns {
  return { tried, errors, comparisons: compared, matched, timed: tried, above80Ms: above80, above120Ms: above120 }
}

function sumOf(a: ComparedRuns, b: ComparedRuns): ComparedRuns {
  return {
    tried: a.tried + b.tried,
    errors: a.errors + b.errors,
    comparisons: a.comparisons + b.comparisons,
    matched: a.matched + b.matched,
    timed: a.timed + b.timed,
    above80Ms: a.above80Ms + b.above80Ms,
    above120Ms: a.above120Ms + b.above120Ms,
  }
}

function recordedWeeks(store: Store, task: RehearseTask): RecordedWeeks {
  const { symbol, window, reference } = task
  return {
    window,
    checks: checksOf(store, task),
    ownDays: reference.ownDays,
    // Without those that filled a gap afterwards: nothing was known of them then.
    bars: store.bars.observedBetween(symbol, window.fromMs, window.untilMs).map(({ tsMs }) => tsMs),
    minutes: minutesOf(store, task),
    threshold: task.threshold,
    promise: task.promise,
  }
}

/** The gates of the candidate, or where there is none of the model in charge. @param ofModel settled minutes and days of the same */
function judgedGates(store: Store, task: RehearseTask, { minutes, days }: JudgedDays) {
  const { symbol, window } = task
  const { version, threshold, profile } = task.candidate ?? { ...task, profile: 'equivalent' as const }
  const record: GateRecord = {
    profile,
    snapshots: store.drift
      .snapshots(symbol, version, window.fromMs, window.untilMs)
      .flatMap(({ tsMs: atMs, document: { verdict, overall_psi: overall, worst } }) =>
        verdict === 'WAIT' || overall === null ? [] : [{ atMs, overall, worst: worst?.psi ?? 0 }],
      ),
    evaluations: store.watch
      .evaluationsOf(symbol, version, window.fromMs, window.untilMs)
      .map(({ tsMs: atMs, verdicts, figures }) => ({ atMs, verdicts, figures })),
  }
  const under = (limits: RehearsedGateLimits) => rehearseGates(record, limits, window.untilMs)
  return {
    // What was judged is the same under any limits.
    judged: task.variants
      .slice(0, 1)
      .flatMap(({ limits }) => under(limits.gates).map(({ gate, judged }) => ({ gate, judged }))),
    under: (limits: RehearsedGateLimits) =>
      under(limits).flatMap(({ gate, judged, failed }) =>
        judged === 0 ? [] : [rehearsedRule(gate, failed, { minutes, threshold }, days)],
      ),
  }
}

/** The figures of every quarter of an hour: the limits alone differ from one variant to the next. */
function checksOf(store: Store, { symbol, window, reference }: RehearseTask): RecordedWeeks['checks'] {
  const names = Object.keys(reference.features)
  const { fromMs, untilMs } = reference.window
  const day = new DriftDay(
    reference.features,
    ksReferences(names, store.features.table(symbol, fromMs, untilMs, names)),
  )
  const firstMs = Math.max(untilMs, window.fromMs - DAY_MS)
  const table = store.features.table(symbol, firstMs, window.untilMs, names)
  const checks: { atMs: number; figures: ReturnType<DriftDay['figures']> }[] = []
  let taken = 0
  const beginMs = floorTo(window.fromMs + CHECK_EVERY_MS - 1, CHECK_EVERY_MS)
  for (let atMs = beginMs; atMs <= window.untilMs; atMs += CHECK_EVERY_MS) {
    let next = taken
    while (next < table.tsMs.length && (table.tsMs[next] ?? Infinity) < atMs) next++
    day.addRows(table, taken, next)
    taken = next
    day.dropBefore(Math.max(untilMs, atMs - DAY_MS))
    checks.push({ atMs, figures: day.figures() })
  }
  return checks
}

function minutesOf(store: Store, { symbol, version, window, label }: RehearseTask): readonly RehearsedMinute[] {
  const variance = store.features.column(symbol, 'ewma_var_1m', window.fromMs, window.untilMs)
  return store.predictions.settled(symbol, version, window.fromMs, window.untilMs).flatMap((row) => {
    const fallback = heuristicScore(variance.get(row.tsMs) ?? Number.NaN, label)
    return Number.isNaN(fallback) ? [] : [{ ...row, fallback }]
  })
}
