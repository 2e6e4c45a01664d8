import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { chainDetail, chainReader } from '../../db/chain.ts'
import type { RegisteredModel } from '../../db/models.ts'
import { conflict, notFound, OperatorError } from '../../engine/kernel/errors.ts'
import { DAY_MS, floorTo, isoDate } from '../../engine/kernel/units.ts'
import { type ChainHead, FILE, isSubject, PRUNED } from '../../evidence/audit.ts'
import { writeBundle } from '../../evidence/bundle/bundle.ts'
import { sha256Hex } from '../../evidence/canonical.ts'
import type { ChainEntry } from '../../evidence/chain.ts'
import { recordPage } from '../../evidence/pages/record-page.ts'
import { HEAD_PREFIX } from '../../evidence/signature.ts'
import type { Desks } from '../desk/desks.ts'
import { GateJudge } from '../watch/judge-gates.ts'
import { releaseRecord } from './release-record.ts'

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
  readonly gone: readonly string[]
}

/** What the chain says of one file. */
interface Word {
  readonly entry: ChainEntry
  /** Whether any of its entries was about the version. */
  readonly wasAbout: boolean
}

const About = z.object({ model: z.string().optional(), model_sha256: z.string().optional() })
const Retired = z.object({ retired: z.string().optional() })
const DAILY = /daily\/(?:report|head)_(\d{4}-\d{2}-\d{2})\.(?:json|csv)$/
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
  const record = recordPage(releaseRecord(desks, new GateJudge(desks.evidence), { row, ...gathered, bundle: name }))
  const made = await writeBundle(file, {
    folder: version,
    files: gathered.files,
    record,
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

function gatherOnce(desks: Desks, row: RegisteredModel): Gathered {
  const { evidence, store } = desks
  const last = chainReader(store.db).last()
  const head = { seq: last?.seq ?? 0, hash: last?.hash ?? '' }
  const { words, untilMs } = readChain(desks, row, head.seq)
  const files = new Map<string, Buffer>()
  const gone: string[] = []
  for (const [subject, { entry, wasAbout }] of words) {
    const about = isAbout(entry, row)
    if (about && entry.kind === PRUNED) gone.push(`${subject}: removed by retention`)
    else if (about || isDaily(desks, subject, row, untilMs)) files.set(subject, wholeFile(desks, entry))
    else if (wasAbout) gone.push(`${subject}: written again since, for another model`)
    if (!files.has(subject) || !subject.startsWith(HEAD_PREFIX)) continue
    const signature = evidence.pathOf(`${subject}.sig`)
    if (existsSync(signature)) files.set(`${subject}.sig`, readFileSync(signature))
  }
  return { head, files, gone: gone.sort() }
}

/** The newest word on each file, and until when the version was in some slot. */
function readChain(
  desks: Desks,
  row: RegisteredModel,
  lastSeq: number,
): { readonly words: ReadonlyMap<string, Word>; readonly untilMs: number } {
  const words = new Map<string, Word>()
  let untilMs = Number.POSITIVE_INFINITY
  for (const entry of upTo(chainReader(desks.store.db).each(), lastSeq)) {
    if (entry.kind === FILE || entry.kind === PRUNED) {
      if (!isOurs(desks, entry.subject, row)) continue
      const wasAbout = isAbout(entry, row) || words.get(entry.subject)?.wasAbout === true
      words.set(entry.subject, { entry, wasAbout })
    } else if (entry.kind === 'rollback' && entry.subject.startsWith(`${row.symbol}/`)) {
      if (chainDetail(entry, Retired).retired === row.version) untilMs = entry.tsMs
    }
  }
  return { words, untilMs }
}

/** Whether a file is the symbol's: another symbol may have a model of the same name. */
function isOurs(desks: Desks, subject: string, { symbol, version }: RegisteredModel): boolean {
  const { evidence } = desks
  if (subject.startsWith(HEAD_PREFIX) || subject.startsWith(evidence.artifactSubject(symbol, version, ''))) return true
  const folder = evidence.subject(symbol, '')
  const name = subject.startsWith(folder) ? subject.slice(folder.length) : null
  return name !== null && (!name.includes('/') || name.startsWith('daily/'))
}

function isAbout(entry: ChainEntry, row: RegisteredModel): boolean {
  const { model, model_sha256: sha256 } = chainDetail(entry, About)
  return sha256 === row.sha256 && (model === undefined || model === row.version)
}

/** Reports, and heads of the chain, of the days since it was registered, up to the one on which it was retired. */
function isDaily(desks: Desks, subject: string, row: RegisteredModel, untilMs: number): boolean {
  const date = DAILY.exec(subject)?.[1]
  if (date === undefined) return false
  const own = subject.startsWith(HEAD_PREFIX) || subject.startsWith(desks.evidence.subject(row.symbol, 'daily/'))
  const dayMs = Date.parse(date)
  return own && date >= isoDate(row.tsMs) && dayMs < floorTo(untilMs, DAY_MS) + DAY_MS
}

/** The bytes that an entry of the chain stands for. @throws OperatorError when the disk has others */
function wholeFile(desks: Desks, { subject, sha256, seq }: ChainEntry): Buffer {
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
