import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { ChecklistDocument, GoLiveDocument } from '../control/checklist.ts'
import { copyDatabase } from '../db/copy.ts'
import { paperChecklist } from '../room/readiness/paper-checklist.ts'
import { askRunning } from './ask-room.ts'
import { checksText } from './checks-text.ts'
import { contextOf, withCommon, type CommonOptions, type Context } from './context.ts'
import type { Io } from './io.ts'
import { refuseWithoutDatabase } from './as-writer.ts'

interface ChecklistOptions extends CommonOptions {
  readonly paper?: boolean
}

/** `onay checklist`: whether the running room may be left alone; with `--paper`, whether paper trading works, tried on a copy. */
export function addChecklist(program: Command, io: Io): void {
  withCommon(program.command('checklist'))
    .description('whether the room may be left alone, each check with what to do; exit 0 when it is ready, 1 when not')
    .option('--paper', 'paper trading instead, tried from end to end on a scratch copy')
    .action(async (options: ChecklistOptions) => {
      const context = contextOf(options, io)
      if (options.paper !== true) {
        const { symbol } = context
        const document = await askRunning(context, 'it is about a room that serves', 'goLive', { symbol })
        context.print(document, () => goLiveText(document))
        io.exit(document.verdict === 'READY' ? 0 : 1)
        return
      }
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

function goLiveText({ symbol, verdict, checks }: GoLiveDocument): string {
  return [`${symbol}  go-live checklist`, ...checksText(checks), verdict].join('\n')
}

function checklistText({ symbol, checks, passed, of }: ChecklistDocument): string {
  return [
    `${symbol}  paper trading, tried on a copy`,
    ...checks.map(({ check, pass, said }) => `  ${pass ? 'pass ' : 'short'} ${check.padEnd(22)}  ${said}`),
    passed === of ? `${passed}/${of} checks passed` : `${passed}/${of} checks passed, ${of - passed} fell short`,
  ].join('\n')
}
