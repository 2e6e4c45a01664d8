import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { DetailView } from '../../control/panels.ts'
import type { AlertView, RoomView } from '../../control/view.ts'
import type { Desks } from '../desk/desks.ts'
import { ruleTable } from './room-view.ts'

const HISTORY_MS = 7 * DAY_MS
const MAX_HISTORY = 200

type Row = Readonly<Record<'time' | 'severity' | 'rule' | 'what' | 'text' | 'seen' | 'to do', string>>

/** What fires, then what happened in the last seven days, then the rules that are quiet. */
export function alertsTable(desks: Desks, { room, watch }: RoomView): DetailView {
  const active = watch.alerts.map(activeRow)
  const untilMs = room.clock.marketMs + 1
  const changes = desks.store.watch.alertChanges(room.symbol, untilMs - HISTORY_MS, untilMs)
  const history = changes
    .toSorted((a, b) => b.tsMs - a.tsMs)
    .slice(0, MAX_HISTORY)
    .map(
      ({ tsMs, rule, severity, change, text }): Row => ({
        time: minute(tsMs),
        severity,
        rule,
        what: change,
        text,
        seen: '',
        'to do': toDo(desks, rule),
      }),
    )
  const quiet = ruleTable(desks.rules)
    .filter((rule) => !watch.alerts.some((alert) => alert.rule === rule.rule))
    .map(
      (rule): Row => ({
        time: '-',
        severity: 'quiet',
        rule: rule.rule ?? '',
        what: 'quiet',
        text: `${rule.severity ?? ''}, fires after ${rule.for ?? ''}`,
        seen: '',
        'to do': toDo(desks, rule.rule ?? ''),
      }),
    )
  return {
    kind: 'table',
    title: 'Alerts, and their last 7 days',
    rows: [...active, ...history, ...quiet],
    note: 'x acknowledges one that fires, ? says what to do about it; rules are evaluated each minute of the market clock',
    inDetail: ['seen', 'to do'],
  }
}

function activeRow({ rule, severity, state, flapping, acknowledged, sinceMs, firedMs, text, next }: AlertView): Row {
  return {
    time: minute(firedMs ?? sinceMs),
    severity,
    rule,
    what: `${state}${flapping ? ', flapping' : ''}`,
    text,
    seen: acknowledged === null ? '' : `by ${acknowledged.by}: "${acknowledged.reason}"`,
    'to do': next,
  }
}

function toDo({ rules }: Desks, rule: string): string {
  return rules.find(({ name }) => name === rule)?.next.join(' ') ?? ''
}

function minute(ms: UnixMs): string {
  return isoTime(ms).slice(5, 16).replace('T', ' ')
}
