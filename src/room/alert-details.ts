import { DAY_MS, isoTime, type UnixMs } from '../engine/kernel/units.ts'
import type { AlertView, DetailView, RoomView } from './control-room.ts'
import type { Core } from './core.ts'
import { ruleTable } from './view.ts'

const HISTORY_MS = 7 * DAY_MS
const MAX_HISTORY = 200

type Row = Readonly<Record<'time' | 'rule' | 'severity' | 'what' | 'text' | 'to do', string>>

/** What fires with what to do about it, then what happened in the last seven days, then the rules that are quiet. */
export function alertsTable(core: Core, view: RoomView): DetailView {
  const active = view.alerts.map(activeRow)
  const untilMs = view.clock.marketMs + 1
  const changes = core.store.watch.alertChanges(view.symbol, untilMs - HISTORY_MS, untilMs)
  const history = changes
    .toSorted((a, b) => b.tsMs - a.tsMs)
    .slice(0, MAX_HISTORY)
    .map(
      ({ tsMs, rule, severity, change, text }): Row => ({
        time: minute(tsMs),
        rule,
        severity,
        what: change,
        text,
        'to do': '-',
      }),
    )
  const quiet = ruleTable()
    .filter((rule) => !view.alerts.some((alert) => alert.rule === rule.rule))
    .map(
      (rule): Row => ({
        time: '-',
        rule: rule.rule ?? '',
        severity: rule.severity ?? '',
        what: 'quiet',
        text: `fires after ${rule.for ?? ''}`,
        'to do': '-',
      }),
    )
  return {
    kind: 'table',
    title: 'Alerts, and their last 7 days',
    rows: [...active, ...history, ...quiet],
    note: 'k acknowledges one that fires; rules are evaluated each minute of the market clock',
  }
}

function activeRow(alert: AlertView): Row {
  const { acknowledged, flapping, state, text } = alert
  const seen = acknowledged === null ? '' : `, seen by ${acknowledged.by}`
  return {
    time: minute(alert.firedMs ?? alert.sinceMs),
    rule: alert.rule,
    severity: alert.severity,
    what: `${state} now${flapping ? ', flapping' : ''}${seen}`,
    text: acknowledged === null ? text : `${text} ("${acknowledged.reason}")`,
    'to do': alert.next === '' ? '-' : alert.next,
  }
}

function minute(ms: UnixMs): string {
  return isoTime(ms).slice(5, 16).replace('T', ' ')
}
