import type { Handles } from '../../control/commands.ts'
import { DAY_MS, isoDate } from '../../engine/kernel/units.ts'
import { exportEvidence } from '../queries/export-evidence.ts'
import { reportNow, weekNow } from '../reports/report-now.ts'
import type { ReportPages } from '../reports/report-pages.ts'
import type { SmokeRuns } from '../validation/smoke-run.ts'
import { saveGates } from '../watch/gate-documents.ts'
import type { RoomParts } from './room-parts.ts'

export interface RecordParts extends RoomParts {
  readonly pages: ReportPages
  readonly smokes: SmokeRuns
}

type RecordKind = 'saveGates' | 'reportDay' | 'reportWeek' | 'exportEvidence' | 'beginSmoke' | 'finishSmoke'

/** What is written down as evidence because somebody asks for it. */
export function recordCommands({ desks, judge, turns, openDesk, pages, smokes }: RecordParts): Handles<RecordKind> {
  return {
    saveGates: ({ symbol, label }) => turns.take(() => saveGates(desks, judge, symbol, label)),
    reportDay: async ({ symbol, date, html }) => {
      const report = await turns.take(() =>
        reportNow(desks, symbol, date ?? isoDate(desks.of(symbol).nowMs() - DAY_MS)),
      )
      return html === true ? { ...report, page: await pages.page(report.symbol, report.date) } : report
    },
    reportWeek: ({ symbol, date }) => turns.take(() => weekNow(desks, symbol, date)),
    exportEvidence: ({ symbol }) => turns.take(() => exportEvidence(desks, judge, symbol)),
    beginSmoke: ({ symbol }) => ({ run: smokes.begin(openDesk(symbol).symbol) }),
    finishSmoke: ({ run, shadow, figures }) => turns.take(() => smokes.finish(desks, run, figures, shadow)),
  }
}
