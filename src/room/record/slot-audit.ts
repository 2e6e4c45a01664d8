/** Which version stands where: what the table says, against what the chain's decisions come to one after the other. */
import type { SlotName, SlotRow } from '../../db/models.ts'
import { SLOT_NAMES } from '../../engine/models/roles.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { Findings } from '../../evidence/audit.ts'
import { splitSubject, TableFindings, type Told } from './told.ts'

interface Standing {
  readonly version: string
  /** Undefined where an entry of an earlier version does not say. */
  readonly profile: string | undefined
  readonly sinceMs: UnixMs
}
type Slots = Map<SlotName, Standing>

export class SlotAudit {
  private readonly bySymbol = new Map<string, Slots>()
  private readonly table: TableFindings

  constructor(findings: Findings) {
    this.table = new TableFindings(findings, 'slots')
  }

  take({ entry, said }: Told): void {
    const [symbol, version] = splitSubject(entry.subject)
    const slots = this.of(symbol)
    const sinceMs = entry.tsMs
    switch (entry.kind) {
      case 'registration': {
        const slot = SLOT_NAMES.find((name) => name === said.slot)
        if (slot !== undefined) slots.set(slot, { version, profile: said.profile, sinceMs })
        break
      }
      case 'profile':
        for (const [slot, standing] of slots)
          if (standing.version === version) slots.set(slot, { ...standing, profile: said.profile })
        break
      case 'promotion': {
        const before = slots.get('baseline')
        if (before !== undefined) slots.set('former', { ...before, sinceMs })
        slots.set('baseline', { version, profile: slots.get('candidate')?.profile, sinceMs })
        slots.delete('candidate')
        break
      }
      case 'rollback':
        slots.set('baseline', { version, profile: slots.get('former')?.profile, sinceMs })
        slots.delete('former')
        break
    }
  }

  end(rows: readonly SlotRow[]): void {
    for (const row of rows) {
      const slots = this.of(row.symbol)
      this.check(row, slots.get(row.slot))
      slots.delete(row.slot)
    }
    for (const [symbol, slots] of this.bySymbol)
      for (const [slot, { version }] of slots)
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

  private of(symbol: string): Slots {
    let slots = this.bySymbol.get(symbol)
    if (slots === undefined) {
      slots = new Map()
      this.bySymbol.set(symbol, slots)
    }
    return slots
  }
}

/** Whoever changed a row may have put anything there. */
function timeOf(sinceMs: unknown): string {
  return typeof sinceMs === 'number' && Math.abs(sinceMs) <= 8.64e15 ? isoTime(sinceMs) : String(sinceMs)
}
