/** What `evidence verify` prints. Other programs rely on it: fields may be added, none is renamed or dropped. */
import type { ChainHead, Finding } from '../audit.ts'
import type { DocumentHeader } from './documents.ts'

export interface VerifyDocument extends Partial<DocumentHeader> {
  readonly ok: boolean
  /** What was checked: a data directory, or a bundle. */
  readonly of: string
  readonly entries: number
  readonly head: ChainHead
  readonly files: {
    readonly whole: number
    /** Recorded, and still to be written by a room. */
    readonly owed: number
    readonly pruned: number
  }
  readonly signatures: {
    readonly found: number
    readonly verified: number
    /** The newest entry that a verified signature covers; null without one. */
    readonly up_to: number | null
  }
  /** The first thing that does not fit; null when all fits. */
  readonly first: Finding | null
  /** How many more there are, and the first of them. */
  readonly further: number
  readonly findings: readonly Finding[]
  /** What could not be checked, and why; nothing fits as long as there is any. */
  readonly unchecked: readonly string[]
  /** What was compared, and what no entry of the chain says: changes of that are not noticed. */
  readonly covers: readonly string[]
  readonly not_covered: readonly string[]
  readonly seconds: number
  readonly entries_per_sec: number
}

const SHOWN = 20

export function verifyText(document: VerifyDocument): string {
  const { entries, head, files, signatures, first, further, findings, unchecked, seconds } = document
  const signed =
    signatures.found === 0
      ? 'no signature'
      : `${signatures.verified} of ${signatures.found} signatures verified${signatures.up_to === null ? '' : `, up to entry ${signatures.up_to}`}${document.ok && signatures.verified === 0 ? ' (they need --allowed-signers FILE and --signer NAME)' : ''}`
  const more = findings.slice(1, SHOWN).map((finding) => `  ${finding.what} [${finding.where}]: ${finding.why}`)
  return [
    document.ok
      ? `everything matches: ${document.of}`
      : first === null
        ? `it could not be checked: ${document.of}`
        : `DOES NOT MATCH: ${first.what} [${first.where}]: ${first.why}`,
    ...(further === 0 ? [] : [`and ${further} more`, ...more]),
    ...unchecked.map((what) => `not checked: ${what}`),
    `chain ${entries} entries, head ${head.seq}:${head.hash}`,
    `files ${files.whole} whole, ${files.owed} still to be written, ${files.pruned} removed by retention; ${signed}`,
    `covers: ${document.covers.join('; ')}`,
    `does not cover: ${document.not_covered.join('; ')}`,
    `${seconds.toFixed(2)} s`,
  ].join('\n')
}
