/** The pages of paper trading as tables: what arms earned, whether a retraining may begin, what fills cost. */
import type { CostBucketDocument, PaperArm, RetrainGatesDocument } from '../../control/paper-answers.ts'
import type { DetailView, PaperPage } from '../../control/panels.ts'
import { plainSpark } from '../../control/spark.ts'
import { minuteText } from '../../engine/kernel/units.ts'
import { SET_TARGETS } from '../../engine/models/tree-set.ts'
import { unreachable } from '../../engine/kernel/unreachable.ts'
import type { Desk } from '../desk/desk.ts'
import { activeArm } from '../trading/arms.ts'
import { executionNow, retrainGatesNow } from '../trading/paper-costs.ts'
import { setDocuments } from './set-readings.ts'
import { paperNow } from './paper-readings.ts'

type Table = Extract<DetailView, { kind: 'table' }>
type Row = Table['rows'][number]

export function paperTable(desk: Desk, page: PaperPage): Table {
  // Nothing trades before the first model.
  if (desk.lineUp.inCharge === null)
    return { kind: 'table', title: TITLES[page], rows: [], note: 'No model is in charge yet, so that nothing trades.' }
  switch (page) {
    case 'arms':
      return armsTable(desk)
    case 'retrain':
      return gatesTable(desk)
    case 'sets':
      return setsTable(desk)
    case 'ab':
      return abTable(desk)
    case 'costs':
      return costsTable(desk)
    default:
      return unreachable(page)
  }
}

/** Cells of a course. */
const EQUITY_CELLS = 14
/** Evaluations that are shown. */
const AB_RUNS = 50

const TITLES: Readonly<Record<PaperPage, string>> = {
  arms: 'Paper: arms',
  retrain: 'Paper: may a retraining begin',
  sets: 'Paper: sets of five',
  ab: 'Paper: arm against arm',
  costs: 'Paper: what fills cost',
}

function armsTable(desk: Desk): Table {
  const { arms, from, until, days } = paperNow(desk, {})
  const active = activeArm(desk)
  const results = desk.paper.results(desk.nowMs())
  const courses = new Map(
    arms.map(({ arm }) => [arm, results.course(arm, Date.parse(from), Date.parse(until), EQUITY_CELLS)]),
  )
  const ends = [...courses.values()].flat()
  const scale = { low: Math.min(0, ...ends), high: Math.max(0, ...ends) }
  return {
    kind: 'table',
    title: `${TITLES.arms}, ${minuteText(from)} to ${minuteText(until)} UTC, ${days} ${days === 1 ? 'day' : 'days'}`,
    rows: arms.map((arm) =>
      armRow(arm, {
        isActive: arm.arm === active,
        isInCharge: arm.arm === desk.lineUp.inCharge?.version,
        equity: plainSpark(courses.get(arm.arm) ?? [], EQUITY_CELLS, scale),
      }),
    ),
    note: 'After fees and half of the spread a side; * is the active arm. equity: the net result over the period, all arms on one scale. break-even: the cost a side, in bp, at which an arm would earn nothing.',
  }
}

interface ArmMarks {
  readonly isActive: boolean
  readonly isInCharge: boolean
  readonly equity: string
}

function armRow(arm: PaperArm, { isActive, isInCharge, equity }: ArmMarks): Row {
  const { open } = arm
  return {
    arm: isActive ? `${arm.arm} *` : arm.arm,
    trades: String(arm.trades),
    'bp a trade': figure(arm.expectancy_bp, 1),
    net: figure(arm.net_pnl, 2),
    equity,
    win: arm.win_rate === null ? '-' : `${(100 * arm.win_rate).toFixed(1)} %`,
    'profit f.': figure(arm.profit_factor, 2),
    Sharpe: figure(arm.sharpe, 1),
    drawdown: figure(arm.max_drawdown, 2),
    'break-even': figure(arm.break_even_cost_bp, 2),
    open: open === null ? '-' : `${open.side} at ${open.entry.toFixed(2)}`,
    role: isInCharge
      ? 'in charge'
      : isActive
        ? 'active'
        : arm.source === 'own'
          ? 'your own bot'
          : arm.threshold === null
            ? 'opens no more'
            : '-',
    'opens from': arm.threshold === null ? '-' : arm.threshold.toFixed(3),
    fees: figure(arm.fees, 2),
    turnover: figure(arm.turnover, 0),
    'minutes held': figure(arm.mean_holding_min, 1),
    'daily return': figure(arm.daily_return_per_exposure, 4),
  }
}

function gatesTable(desk: Desk): Table {
  const document: RetrainGatesDocument = retrainGatesNow(desk, undefined, false)
  return {
    kind: 'table',
    title: `${TITLES.retrain}: ${document.arm}`,
    rows: document.gates.map((gate) => ({
      gate: gate.gate_name,
      verdict: gate.verdict,
      value: figure(gate.value, 1),
      threshold: figure(gate.threshold, 1),
      when: gate.ready_at === null ? '-' : `${minuteText(gate.ready_at)} UTC`,
      reason: gate.reason,
    })),
    note: `${document.closed_trades} closed trades. onay paper-retrain trains a set where all pass, which the job at 13:00 UTC does by itself.`,
  }
}

function setsTable(desk: Desk): Table {
  const sets = setDocuments(desk)
  return {
    kind: 'table',
    title: TITLES.sets,
    rows: sets.flatMap(({ name, version, report }) =>
      SET_TARGETS.map((target) => {
        const { value, naive, gain, naive_predictor: by, useful, trees, importance, auc } = report.models[target]
        const [strongest] = Object.entries(importance).sort(([, a], [, b]) => b - a)
        return {
          set: name,
          model: target,
          useful: useful ? 'yes' : 'no',
          loss: value.toPrecision(4),
          naive: naive.toPrecision(4),
          'gain, 95 %': `${gain.lo.toPrecision(2)} to ${gain.hi.toPrecision(2)}`,
          trees: String(trees),
          'most by': strongest?.[0] ?? '-',
          AUC: figure(auc, 4),
          'naive is': by,
          version,
          'tested on': `${report.test_rows} rows`,
        }
      }),
    ),
    note:
      sets.length === 0
        ? 'No set has been trained yet: the first is trained at 13:00 UTC, or by onay paper-retrain.'
        : 'useful: better than naive with the whole interval of the gain, on rows that the model had not seen. onay paper sets says the same.',
  }
}

function abTable(desk: Desk): Table {
  const runs = desk.parts.store.trading.newestAbRuns(desk.symbol, AB_RUNS)
  return {
    kind: 'table',
    title: TITLES.ab,
    rows: runs.map((run) => ({
      at: minuteText(run.tsMs),
      A: run.armALabel,
      B: run.armBLabel,
      swap: run.swapRecommended === 1 ? 'recommended' : 'no',
      look: run.dryRun === 1 ? `${run.k}, dry` : String(run.k),
      reason: run.decisionReason,
      trades: `${run.armATrades} and ${run.armBTrades}`,
      Sharpe: `${figure(run.armASharpe, 2)} and ${figure(run.armBSharpe, 2)}`,
      expectancy: `${figure(run.armAExpectancy, 3)} and ${figure(run.armBExpectancy, 3)}`,
      'win rate': `${figure(run.armAWinRate, 3)} and ${figure(run.armBWinRate, 3)}`,
      'profit factor': `${figure(run.armAPf, 2)} and ${figure(run.armBPf, 2)}`,
      mode: run.mode,
      level: `${(100 * run.level).toFixed(2)} %`,
    })),
    note:
      runs.length === 0
        ? 'Nothing has been compared yet: onay ab compares the model in charge and the candidate, or two arms that are named.'
        : 'Of A and of B, by their closed trades until then. onay ab compares them again.',
  }
}

function costsTable(desk: Desk): Table {
  const document = executionNow(desk, undefined)
  const buckets = (of: Readonly<Record<string, CostBucketDocument>>, by: string): Row[] =>
    Object.entries(of).map(([name, bucket]) => ({ by, bucket: name, ...costCells(bucket) }))
  const whole: Row = {
    by: 'all',
    bucket: document.arm,
    ...costCells({
      trades: document.trades,
      avg_slippage_per_side_pct: document.ema_slippage_per_side_pct,
      position_size_multiplier: document.position_size_multiplier,
    }),
  }
  return {
    kind: 'table',
    title: TITLES.costs,
    rows: [whole, ...buckets(document.time_of_day, 'hours UTC'), ...buckets(document.regime_slippage, 'regime')],
    note: document.placeholder
      ? 'Too few closed trades: the assumed slippage stands.'
      : [`slippage a side; ${document.assumed_slippage_per_side_pct} % is assumed`, ...document.recommendations].join(
          '; ',
        ),
  }
}

function costCells(bucket: CostBucketDocument): Row {
  return {
    trades: String(bucket.trades),
    slippage: `${bucket.avg_slippage_per_side_pct.toFixed(4)} %`,
    'position size': `${bucket.position_size_multiplier.toFixed(2)} x`,
  }
}

function figure(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits)
}
