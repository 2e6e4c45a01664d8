/** `onay import bars` where a room runs: it is sent the bars, a day at a time. */
import { askRoom, readRoom } from '../api/client.ts'
import { isoTime, type UnixMs } from '../engine/kernel/units.ts'
import { type Bar, faultOf } from '../engine/market/bar.ts'
import { openBars } from '../feeds/bars-parquet.ts'
import { recordedRow } from '../feeds/recording.ts'
import type { Survey } from '../feeds/survey.ts'
import { BY, noRoom } from './ask-room.ts'
import type { Context } from './context.ts'
import { recordingDocument } from './recording-document.ts'

/**
 * A day, some 80 ms of the room's time. Most of that is the stream of the two days before, which a smaller piece would need as
 * well: six pieces of four hours take four times as long together.
 */
const PIECE = 1_440
/** Bad rows that are kept with their lines; all are counted. */
const MAX_DROPPED = 1_000

interface Dropped {
  readonly line: number | null
  readonly fault: string
  readonly text: string
}

interface Sending {
  readonly survey: Survey
  readonly span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs }
  readonly signal: AbortSignal
}

/** What came of an import of bars. */
export interface ImportDocument {
  readonly symbol: string
  readonly bars: number
  readonly backfilled: number
  readonly duplicates: number
  readonly late: number
  readonly bad_rows: number
  readonly future: number
  readonly dropped: readonly Dropped[]
  readonly file: ReturnType<typeof recordingDocument>
  readonly until: string | null
  readonly model: string | null
  readonly note: string | null
}

/** @throws OperatorError what the room refused, and where it ends meanwhile */
export async function importIntoRoom(
  context: Context,
  symbol: string,
  { survey, span, signal }: Sending,
): Promise<ImportDocument> {
  const counts = { filled: 0, known: 0, newer: 0, bad: 0 }
  const dropped: Dropped[] = []
  let piece: Bar[] = []
  const send = async (): Promise<void> => {
    const bars = piece
    piece = []
    if (bars.length === 0) return
    const answer = await askRoom(context.dataDir, { kind: 'fillBars', by: BY, symbol, bars })
    if (answer === null) throw noRoom('it ended while the file was read: run this again')
    counts.filled += answer.filled
    counts.known += answer.known
    counts.newer += answer.newer
  }
  for await (const { rows } of openBars(survey.path, { skipLines: 0, signal }))
    for (const written of rows) {
      const row = recordedRow(written, survey)
      const fault = 'bar' in row ? faultOf(row.bar) : row.fault
      if (fault !== null) {
        counts.bad += 'bar' in row ? 1 : (row.times ?? 1)
        const text = 'bar' in row ? JSON.stringify(row.bar) : row.text
        if (dropped.length < MAX_DROPPED) dropped.push({ line: row.line, fault, text })
      } else if ('bar' in row && row.bar.tsMs >= span.fromMs && row.bar.tsMs < span.untilMs) piece.push(row.bar)
      if (piece.length === PIECE) await send()
      if (signal.aborted) break
    }
  await send()
  const view = await readRoom(context.dataDir, { kind: 'view', symbol })
  return {
    symbol,
    bars: 0,
    backfilled: counts.filled,
    duplicates: counts.known,
    late: 0,
    bad_rows: counts.bad,
    future: 0,
    dropped,
    file: recordingDocument(survey),
    until: view === null ? null : isoTime(view.room.clock.marketMs),
    model: view?.models.baseline?.version ?? null,
    note:
      counts.newer === 0
        ? null
        : `${counts.newer} ${counts.newer === 1 ? 'bar is' : 'bars are'} newer than the newest of the room that runs: its feed brings those`,
  }
}
