/** The heads in daily reports and signed documents, and whether the chain still has them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../engine/kernel/errors.ts'
import { HEAD_PREFIX, parseHead, parseReportHead, type Signers, whyUnsigned } from './signature.ts'
import type { ChainHead, Findings } from './audit.ts'

interface SignatureCounts {
  found: number
  verified: number
  /** The newest entry that a verified signature covers. */
  upTo: number | null
  /** Reports and heads that could not be read, with why. */
  readonly unread: string[]
}

const SIGNED_IN = HEAD_PREFIX.slice(0, HEAD_PREFIX.lastIndexOf('/'))
const REPORT = /(?:^|\/)daily\/report_\d{4}-\d{2}-\d{2}\.json$/
const HEAD = /^daily\/head_\d{4}-\d{2}-\d{2}\.json$/

/**
 * Goes through what is on the disk and not through what the chain names: a chain that was cut short does not name the
 * reports of its lost days.
 * @param root the directory that holds `ml/`
 * @param hashAt the hash of an entry of the chain, null where it has none
 */
export function auditHeads(
  root: string,
  hashAt: (seq: number) => string | null,
  signers: Signers | null,
  findings: Findings,
): SignatureCounts {
  const seen: SignatureCounts = { found: 0, verified: 0, upTo: null, unread: [] }
  const compare = (what: string, head: ChainHead | null): void => {
    if (head === null || hashAt(head.seq) === head.hash) return
    const why = `it has the hash ${head.hash} for entry ${head.seq}, the chain has ${hashAt(head.seq) ?? 'no such entry'}`
    findings.add(what, 'head', `${why}: the chain was cut short or rewritten since, or it is another chain`)
  }
  for (const name of documentsIn(join(root, 'ml'))) {
    const what = `ml/${name}`
    const path = join(root, what)
    const text = readOr(path, (why) => seen.unread.push(`${what}: ${why}`))
    if (text === null) continue
    if (!HEAD.test(name)) {
      compare(what, parseReportHead(text))
      continue
    }
    const head = parseHead(text)
    if (head === null) findings.add(what, 'head', 'it is not the document of a head')
    compare(what, head)
    if (existsSync(`${path}.sig`)) checkSignature({ what, path, text, head }, signers, findings, seen)
  }
  if (signers !== null && seen.found === 0)
    findings.add(SIGNED_IN, 'signature', `there is no signed head, and one of ${signers.name} was to be verified`)
  return seen
}

interface Signed {
  readonly what: string
  readonly path: string
  readonly text: string
  readonly head: ChainHead | null
}

function checkSignature(
  { what, path, text, head }: Signed,
  signers: Signers | null,
  findings: Findings,
  seen: SignatureCounts,
): void {
  seen.found++
  if (signers === null) return
  const why = whyUnsigned(signers, `${path}.sig`, text)
  if (why === null && head !== null) {
    seen.verified++
    seen.upTo = Math.max(seen.upTo ?? 0, head.seq)
  } else if (why !== null) {
    findings.add(`${what}.sig`, 'signature', `it is not one of ${signers.name} over that file: ${why}`)
  }
}

function readOr(path: string, onFault: (why: string) => void): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    onFault(messageOf(thrown))
    return null
  }
}

/** Reports and heads under a directory, by their path in it. */
function documentsIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const symbols = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const folders = ['daily', ...symbols.map((entry) => `${entry.name}/daily`)].filter((name) =>
    existsSync(join(directory, name)),
  )
  return folders
    .flatMap((folder) => readdirSync(join(directory, folder)).map((name) => `${folder}/${name}`))
    .filter((name) => REPORT.test(name) || HEAD.test(name))
    .sort()
}
