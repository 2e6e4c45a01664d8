import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chainReader } from '../../db/chain.ts'
import type { RegisteredModel } from '../../db/models.ts'
import { conflict, notFound, OperatorError } from '../../engine/kernel/errors.ts'
import { type ChainHead, isSubject } from '../../evidence/audit.ts'
import { writeBundle } from '../../evidence/bundle/bundle.ts'
import { ChainStory, type FileWord } from '../../evidence/bundle/chain-story.ts'
import { releaseFiles, releasesOf } from '../../evidence/bundle/release-files.ts'
import { releaseRecord } from '../../evidence/bundle/release-record.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import type { ChainEntry } from '../../evidence/chain.ts'
import { recordPage } from '../../evidence/pages/record-page.ts'
import { HEAD_PREFIX } from '../../evidence/signature.ts'
import type { Desks } from '../desk/desks.ts'

export interface BundleDocument {
  readonly symbol: string
  readonly version: string
  readonly file: string
  readonly sha256: string
  readonly files: number
  readonly head: ChainHead
}

interface Gathered {
  readonly head: ChainHead
  readonly files: ReadonlyMap<string, Buffer>
  readonly record: string
}

const TRIES = 5

/**
 * Puts everything about a version into `releases/<version>.tar.gz` beside the evidence directory. Changes nothing in the
 * database, so that it can be made beside a running room, and twice with the same bytes.
 * @throws OperatorError for an unknown version, and when evidence is not what the chain says
 */
export async function bundleRelease(
  desks: Desks,
  symbol: string | undefined,
  version: string,
  onProgress?: (share: number) => void,
): Promise<BundleDocument> {
  const desk = desks.of(symbol)
  const row = desks.store.models.get(desk.symbol, version)
  if (row === null)
    throw notFound(
      `there is nothing to bundle for ${version}`,
      `${desk.symbol} has no such model in its registry`,
      'see them with: onay models',
      'unknown_version',
    )
  const gathered = gather(desks, row)
  const primary = desks.evidence.subject(desk.symbol, '') === 'ml/'
  const name = `${version}.tar.gz`
  const file = join(dirname(desks.evidence.parts.evidenceDir), 'releases', primary ? '' : desk.symbol, name)
  const reader = chainReader(desks.store.db)
  const made = await writeBundle(file, {
    folder: version,
    files: gathered.files,
    record: gathered.record,
    head: gathered.head,
    chain: () => upTo(reader.each(), gathered.head.seq),
    ...(onProgress === undefined ? {} : { onProgress }),
  })
  return { symbol: desk.symbol, version, file, ...made, head: gathered.head }
}

/** A room that runs may write a file again between the chain's word and the look at the disk: then both are read anew. */
function gather(desks: Desks, row: RegisteredModel): Gathered {
  for (let left = TRIES; ; left--) {
    try {
      return gatherOnce(desks, row)
    } catch (error) {
      if (left === 0 || !(error instanceof OperatorError)) throw error
    }
  }
}

function gatherOnce(desks: Desks, { symbol, version }: RegisteredModel): Gathered {
  const { evidence, store } = desks
  const last = chainReader(store.db).last()
  const head = { seq: last?.seq ?? 0, hash: last?.hash ?? '' }
  const story = new ChainStory()
  for (const entry of upTo(chainReader(store.db).each(), head.seq)) story.take(entry)
  const release = releasesOf(story, version).find((found) => found.symbol === symbol)
  if (release === undefined)
    throw conflict(
      'the bundle cannot be made',
      `the chain has no registration of ${version}`,
      'check with: onay evidence verify',
      'evidence',
    )
  const { words, gone } = releaseFiles(story, release)
  const files = new Map<string, Buffer>()
  for (const { entry } of words) {
    files.set(entry.subject, wholeFile(desks, entry))
    const signature = evidence.pathOf(`${entry.subject}.sig`)
    if (entry.subject.startsWith(HEAD_PREFIX) && existsSync(signature))
      files.set(`${entry.subject}.sig`, readFileSync(signature))
  }
  const madeBy = evidence.parts.version
  return { head, files, record: recordPage(releaseRecord({ story, release, files, gone, head, madeBy })) }
}

/** The bytes that an entry of the chain stands for. @throws OperatorError when the disk has others */
function wholeFile(desks: Desks, { subject, sha256, seq }: FileWord['entry']): Buffer {
  const path = desks.evidence.pathOf(subject)
  const content = isSubject(subject) && existsSync(path) ? readFileSync(path) : null
  if (content !== null && sha256Hex(content) === sha256) return content
  const owed = desks.evidence.owedContent(subject, sha256)
  if (owed !== null) return Buffer.from(owed)
  throw conflict(
    'the bundle cannot be made',
    `${subject} is ${content === null ? 'missing' : 'not the file that was recorded'}: entry ${seq} recorded SHA-256 ${sha256}`,
    'check with: onay evidence verify',
    'evidence',
  )
}

function* upTo(entries: Iterable<ChainEntry>, seq: number): Generator<ChainEntry> {
  for (const entry of entries) {
    if (entry.seq > seq) return
    yield entry
  }
}
