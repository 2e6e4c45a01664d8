/** A release as one file: `<version>.tar.gz`, the same bytes whenever it is made of the same evidence. */
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, openSync, fsyncSync, closeSync, renameSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Pack, pack } from 'tar-stream'
import { dateOf } from '../../engine/kernel/units.ts'
import type { ChainHead } from '../audit.ts'
import { canonicalJson, sha256Hex } from '../canonical.ts'
import type { ChainEntry } from '../chain.ts'
import { fileSha256, syncDirectory, writeFault } from '../files.ts'

export const CHAIN_FILE = 'chain.jsonl'
export const HEAD_FILE = 'HEAD'
export const RECORD_FILE = 'RECORD.md'
export const SUMS_FILE = 'SHA256SUMS'

const PIECE_BYTES = 65_536
/** Of every file in it: the time it is made must not show. */
const MADE_AT = { mtime: dateOf(0), uid: 0, gid: 0, mode: 0o644 } as const

interface BundleParts {
  /** The folder that all of it is in. */
  readonly folder: string
  readonly files: ReadonlyMap<string, Buffer>
  readonly record: string
  readonly head: ChainHead
  /** The chain from its first entry to `head`; asked for twice. */
  readonly chain: () => Iterable<ChainEntry>
  readonly onProgress?: (share: number) => void
}

interface BundleSummary {
  readonly sha256: string
  readonly files: number
}

interface Measured {
  readonly bytes: number
  readonly sha256: string
}

/**
 * Writes the bundle beside its target and renames it over. The chain is streamed: no more than a piece of it is in memory.
 * @throws OperatorError when it cannot be written
 */
export async function writeBundle(path: string, parts: BundleParts): Promise<BundleSummary> {
  const temporary = join(dirname(path), `.tmp-${process.pid}-${randomUUID()}`)
  try {
    mkdirSync(dirname(path), { recursive: true })
    const files = await writeTar(temporary, parts)
    const handle = openSync(temporary, 'r')
    fsyncSync(handle)
    closeSync(handle)
    renameSync(temporary, path)
    syncDirectory(dirname(path))
    return { sha256: fileSha256(path) ?? '', files }
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw writeFault(path, thrown)
  }
}

async function writeTar(
  path: string,
  { folder, files, record, head, chain, onProgress }: BundleParts,
): Promise<number> {
  const measured = measure(chain())
  const all = new Map<string, Buffer | null>([
    ...files,
    [RECORD_FILE, Buffer.from(record)],
    [HEAD_FILE, Buffer.from(`${head.seq}:${head.hash}\n`)],
    // Its content is streamed.
    [CHAIN_FILE, null],
  ])
  const names = [...all.keys()].sort(byBytes)
  const sums = names.map((name) => {
    const content = all.get(name) ?? null
    return `${content === null ? measured.sha256 : sha256Hex(content)}  ${name}\n`
  })
  all.set(SUMS_FILE, Buffer.from(sums.join('')))
  const tar = pack()
  const written = pipeline(tar, createGzip({ level: 9 }), createWriteStream(path, { flags: 'wx' }))
  const filled = fill(tar, written, async (add) => {
    for (const [name, content] of [...all].sort(([a], [b]) => byBytes(a, b))) {
      const place = `${folder}/${name}`
      if (content !== null) await add(place, content.length, [content])
      else await add(place, measured.bytes, pieces(chain()), (bytes) => onProgress?.(bytes / measured.bytes))
    }
  })
  // Both are waited for: the chain must not be read any more when this ends.
  for (const end of await Promise.allSettled([written, filled])) if (end.status === 'rejected') throw end.reason
  return all.size
}

type Add = (name: string, size: number, parts: Iterable<Buffer>, onBytes?: (bytes: number) => void) => Promise<void>

/** Fills an archive with what `work` adds. A disk that is full ends the writing, and then nothing would drain any more. */
async function fill(tar: Pack, written: Promise<void>, work: (add: Add) => Promise<void>): Promise<void> {
  await work(async (name, size, parts, onBytes) => {
    const entry = tar.entry({ name, size, ...MADE_AT })
    let bytes = 0
    for (const part of parts) {
      if (!entry.write(part)) await Promise.race([once(entry, 'drain'), written])
      bytes += part.length
      onBytes?.(bytes)
    }
    const finished = once(entry, 'finish')
    entry.end(null)
    await Promise.race([finished, written])
  })
  tar.finalize()
}

function measure(chain: Iterable<ChainEntry>): Measured {
  const hash = createHash('sha256')
  let bytes = 0
  for (const piece of pieces(chain)) {
    hash.update(piece)
    bytes += piece.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** The lines of the chain in pieces of some length. */
function* pieces(chain: Iterable<ChainEntry>): Generator<Buffer> {
  let text = ''
  for (const entry of chain) {
    text += `${canonicalJson(entry)}\n`
    if (text.length < PIECE_BYTES) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
