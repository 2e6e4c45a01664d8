/** What the outbox still owes, as it stands there: whoever may write to the table may have put anything into it. */
import type { Store } from '../../db/store.ts'
import { isRecord, tryJson } from '../../engine/kernel/json.ts'
import { type FileMark, type Findings, isSubject } from '../../evidence/audit.ts'
import { sha256Hex } from '../../evidence/canonical.ts'

const PAGE = 'report_page'

/** A file that is owed: the hash of its content, or null where it is to be removed. */
interface OwedHash {
  readonly path: string
  readonly sha256: string | null
}

/** Whether a file is owed with these bytes, or its removal. */
export function owesFile(store: Store, subject: string, sha256: string | null): boolean {
  return store.outbox.rows().some((row) => {
    const owed = owedHash(row.payload)
    return owed?.path === subject && owed.sha256 === sha256
  })
}

/** Names what would be written or removed although the chain does not say so. */
export function auditOutbox(store: Store, files: ReadonlyMap<string, FileMark>, findings: Findings): void {
  const newest = new Map<string, { readonly id: number; readonly sha256: string | null }>()
  for (const { id, kind, payload } of store.outbox.rows()) {
    const owed = owedHash(payload)
    if (kind === PAGE) continue
    if (owed === null || !isSubject(owed.path))
      findings.add(`outbox entry ${id}`, 'table outbox', 'it does not name a file under the evidence or the artifacts')
    else newest.set(owed.path, { id, sha256: owed.sha256 })
  }
  for (const [path, { id, sha256 }] of newest) {
    const mark = files.get(path)
    if (mark !== undefined && mark.sha256 === sha256) continue
    const does = sha256 === null ? 'would remove' : 'would write'
    findings.add(`outbox entry ${id}`, 'table outbox', `it ${does} ${path}, and the chain does not say so`)
  }
}

function owedHash(payload: string): OwedHash | null {
  const owed = tryJson(payload)
  if (!isRecord(owed) || typeof owed.path !== 'string') return null
  if (owed.content === undefined) return { path: owed.path, sha256: null }
  return typeof owed.content === 'string' ? { path: owed.path, sha256: sha256Hex(owed.content) } : null
}
