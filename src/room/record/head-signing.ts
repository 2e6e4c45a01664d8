import { readFileSync } from 'node:fs'
import { messageOf } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { fileSha256, writeAtomic } from '../../evidence/files.ts'
import { belongs, HEAD_PREFIX, headSubject, signBytes, type HeadDocument } from '../../evidence/signature.ts'
import type { EvidenceWriter } from './evidence-writer.ts'

/** Records the head of the chain after a day's report and leaves it to be signed; inside the caller's transaction. */
export function recordHead(evidence: EvidenceWriter, date: string, atMs: UnixMs): void {
  const last = evidence.parts.store.journal.lastEntry()
  if (last === null) return
  const subject = headSubject(date)
  const document: HeadDocument = { date, seq: last.seq, hash: last.hash }
  evidence.writeDocument(subject, evidence.stamp('chain_head/1', atMs, document), atMs)
  evidence.unsigned.add(subject)
}

/** Where a person sees that signing fails: reported until it works again. */
interface TroubleReport {
  report(kind: string, text: string): void
  clear(kind: string): boolean
}

interface SigningParts {
  readonly evidence: EvidenceWriter
  readonly keyPath: string
  readonly troubles: TroubleReport
}

/** Signs recorded heads beside the work of the room, one after another. What failed is tried again with the next head. */
export class HeadSigning {
  private queue: Promise<void> = Promise.resolve()
  private readonly failed = new Set<string>()

  constructor(private readonly parts: SigningParts) {}

  /** Heads that a process which died has left without their signature. */
  recover(): void {
    const { evidence } = this.parts
    const heads = evidence.parts.store.journal.entriesUnder(HEAD_PREFIX).map((entry) => entry.subject)
    const newest = heads.at(-1)
    for (const subject of heads) {
      const signature = signatureOf(evidence.pathOf(subject))
      const signed = fileSha256(signature) !== null
      // The newest may have been written again after it was signed.
      if (!signed || (subject === newest && !this.fits(subject, signature))) evidence.unsigned.add(subject)
    }
  }

  /** Begins to sign what is owed; to be called after files were written. */
  begin(): void {
    const { evidence } = this.parts
    if (evidence.unsigned.size === 0) return
    const owed = [...this.failed, ...evidence.unsigned].filter((subject) => evidence.standing(subject) !== 'unknown')
    evidence.unsigned.clear()
    this.queue = this.queue.then(() => this.signAll(owed))
  }

  /** Resolves when everything that was begun has ended. */
  settled(): Promise<void> {
    return this.queue
  }

  private async signAll(subjects: readonly string[]): Promise<void> {
    let trouble: string | null = null
    for (const subject of subjects) {
      try {
        await this.sign(this.parts.evidence.pathOf(subject))
        this.failed.delete(subject)
      } catch (error) {
        this.failed.add(subject)
        trouble ??= messageOf(error)
      }
    }
    if (trouble === null) this.parts.troubles.clear('signing')
    else this.parts.troubles.report('signing', trouble)
  }

  private async sign(path: string): Promise<void> {
    const content = readFileSync(path, 'utf8')
    const signature = await signBytes(this.parts.keyPath, content)
    // Written again meanwhile: whoever wrote it has left it to be signed again.
    if (readFileSync(path, 'utf8') === content) writeAtomic(signatureOf(path), signature)
  }

  private fits(subject: string, signature: string): boolean {
    try {
      return belongs(signature, readFileSync(this.parts.evidence.pathOf(subject), 'utf8'))
    } catch {
      return false
    }
  }
}

function signatureOf(path: string): string {
  return `${path}.sig`
}
