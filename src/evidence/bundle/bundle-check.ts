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
import { messageOf } from '../../engine/kernel/errors.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { ChainAudit, Findings, isSubject, type KeptHead } from '../audit.ts'
import { CHAIN_FILE, HEAD_FILE, SUMS_FILE } from './bundle.ts'
import type { Signers } from '../signature.ts'
import { auditHeads } from '../signed-heads.ts'
import type { VerifyDocument } from '../documents/verify-document.ts'

interface BundleCheckOptions {
  readonly kept: KeptHead | null
  readonly signers: Signers | null
  /** Milliseconds, for the time that it took. */
  readonly stopwatch: () => number
}

/** What was seen of the files while the archive went by. */
class Unpacked {
  readonly sums = new Map<string, string>()
  /** Hashes of the chain by `seq`. */
  readonly hashes = new Map<number, string>()
  readonly texts = new Map<string, string>()

  constructor(
    readonly findings: Findings,
    readonly audit: ChainAudit,
    /** Where reports and signed heads are laid out, for ssh-keygen reads files. */
    readonly scratch: string,
  ) {}
}

const KEPT_TEXTS: readonly string[] = [HEAD_FILE, SUMS_FILE]
const DAILY = /^ml\/(?:[^/]+\/)?daily\/[^/]+$/

/** Recomputes everything in a bundle; a bundle that cannot be unpacked does not fit. @throws when it cannot be read at all */
export async function checkBundle(
  path: string,
  { kept, signers, stopwatch }: BundleCheckOptions,
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
    const heads = auditHeads(scratch, (seq) => seen.hashes.get(seq) ?? null, signers, findings)
    const seconds = (stopwatch() - startMs) / 1_000
    return {
      schema: 'evidence_verify/1',
      ok: findings.count === 0,
      of: path,
      entries: audit.count,
      head: audit.head,
      files: { whole, owed: 0, pruned: 0 },
      signatures: { found: heads.found, verified: heads.verified, up_to: heads.upTo },
      first: findings.kept[0] ?? null,
      further: Math.max(0, findings.count - 1),
      findings: findings.kept,
      unchecked: [],
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
    let folder: string | null = null
    for await (const entry of tar) {
      const { name, type } = entry.header
      const at = name.indexOf('/')
      folder ??= name.slice(0, at)
      const inside = name.slice(at + 1)
      if (type !== 'file' || at < 0 || name.slice(0, at) !== folder || seen.sums.has(inside))
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
  const pieces: Buffer[] = []
  const lines = name === CHAIN_FILE ? new ChainLines(seen) : null
  for await (const piece of entry) {
    if (!Buffer.isBuffer(piece)) throw new TypeError('a tar entry yields buffers')
    hash.update(piece)
    if (keeps) pieces.push(piece)
    await lines?.write(piece)
  }
  await lines?.end()
  seen.sums.set(name, hash.digest('hex'))
  if (!keeps) return
  const content = Buffer.concat(pieces)
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
    const { audit, hashes } = this.seen
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      audit.take(tryJson(line))
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

function isFault(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
