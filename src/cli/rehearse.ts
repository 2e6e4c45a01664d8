import type { Command } from 'commander'
import type { RehearsalDocument } from '../control/checklist.ts'
import { canaryEnds } from '../control/rehearsal-words.ts'
import { ask } from './ask-room.ts'
import { contextOf, parseCount, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

interface RehearseOptions extends CommonOptions {
  readonly days: string
  readonly set?: readonly string[]
  readonly plan?: string
}

type Variant = RehearsalDocument['variants'][number]
type Rule = Variant['rules'][number]['rule']

const JUDGE = 'canary judge'

/** A letter a rule, for the course of the days. */
const LETTERS: Readonly<Record<Rule, string>> = {
  'drift warning': 'w',
  'drift critical': 'c',
  'kill switch by drift': 'k',
  'kill switch by staleness': 's',
  'gate 1': '1',
  'gate 2': '2',
  'gate 3': '3',
  'gate 4': '4',
  'gate 5': '5',
  [JUDGE]: 'j',
}

/** `onay rehearse`: rules with other limits, held against the recorded weeks. */
export function addRehearse(program: Command, io: Io): void {
  withCommon(program.command('rehearse'))
    .description(
      "hold drift, gate and kill rules and a canary's judge against the recorded weeks, as configured and with other limits",
    )
    .option('--days <n>', 'how many, up to now', '28')
    .option(
      '--set <settings>',
      'another variant: drift.psi=0.25, several with commas; once for each',
      (one: string, all: readonly string[]) => [...all, one],
      [] as readonly string[],
    )
    .option('--plan <name>', 'of the canaries that the judge is held against', 'mini')
    .action(async (options: RehearseOptions) => {
      const context = contextOf(options, io)
      const days = parseCount(options.days, '--days', [1, 366])
      const { symbol } = context
      const document = await ask(context, 'rehearse', 'rehearse', {
        symbol,
        days,
        variants: options.set,
        plan: options.plan,
      })
      context.print(document, () => rehearsalText(document))
    })
}

function rehearsalText({ symbol, model, promise, days, canary, gates, variants }: RehearsalDocument): string {
  const [first] = variants
  return [
    `${symbol}  rules over ${days.length} days of ${model}, the newest last`,
    `  ${'rule'.padEnd(25)}fired   hours   days  worse than promised, than the fallback   would have stopped`,
    ...variants.flatMap((variant) => [variant.name, ...variantLines(variant)]),
    '',
    waitingText(gates),
    judgeText(canary, first?.canaries?.begun ?? 0),
    '',
    ...dayLines(model, days, promise, first, (rule) => canary === null || !isOfCandidate(rule)),
    ...(canary === null || canary.days.length === 0
      ? []
      : ['', ...dayLines(canary.candidate, canary.days, canary.promise, first, isOfCandidate)]),
  ].join('\n')
}

function variantLines({ rules, canaries }: Variant): readonly string[] {
  const counts =
    canaries === null || canaries.begun === 0 ? [] : [`  of ${canaries.begun} canaries ${canaryEnds(canaries)}`]
  return [
    ...rules.map(
      (rule) =>
        `  ${rule.rule.padEnd(25)}${String(rule.fired).padStart(5)}${(rule.minutes / 60).toFixed(1).padStart(8)}${String(rule.dates.length).padStart(7)}  ${`${rule.worse_than_promise}, ${rule.worse_than_fallback}`.padEnd(41)}${stoppedText(rule)}`,
    ),
    ...counts,
  ]
}

function stoppedText({ rule, answers, signals, right }: Variant['rules'][number]): string {
  return isGate(rule) ? 'a promotion' : `${answers} answers, ${signals} signals of which ${right} came true`
}

/** Which of the gates there is no line of. */
function waitingText({ model, judged }: RehearsalDocument['gates']): string {
  const waited = judged.filter(({ moments }) => moments === 0).map(({ gate }) => gate)
  const always = waited.length === 0 ? 'each of the five has figures' : `no figures for ${waited.join(', ')}`
  return `the gates: as they were judged for ${model} in these weeks; ${always}`
}

/** Where there is a candidate. */
function isOfCandidate(rule: Rule): boolean {
  return rule === JUDGE || isGate(rule)
}

function isGate(rule: Rule): boolean {
  return rule.startsWith('gate')
}

/** What the judge's line is about. */
function judgeText(canary: RehearsalDocument['canary'], begun: number): string {
  if (canary === null) return "no model is in the shadow: a canary's judge was not rehearsed"
  const { candidate, plan, profile, minutes, timed_minutes: timed } = canary
  if (begun === 0) return `no canary of ${candidate} was rehearsed: that takes more than a day of comparisons`
  const late = timed < minutes ? `; ${minutes - timed} have no latency and count as on time` : ''
  return `the judge: canaries of ${candidate} by the plan ${plan}, ${profile}, one after the other over ${minutes} recorded minutes${late}`
}

/** A day a line, with the letters of the rules about the model that fired then as configured. */
function dayLines(
  model: string,
  days: RehearsalDocument['days'],
  promise: number | null,
  variant: Variant | undefined,
  isOf: (rule: Rule) => boolean,
): readonly string[] {
  const rules = (variant?.rules ?? []).filter(({ rule }) => isOf(rule))
  const letters = rules.map(({ rule }) => `${LETTERS[rule]} ${rule}`).join(', ')
  return [
    `  ${model.padEnd(10)}  log loss  fallback  promised ${promise?.toFixed(4) ?? 'unknown'}   ${variant?.name ?? ''}: ${letters}`,
    ...days.map((day) => {
      const fired = rules.flatMap(({ rule, dates }) => (dates.includes(day.date) ? [LETTERS[rule]] : []))
      const worse = [
        ...(day.worse_than_promise === true ? ['worse than promised'] : []),
        ...(day.worse_than_fallback ? ['worse than the fallback'] : []),
      ]
      return `  ${day.date}  ${day.log_loss.toFixed(4).padStart(8)}  ${day.fallback_log_loss.toFixed(4).padStart(8)}  ${fired.join('').padEnd(6)} ${worse.join(', ')}`.trimEnd()
    }),
  ]
}
