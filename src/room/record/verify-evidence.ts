import { chainReader } from '../../db/chain.ts'
import { explain } from '../../db/faults.ts'
import { decisionRows } from '../../db/decisions.ts'
import { ownToken } from '../../db/own-token.ts'
import { databasePath, openStore, type Store } from '../../db/store.ts'
import type { Stopwatch } from '../../engine/kernel/clock.ts'
import { ChainAudit, FILE, type FileMark, Findings, type KeptHead, PRUNED } from '../../evidence/audit.ts'
import { auditFiles, type FileSight } from '../../evidence/file-audit.ts'
import { Coverage } from '../../evidence/coverage.ts'
import { auditHeads } from '../../evidence/signed-heads.ts'
import type { Signers } from '../../evidence/signature.ts'
import type { VerifyDocument } from '../../evidence/documents/verify-document.ts'
import { auditStrays } from '../../evidence/stray-files.ts'
import { DecisionAudit } from './decision-audit.ts'
import { pathOfSubject, subjectsOf } from './evidence-writer.ts'
import { auditOutbox, owesFile } from './outbox-audit.ts'
import { auditReports } from './report-audit.ts'
import { RowAudit } from './row-audit.ts'
import { TokenAudit } from './token-audit.ts'

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
    const coverage = new Coverage()
    const audit = store.db.raw.transaction(() => auditChain(store, findings, coverage, options))()
    const files = auditFiles(audit.files, sightOf(store, { dataDir, evidenceDir }), findings)
    const reader = chainReader(store.db)
    const heads = auditHeads(evidenceDir, (seq) => reader.at(seq)?.hash ?? null, signers, findings)
    auditStrays(
      {
        roots: [
          { within: evidenceDir, folder: 'ml' },
          { within: dataDir, folder: 'ml-artifacts' },
        ],
        names: (subject) => audit.files.has(subject) || reader.newest(subject, [FILE, PRUNED]) !== null,
      },
      findings,
      coverage,
    )
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
      covers: coverage.covers,
      not_covered: coverage.gaps,
      seconds,
      entries_per_sec: audit.count / seconds,
    }
  } catch (error) {
    throw explain(databasePath(dataDir), error)
  } finally {
    store.db.close()
  }
}

function auditChain(
  store: Store,
  findings: Findings,
  coverage: Coverage,
  { dataDir, kept, onProgress }: Verifying,
): ChainAudit {
  const reader = chainReader(store.db)
  const audit = new ChainAudit(findings, (hash) => reader.withHash(hash), kept === null ? [] : [kept])
  const decisions = new DecisionAudit(findings, coverage)
  const tokens = new TokenAudit(findings, coverage)
  const rows = new RowAudit(findings, coverage)
  for (const entry of reader.each()) {
    audit.take(entry)
    decisions.take(entry)
    tokens.take(entry)
    rows.take(entry)
    if (audit.count % PROGRESS_EVERY === 0) onProgress?.(audit.count)
  }
  audit.end()
  const subjects = subjectsOf(store.facts.get('primarySymbol') ?? '')
  const decided = decisionRows(store.db)
  decisions.end(decided, (symbol, version, name) => subjects.artifact(symbol, version, name))
  tokens.end(decided.tokens, ownToken(dataDir), !decisions.beganEarlier)
  auditReports(decided.reports, audit.files, (symbol, name) => subjects.evidence(symbol, name), findings)
  auditOutbox(store, audit.files, findings)
  const feeds = store.feeds.all().map(({ symbol }) => symbol)
  rows.end(store.digests, feeds)
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
    owes: (subject, { sha256 }) => owesFile(store, subject, sha256),
  }
}
