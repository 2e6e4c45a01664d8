import type { Command } from 'commander'
import { judgeMachine } from '../engine/approval/doctor.ts'
import { isReady } from '../engine/approval/go-live.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import { defaultConfig } from '../room/config/config.ts'
import { machineFacts } from '../room/readiness/machine.ts'
import { checksText } from './checks-text.ts'
import { contextWith, parseCount, withPlaces, type CommonOptions } from './context.ts'
import type { Io } from './io.ts'

interface DoctorOptions extends Omit<CommonOptions, 'symbol'> {
  readonly port: string
  readonly host: string
}

/** `onay doctor`: what usually goes wrong before a room runs. It changes nothing. */
export function addDoctor(program: Command, io: Io): void {
  withPlaces(program.command('doctor'))
    .description('what usually goes wrong on a machine, each with how to mend it; exit 1 where something fails')
    .option('--port <port>', 'where the room is to listen', '4010')
    .option('--host <address>', 'on which address', '127.0.0.1')
    .action(async (options: DoctorOptions) => {
      // A configuration that does not fit is one of its findings.
      const context = contextWith(defaultConfig(), options, io)
      const { dataDir, evidenceDir } = context
      const checks = judgeMachine(
        await machineFacts({
          cwd: io.cwd,
          dataDir,
          evidenceDir,
          config: options.config,
          host: options.host,
          port: parseCount(options.port, '--port', [1, 65_535]),
          nodeVersion: process.version,
          nowMs: wallClock.now(),
        }),
      )
      const ok = isReady(checks)
      const failing = checks.filter(({ verdict }) => verdict === 'FAIL').length
      const last = ok ? 'nothing to mend' : `${failing} to mend`
      context.print({ ok, checks }, () => [dataDir, ...checksText(checks), last].join('\n'), 'doctor/1')
      io.exit(ok ? 0 : 1)
    })
}
