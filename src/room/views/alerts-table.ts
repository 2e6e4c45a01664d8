import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { DetailView } from '../../control/panels.ts'
import type { AlertView, RoomView } from '../../control/view.ts'
import type { Desks } from '../desk/desks.ts'
import { ruleTable } from './room-view.ts'

const HISTORY_MS = 7 * DAY_MS
const MAX_HISTORY = 200
/** What is to be done stands in lines of its own, which a table cell can hold. */
const LINE_CHARS = 56

type Row = Readonly<Record<'time' | 'rule' | 'severity' | 'what' | 'text', string>>

/** What fires with what to do about it, then what happened in the last seven days, then the rules that are quiet. */
export function alertsTable(desks: Desks, { room, watch }: RoomView): DetailView {
  const active = watch.alerts.flatMap((alert) => [activeRow(alert), ...nextRows(alert)])
  const untilMs = room.clock.marketMs + 1
  const changes = desks.store.watch.alertChanges(room.symbol, untilMs - HISTORY_MS, untilMs)
  const history = changes
    .toSorted((a, b) => b.tsMs - a.tsMs)
    .slice(0, MAX_HISTORY)
    .map(({ tsMs, rule, severity, change, text }): Row => ({ time: minute(tsMs), rule, severity, what: change, text }))
  const quiet = ruleTable()
    .filter((rule) => !watch.alerts.some((alert) => alert.rule === rule.rule))
    .map(
      (rule): Row => ({
        time: '-',
        rule: rule.rule ?? '',
        severity: rule.severity ?? '',
        what: 'quiet',
        text: `fires after ${rule.for ?? ''}`,
      }),
    )
  return {
    kind: 'table',
    title: 'Alerts, and their last 7 days',
    rows: [...active, ...history, ...quiet],
    note: 'k acknowledges one that fires; rules are evaluated each minute of the market clock',
  }
}

function activeRow({ rule, severity, state, flapping, acknowledged, sinceMs, firedMs, text }: AlertView): Row {
  return {
    time: minute(firedMs ?? sinceMs),
    rule,
    severity,
    what: `${state}${flapping ? ', flapping' : ''}`,
    text: acknowledged === null ? text : `${text}; seen by ${acknowledged.by}: "${acknowledged.reason}"`,
  }
}

function nextRows({ next, rule }: AlertView): Row[] {
  const lines: string[] = []
  for (const word of next.split(' ').filter((one) => one !== '')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > LINE_CHARS) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((text, i) => ({ time: '', rule, severity: '', what: i === 0 ? 'to do' : '', text }))
}

function minute(ms: UnixMs): string {
  return isoTime(ms).slice(5, 16).replace('T', ' ')
}
