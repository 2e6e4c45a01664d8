/** A room as one file, and a room out of such a file. */
import { createReadStream, createWriteStream, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { extract, pack, type Pack } from 'tar-stream'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'

/** Where a room's files lie. */
export interface RoomPlaces {
  readonly dataDir: string
  readonly evidenceDir: string
}

/** In the archive, what is in the data directory and what in that of the evidence. */
const DATA = 'data'
const EVIDENCE = 'evidence'
const DATABASE = 'onay.db'
/** Beside the database, in the data directory. */
const DATA_FOLDERS = ['ml-artifacts', 'kill-switch']
const EVIDENCE_FOLDERS = ['ml']
/** The least that gzip does: a database shrinks to a quarter, in a quarter of the time. */
const LEVEL = 1

/** What the room changed while it was packed, or what does not verify: taken again, it may be whole. */
export const NOT_WHOLE = 'backup_not_whole'

/** Packs a copy of a room's database, and what lies beside the room's own. @returns how many files lie beside it */
export async function packRoom(
  archive: string,
  database: string,
  { dataDir, evidenceDir }: RoomPlaces,
): Promise<number> {
  const files = [
    ...DATA_FOLDERS.flatMap((folder) => filesUnder(dataDir, folder, DATA)),
    ...EVIDENCE_FOLDERS.flatMap((folder) => filesUnder(evidenceDir, folder, EVIDENCE)),
  ]
  const tar = pack()
  const written = pipeline(tar, createGzip({ level: LEVEL }), createWriteStream(archive, { flags: 'wx', mode: 0o600 }))
  const filled = fill(tar, [...files, { name: `${DATA}/${DATABASE}`, path: database }]).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(messageOf(error)))
    throw error
  })
  // Both are waited for: nothing is read any more when this ends.
  for (const end of await Promise.allSettled([filled, written])) if (end.status === 'rejected') throw end.reason
  return files.length
}

/**
 * Lays a room out of an archive into directories that are new.
 * @throws OperatorError when it cannot be read to its end, or holds anything but the files of a room
 */
export async function unpackRoom(archive: string, { dataDir, evidenceDir }: RoomPlaces): Promise<void> {
  const tar = extract()
  const read = pipeline(createReadStream(archive), createGunzip(), tar)
  // It is awaited below, once the entries are through: until then a failure must not count as unhandled.
  const failed = read.catch((error: unknown) => error)
  try {
    for await (const entry of tar) {
      const { name, type } = entry.header
      const path = type === 'file' ? placeOf(name, { dataDir, evidenceDir }) : null
      if (path === null) throw new Error(`${name} does not belong to a room`)
      mkdirSync(dirname(path), { recursive: true })
      await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    }
    const error = await failed
    if (error !== undefined) throw error
  } catch (error) {
    throw new OperatorError(
      `${archive} cannot be restored`,
      messageOf(error),
      'take another backup: see them with onay backup --list',
      'backup',
    )
  }
}

interface PackedFile {
  readonly name: string
  readonly path: string
}

async function fill(tar: Pack, files: readonly PackedFile[]): Promise<void> {
  for (const { name, path } of files) {
    try {
      const { size } = lstatSync(path)
      const entry = tar.entry({ name, size, mode: 0o600 })
      // No more than it held a moment ago: a log that is written grows.
      if (size > 0) await pipeline(createReadStream(path, { end: size - 1 }), entry)
      else entry.end(Buffer.alloc(0))
    } catch (error) {
      throw new OperatorError(`${name} could not be packed`, messageOf(error), 'try again: onay backup', NOT_WHOLE, 500)
    }
  }
  tar.finalize()
}

/** Files alone: a link leads out of the room. */
function filesUnder(root: string, folder: string, within: string): readonly PackedFile[] {
  let found
  try {
    found = readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
  } catch {
    // A room without artifacts has none yet; what should be there and is not, the restored copy's evidence names.
    return []
  }
  return found
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.tmp-'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => ({ name: `${within}/${relative(root, path).replaceAll('\\', '/')}`, path }))
}

/** Null for a name that leads anywhere else. */
function placeOf(name: string, { dataDir, evidenceDir }: RoomPlaces): string | null {
  const [top, folder = '', ...rest] = name.split('/')
  if (rest.some((part) => part === '' || part === '.' || part === '..')) return null
  if (name === `${DATA}/${DATABASE}`) return join(dataDir, DATABASE)
  if (rest.length === 0) return null
  if (top === DATA && DATA_FOLDERS.includes(folder)) return join(dataDir, folder, ...rest)
  return top === EVIDENCE && EVIDENCE_FOLDERS.includes(folder) ? join(evidenceDir, folder, ...rest) : null
}
