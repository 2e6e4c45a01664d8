/** The backups of a data directory: archives in `backups/`, each with a document of its own beside it. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { tryJson } from '../engine/kernel/json.ts'
import type { BackupDocument } from '../evidence/documents/backup-document.ts'
import { databasePath } from './store.ts'

const BACKUPS = 'backups'

export const BackupShape: z.ZodType<BackupDocument> = z.object({
  schema: z.literal('backup/1'),
  at: z.iso.datetime(),
  onay_version: z.string(),
  file: z.string().regex(/^onay_[0-9TZ-]+\.tar\.gz$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number(),
  head: z.object({ seq: z.number(), hash: z.string() }),
  files: z.number(),
  seconds: z.number(),
})

export function backupsDir(dataDir: string): string {
  return join(dataDir, BACKUPS)
}

/** Backups whose archive is there at its full size, oldest first. What else lies in the directory is passed over. */
export function listBackups(dataDir: string): readonly BackupDocument[] {
  const dir = backupsDir(dataDir)
  return namesIn(dir)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => readBackup(dir, name) ?? [])
    .toSorted((a, b) => a.at.localeCompare(b.at))
}

/**
 * Since when a directory lacks a newer backup: that of the newest, or of the directory itself. Unix ms; null without a database.
 * One of a machine whose clock was ahead says nothing until that time has come.
 */
export function backedUpSince(dataDir: string, nowMs: number): number | null {
  const newest = listBackups(dataDir).findLast(({ at }) => Date.parse(at) <= nowMs)
  if (newest !== undefined) return Date.parse(newest.at)
  return statSync(databasePath(dataDir), { throwIfNoEntry: false })?.birthtimeMs ?? null
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
  } catch {
    // Nothing was ever backed up, or it cannot be read: either way there is no backup that would count.
    return []
  }
}

function readBackup(dir: string, name: string): BackupDocument | null {
  try {
    const { data } = BackupShape.safeParse(tryJson(readFileSync(join(dir, name), 'utf8')))
    if (data === undefined) return null
    return statSync(join(dir, data.file)).size === data.bytes ? data : null
  } catch {
    return null
  }
}
