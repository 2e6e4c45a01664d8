import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { messageOf } from '../engine/kernel/errors.ts'
import { redact } from '../notify/secret.ts'
import type { Io } from './io.ts'

export interface Log {
  info(text: string): void
  error(error: unknown): void
  close(): void
}

/**
 * The room's log: JSON lines in rotated files under the data directory, and plain lines on stderr where no screen is shown.
 * Never on the screen.
 */
export function openLog(dataDir: string, onStderr: boolean, { err }: Io): Log {
  const dir = join(dataDir, 'log')
  mkdirSync(dir, { recursive: true })
  const transport: unknown = pino.transport({
    target: 'pino-roll',
    options: {
      file: join(dir, 'onay'),
      frequency: 'daily',
      size: '20m',
      extension: '.log',
      limit: { count: 14 },
      mkdir: true,
    },
  })
  const logger = pino({ level: 'info', base: { pid: process.pid } }, transport as Parameters<typeof pino>[1])
  return {
    info: (text) => {
      logger.info(redact(text))
      if (onStderr) err(`${redact(text)}\n`)
    },
    error: (error) => {
      const message = redact(messageOf(error))
      const stack = error instanceof Error && error.stack !== undefined ? redact(error.stack) : undefined
      logger.error({ err: { type: error instanceof Error ? error.name : typeof error, message, stack } }, message)
      if (onStderr) err(`error: ${message}\n`)
    },
    close: () => logger.flush(),
  }
}
