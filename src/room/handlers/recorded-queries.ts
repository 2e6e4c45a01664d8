import type { QueryHandlers } from '../../control/queries.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoTime } from '../../engine/kernel/units.ts'
import type { Judging } from '../timeline/assemble.ts'
import type { Desks } from '../desk/desks.ts'
import { executionNow, retrainGatesNow } from '../trading/paper-costs.ts'
import { paperNow, paperTrades } from '../queries/paper-readings.ts'
import { sampledTicks } from '../queries/tick-readings.ts'
import { scoreboard } from '../queries/scoreboard.ts'
import { abStatus, setDocuments } from '../queries/set-readings.ts'
import {
  driftNow,
  ensembleNow,
  featuresDocument,
  gatesNow,
  modelDocument,
  modelDocuments,
  psiNow,
  psiTrend,
} from '../queries/readings.ts'
import type { Access } from '../safety/access.ts'
import { KillSwitches } from '../safety/kill-switches.ts'

const TREND_MS = 7 * DAY_MS
const TRADES = 100

export type RecordedKind =
  | 'modelInCharge'
  | 'gates'
  | 'psi'
  | 'psiTrend'
  | 'drift'
  | 'ensemble'
  | 'features'
  | 'models'
  | 'model'
  | 'chain'
  | 'canary'
  | 'approvals'
  | 'kill'
  | 'tokens'
  | 'paper'
  | 'paperTrades'
  | 'execution'
  | 'retrainGates'
  | 'abStatus'
  | 'scoreboard'
  | 'ticks'
  | 'sets'

export interface RecordedParts extends Pick<Judging, 'judge' | 'release'> {
  readonly desks: Desks
  readonly access: Access
}

/** What is recorded, with a room that runs or without one. Writes nothing. */
export function recordedQueries({ desks, judge, release, access }: RecordedParts): Pick<QueryHandlers, RecordedKind> {
  return {
    modelInCharge: ({ symbol }) => {
      const desk = desks.of(symbol)
      const { inCharge: baseline } = desk.lineUp
      if (baseline === null)
        throw conflict(
          'no model is in charge yet',
          '14 days of bars are needed',
          'wait, or bring bars in with: onay import bars FILE',
          'no_model',
        )
      return modelDocument(desks, desk.symbol, baseline.version)
    },
    gates: ({ symbol }) => gatesNow(desks, judge, symbol, 'now'),
    psi: (asked) => psiNow(desks, asked, asked.quick === true),
    drift: (asked) => driftNow(desks, asked, asked.atMs),
    ensemble: ({ symbol }) => ensembleNow(desks, symbol),
    psiTrend: (asked) => psiTrend(desks, asked, asked.spanMs ?? TREND_MS),
    features: ({ symbol }) => featuresDocument(desks, symbol),
    models: ({ symbol }) => ({ items: modelDocuments(desks, symbol) }),
    model: ({ symbol, version }) => modelDocument(desks, symbol, version),
    chain: () => {
      const last = desks.store.journal.lastEntry()
      return { entries: last?.seq ?? 0, head: last?.hash ?? null, at: last === null ? null : isoTime(last.tsMs) }
    },
    canary: ({ symbol }) => release.status(symbol),
    approvals: ({ id }) => {
      const { approvals } = release
      return {
        items: id === undefined ? approvals.all().filter(({ state }) => state === 'waiting') : [approvals.get(id)],
      }
    },
    kill: ({ symbol }) => new KillSwitches(desks).look(symbol),
    tokens: () => ({ items: access.list() }),
    paper: ({ symbol, ...asked }) => paperNow(desks.of(symbol), asked),
    execution: ({ symbol, arm }) => executionNow(desks.of(symbol), arm),
    retrainGates: ({ symbol, arm, smokeTest }) => retrainGatesNow(desks.of(symbol), arm, smokeTest === true),
    ticks: ({ symbol, ...asked }) => sampledTicks(desks.of(symbol), asked),
    scoreboard: ({ symbol }) => scoreboard(desks.of(symbol)),
    abStatus: ({ symbol }) => abStatus(desks.of(symbol), release.approvals.waiting()),
    sets: ({ symbol }) => ({ items: setDocuments(desks.of(symbol)) }),
    paperTrades: ({ symbol, arm, limit }) => ({ items: paperTrades(desks.of(symbol), arm ?? null, limit ?? TRADES) }),
  }
}
