import type { Command } from 'commander'
import type { RehearsalDocument } from '../control/checklist.ts'
import { ask } from './ask-room.ts'
import { contextOf, parseCount, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

interface RehearseOptions extends CommonOptions {
  readonly days: string
  readonly set?: readonly string[]
}

/** A letter a rule, for the course of the days. */
const LETTERS: Readonly<Record<RehearsalDocument['variants'][number]['rules'][number]['rule'], string>> = {
  'drift warning': 'w',
  'drift critical': 'c',
  'kill switch by drift': 'k',
  'gate 1': 'g',
  'kill switch by staleness': 's',
}

/** `onay rehearse`: rules with other limits, held against the recorded weeks. */
export function addRehearse(program: Command, io: Io): void {
  withCommon(program.command('rehearse'))
    .description('hold drift, gate and kill rules against the recorded weeks, as configured and with other limits')
    .option('--days <n>', 'how many, up to now', '28')
    .option(
      '--set <settings>',
      'another variant: drift.psi=0.25, several with commas; once for each',
      (one: string, all: readonly string[]) => [...all, one],
      [] as readonly string[],
    )
    .action(async (options: RehearseOptions) => {
      const context = contextOf(options, io)
      const days = parseCount(options.days, '--days', [1, 366])
      const { symbol } = context
      const document = await ask(context, 'rehearse', 'rehearse', { symbol, days, variants: options.set })
      context.print(document, () => rehearsalText(document))
    })
}

function rehearsalText({ symbol, model, promise, days, variants }: RehearsalDocument): string {
  return [
    `${symbol}  rules over ${days.length} days of ${model}, the newest last`,
    `  ${'rule'.padEnd(25)}fired   hours   days  worse than promised, than the fallback   would have stopped`,
    ...variants.flatMap(({ name, rules }) => [
      name,
      ...rules.map(
        (rule) =>
          `  ${rule.rule.padEnd(25)}${String(rule.fired).padStart(5)}${(rule.minutes / 60).toFixed(1).padStart(8)}${String(rule.dates.length).padStart(7)}  ${`${rule.worse_than_promise}, ${rule.worse_than_fallback}`.padEnd(41)}${rule.answers} answers, ${rule.signals} signals of which ${rule.right} came true`,
      ),
    ]),
    '',
    `  day         log loss  fallback  promised ${promise?.toFixed(4) ?? 'unknown'}   ${variants[0]?.name ?? ''}: ${Object.entries(
      LETTERS,
    )
      .map(([rule, letter]) => `${letter} ${rule}`)
      .join(', ')}`,
    ...days.map((day) => {
      const letters = (variants[0]?.rules ?? []).flatMap(({ rule, dates }) =>
        dates.includes(day.date) ? [LETTERS[rule]] : [],
      )
      const worse = [
        ...(day.worse_than_promise === true ? ['worse than promised'] : []),
        ...(day.worse_than_fallback ? ['worse than the fallback'] : []),
      ]
      return `  ${day.date}  ${day.log_loss.toFixed(4).padStart(8)}  ${day.fallback_log_loss.toFixed(4).padStart(8)}  ${letters.join('').padEnd(6)} ${worse.join(', ')}`.trimEnd()
    }),
  ].join('\n')
}
