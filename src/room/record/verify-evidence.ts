import { chainReader } from '../../db/chain.ts'
import { explain } from '../../db/faults.ts'
import { decisionRows } from '../../db/decisions.ts'
import { databasePath, openStore, type Store } from '../../db/store.ts'
import type { Stopwatch } from '../../engine/kernel/clock.ts'
import { ChainAudit, FILE, type FileMark, Findings, type KeptHead, PRUNED } from '../../evidence/audit.ts'
import { auditFiles, type FileSight } from '../../evidence/file-audit.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import { auditHeads } from '../../evidence/signed-heads.ts'
import type { Signers } from '../../evidence/signature.ts'
import type { VerifyDocument } from '../../evidence/documents/verify-document.ts'
import { DecisionAudit } from './decision-audit.ts'
import { owedIn, pathOfSubject, subjectsOf } from './evidence-writer.ts'

interface Verifying {
  readonly dataDir: string
  readonly evidenceDir: string
  /** A head that was kept elsewhere. */
  readonly kept: KeptHead | null
  readonly signers: Signers | null
  readonly stopwatch: Stopwatch
  readonly onProgress?: (entries: number) => void
}

const PROGRESS_EVERY = 50_000

/**
 * Recomputes the chain, compares what the tables say was decided, and reads every file. Writes nothing, and works beside a
 * running room: the chain and the tables are read at one moment, files that were written again since are looked up anew.
 * @throws OperatorError when the database cannot be read
 */
export function verifyEvidence(options: Verifying): VerifyDocument {
  const { dataDir, evidenceDir, signers, stopwatch } = options
  const startMs = stopwatch()
  const store = openStore(dataDir, 'read')
  try {
    const findings = new Findings()
    const audit = store.db.raw.transaction(() => auditChain(store, findings, options))()
    const files = auditFiles(audit.files, sightOf(store, { dataDir, evidenceDir }), findings)
    const reader = chainReader(store.db)
    const heads = auditHeads(evidenceDir, (seq) => reader.at(seq)?.hash ?? null, signers, findings)
    const unchecked = [...new Set([...files.unread, ...heads.unread])]
    const seconds = (stopwatch() - startMs) / 1_000
    return {
      schema: 'evidence_verify/1',
      ok: findings.count === 0 && unchecked.length === 0,
      of: dataDir,
      entries: audit.count,
      head: audit.head,
      files: { whole: files.whole, owed: files.owed, pruned: files.pruned },
      signatures: { found: heads.found, verified: heads.verified, up_to: heads.upTo },
      first: findings.kept[0] ?? null,
      further: Math.max(0, findings.count - 1),
      findings: findings.kept,
      unchecked,
      seconds,
      entries_per_sec: audit.count / seconds,
    }
  } catch (error) {
    throw explain(databasePath(dataDir), error)
  } finally {
    store.db.close()
  }
}

function auditChain(store: Store, findings: Findings, { kept, onProgress }: Verifying): ChainAudit {
  const reader = chainReader(store.db)
  const audit = new ChainAudit(findings, (hash) => reader.withHash(hash), kept === null ? [] : [kept])
  const decisions = new DecisionAudit(findings)
  for (const entry of reader.each()) {
    audit.take(entry)
    decisions.take(entry)
    if (audit.count % PROGRESS_EVERY === 0) onProgress?.(audit.count)
  }
  audit.end()
  const subjects = subjectsOf(store.facts.get('primarySymbol') ?? '')
  decisions.end(decisionRows(store.db), (symbol, version, name) => subjects.artifact(symbol, version, name))
  return audit
}

function sightOf(store: Store, places: { readonly dataDir: string; readonly evidenceDir: string }): FileSight {
  const reader = chainReader(store.db)
  return {
    pathOf: (subject) => pathOfSubject(places, subject),
    newest: (subject): FileMark | null => {
      const entry = reader.newest(subject, [FILE, PRUNED])
      return entry === null ? null : { seq: entry.seq, sha256: entry.kind === FILE ? entry.sha256 : null }
    },
    owes: (subject, { sha256 }) =>
      owedIn(store, subject).some((content) => (content === null ? null : sha256Hex(content)) === sha256),
  }
}
