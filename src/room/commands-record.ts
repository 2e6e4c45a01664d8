import type { Handles } from '../control/commands.ts'
import { DAY_MS, isoDate } from '../engine/kernel/units.ts'
import type { RoomParts } from './commands-parts.ts'
import { exportEvidence, reportNow, saveGates, weekNow } from './records.ts'
import type { ReportPages } from './report-pages.ts'
import type { SmokeRuns } from './smoke.ts'

export interface RecordParts extends Pick<RoomParts, 'core' | 'inTurn' | 'openDesk'> {
  readonly pages: ReportPages
  readonly smokes: SmokeRuns
}

type RecordKind = 'saveGates' | 'reportDay' | 'reportWeek' | 'exportEvidence' | 'beginSmoke' | 'finishSmoke'

/** What is written down as evidence because somebody asks for it. */
export function recordCommands({ core, pages, smokes, inTurn, openDesk }: RecordParts): Handles<RecordKind> {
  return {
    saveGates: ({ symbol, label }) => inTurn(() => saveGates(core, symbol, label)),
    reportDay: async ({ symbol, date, html }) => {
      const report = await inTurn(() => {
        const { desk } = core.station(symbol)
        return reportNow(core, symbol, date ?? isoDate(desk.nowMs() - DAY_MS))
      })
      return html === true ? { ...report, page: await pages.page(report.symbol, report.date) } : report
    },
    reportWeek: ({ symbol, date }) => inTurn(() => weekNow(core, symbol, date)),
    exportEvidence: ({ symbol }) => inTurn(() => exportEvidence(core, symbol)),
    beginSmoke: ({ symbol }) => ({ run: smokes.begin(openDesk(symbol).symbol) }),
    finishSmoke: ({ run, shadow, figures }) => inTurn(() => smokes.finish(core, run, figures, shadow)),
  }
}
