/** What stands where: what the tables say, against what the chain's decisions come to one after the other. */
import * as z from 'zod'
import type { DecisionRows } from '../../db/decisions.ts'
import type { SlotRow } from '../../db/models.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import type { Findings } from '../../evidence/audit.ts'
import { SlotReplay, type Standing } from '../../evidence/slot-replay.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import { taken, TableFindings, type Told } from './told.ts'

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

/** Sets of five with the names that point at them, the active arm, and who challenges. */
export class SetAudit {
  private readonly registrations = new Map<string, Told>()
  /** By symbol and name: the version. */
  private readonly names = new Map<string, string>()
  /** By symbol: the arm. */
  private readonly active = new Map<string, string>()
  /** By symbol and version. */
  private readonly challengers = new Set<string>()

  constructor(private readonly findings: Findings) {}

  take(told: Told): void {
    const { entry, said } = told
    const [symbol, version] = partsOf(entry.subject)
    switch (entry.kind) {
      case 'set':
        this.registrations.set(entry.subject, told)
        if (said.name === NEWEST && said.before != null) this.names.set(`${symbol}/${NEWEST}_prev`, said.before)
        if (said.name !== undefined) this.names.set(`${symbol}/${said.name}`, version)
        break
      case 'swap':
        if (said.to !== undefined) this.active.set(symbol, said.to)
        break
      case 'challenger':
        if (said.step === 'begins') this.challengers.add(entry.subject)
        else this.challengers.delete(entry.subject)
        break
    }
  }

  end({ modelSets, setNames, activeArms, challengers }: DecisionRows): void {
    const sets = new TableFindings(this.findings, 'model_sets')
    for (const { symbol, version, sha256, models } of modelSets) {
      const what = `set ${symbol}/${version}`
      const told = taken(this.registrations, `${symbol}/${version}`)
      if (told === null) sets.entryless(what)
      else if (told.said.set_sha256 !== sha256)
        sets.unlike(what, told, `its SHA-256 is ${sha256}, there ${told.said.set_sha256}`)
      else if (sha256Hex(models) !== sha256) sets.unlike(what, told, `its models do not give the SHA-256 ${sha256}`)
    }
    sets.rowless(this.registrations.values())
    compare(
      this.findings,
      'set_names',
      this.names,
      setNames.map((row) => [`${row.symbol}/${row.name}`, row.version]),
    )
    compare(
      this.findings,
      'ab_active_model',
      this.active,
      activeArms.map((row) => [row.symbol, row.activeArm]),
    )
    const challenging = [...this.challengers].map((subject) => [subject, 'challenges'] as const)
    const rows = challengers.map((row) => [`${row.symbol}/${row.version}`, 'challenges'] as const)
    compare(this.findings, 'challengers', new Map(challenging), rows)
  }
}

/** Kill switches: on or off. */
export class KillAudit {
  /** By symbol. */
  private readonly told = new Map<string, string>()

  constructor(private readonly findings: Findings) {}

  take({ entry, said }: Told): void {
    if (entry.kind === 'kill_switch' && said.step !== undefined) this.told.set(entry.subject, said.step)
  }

  end(kills: DecisionRows['kills']): void {
    const rows = kills.map(([symbol, text]) => [symbol, switchOf(text)] as const)
    compare(this.findings, 'meta', this.told, rows)
  }
}

const Switch = z.object({ on: z.boolean() })

function switchOf(text: string): string {
  const said = Switch.safeParse(tryJson(text))
  return said.success ? (said.data.on ? 'on' : 'off') : 'unreadable'
}

function compare(
  findings: Findings,
  name: string,
  told: ReadonlyMap<string, string>,
  rows: readonly (readonly [string, string])[],
): void {
  const table = new TableFindings(findings, name)
  const there = new Map(rows)
  for (const [what, value] of there) {
    const known = told.get(what)
    if (known === undefined) table.entryless(what)
    else if (known !== value) table.wrong(what, `it is ${value}, the chain has ${known}`)
  }
  for (const [what, value] of told) if (!there.has(what)) table.wrong(what, `it is gone, the chain has ${value}`)
}

const NEWEST = 'v2_paper'

/** A symbol may hold a slash, a version does not. */
function partsOf(subject: string): readonly [symbol: string, version: string] {
  const at = subject.lastIndexOf('/')
  return [subject.slice(0, at), subject.slice(at + 1)]
}
