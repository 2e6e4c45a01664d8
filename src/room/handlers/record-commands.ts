import type { Handles } from '../../control/commands.ts'
import { DAY_MS, isoDate } from '../../engine/kernel/units.ts'
import { exportEvidence } from '../queries/export-evidence.ts'
import type { GoLiveDocument } from '../../control/checklist.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import type { RoomState } from '../desk/room-state.ts'
import type { Notifier } from '../notifications/notifier.ts'
import { keepRehearsal, rehearse } from '../rehearsal/rehearse.ts'
import { checklistName, goLive } from '../readiness/go-live.ts'
import { reportNow, weekNow } from '../reports/report-now.ts'
import type { ReportPages } from '../reports/report-pages.ts'
import type { SmokeRuns } from '../validation/smoke-run.ts'
import { calibrateNow } from '../watch/calibrate.ts'
import { saveGates } from '../watch/gate-documents.ts'
import type { WorkBoard } from '../../work/board.ts'
import type { RoomParts } from './room-parts.ts'

export interface RecordParts extends RoomParts {
  readonly pages: ReportPages
  readonly smokes: SmokeRuns
  readonly work: WorkBoard
  readonly state: RoomState
  readonly notify: Notifier | undefined
  readonly signal: AbortSignal
}

type RecordKind =
  | 'calibrate'
  | 'rehearse'
  | 'goLive'
  | 'saveGates'
  | 'reportDay'
  | 'reportWeek'
  | 'exportEvidence'
  | 'beginSmoke'
  | 'finishSmoke'

/** What is written down as evidence because somebody asks for it. */
export function recordCommands(parts: RecordParts): Handles<RecordKind> {
  const { desks, judge, turns, openDesk, pages, smokes, state } = parts
  return {
    calibrate: ({ symbol, dryRun = false }) =>
      turns.take(() => {
        const desk = openDesk(symbol)
        const document = calibrateNow(desk, desks.evidence, dryRun)
        desks.drainOutbox()
        return desks.evidence.stamp('calibration/1', desk.tape.momentMs, document)
      }),
    rehearse: async (asked) => {
      const desk = openDesk(asked.symbol)
      const document = await rehearse(parts, desk, asked)
      return turns.take(() => keepRehearsal(desks, desk, document))
    },
    goLive: async ({ symbol }) => {
      const desk = openDesk(symbol)
      const document = await goLive({ ...parts, url: state.url }, desk)
      return turns.take(() => keepChecklist(desks, desk, document))
    },
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

function keepChecklist(desks: Desks, desk: Desk, document: GoLiveDocument): GoLiveDocument {
  const { evidence } = desks
  const { momentMs: atMs } = desk.tape
  const stamped = evidence.stamp('go_live/1', atMs, document)
  desk.transaction(() => {
    evidence.writeDocument(evidence.subject(desk.symbol, checklistName(document)), stamped, atMs)
  })
  desks.drainOutbox()
  return stamped
}
