import { join } from 'node:path'
import type { Store } from '../../db/store.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import type { Catalogue } from '../../engine/features/catalogue.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { FeatureLog, rotatedLogs } from '../../evidence/feature-log.ts'
import { fileSha256 } from '../../evidence/files.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { Desk } from './desk.ts'
import type { Troubles } from './room-state.ts'

const KIND = 'features_raw.log'

/** The feature logs of a room, one a symbol: rows that are committed, each complete file in the chain. */
export class FeatureLogs {
  private readonly logs = new Map<string, { readonly log: FeatureLog; readonly catalogue: Catalogue }>()

  constructor(
    private readonly store: Store,
    private readonly evidence: EvidenceWriter,
    private readonly troubles: Troubles,
  ) {}

  /** Gives the log of a symbol the rows that are committed, and chains each file that is complete with them. */
  write(desk: Desk): void {
    const { tape } = desk
    if (tape.unlogged.length === 0) return
    try {
      const rotated = this.logOf(desk).append(loggedRows(desk))
      tape.logged()
      for (const file of rotated) this.chain(desk, file.path, file.sha256)
      this.troubles.clear(KIND)
    } catch (error) {
      this.troubles.report(KIND, `features_raw.log cannot be written: ${messageOf(error)}`)
      tape.boundUnlogged()
    }
  }

  /** What a process that died had stored and not yet logged. */
  catchUp(desk: Desk): void {
    const newestMs = desk.tape.newestBar?.tsMs
    if (newestMs === undefined) this.evidence.putAsideOldLogs(desk.symbol)
    else this.catchUpTo(desk, newestMs)
  }

  close(): void {
    for (const { log } of this.logs.values()) log.close()
  }

  private catchUpTo(desk: Desk, newestMs: UnixMs): void {
    const { evidence, store } = this
    try {
      const dir = evidence.logDir(desk.symbol)
      // A log that was rotated just before the process died has no entry yet.
      const newest = rotatedLogs(dir).at(-1)
      if (newest !== undefined && store.journal.entryOf(evidence.subject(desk.symbol, newest)) === null) {
        this.chain(desk, join(dir, newest), fileSha256(join(dir, newest)) ?? '')
      }
      const last = this.logOf(desk).lastTsMs()
      const fromMs = last === null ? 0 : last + MINUTE_MS
      if (fromMs > newestMs) return
      desk.tape.logAgain([...store.features.each(desk.symbol, fromMs, newestMs + 1)])
      this.write(desk)
    } catch (error) {
      this.troubles.report(KIND, messageOf(error))
    }
  }

  private logOf(desk: Desk): FeatureLog {
    const { catalogue } = desk
    const open = this.logs.get(desk.symbol)
    if (open?.catalogue === catalogue) return open.log
    // Columns were declared since: the same file goes on, and each of its lines names its columns.
    open?.log.close()
    const { version, clockKind } = this.evidence.parts
    const log = new FeatureLog({
      dir: this.evidence.logDir(desk.symbol),
      header: { symbol: desk.symbol, clock: clockKind, onay_version: version },
      columns: catalogue.names.filter((name) => !catalogue.isDerived(name)),
    })
    this.logs.set(desk.symbol, { log, catalogue })
    return log
  }

  private chain(desk: Desk, path: string, sha256: string): void {
    const { evidence } = this
    const subject = evidence.subject(desk.symbol, path.slice(path.lastIndexOf('/') + 1))
    desk.transaction(() => evidence.record('file', subject, sha256, desk.tape.momentMs, {}))
  }
}

/** Rows with the columns that they are stored with alone; a user's own lie behind those that are worked out. */
function loggedRows({ tape, catalogue }: Desk): readonly FeatureRow[] {
  if (catalogue.own.length === 0) return tape.unlogged
  const places = catalogue.names.flatMap((name, place) => (catalogue.isDerived(name) ? [] : [place]))
  return tape.unlogged.map(({ tsMs, values }) => ({
    tsMs,
    values: Float64Array.from(places, (place) => values[place] ?? Number.NaN),
  }))
}
