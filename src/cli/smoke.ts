import { percent } from '../engine/kernel/figures.ts'
import type { Command } from 'commander'
import { holderOf } from '../db/lock.ts'
import type { SmokeDocument } from '../evidence/documents/documents.ts'
import { fireSmoke, SMOKE_CONNECTIONS, SMOKE_REQUESTS } from '../work/smoke-task.ts'
import { askRunning } from './ask-room.ts'
import { contextOf, parseCount, withCommon, type CommonOptions } from './context.ts'
import { progressLine } from './progress.ts'
import type { Io } from './io.ts'

const MAX_REQUESTS = 1_000_000

/** `onay smoke`: requests at a running room, and the evidence of how it held. */
export function addSmoke(program: Command, io: Io): void {
  withCommon(program.command('smoke'))
    .description('fire requests at the running room and keep the latencies as evidence; exit 1 when it falls short')
    .option('--requests <n>', 'how many', String(SMOKE_REQUESTS))
    .option('--shadow', 'judge the candidate: match, delta and errors too')
    .action(async (options: CommonOptions & { requests: string; shadow?: boolean }) => {
      const context = contextOf(options, io)
      const requests = parseCount(options.requests, '--requests', [1, MAX_REQUESTS])
      const { symbol } = context
      const { run } = await askRunning(context, 'a smoke run is fired at a running room', 'beginSmoke', { symbol })
      const progress = progressLine(context)
      const figures = await fireSmoke(
        {
          dataDir: context.dataDir,
          url: holderOf(context.dataDir)?.url ?? '',
          run,
          symbol,
          answeredBy: null,
          requests,
          connections: SMOKE_CONNECTIONS,
          timeoutMs: context.config.smoke.timeout_ms,
          rows: null,
        },
        (done) => progress.say(`${done} of ${requests}`),
      )
      progress.end()
      const document = await askRunning(context, 'it ended during the run', 'finishSmoke', {
        run,
        shadow: options.shadow === true,
        figures,
      })
      context.print(document, () => smokeText(document))
      io.exit(document.slo_check.pass ? 0 : 1)
    })
}

function smokeText(document: SmokeDocument): string {
  const { latency_ms: latency, match_rate: match, mean_delta: delta } = document
  return [
    `${document.model} of ${document.symbol}: ${document.slo_check.pass ? 'PASS' : 'FAIL'}, ${document.success} of ${document.requests} answered in ${document.seconds.toFixed(1)} s`,
    `  p50 ${latency.p50.toFixed(2)}  p95 ${latency.p95.toFixed(2)}  p99 ${latency.p99.toFixed(2)}  max ${latency.max.toFixed(2)} ms`,
    ...(match === null || delta === null
      ? []
      : [`  match ${percent(match, 2)}, mean delta ${delta.toFixed(4)}, ${document.shadow_errors} shadow errors`]),
    ...document.slo_check.why.map((why) => `  ! ${why}`),
  ].join('\n')
}
