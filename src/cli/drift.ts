import type { Command } from 'commander'
import { minuteUtc } from '../engine/kernel/units.ts'
import type { DriftDocument } from '../evidence/documents/documents.ts'
import { readHere } from './ask-room.ts'
import { contextOf, parseTime, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

/** What the verdict is worth to a script; one that cannot be given is never a success. */
const EXIT: Readonly<Record<DriftDocument['verdict'], 0 | 1 | 2>> = { ok: 0, wait: 1, warning: 1, critical: 2 }

/** `onay drift`: the last 24 hours beside the reference and its own days. */
export function addDrift(program: Command, io: Io): void {
  withCommon(program.command('drift'))
    .description(
      'the last 24 hours of the features beside those the model was trained on; exit 1 on a warning, 2 when critical',
    )
    .option('--at <time>', 'another moment than now')
    .option('--model <version>', 'another model than the one that gate 1 judges')
    .action(async (options: CommonOptions & { at?: string; model?: string }) => {
      const context = contextOf(options, io)
      const { model, at } = options
      const atMs = at === undefined ? undefined : parseTime(at)
      const document = await readHere(context, 'drift', { symbol: context.symbol, model, atMs })
      context.print(document, () => driftText(document))
      io.exit(EXIT[document.verdict])
    })
}

function driftText(document: DriftDocument): string {
  const { symbol, at, model, verdict, level, overall_psi: overall, kill_limit: killLimit, own_days: ownDays } = document
  const rows = Object.entries(document.features).map(([name, { psi, ks, judged, level: worse }]) => {
    const kolmogorov = ks === null ? 'D unknown' : `D ${limited(ks)}`
    return `  ${name.padEnd(18)}${(judged ? worse : 'shown').padEnd(10)}PSI ${limited(psi)}   ${kolmogorov}`
  })
  const own =
    ownDays === null
      ? 'the reference is shorter than a day or of an older onay: its own days are not known'
      : `limits are raised to what the reference's own days come to (99 % of ${ownDays} windows)`
  return [
    `${symbol} ${minuteUtc(at)}  last 24 hours of ${model}: ${verdict.toUpperCase()}, this check ${level ?? 'has too few rows'}`,
    `  ${'overall'.padEnd(18)}${(document.asks_kill ? 'kill' : '').padEnd(10)}PSI ${figure(overall)}, kill switch asked for above ${killLimit.toFixed(3)}`,
    ...rows,
    `  n ${document.current.n} of ${document.reference.n}; a verdict is what two of the last three checks say; ${own}`,
  ].join('\n')
}

function limited({ value, warning, critical }: DriftDocument['features'][string]['psi']): string {
  return `${figure(value)} (${warning.toFixed(3)}, ${critical.toFixed(3)})`
}

function figure(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(4)
}
