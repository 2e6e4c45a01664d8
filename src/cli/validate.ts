import type { Command } from 'commander'
import type { Profile } from '../engine/models/roles.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { isoTime } from '../engine/kernel/units.ts'
import type { EvalResultDocument } from '../evidence/documents/validation-documents.ts'
import { evalText } from '../room/validation/validation-documents.ts'
import { ask } from './ask-room.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

/** `onay validate`: what a model is worth offline and under load, kept as the evidence that gate 6 requires. */
export function addValidate(program: Command, io: Io): void {
  withCommon(program.command('validate [version]'))
    .description('offline report, drift, two smokes of 1000 requests, metrics: all kept as evidence; exit 1 on FAIL')
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ; kept with the candidate')
    .action(async (version: string | undefined, options: CommonOptions & { profile?: string }) => {
      const context = contextOf(options, io)
      const { symbol } = context
      const profile = profileOf(options.profile)
      const document = await ask(context, 'validate', 'validate', { symbol, version, profile })
      context.print(document, () => validationText(document))
      io.exit(document.verdict === 'PASS' ? 0 : 1)
    })
}

/** @throws OperatorError for any other */
export function profileOf(text: string | undefined): Profile | undefined {
  if (text === undefined || text === 'equivalent' || text === 'improve') return text
  throw new OperatorError(
    `there is no profile ${text}`,
    'the profiles are equivalent and improve',
    'choose one of them with --profile',
    'profile',
  )
}

function validationText(document: EvalResultDocument): string {
  const at = document.generated_at ?? isoTime(0)
  return [...document.files.map((file) => `wrote ${file}`), evalText(document, at)].join('\n')
}
