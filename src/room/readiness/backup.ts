import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { backupsDir, listBackups } from '../../db/backup-shelf.ts'
import { copyDatabase } from '../../db/copy.ts'
import { databasePath, openStore } from '../../db/store.ts'
import type { Clock, Stopwatch } from '../../engine/kernel/clock.ts'
import { conflict, notFound, OperatorError } from '../../engine/kernel/errors.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import { canonicalJson } from '../../evidence/canonical.ts'
import type { BackupDocument } from '../../evidence/documents/backup-document.ts'
import type { VerifyDocument } from '../../evidence/documents/verify-document.ts'
import { fileSha256, removeStaleTemporaries, syncDirectory, writeAtomic, writeFault } from '../../evidence/files.ts'
import { freeBytes } from '../release/canary-preflight.ts'
import { verifyEvidence } from '../record/verify-evidence.ts'
import { NOT_WHOLE, packRoom, type RoomPlaces, unpackRoom } from './archive.ts'
import { keptBackups } from './backup-retention.ts'

interface BackupOptions {
  readonly version: string
  readonly wall: Clock
  readonly stopwatch: Stopwatch
  readonly onStep?: (step: string) => void
}

/** A file that is written again between the copy of the database and its own makes the two disagree: both are taken again. */
const TRIES = 3
const RESERVE_BYTES = 200 * 1_048_576

/**
 * Copies a room, whether one runs on it or not, into `backups/`; what was made is restored and looked at before it counts. Older
 * ones are removed, but for those of the last days and weeks.
 * @throws OperatorError where it cannot be written, or what was restored is not whole: then nothing is kept
 */
export async function makeBackup(places: RoomPlaces, options: BackupOptions): Promise<BackupDocument> {
  const { version, wall, stopwatch, onStep = () => undefined } = options
  const startMs = stopwatch()
  const dir = backupsDir(places.dataDir)
  // Refused here, in words about the room itself, where there is none or it is of another version.
  openStore(places.dataDir, 'read').db.close()
  const atMs = wall.now()
  const name = `onay_${isoTime(atMs).replaceAll(':', '-').replace(/\.\d+/, '')}`
  let making: string | null = null
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    removeStaleTemporaries(dir)
    requireSpace(places.dataDir)
    making = mkdtempSync(join(dir, `.tmp-${process.pid}-`))
    const archive = join(making, 'room.tar.gz')
    const made = await madeWhole(places, { making, archive, onStep, stopwatch })
    const document: BackupDocument = {
      schema: 'backup/1',
      at: isoTime(atMs),
      onay_version: version,
      file: `${name}.tar.gz`,
      sha256: fileSha256(archive) ?? '',
      bytes: statSync(archive).size,
      head: made.head,
      files: made.files,
      seconds: Math.round(stopwatch() - startMs) / 1_000,
    }
    syncFile(archive)
    renameSync(archive, join(dir, document.file))
    syncDirectory(dir)
    // Last: without it, the archive is not a backup.
    writeAtomic(join(dir, `${name}.json`), `${canonicalJson(document)}\n`)
    removeOlder(places.dataDir)
    return document
  } catch (error) {
    throw writeFault(dir, error)
  } finally {
    if (making !== null) rmSync(making, { recursive: true, force: true })
  }
}

/**
 * Makes a directory that opens where the backup was taken.
 * @param file the archive
 * @throws OperatorError where it is damaged or not whole, or the directory is not new: then nothing is left of it
 */
export async function restoreBackup(file: string, places: RoomPlaces, stopwatch: Stopwatch): Promise<VerifyDocument> {
  const targets = [...new Set([places.dataDir, places.evidenceDir])]
  for (const target of targets)
    if (existsSync(target) && readdirSync(target).length > 0)
      throw conflict(
        `${target} is not empty`,
        'a backup is restored into a directory of its own',
        'name another one',
        'not_empty',
      )
  if (!existsSync(file))
    throw notFound(`there is no backup ${file}`, 'no such file', 'see them with: onay backup --list', 'no_backup')
  const known = listBackups(dirname(dirname(file))).find((backup) => backup.file === basename(file))
  if (known !== undefined && fileSha256(file) !== known.sha256)
    throw damagedBackup(file, 'it is not the file that was written: its hash is another')
  try {
    await unpackRoom(file, places)
    return checked(file, places, stopwatch)
  } catch (error) {
    for (const target of targets) rmSync(target, { recursive: true, force: true })
    throw error
  }
}

interface Made {
  readonly head: BackupDocument['head']
  readonly files: number
}

async function madeWhole(
  places: RoomPlaces,
  {
    making,
    archive,
    onStep,
    stopwatch,
  }: { making: string; archive: string } & Required<Pick<BackupOptions, 'onStep' | 'stopwatch'>>,
): Promise<Made> {
  for (let attempt = 1; ; attempt++) {
    const copied = join(making, 'copied')
    const restored = join(making, 'restored')
    try {
      onStep('copying the database')
      await copyDatabase(places.dataDir, copied)
      onStep('packing it with artifacts and evidence')
      const files = await packRoom(archive, databasePath(copied), places)
      rmSync(copied, { recursive: true })
      onStep('restoring it, and looking at what is restored')
      const trial = { dataDir: restored, evidenceDir: join(restored, 'evidence') }
      await unpackRoom(archive, trial)
      return { head: checked(archive, trial, stopwatch).head, files }
    } catch (error) {
      if (attempt === TRIES || !(error instanceof OperatorError) || error.code !== NOT_WHOLE) throw error
      rmSync(archive, { force: true })
    } finally {
      for (const dir of [copied, restored]) rmSync(dir, { recursive: true, force: true })
    }
  }
}

/** @throws OperatorError where the database is damaged, or its evidence does not verify */
function checked(file: string, places: RoomPlaces, stopwatch: Stopwatch): VerifyDocument {
  const store = openStore(places.dataDir, 'read')
  try {
    const said = store.db.raw.pragma('integrity_check', { simple: true })
    if (said !== 'ok') throw damagedBackup(file, `its database is damaged: ${firstLine(String(said))}`)
  } finally {
    store.db.close()
  }
  const verified = verifyEvidence({ ...places, kept: null, signers: null, stopwatch })
  const { first, ok, unchecked } = verified
  if (first !== null)
    throw damagedBackup(file, `its evidence does not verify: ${first.what} (${first.where}): ${first.why}`)
  if (!ok) throw damagedBackup(file, `its evidence cannot be read: ${unchecked.join(', ')}`)
  return verified
}

function damagedBackup(file: string, why: string): OperatorError {
  return new OperatorError(
    `${file} is not a whole backup`,
    why,
    'take another one: onay backup --list; whether the room itself is whole says: onay evidence verify',
    NOT_WHOLE,
    500,
  )
}

/** SQLite names each page that is damaged, a line each. */
function firstLine(text: string): string {
  const [first = '', ...others] = text.split('\n').filter((line) => !line.startsWith('***'))
  return others.length === 0 ? first : `${first}, and ${others.length} more faults`
}

/** Copied, packed and restored it takes twice its size for a while: the room that runs on the same disk needs what is left. */
function requireSpace(dataDir: string): void {
  const needed = 2 * statSync(databasePath(dataDir)).size + RESERVE_BYTES
  const free = freeBytes(dataDir)
  if (free < needed)
    throw new OperatorError(
      'the room cannot be copied',
      `it needs ${megabytes(needed)} MB of the disk for a while, and ${megabytes(free)} are free`,
      'make room: older backups and logs first',
      'disk_full',
      507,
    )
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}

function removeOlder(dataDir: string): void {
  const backups = listBackups(dataDir)
  const kept = keptBackups(backups.map(({ at }) => Date.parse(at)))
  for (const { at, file } of backups)
    if (!kept.has(Date.parse(at)))
      for (const name of [file.replace(/\.tar\.gz$/, '.json'), file])
        rmSync(join(backupsDir(dataDir), name), { force: true })
}

function syncFile(path: string): void {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
