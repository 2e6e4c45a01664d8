import type { Command } from 'commander'
import { CALIBRATED } from '../control/sentences.ts'
import { signed } from '../engine/kernel/figures.ts'
import { minuteUtc } from '../engine/kernel/units.ts'
import type { CalibrationDocument } from '../evidence/documents/calibration-document.ts'
import { ask } from './ask-room.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

/** `onay calibrate`: a look at what the model in charge answers with. */
export function addCalibrate(program: Command, io: Io): void {
  withCommon(program.command('calibrate'))
    .description(
      'fit the answers of the model in charge to what came of them, and take over what is better with certainty; exit 1 with too few minutes',
    )
    .option('--dry-run', 'look, and change nothing')
    .action(async (options: CommonOptions & { dryRun?: boolean }) => {
      const context = contextOf(options, io)
      const taken = { symbol: context.symbol, dryRun: options.dryRun }
      const document = await ask(context, 'calibrate', 'calibrate', taken)
      context.print(document, () => calibrationText(document, options.dryRun === true))
      io.exit(document.verdict === 'wait' ? 1 : 0)
    })
}

function calibrationText(document: CalibrationDocument, isDryRun: boolean): string {
  const { symbol, at, model, verdict, reason, n, tried, day, kind, raised_by: raised, threshold } = document
  const would = isDryRun && verdict === 'taken' ? 'would answer with a new calibration' : CALIBRATED[verdict]
  return [
    `${symbol} ${minuteUtc(at)}  ${model} ${would}: ${reason}`,
    ...(tried === null
      ? []
      : [
          `  ${tried.kind}, fitted on ${tried.fitted} of ${n} settled minutes; calibration error ${tried.ece.after.toFixed(3)} against ${tried.ece.before.toFixed(3)}`,
        ]),
    ...(day === null
      ? []
      : [
          `  last 24 hours: calibration error ${day.ece.toFixed(3)} on ${day.n} minutes, answers ${day.mean_score.toFixed(3)} on average, came true ${day.mean_label.toFixed(3)}`,
        ]),
    `  it answers with ${kind === null ? 'its own scores' : `a calibration (${kind})`}, signals from ${threshold.toFixed(4)}${raised === 0 ? '' : ` (${signed(raised, 2)})`}`,
  ].join('\n')
}
