import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { RetrainGatesDocument } from '../control/paper-answers.ts'
import type { RetrainRunDocument, SetDocument } from '../control/set-answers.ts'
import { invalid } from '../engine/kernel/errors.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { SET_TARGETS } from '../engine/models/tree-set.ts'
import { ask, readHere } from './ask-room.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

const FAILED = 3

interface PaperRetrainOptions extends CommonOptions {
  readonly arm?: string
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly smokeTest?: boolean
  readonly db?: string
}

/** `onay paper-retrain`: a set of five, trained where the gates of paper trading let it. */
export function addPaperRetrain(program: Command, io: Io): void {
  withCommon(program.command('paper-retrain'))
    .description('train a set of five models; exit 0 trained, 1 the gates say no, 3 it failed')
    .option('--dry-run', 'check the gates and train nothing; exit 0 when all pass')
    .option('--force', 'skip the gates; it is recorded as forced, and by whom')
    .option('--smoke-test', 'by limits that are only good for a try: 7 days and 10 trades')
    .option('--arm <label>', 'with --dry-run: the gates on the trades of another arm than the active one')
    .option('--db <path>', 'the database, in place of --data-dir')
    .action(async (options: PaperRetrainOptions) => {
      refuseTogether(options)
      const { db, arm, dryRun = false, force = false, smokeTest = false } = options
      const context = contextOf(db === undefined ? options : { ...options, dataDir: dirname(db) }, io)
      const { symbol } = context
      if (dryRun && (arm !== undefined || smokeTest)) {
        const document = await readHere(context, 'retrainGates', { symbol, arm, smokeTest })
        context.print(document, () => gatesText(document))
        io.exit(document.passed ? 0 : 1)
        return
      }
      const mode = dryRun ? 'check' : force ? 'force' : smokeTest ? 'smoke' : 'ask'
      const document = await ask(context, 'paper-retrain', 'trainSet', { symbol, mode })
      context.print(document, () => runText(document))
      io.exit(exitOf(document))
    })
}

function refuseTogether({ dryRun, force, arm }: PaperRetrainOptions): void {
  if (dryRun === true && force === true)
    throw invalid(
      '--dry-run and --force contradict each other',
      'one trains nothing, the other trains anyway',
      'leave one out',
      'options',
    )
  if (arm !== undefined && dryRun !== true)
    throw invalid(
      '--arm needs --dry-run',
      'a set is trained when the gates of the active arm pass',
      'add --dry-run',
      'options',
    )
}

function exitOf({ outcome, gates }: RetrainRunDocument): number {
  switch (outcome) {
    case 'trained':
      return 0
    case 'checked':
      return gates?.passed === true ? 0 : 1
    case 'waits':
      return 1
    case 'failed':
      return FAILED
  }
}

function runText({ symbol, outcome, gates, set, error, seconds, slippage_mult: slippage }: RetrainRunDocument): string {
  const said = gates === null ? `${symbol}  the first set waits for no trades` : gatesText(gates)
  switch (outcome) {
    case 'trained':
      return set === null
        ? said
        : [
            said,
            setText(set),
            `  ${seconds.toFixed(1)} s; costs are reckoned with ${slippage} times the assumed slippage`,
          ].join('\n')
    case 'waits':
      return error === null
        ? `${said}\nnothing was trained: the gates say no. --force trains anyway, and is recorded`
        : `${said}\nnothing was trained: ${error}`
    case 'checked':
      return `${said}\nnothing was trained: a dry run`
    case 'failed':
      return `${said}\nnot trained: ${error}`
  }
}

/** A set with what each of its models is worth beside its naive predictor. */
export function setText({ name, version, sha256, report }: SetDocument): string {
  const { rows, train_rows: train, test_rows: test, embargo_hours: embargo } = report
  return [
    `${name} is ${version}, SHA-256 ${sha256.slice(0, 12)}`,
    `  ${rows} rows from ${minuteText(report.window.from)} to ${minuteText(report.window.until)} UTC: ${train} train, ${embargo.toFixed(1)} h are left out, ${test} test`,
    ...SET_TARGETS.map((target) => {
      const { useful, plain, trees, importance } = report.models[target]
      const [strongest] = Object.entries(importance).sort(([, a], [, b]) => b - a)
      return `  ${(useful ? 'useful' : '-').padEnd(8)}${plain}; ${trees} trees, most by ${strongest?.[0] ?? 'nothing'}`
    }),
  ].join('\n')
}

function gatesText({ symbol, arm, smoke_test: smokeTest, gates }: RetrainGatesDocument): string {
  return [
    `${symbol}  retraining on the trades of ${arm}${smokeTest ? ', by the limits of a smoke test' : ''}`,
    ...gates.map(({ gate_name: name, verdict, value, threshold, reason, ready_at: at }) => {
      const figure = value === null ? '-' : String(Number(value.toFixed(2)))
      const ready = at === null ? '' : `, at the earliest ${minuteText(at)} UTC`
      return `  ${verdict.padEnd(5)} ${name.padEnd(17)}${figure.padStart(8)} of ${threshold}  ${reason}${ready}`
    }),
  ].join('\n')
}
