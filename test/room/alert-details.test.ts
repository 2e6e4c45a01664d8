import { describe, expect, it } from 'vitest'
import type { RoomView } from '../../src/control/view.ts'
import { alertsTable } from '../../src/room/views/alerts-table.ts'
import { freshDirectories } from '../kit/directories.ts'
import { BLOCKED, changed } from '../kit/views.ts'
import { openDesks, SYMBOL } from '../kit/room.ts'
import { DAY } from '../kit/moments.ts'

const fresh = freshDirectories()
const NEXT =
  'retrain on features that do not drift (r), and look at the drift panel to see which of them moved the most'

const view: RoomView = changed(BLOCKED, {
  room: { symbol: SYMBOL },
  watch: {
    alerts: BLOCKED.watch.alerts.map((alert, i) =>
      i === 0 ? { ...alert, flapping: true, next: NEXT, acknowledged: { by: 'risk', reason: 'known' } } : alert,
    ),
  },
})

describe('the alerts in large', () => {
  it('are those of now with what to do, then what happened in seven days, newest first, then the rules that are quiet', () => {
    const desks = openDesks(fresh())
    const { marketMs } = view.room.clock
    const change = { symbol: SYMBOL, severity: 'warning', wallMs: 0 } as const
    for (const [daysAgo, what] of [
      [8, 'fired'],
      [2, 'fired'],
      [1, 'resolved'],
    ] as const) {
      const tsMs = marketMs - daysAgo * DAY
      const { db, watch } = desks.store
      const text = `${daysAgo} d ago`
      db.transaction(() => watch.logAlertChange({ ...change, rule: 'MLDataGap', change: what, text, tsMs }))
    }
    const detail = alertsTable(desks, view)
    const rows = detail.kind === 'table' ? detail.rows : []
    expect(rows[0]).toMatchObject({ rule: 'MLPSICritical', what: 'firing, flapping' })
    expect(rows[0]).toMatchObject({ text: 'PSI 1.391 is above 0.3', seen: 'by risk: "known"', 'to do': NEXT })
    expect(detail.kind === 'table' && detail.inDetail).toEqual(['seen', 'to do'])
    const told = rows.filter((row) => row.what === 'fired' || row.what === 'resolved')
    expect(told.map((row) => row.text)).toEqual(['1 d ago', '2 d ago'])
    const quiet = rows.filter((row) => row.what === 'quiet').map((row) => row.rule)
    expect(quiet).toContain('MLDataGap')
    expect(quiet).not.toContain('MLPSICritical')
    desks.close()
  })
})
