import { openStore, type Store } from '../db/store.ts'
import { COLUMNS } from '../engine/features/catalogue.ts'
import type { Clock } from '../engine/kernel/clock.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { findGaps, type Gap } from '../engine/market/gaps.ts'
import { FeatureLog, rotatedLogs } from '../evidence/feature-log.ts'
import { fileSha256, removeStaleTemporaries } from '../evidence/files.ts'
import { join } from 'node:path'
import { runInWorker } from '../work/run.ts'
import { redact } from '../notify/secret.ts'
import { Canary } from './canary.ts'
import { limitsOf, shownConfig, type Config, type Limits } from './config.ts'
import { Desk } from './desk.ts'
import { DeskJobs } from './desk-jobs.ts'
import { EvidenceDesk } from './evidence-desk.ts'
import { HeadSigning } from './head-signing.ts'
import { bakeLook, rollback } from './promotion.ts'
import type { Told } from './telling.ts'
import { Timeline, type Station } from './timeline.ts'
import { register } from './registration.ts'
import { bootstrapDue, planTraining } from './training.ts'

const MAX_SYMBOLS = 20

export interface CoreOptions {
  readonly dataDir: string
  readonly evidenceDir: string
  readonly mode: 'write' | 'read'
  readonly config: Config
  readonly clockKind: 'replay' | 'real'
  readonly wall: Clock
  readonly version: string
  /** Symbols that are asked for; those that the database knows come besides. */
  readonly symbols: readonly string[]
  readonly signal: AbortSignal
  readonly series?: (() => number | null) | undefined
  readonly onTraining?: ((symbol: string, share: number, step: string) => void) | undefined
  readonly sendProbes?: ((desk: Desk, atMs: UnixMs) => Promise<void>) | undefined
  /** The outbox asks for the page of a report. */
  readonly onPageOwed?: (() => void) | undefined
  readonly scoreLive?: ((desk: Desk) => Promise<void>) | undefined
  /** Takes each event, for people elsewhere; inside the event's transaction. */
  readonly tell?: ((told: Told) => void) | undefined
}

/** Everything of a room but the screen, the server and the pace: what a replay and a reading command need too. */
export class Core {
  readonly store: Store
  readonly limits: Limits
  readonly evidence: EvidenceDesk
  readonly stations = new Map<string, Station>()
  readonly timeline: Timeline
  readonly troubles = new Set<string>()
  private readonly logs = new Map<string, FeatureLog>()
  private readonly signing: HeadSigning | null

  constructor(readonly options: CoreOptions) {
    const { dataDir, evidenceDir, mode, config, wall, version } = options
    this.store = openStore(dataDir, mode)
    try {
      this.limits = limitsOf(config)
      const symbols = this.symbolsOf(options.symbols)
      // A directory stays on the clock that it began with.
      const clockKind = this.store.feeds.all()[0]?.clockKind ?? options.clockKind
      const wallNow = (): number => wall.now()
      this.evidence = new EvidenceDesk(
        { store: this.store, dataDir, evidenceDir, version, clockKind, wallNow, config: shownConfig(config) },
        symbols[0] ?? '',
      )
      this.signing = mode === 'write' ? this.openSigning() : null
      for (const symbol of symbols) this.openDesk(symbol)
      this.timeline = new Timeline({
        evidence: this.evidence,
        intake: { gapMin: config.features.gap_min },
        scoreLive: (desk) => options.scoreLive?.(desk) ?? Promise.resolve(),
        bootstrapDue: (desk, atMs) => bootstrapDue(desk, config, atMs),
        bootstrap: (desk, atMs) => this.bootstrap(desk, atMs),
        sendProbes: (desk, atMs) => options.sendProbes?.(desk, atMs) ?? Promise.resolve(),
        bake: (desk, atMs) => this.bake(desk, atMs),
      })
      if (mode === 'write') this.reconcile()
    } catch (error) {
      this.store.db.close()
      throw error
    }
  }

  get symbols(): readonly string[] {
    return [...this.stations.keys()]
  }

  /** @throws OperatorError 404 when the room does not know the symbol, or when none is named and there are several. */
  station(symbol: string | undefined): Station {
    const names = this.symbols
    const only = symbol ?? (names.length === 1 ? names[0] : undefined)
    const found = only === undefined ? undefined : this.stations.get(only)
    if (found !== undefined) return found
    const have = names.length === 0 ? 'it has none yet' : `it has ${names.join(', ')}`
    if (symbol === undefined)
      throw new OperatorError('no symbol was named', have, 'name one with --symbol', 'symbol', 422)
    throw new OperatorError(`the room does not know ${symbol}`, have, 'name one of these', 'unknown_symbol', 404)
  }

  /** Minutes without a bar between the first and the newest. */
  gaps(symbol: string): Gap[] {
    return findGaps(this.store.bars.times(symbol, 0, Number.MAX_SAFE_INTEGER))
  }

  /** Gives the feature log the rows that are committed, and chains each file that is complete with them. */
  writeLogs(): void {
    for (const { desk } of this.stations.values()) {
      if (desk.unlogged.length === 0) continue
      try {
        const rotated = this.logOf(desk).append(desk.unlogged)
        desk.unlogged = []
        for (const file of rotated) this.chainLog(desk, file.path, file.sha256)
        this.troubles.delete('features_raw.log')
      } catch (error) {
        this.trouble('features_raw.log', `features_raw.log cannot be written: ${messageOf(error)}`)
        // The database has them: what does not fit here is appended at the next start.
        if (desk.unlogged.length > 10_000) desk.unlogged.splice(0, desk.unlogged.length - 10_000)
      }
    }
  }

  /** Writes what the outbox holds. */
  drainOutbox(): void {
    const failed = this.evidence.drain()
    if (failed === null) this.clearTrouble('evidence')
    else this.trouble('evidence', `evidence cannot be written: ${failed}`)
    if (this.evidence.pagesOwed) this.options.onPageOwed?.()
    this.signing?.begin()
  }

  /** Resolves when the heads that are being signed have their signatures. */
  signed(): Promise<void> {
    return this.signing?.settled() ?? Promise.resolve()
  }

  trouble(kind: string, text: string): void {
    this.clearTrouble(kind)
    this.troubles.add(redact(`${kind}: ${text}`))
  }

  /** Whether there was one. */
  clearTrouble(kind: string): boolean {
    const those = [...this.troubles].filter((known) => known.startsWith(`${kind}: `))
    for (const known of those) this.troubles.delete(known)
    return those.length > 0
  }

  /** The desk of a symbol that a program pushes bars of, made when it is the first. @throws OperatorError when there are too many */
  stationFor(symbol: string): Station {
    const known = this.stations.get(symbol)
    if (known !== undefined) return known
    if (this.stations.size >= MAX_SYMBOLS) {
      throw new OperatorError(
        `${symbol} is one symbol too many`,
        `a room holds ${MAX_SYMBOLS}`,
        'start a second room for it',
        'too_many_symbols',
        409,
      )
    }
    return this.openDesk(symbol)
  }

  /** Rebuilds a desk from the database after a write has failed: memory must not be ahead of it. */
  reopenDesk(symbol: string): Station {
    return this.openDesk(symbol)
  }

  close(): void {
    for (const log of this.logs.values()) log.close()
    this.store.db.close()
  }

  private symbolsOf(asked: readonly string[]): string[] {
    return [...new Set([...asked, ...this.store.feeds.all().map((feed) => feed.symbol)])]
  }

  private openDesk(symbol: string): Station {
    const { config, wall } = this.options
    const desk = Desk.load(symbol, this.evidence.parts.clockKind, {
      store: this.store,
      limits: this.limits,
      wallNow: () => wall.now(),
      series: () => this.options.series?.() ?? null,
      onTrouble: (what) => (what === null ? this.clearTrouble('canary') : this.trouble('canary', what)),
      tell: this.options.tell,
    })
    desk.canary = new Canary(desk, this.evidence)
    const station = { desk, jobs: new DeskJobs(desk, this.evidence, config) }
    this.stations.set(symbol, station)
    return station
  }

  private async bootstrap(desk: Desk, atMs: UnixMs): Promise<void> {
    const { config, dataDir, version, signal, onTraining } = this.options
    let plan
    try {
      plan = planTraining(desk, config, dataDir, atMs, {}, 'first')
      const outcome = await runInWorker(plan.task, (share, step) => onTraining?.(desk.symbol, share, step), signal)
      register(desk, this.evidence, plan, outcome, atMs, version)
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code === 'cancelled') throw error
      // A window that does not train is told, and tried again at the next midnight with another one.
      this.store.db.transaction(() => desk.event('training', 'warning', `${error.what}: ${error.why}`))
    }
  }

  /** A model that was promoted is watched for two days; what is certain puts the former one back. */
  private bake(desk: Desk, atMs: UnixMs): void {
    const verdict = bakeLook(desk, atMs)
    if (verdict === null) return
    desk.lastBake = `${verdict.kind === 'rollBack' ? 'rolled back' : verdict.kind === 'wait' ? 'nothing speaks against it' : verdict.kind}: ${verdict.reason}`
    if (verdict.kind !== 'rollBack') return
    this.store.db.decision(() => rollback(desk, this.evidence, 'the bake', verdict.reason, atMs))
    desk.reloadSlots()
    this.drainOutbox()
  }

  private openSigning(): HeadSigning | null {
    const keyPath = this.options.config.evidence.signing_key
    if (keyPath === null) return null
    // A key that does not sign is told, and the room goes on.
    const onEnd = (trouble: string | null): void => {
      if (trouble === null) this.clearTrouble('signing')
      else this.trouble('signing', trouble)
    }
    return new HeadSigning({ evidence: this.evidence, keyPath, onEnd })
  }

  private logOf(desk: Desk): FeatureLog {
    let log = this.logs.get(desk.symbol)
    if (log === undefined) {
      const { version } = this.options
      log = new FeatureLog({
        dir: this.evidence.logDir(desk.symbol),
        header: { symbol: desk.symbol, clock: desk.feed.clockKind, onay_version: version },
        columns: COLUMNS,
      })
      this.logs.set(desk.symbol, log)
    }
    return log
  }

  private chainLog(desk: Desk, path: string, sha256: string): void {
    const subject = this.evidence.subject(desk.symbol, path.slice(path.lastIndexOf('/') + 1))
    this.store.db.transaction(() => this.evidence.record('file', subject, sha256, desk.momentMs, {}))
  }

  /** What a process that died had decided and not yet written is written before anything else happens. */
  private reconcile(): void {
    for (const { desk } of this.stations.values()) {
      if (desk.newestBar === null) this.evidence.putAsideOldLogs(desk.symbol)
      else this.reconcileLog(desk, desk.newestBar.tsMs)
      const dir = this.evidence.logDir(desk.symbol)
      for (const written of [dir, join(dir, 'daily'), join(dir, 'weekly'), ...this.artifactDirs(desk.symbol)])
        removeStaleTemporaries(written)
    }
    this.evidence.drain()
    this.signing?.recover()
    this.drainOutbox()
  }

  private artifactDirs(symbol: string): string[] {
    const versions = this.store.models.list(symbol).map((row) => row.version)
    return versions.map((version) => this.evidence.pathOf(this.evidence.artifactSubject(symbol, version, '')))
  }

  private reconcileLog(desk: Desk, newestMs: UnixMs): void {
    try {
      const dir = this.evidence.logDir(desk.symbol)
      // A log that was rotated just before the process died has no entry yet.
      const newest = rotatedLogs(dir).at(-1)
      if (newest !== undefined && this.store.journal.entryOf(this.evidence.subject(desk.symbol, newest)) === null) {
        this.chainLog(desk, join(dir, newest), fileSha256(join(dir, newest)) ?? '')
      }
      const last = this.logOf(desk).lastTsMs()
      const fromMs = last === null ? 0 : last + MINUTE_MS
      if (fromMs > newestMs) return
      desk.unlogged = [...this.store.features.each(desk.symbol, fromMs, newestMs + 1)]
      this.writeLogs()
    } catch (error) {
      this.trouble('features_raw.log', messageOf(error))
    }
  }
}
