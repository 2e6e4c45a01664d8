import type { ClockKind } from '../../engine/kernel/clock.ts'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { OwedFile } from '../../db/shapes-room.ts'
import type { Store } from '../../db/store.ts'
import { conflict, messageOf } from '../../engine/kernel/errors.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { canonicalJson, sha256Hex } from '../../evidence/canonical.ts'
import { PRUNED } from '../../evidence/audit.ts'
import { type ChainEntry, linkEntry } from '../../evidence/chain.ts'
import { FEATURE_LOG_NAME, rotatedLogs } from '../../evidence/feature-log.ts'
import { fileSha256, writeAtomic } from '../../evidence/files.ts'

interface EvidenceParts {
  readonly store: Store
  readonly dataDir: string
  readonly evidenceDir: string
  readonly version: string
  readonly clockKind: ClockKind
  readonly wallNow: () => number
  /** What applied, written into each document. */
  readonly config: object
}

/**
 * Writes evidence. A file's hash goes into the chain with the decision that makes it, in one transaction; the file itself
 * comes of the outbox, so that a crash between loses neither.
 */
export class EvidenceWriter {
  private readonly primary: string
  /** Files recorded and not yet written, by subject. */
  private readonly owed = new Map<string, string>()
  /** Heads of the chain that were recorded and not yet signed, by subject. */
  readonly unsigned = new Set<string>()
  /** How often the outbox was emptied: what was looked up on the disk before may be out of date. */
  drains = 0
  /** Pages that the outbox asks for: they are made by processes of their own. */
  pagesOwed = false

  constructor(
    readonly parts: EvidenceParts,
    firstSymbol: string,
  ) {
    const known = parts.store.facts.get('primarySymbol')
    this.primary = known ?? firstSymbol
    if (known === null && parts.store.db.writable) parts.store.facts.set('primarySymbol', firstSymbol)
  }

  /** The subject of a symbol's file: the first symbol's stand in `ml/` itself, each further one's in a folder of its own. */
  subject(symbol: string, name: string): string {
    return subjectsOf(this.primary).evidence(symbol, name)
  }

  artifactSubject(symbol: string, version: string, name: string): string {
    return subjectsOf(this.primary).artifact(symbol, version, name)
  }

  /** Where a subject stands on the disk. */
  pathOf(subject: string): string {
    return pathOfSubject(this.parts, subject)
  }

  logDir(symbol: string): string {
    return this.pathOf(this.subject(symbol, FEATURE_LOG_NAME)).slice(0, -FEATURE_LOG_NAME.length - 1)
  }

  /** A document with its header: what made it, on which clock, under which configuration. */
  stamp<T extends object>(
    schema: string,
    atMs: UnixMs,
    document: T,
  ): T & { schema: string; generated_at: string; clock: string; onay_version: string } {
    const { clockKind, version, config } = this.parts
    return { ...document, schema, generated_at: isoTime(atMs), clock: clockKind, onay_version: version, config }
  }

  /** Records a JSON document and leaves its file to the outbox; inside the caller's transaction. Returns its SHA-256. */
  writeDocument(subject: string, document: object, atMs: UnixMs, detail: object = {}): string {
    return this.writeText(subject, `${canonicalJson(document)}\n`, atMs, detail)
  }

  /**
   * A document about one version; the name without the version is a copy of the newest, whichever version that is about.
   * Inside the caller's transaction.
   * @param name without its ending
   */
  writeOfVersion(
    { symbol, version }: { readonly symbol: string; readonly version: string },
    name: string,
    document: object,
    atMs: UnixMs,
    detail: object,
  ): void {
    for (const file of [`${name}_${version}.json`, `${name}.json`])
      this.writeDocument(this.subject(symbol, file), document, atMs, { model: version, ...detail })
  }

  writeText(subject: string, content: string, atMs: UnixMs, detail: object = {}): string {
    const sha256 = sha256Hex(content)
    this.record('file', subject, sha256, atMs, detail)
    this.parts.store.outbox.oweFile({ path: subject, content }, atMs)
    this.owed.set(subject, sha256)
    return sha256
  }

  /** Appends an entry to the chain; inside the caller's transaction. */
  record(kind: string, subject: string, sha256: string, atMs: UnixMs, detail: object): void {
    const { store, wallNow } = this.parts
    const draft = { kind, subject, sha256, detail: canonicalJson(detail), tsMs: atMs, wallMs: wallNow() }
    store.journal.appendEntry(linkEntry(store.journal.lastEntry(), draft))
  }

  /** Something that is no file: a registration, a change of a gate, an alert. Its hash is that of its detail. */
  recordFact(kind: string, subject: string, atMs: UnixMs, detail: object): void {
    this.record(kind, subject, sha256Hex(canonicalJson(detail)), atMs, detail)
  }

  /** Leaves a file to be removed, and says so in the chain; inside the caller's transaction. */
  pruneFile({ seq, subject, sha256 }: ChainEntry, atMs: UnixMs): void {
    this.recordFact(PRUNED, subject, atMs, { entry: seq, sha256, why: 'retention' })
    this.parts.store.outbox.oweFile({ path: subject }, atMs)
  }

  /** Does what the outbox holds: of what is owed to one path the newest alone. Returns what could not be done. */
  drain(): string | null {
    const { outbox } = this.parts.store
    const { files: pending, pages } = outbox.pending()
    this.pagesOwed = pages.length > 0
    const newest = new Map(pending.map((entry) => [entry.path, entry.id]))
    let failed: string | null = null
    for (const entry of pending) {
      try {
        if (newest.get(entry.path) === entry.id) this.carryOut(entry)
        outbox.done(entry.id)
        this.owed.delete(entry.path)
      } catch (error) {
        failed ??= messageOf(error)
        this.owed.delete(entry.path)
      }
    }
    if (pending.length > 0) this.drains++
    return failed
  }

  /** A content that is still to be written, found by its hash; null when there is none. */
  owedContent(subject: string, sha256: string): string | null {
    const { files } = this.parts.store.outbox.pending()
    const owed = files.find(({ path, content }) => path === subject && sha256Hex(content ?? '') === sha256)
    return owed?.content ?? null
  }

  /** Whether the file of a subject is there and is the one whose hash is newest in the chain. */
  standing(subject: string): 'whole' | 'missing' | 'changed' | 'unknown' {
    const entry = this.parts.store.journal.entryOf(subject)
    if (entry === null) return 'unknown'
    const sha256 = fileSha256(this.pathOf(subject))
    // A file in the outbox counts as written until a write of it fails.
    if (sha256 !== entry.sha256 && this.owed.get(subject) === entry.sha256) return 'whole'
    if (sha256 === null) return 'missing'
    return sha256 === entry.sha256 ? 'whole' : 'changed'
  }

  /** A new database beside the logs of an earlier one: those are put aside, never written into. */
  putAsideOldLogs(symbol: string): void {
    const dir = this.logDir(symbol)
    if (!existsSync(dir)) return
    const logs = [...rotatedLogs(dir), ...readdirSync(dir).filter((name) => name === FEATURE_LOG_NAME)]
    if (logs.length === 0) return
    const aside = join(dir, `earlier-${isoTime(this.parts.wallNow()).replaceAll(':', '')}`)
    mkdirSync(aside, { recursive: true })
    for (const name of logs) renameSync(join(dir, name), join(aside, name))
  }

  /**
   * An entry of the outbox without a content is a file that is to go.
   * @throws OperatorError where the chain does not say what the entry asks for
   */
  private carryOut({ path, content }: OwedFile): void {
    const entry = this.parts.store.journal.entryOf(path)
    const said = content === undefined ? entry?.kind === PRUNED : entry?.sha256 === sha256Hex(content)
    if (!said)
      throw conflict(
        `${path} is not ${content === undefined ? 'removed' : 'written'}`,
        'the outbox asks for it, and the evidence chain does not',
        'see what else is wrong with: onay evidence verify',
        'unrecorded_file',
      )
    if (content === undefined) rmSync(this.pathOf(path), { force: true })
    else writeAtomic(this.pathOf(path), content)
  }
}

/** Where a subject stands on the disk: artifacts with the data, everything else with the evidence. */
export function pathOfSubject(
  { dataDir, evidenceDir }: Pick<EvidenceParts, 'dataDir' | 'evidenceDir'>,
  subject: string,
): string {
  return join(subject.startsWith('ml-artifacts/') ? dataDir : evidenceDir, subject)
}

/** Names of files: the symbol that a directory knew first has the folders themselves, each further one a folder in them. */
export function subjectsOf(primary: string): {
  evidence(symbol: string, name: string): string
  artifact(symbol: string, version: string, name: string): string
} {
  const within = (symbol: string): string => (symbol === primary ? '' : `${symbol}/`)
  return {
    evidence: (symbol, name) => `ml/${within(symbol)}${name}`,
    artifact: (symbol, version, name) => `ml-artifacts/${within(symbol)}${version}/${name}`,
  }
}
