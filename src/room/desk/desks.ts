import { join } from 'node:path'
import { openStore, type Store } from '../../db/store.ts'
import type { Clock, ClockKind } from '../../engine/kernel/clock.ts'
import { conflict, invalid, messageOf, notFound } from '../../engine/kernel/errors.ts'
import { removeStaleTemporaries } from '../../evidence/files.ts'
import type { Config } from '../config/config.ts'
import { shownConfig } from '../config/load-config.ts'
import type { Rule } from '../../engine/alerts/rule.ts'
import { rulesOf } from '../../engine/alerts/rules.ts'
import { limitsOf, type Limits } from '../config/limits.ts'
import { EvidenceWriter } from '../record/evidence-writer.ts'
import { HeadSigning } from '../record/head-signing.ts'
import { Desk } from './desk.ts'
import { declareColumns } from './declarations.ts'
import { noticeLabel } from './standing-label.ts'
import type { EventListener } from '../record/event-log.ts'
import { FeatureLogs } from './feature-logs.ts'
import { Troubles } from './room-state.ts'

const MAX_SYMBOLS = 20

interface DesksOptions {
  readonly dataDir: string
  readonly evidenceDir: string
  readonly mode: 'write' | 'read'
  readonly config: Config
  readonly clockKind: ClockKind
  readonly wall: Clock
  readonly version: string
  /** Symbols that are asked for; those that the database knows come besides. */
  readonly symbols: readonly string[]
  /** What starts this program again; left out where that is not known. */
  readonly program?: readonly string[] | undefined
  /** Takes each event, for people elsewhere. */
  readonly listener?: EventListener | undefined
}

/** The desks of a data directory with its store and its evidence: what a room, a replay and a command that only reads all need. */
export class Desks {
  readonly store: Store
  readonly limits: Limits
  readonly rules: readonly Rule[]
  readonly evidence: EvidenceWriter
  readonly logs: FeatureLogs
  readonly troubles = new Troubles()
  private readonly desks = new Map<string, Desk>()
  private readonly signing: HeadSigning | null

  constructor(readonly options: DesksOptions) {
    const { dataDir, evidenceDir, mode, config, wall, version } = options
    this.store = openStore(dataDir, mode)
    try {
      this.limits = limitsOf(config)
      this.rules = rulesOf(config.alerts, this.limits.judge)
      const stored = this.store.feeds.all()
      const symbols = [...new Set([...options.symbols, ...stored.map((feed) => feed.symbol)])]
      // A directory stays on the clock that it began with.
      const clockKind = stored[0]?.clockKind ?? options.clockKind
      const wallNow = (): number => wall.now()
      this.evidence = new EvidenceWriter(
        { store: this.store, dataDir, evidenceDir, version, clockKind, wallNow, config: shownConfig(config) },
        symbols[0] ?? '',
      )
      this.logs = new FeatureLogs(this.store, this.evidence, this.troubles)
      this.signing = mode === 'write' ? this.openSigning() : null
      for (const symbol of symbols) this.open(symbol)
      if (mode === 'write') this.catchUp()
    } catch (error) {
      this.store.db.close()
      throw error
    }
  }

  /** A directory has one clock: a recording's or the machine's. */
  get clockKind(): ClockKind {
    return this.evidence.parts.clockKind
  }

  get symbols(): readonly string[] {
    return [...this.desks.keys()]
  }

  all(): readonly Desk[] {
    return [...this.desks.values()]
  }

  /** @throws OperatorError 404 when the room does not know the symbol, 422 when none is named and there are several */
  of(symbol: string | undefined): Desk {
    const names = this.symbols
    const only = symbol ?? (names.length === 1 ? names[0] : undefined)
    const found = only === undefined ? undefined : this.desks.get(only)
    if (found !== undefined) return found
    const have = names.length === 0 ? 'the room has none yet' : `the room has ${names.join(', ')}`
    if (symbol === undefined) throw invalid('no symbol was named', have, 'name one with --symbol', 'symbol')
    throw notFound(`the room does not know ${symbol}`, have, 'name one of these', 'unknown_symbol')
  }

  /** The desk of a symbol that a program pushes bars of, opened with the first. @throws OperatorError when there are too many */
  forPush(symbol: string): Desk {
    const known = this.desks.get(symbol)
    if (known !== undefined) return known
    if (this.desks.size >= MAX_SYMBOLS) {
      throw conflict(
        `${symbol} does not fit into this room`,
        `a room holds at most ${MAX_SYMBOLS} symbols`,
        'start a second room for it',
        'too_many_symbols',
      )
    }
    return this.open(symbol)
  }

  /** Gives the feature logs the rows that are committed. */
  writeLogs(): void {
    for (const desk of this.desks.values()) this.logs.write(desk)
  }

  /** Writes the files that the outbox holds, and begins to sign the heads among them. */
  drainOutbox(): void {
    const failed = this.drained()
    if (failed === null) this.troubles.clear('evidence')
    else this.troubles.report('evidence', `evidence cannot be written: ${failed}`)
    this.signing?.begin()
  }

  /** Why not all could be written; null when it was. A database that cannot be read must not hide what holds in memory. */
  private drained(): string | null {
    try {
      return this.evidence.drain()
    } catch (error) {
      return messageOf(error)
    }
  }

  /** Resolves when the heads that are being signed have their signatures. */
  signed(): Promise<void> {
    return this.signing?.settled() ?? Promise.resolve()
  }

  close(): void {
    this.logs.close()
    this.store.db.close()
  }

  private open(symbol: string): Desk {
    const { store, limits, rules, clockKind, troubles } = this
    const { wall, listener } = this.options
    const wallNow = (): number => wall.now()
    const desk = new Desk(symbol, { store, limits, rules, clockKind, wallNow, troubles, listener: listener ?? null })
    this.desks.set(symbol, desk)
    if (this.options.mode === 'write') {
      const { columns } = this.options.config.features
      declareColumns(
        desk,
        columns.map(({ max_age_s, ...column }) => ({ ...column, maxAgeMs: max_age_s * 1_000 })),
      )
      noticeLabel(desk)
    }
    return desk
  }

  private openSigning(): HeadSigning | null {
    const keyPath = this.options.config.evidence.signing_key
    return keyPath === null ? null : new HeadSigning({ evidence: this.evidence, keyPath, troubles: this.troubles })
  }

  /** What a process that died had decided and not yet written is written before anything else happens. */
  private catchUp(): void {
    const { evidence, logs, store } = this
    for (const desk of this.desks.values()) {
      logs.catchUp(desk)
      const dir = evidence.logDir(desk.symbol)
      const artifacts = store.models
        .versions(desk.symbol)
        .map((version) => evidence.pathOf(evidence.artifactSubject(desk.symbol, version, '')))
      for (const written of [dir, join(dir, 'daily'), join(dir, 'weekly'), ...artifacts])
        removeStaleTemporaries(written)
    }
    evidence.drain()
    this.signing?.recover()
    this.drainOutbox()
  }
}
