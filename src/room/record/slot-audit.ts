/** Which version stands where: what the table says, against what the chain's decisions come to one after the other. */
import type { SlotRow } from '../../db/models.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import type { Findings } from '../../evidence/audit.ts'
import { SlotReplay, type Standing } from '../../evidence/slot-replay.ts'
import { TableFindings, type Told } from './told.ts'

export class SlotAudit {
  private readonly replay = new SlotReplay()
  private readonly table: TableFindings

  constructor(findings: Findings) {
    this.table = new TableFindings(findings, 'slots')
  }

  take({ entry, said }: Told): void {
    this.replay.take(entry, said)
  }

  end(rows: readonly SlotRow[]): void {
    for (const row of rows) {
      const slots = this.replay.of(row.symbol)
      this.check(row, slots.get(row.slot))
      slots.delete(row.slot)
    }
    for (const symbol of this.replay.symbols)
      for (const [slot, { version }] of this.replay.of(symbol))
        this.table.wrong(`slot ${slot} of ${symbol}`, `it is empty, the chain has ${version} there`)
  }

  private check(row: SlotRow, told: Standing | undefined): void {
    const what = `slot ${row.slot} of ${row.symbol}`
    if (told?.version !== row.version) {
      const whom = told?.version ?? 'nobody'
      const why =
        row.slot === 'baseline'
          ? `${row.version} is in charge there, the chain put ${whom} in charge`
          : `${row.version} is there, the chain has ${whom}`
      this.table.wrong(what, why)
    } else if (told.profile !== undefined && told.profile !== row.profile)
      this.table.wrong(what, `${row.version} is judged under ${row.profile} there, under ${told.profile} in the chain`)
    else if (told.sinceMs !== row.sinceMs)
      this.table.wrong(
        what,
        `${row.version} is there since ${timeOf(row.sinceMs)}, in the chain since ${isoTime(told.sinceMs)}`,
      )
  }
}

/** Whoever changed a row may have put anything there. */
function timeOf(sinceMs: unknown): string {
  return typeof sinceMs === 'number' && Math.abs(sinceMs) <= 8.64e15 ? isoTime(sinceMs) : String(sinceMs)
}
