/** Checks a bundle by itself: its checksums, its chain, and that each file is the one that the chain has. */
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { ChainAudit, Findings, isSubject, type KeptHead } from '../audit.ts'
import { makerOf, recordPage } from '../pages/record-page.ts'
import { CHAIN_FILE, HEAD_FILE, RECORD_FILE, SUMS_FILE } from './bundle.ts'
import { ChainStory } from './chain-story.ts'
import { releaseFiles, releasesOf } from './release-files.ts'
import { isRecordSource, releaseRecord } from './release-record.ts'
import type { Signers } from '../signature.ts'
import { auditHeads } from '../signed-heads.ts'
import type { VerifyDocument } from '../documents/verify-document.ts'

interface BundleCheckOptions {
  readonly kept: KeptHead | null
  readonly signers: Signers | null
  /** Of this program: another words a page otherwise. */
  readonly version: string
  /** Milliseconds, for the time that it took. */
  readonly stopwatch: () => number
}

/** What was seen of the files while the archive went by. */
class Unpacked {
  readonly sums = new Map<string, string>()
  /** Hashes of the chain by `seq`. */
  readonly hashes = new Map<number, string>()
  readonly texts = new Map<string, string>()
  readonly story = new ChainStory()
  /** What the page of the release is made of. */
  readonly sources = new Map<string, Buffer>()
  heldBytes = 0
  /** The folder that all of it is in: the version. */
  folder: string | null = null

  constructor(
    readonly findings: Findings,
    readonly audit: ChainAudit,
    /** Where reports and signed heads are laid out, for ssh-keygen reads files. */
    readonly scratch: string,
  ) {}
}

const KEPT_TEXTS: readonly string[] = [HEAD_FILE, SUMS_FILE, RECORD_FILE]
/** More than any release has of what is held to be compared: reports, runs, the page itself. */
const MAX_HELD_BYTES = 64 * 2 ** 20
const DAILY = /^ml\/(?:[^/]+\/)?daily\/[^/]+$/

/** Recomputes everything in a bundle; a bundle that cannot be unpacked does not fit. @throws when it cannot be read at all */
export async function checkBundle(
  path: string,
  { kept, signers, version, stopwatch }: BundleCheckOptions,
): Promise<VerifyDocument> {
  const startMs = stopwatch()
  const findings = new Findings()
  const audit = new ChainAudit(findings, undefined, kept === null ? [] : [kept])
  const scratch = mkdtempSync(join(tmpdir(), 'onay-bundle-'))
  const seen = new Unpacked(findings, audit, scratch)
  try {
    await unpack(path, seen)
    audit.end()
    const whole = checkFiles(seen)
    const unmade = checkRecord(seen, version)
    const heads = auditHeads(scratch, (seq) => seen.hashes.get(seq) ?? null, signers, findings)
    const seconds = (stopwatch() - startMs) / 1_000
    return {
      schema: 'evidence_verify/1',
      ok: findings.count === 0 && unmade === null,
      of: path,
      entries: audit.count,
      head: audit.head,
      files: { whole, owed: 0, pruned: 0 },
      signatures: { found: heads.found, verified: heads.verified, up_to: heads.upTo },
      first: findings.kept[0] ?? null,
      further: Math.max(0, findings.count - 1),
      findings: findings.kept,
      unchecked: unmade === null ? [] : [unmade],
      covers: ['the chain', 'its files', RECORD_FILE],
      not_covered: ['the tables that the chain was written beside', 'entries after the last one here'],
      seconds,
      entries_per_sec: audit.count / seconds,
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function unpack(path: string, seen: Unpacked): Promise<void> {
  const tar = extract()
  const read = pipeline(createReadStream(path), createGunzip(), tar)
  // It is awaited below, once the entries are through: until then a failure must not count as unhandled.
  read.catch(() => undefined)
  try {
    for await (const entry of tar) {
      const { name, type } = entry.header
      const at = name.indexOf('/')
      seen.folder ??= name.slice(0, at)
      const inside = name.slice(at + 1)
      if (type !== 'file' || at < 0 || name.slice(0, at) !== seen.folder || seen.sums.has(inside))
        seen.findings.add(name, 'bundle', 'it is there twice, in another folder, or is not a file')
      await takeIn(entry, inside, seen)
    }
    await read
  } catch (error) {
    if (isFault(error, 'ENOENT') || isFault(error, 'EACCES') || isFault(error, 'EISDIR')) throw error
    seen.findings.add(path, 'bundle', `it cannot be unpacked to its end: ${messageOf(error)}`)
  }
}

async function takeIn(entry: AsyncIterable<unknown>, name: string, seen: Unpacked): Promise<void> {
  const hash = createHash('sha256')
  const keeps = KEPT_TEXTS.includes(name) || (DAILY.test(name) && isSubject(name))
  const isSource = isRecordSource(name, seen.folder ?? '')
  const pieces: Buffer[] = []
  const lines = name === CHAIN_FILE ? new ChainLines(seen) : null
  for await (const piece of entry) {
    if (!Buffer.isBuffer(piece)) throw new TypeError('a tar entry yields buffers')
    hash.update(piece)
    if (keeps || isSource) seen.heldBytes += piece.length
    if ((keeps || isSource) && seen.heldBytes <= MAX_HELD_BYTES) pieces.push(piece)
    await lines?.write(piece)
  }
  await lines?.end()
  seen.sums.set(name, hash.digest('hex'))
  // What is cut off here does not fit, and is named for it.
  const content = Buffer.concat(pieces)
  if (isSource) seen.sources.set(name, content)
  if (!keeps) return
  if (KEPT_TEXTS.includes(name)) seen.texts.set(name, content.toString('utf8'))
  else {
    const path = join(seen.scratch, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

/** Cuts the chain into lines as it goes by. */
class ChainLines {
  private readonly input = new PassThrough()
  private readonly done: Promise<void>

  constructor(private readonly seen: Unpacked) {
    this.done = this.read(this.input)
  }

  async write(piece: Buffer): Promise<void> {
    if (!this.input.write(piece)) await new Promise((resolve) => this.input.once('drain', resolve))
  }

  async end(): Promise<void> {
    this.input.end()
    await this.done
  }

  private async read(input: Readable): Promise<void> {
    const { audit, hashes, story } = this.seen
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const entry = tryJson(line)
      if (audit.take(entry)) story.take(entry)
      hashes.set(audit.head.seq, audit.head.hash)
    }
  }
}

/** Every file against the checksums and against the chain; returns how many are as the chain has them. */
function checkFiles({ sums, texts, audit, findings }: Unpacked): number {
  const { head } = audit
  if (texts.get(HEAD_FILE)?.trim() !== `${head.seq}:${head.hash}`)
    findings.add(HEAD_FILE, 'bundle', `it is not the head of ${CHAIN_FILE}, which is ${head.seq}:${head.hash}`)
  const listed = new Map(
    (texts.get(SUMS_FILE) ?? '').split('\n').flatMap((line) => {
      const [sha256, name] = line.split('  ')
      return name === undefined || sha256 === undefined ? [] : [[name, sha256] as const]
    }),
  )
  for (const name of listed.keys())
    if (!sums.has(name)) findings.add(name, 'bundle', `${SUMS_FILE} names it, and it is missing`)
  let whole = 0
  for (const [name, sha256] of sums) {
    if (name !== SUMS_FILE && listed.get(name) !== sha256)
      findings.add(
        name,
        'bundle',
        `its bytes give SHA-256 ${sha256}, ${SUMS_FILE} has ${listed.get(name) ?? 'nothing'}`,
      )
    if (!isSubject(name) || name.endsWith('.sig')) continue
    const mark = audit.files.get(name)
    if (mark?.sha256 === sha256) whole++
    else findings.add(name, 'file', `its bytes give SHA-256 ${sha256}, the chain has ${mark?.sha256 ?? 'no such file'}`)
  }
  return whole
}

/**
 * Makes the page again of the chain and the files, and names it where it reads otherwise.
 * @returns why it could not be compared, null when it was
 */
function checkRecord(
  { texts, story, sources, sums, audit, folder, findings }: Unpacked,
  version: string,
): string | null {
  const page = texts.get(RECORD_FILE)
  if (page === undefined || folder === null) return null
  const madeBy = makerOf(page)
  if (madeBy !== null && madeBy !== version)
    return `${RECORD_FILE}: onay ${madeBy} made it and this is ${version}, which may word it otherwise; check it with that version`
  const release = releasesOf(story, folder).find(({ artifacts }) =>
    sums.has(`${artifacts}model_weights_${folder}.json`),
  )
  if (release === undefined) {
    findings.add(
      RECORD_FILE,
      'bundle',
      `the chain and the files have no registration of ${folder} that it could be about`,
    )
    return null
  }
  const { words, gone } = releaseFiles(story, release)
  for (const { entry } of words)
    if (!sums.has(entry.subject))
      findings.add(entry.subject, 'bundle', `entry ${entry.seq} has it, it is about ${folder}, and it is missing`)
  try {
    const made = recordPage(releaseRecord({ story, release, files: sources, gone, head: audit.head, madeBy: version }))
    if (made !== page) findings.add(RECORD_FILE, 'bundle', differenceOf(page, made))
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    findings.add(RECORD_FILE, 'bundle', `it cannot be made again: ${error.why}`)
  }
  return null
}

function differenceOf(page: string, made: string): string {
  const [lines, wanted] = [page.split('\n'), made.split('\n')]
  const at = lines.findIndex((line, i) => line !== wanted[i])
  const shown = (line: string | undefined): string => (line === undefined ? 'nothing' : `"${line.slice(0, 120)}"`)
  return at < 0
    ? 'it is cut off'
    : `line ${at + 1} reads ${shown(lines[at])}, made again of the chain and the files it reads ${shown(wanted[at])}`
}

function isFault(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
