import type { Command } from 'commander'
import { roomAnswer } from '../api/client.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { isoTime } from '../engine/kernel/units.ts'
import type { EvalResultDocument } from '../evidence/validation-documents.ts'
import { evalText } from '../room/validation/validation-documents.ts'
import { contextOf, withCommon, type CommonOptions, type Context } from './context.ts'
import type { LiveRoom } from '../room/live-room.ts'
import { inPrivateRoom } from './private-room.ts'
import { progressLine } from './progress.ts'
import type { Io } from './io.ts'

export interface ValidateOptions {
  readonly version?: string | undefined
  readonly profile?: 'equivalent' | 'improve' | undefined
}

/** `onay validate`: what a model is worth offline and under load, kept as the evidence that gate 6 asks for. */
export function addValidate(program: Command, io: Io): void {
  withCommon(program.command('validate [version]'))
    .description('offline report, drift, two smokes of 1000 requests, metrics: all kept as evidence; exit 1 on FAIL')
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ; kept with the candidate')
    .action(async (version: string | undefined, options: CommonOptions & { profile?: string }) => {
      const context = contextOf(options, io)
      const asked = { version, profile: profileOf(options.profile) }
      const document =
        (await validateThere(context, asked)) ??
        (await inPrivateRoom(context, 'validate', (room) => validateHere(context, room, asked)))
      context.print(document, () => validationText(document))
      io.exit(document.verdict === 'PASS' ? 0 : 1)
    })
}

/** Asks the running room; null when none runs. */
export function validateThere(
  context: Context,
  { version, profile }: ValidateOptions,
): Promise<EvalResultDocument | null> {
  const body = { symbol: context.symbol, version, profile, wait: true }
  return roomAnswer<EvalResultDocument>(context.dataDir, 'POST', '/validate', body)
}

export async function validateHere(
  context: Context,
  room: LiveRoom,
  { version, profile }: ValidateOptions,
): Promise<EvalResultDocument> {
  const progress = progressLine(context)
  try {
    const { symbol } = room.openDesk(context.symbol)
    return await room.validate({ symbol, version, profile }, (share, step) =>
      progress.say(`${step}, ${Math.round(share * 100)} %`),
    )
  } finally {
    progress.end()
  }
}

/** @throws OperatorError when it is none of the two */
export function profileOf(text: string | undefined): 'equivalent' | 'improve' | undefined {
  if (text === undefined || text === 'equivalent' || text === 'improve') return text
  throw new OperatorError(
    `there is no profile ${text}`,
    'it is equivalent or improve',
    'name one of them with --profile',
    'profile',
  )
}

function validationText(document: EvalResultDocument): string {
  const at = document.generated_at ?? isoTime(0)
  return [...document.files.map((file) => `wrote ${file}`), evalText(document, at)].join('\n')
}
