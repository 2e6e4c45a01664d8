/** Models and their outcome, opened large. */
import { HOUR_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { ece } from '../../engine/stats/calibration.ts'
import { GATE_NAMES } from '../../engine/gates/catalogue.ts'
import { verdictOf } from '../../engine/kernel/verdict.ts'
import type { OutcomeVerdict } from '../../engine/gates/outcome.ts'
import type { DetailView } from '../../control/panels.ts'
import { outcomeChart } from '../../control/outcome-chart.ts'
import type { ModelView, OutcomeCourse, RoomView, SettledView } from '../../control/view.ts'
import type { Desks } from '../desk/desks.ts'
import { settledScores } from '../watch/settled-scores.ts'

type Row = Readonly<Record<string, string>>

const figure = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits)

const day = (ms: UnixMs): string => isoTime(ms).slice(0, 10)

function settledCells(settled: SettledView | null): Row {
  return { AUC: figure(settled?.auc, 3), 'log loss': figure(settled?.logLoss, 4), settled: String(settled?.n ?? 0) }
}

/** Everything that is known of the models that have a role. */
export function modelsTable({ models }: RoomView): DetailView {
  const row = (role: string, model: ModelView | null): Row =>
    model === null
      ? {
          role,
          version: 'none',
          ...settledCells(null),
          promised: '-',
          since: '-',
          'trained from': '-',
          until: '-',
          sha256: '-',
        }
      : {
          role,
          version: model.version,
          ...settledCells(model.settled),
          promised: figure(model.auc, 3),
          since: isoTime(model.sinceMs).slice(0, 16).replace('T', ' '),
          'trained from': day(model.trained.fromMs),
          until: day(model.trained.untilMs),
          sha256: model.sha256,
        }
  const { version, settled } = models.fallback
  return {
    kind: 'table',
    title: 'Models',
    rows: [
      row('in charge', models.baseline),
      row('shadow', models.candidate),
      row('former', models.former),
      { ...row(version, null), version: 'needs no training', ...settledCells(settled) },
    ],
    note: 'promised is the AUC of the cross-validation in training; AUC and log loss are of the same settled minutes',
  }
}

const FOLLOWS: Readonly<Record<OutcomeVerdict, string>> = {
  too_early: 'Too few minutes have settled for a word.',
  better: 'The shadow is better than what is in charge, with certainty: its outcome speaks for it.',
  worse: 'The shadow is worse than what is in charge, with certainty: its outcome speaks against it.',
  no_worse: 'No difference can be shown, and a loss that matters is ruled out.',
  undecided: 'It may be better or worse: more minutes are needed.',
}

const NOTHING_SETTLED: OutcomeCourse = {
  fromMs: 0,
  untilMs: 0,
  againstInCharge: [],
  againstFallback: [],
  band: [],
}

/** The chart that decides, with what each of the three did on the same minutes, and what follows from it. */
export function outcomeView(desks: Desks, view: RoomView): DetailView {
  const { outcome: course, gates, candidate, baseline } = view.models
  const note = candidate === null ? 'no model in the shadow' : FOLLOWS[gates?.outcome.verdict ?? 'too_early']
  const chart = outcomeChart(course ?? NOTHING_SETTLED)
  if (course === null) return { ...chart, note }
  const { fromMs, untilMs } = course
  const table = candidate === null || baseline === null ? undefined : threeModels(desks, view, fromMs, untilMs)
  return { ...chart, note, marks: passes(desks, view, fromMs, untilMs), table }
}

/** When each gate of the model in the shadow came to pass for good, and when all did. */
function passes(desks: Desks, view: RoomView, fromMs: UnixMs, untilMs: UnixMs): { atMs: UnixMs; text: string }[] {
  const version = view.models.candidate?.version ?? ''
  const since = GATE_NAMES.map((): UnixMs | null => null)
  let all: UnixMs | null = null
  for (const row of desks.store.watch.verdictChanges(view.room.symbol, version, fromMs, untilMs + HOUR_MS)) {
    const verdicts = Array.from(row.verdicts, (letter) => verdictOf(letter))
    for (const [i, verdict] of verdicts.entries()) since[i] = verdict === 'PASS' ? (since[i] ?? row.tsMs) : null
    all = verdicts.every((verdict) => verdict === 'PASS') ? (all ?? row.tsMs) : null
  }
  const gates = GATE_NAMES.flatMap((name, i) => {
    const atMs = since[i]
    return atMs === null || atMs === undefined
      ? []
      : [{ atMs, text: `${name.replace('alert_silence', 'alerts')} passes` }]
  })
  return all === null ? gates : [...gates, { atMs: all, text: 'all pass: it could be promoted' }]
}

function threeModels(desks: Desks, { models, room }: RoomView, fromMs: UnixMs, untilMs: UnixMs): readonly Row[] {
  const { baseline, candidate, fallback, gates } = models
  if (baseline === null || candidate === null) return []
  const settled = settledScores(desks.of(room.symbol), [candidate.version, baseline.version], fromMs, untilMs)
  const calibration = (scores: readonly number[] = []): string =>
    scores.length === 0 ? '-' : figure(ece(settled.labels, scores), 3)
  const against = (
    interval: { readonly value: number; readonly lo: number; readonly hi: number } | null | undefined,
  ): string =>
    interval === null || interval === undefined
      ? '-'
      : `${figure(interval.value, 4)} (${figure(interval.lo, 4)} to ${figure(interval.hi, 4)})`
  const row = (
    role: string,
    of: SettledView | null,
    scores: readonly number[] | undefined,
    difference: string,
  ): Row => ({
    model: role,
    ...settledCells(of),
    ECE: calibration(scores),
    'shadow minus it, a minute (95 %)': difference,
  })
  return [
    row(`shadow ${candidate.version}`, candidate.settled, settled.scores[0], ''),
    row(`in charge ${baseline.version}`, baseline.settled, settled.scores[1], against(gates?.outcome.difference)),
    row(fallback.version, fallback.settled, settled.fallback, against(gates?.outcome.against_fallback)),
  ]
}
