import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { ChecklistDocument } from '../control/checklist.ts'
import { copyDatabase } from '../db/copy.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { paperChecklist } from '../room/readiness/paper-checklist.ts'
import { contextOf, withCommon, type CommonOptions, type Context } from './context.ts'
import type { Io } from './io.ts'
import { refuseWithoutDatabase } from './as-writer.ts'

interface ChecklistOptions extends CommonOptions {
  readonly paper?: boolean
}

/** `onay checklist --paper`: whether paper trading works, tried on a copy. */
export function addChecklist(program: Command, io: Io): void {
  withCommon(program.command('checklist'))
    .description('try paper trading from end to end on a scratch copy; exit 0 when every check passes, 1 when not')
    .option('--paper', 'gates, training, A/B, calibration, tables, files; the one checklist there is yet')
    .action(async (options: ChecklistOptions) => {
      if (options.paper !== true)
        throw new OperatorError(
          'no checklist was named',
          'this version has the one of paper trading',
          'write: onay checklist --paper',
          'usage',
        )
      const context = contextOf(options, io)
      refuseWithoutDatabase(context)
      const document = await onScratchCopy(context, tried)
      context.print(document, () => checklistText(document), 'checklist/1')
      io.exit(document.passed === document.of ? 0 : 1)
    })
}

/** The room goes on meanwhile, if one runs: nothing of its own is written. */
async function onScratchCopy<T>(context: Context, work: (scratch: Context) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'onay-checklist-'))
  try {
    const dataDir = join(dir, 'data')
    await copyDatabase(context.dataDir, dataDir)
    return await work({ ...context, dataDir, evidenceDir: join(dir, 'evidence') })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function tried(scratch: Context): Promise<ChecklistDocument> {
  const { inPrivateRoom } = await import('./private-room.ts')
  return inPrivateRoom(scratch, 'checklist', async (room) => {
    const desk = room.desks.of(scratch.symbol)
    return paperChecklist(room, desk, room.desks.evidence)
  })
}

function checklistText({ symbol, checks, passed, of }: ChecklistDocument): string {
  return [
    `${symbol}  paper trading, tried on a copy`,
    ...checks.map(({ check, pass, said }) => `  ${pass ? 'pass ' : 'short'} ${check.padEnd(22)}  ${said}`),
    passed === of ? `${passed}/${of} checks passed` : `${passed}/${of} checks passed, ${of - passed} fell short`,
  ].join('\n')
}
