import { resolve } from 'node:path'
import type { Command } from 'commander'
import { listBackups } from '../db/backup-shelf.ts'
import { monotonicMs, wallClock } from '../engine/kernel/clock.ts'
import { minuteUtc } from '../engine/kernel/units.ts'
import type { BackupDocument } from '../evidence/documents/backup-document.ts'
import { makeBackup, restoreBackup } from '../room/readiness/backup.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'
import { progressLine } from './progress.ts'

/** `onay backup` and `onay restore`: a room as one file, and a room out of such a file. */
export function addBackups(program: Command, io: Io): void {
  withCommon(program.command('backup'))
    .description('copy the room into backups/, beside a running room or not; restored and verified before it counts')
    .option('--list', 'those that there are')
    .action(async (options: CommonOptions & { list?: boolean }) => {
      const context = contextOf(options, io)
      const { dataDir, evidenceDir, version } = context
      if (options.list === true) {
        const items = listBackups(dataDir)
        context.print({ items }, () => listText(items), 'backups/1')
        return
      }
      const progress = progressLine(context)
      try {
        const made = await makeBackup(
          { dataDir, evidenceDir },
          { version, wall: wallClock, stopwatch: monotonicMs, onStep: (step) => progress.say(step) },
        )
        progress.end()
        context.print(made, () => `${backupText(made)}\nrestored and verified, head ${made.head.seq}:${made.head.hash}`)
      } finally {
        progress.end()
      }
    })
  withCommon(program.command('restore <file>'))
    .description('make a directory, named with --data-dir, that opens where the backup was taken')
    .action(async (file: string, options: CommonOptions) => {
      const context = contextOf(options, io)
      const { dataDir, evidenceDir } = context
      const verified = await restoreBackup(resolve(io.cwd, file), { dataDir, evidenceDir }, monotonicMs)
      context.print(
        verified,
        () =>
          `restored into ${dataDir}, and verified up to entry ${verified.head.seq}; open it with: onay start --data-dir ${dataDir} --evidence-dir ${evidenceDir}`,
      )
    })
}

function listText(items: readonly BackupDocument[]): string {
  return items.length === 0 ? 'no backup yet: make one with onay backup' : items.map(backupText).join('\n')
}

function backupText({ at, file, bytes, files, seconds }: BackupDocument): string {
  return `${minuteUtc(at)}  ${file}  ${(bytes / 1e6).toFixed(1)} MB, ${files} files beside the database, ${seconds.toFixed(1)} s`
}
