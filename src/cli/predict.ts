import type { Command } from 'commander'
import { predictOnce } from '../api/client.ts'
import { noRoom } from './ask-room.ts'
import { contextOf, withCommon, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

/** `onay predict`: one prediction, as a caller gets it. */
export function addPredict(program: Command, io: Io): void {
  withCommon(program.command('predict'))
    .description('ask the running room for one prediction of the newest minute: who answered, and why')
    .option('--key <key>', 'an order or a customer: the same key is answered by the same model')
    .action(async (options: CommonOptions & { key?: string }) => {
      const context = contextOf(options, io)
      const answer = await predictOnce(context.dataDir, { symbol: context.symbol, key: options.key })
      if (answer === null) throw noRoom('a running room predicts')
      context.print(
        answer,
        () => {
          const { score, decision, model_version: version, served_by: by, reason, latency_ms: ms, id } = answer
          const said = score === null ? decision : `${decision}, score ${score.toFixed(4)}`
          return `${said}\n  answered by ${version} (${by})${reason === '' ? '' : `: ${reason}`}\n  ${ms.toFixed(2)} ms, id ${id}`
        },
        'prediction/1',
      )
    })
}
