import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import rolled from 'pino-roll'
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
 * Never on the screen. A line is in its file before the call returns: they are few, and the last one before a crash is the one
 * that is read. A disk that takes no more of them does not end the room.
 */
export async function openLog(dataDir: string, onStderr: boolean, { err }: Io): Promise<Log> {
  const dir = join(dataDir, 'log')
  mkdirSync(dir, { recursive: true })
  const file = await rolled({
    file: join(dir, 'onay'),
    frequency: 'daily',
    size: '20m',
    extension: '.log',
    limit: { count: 14 },
    sync: true,
  })
  file.on('error', () => undefined)
  // An error comes to it as redacted texts, which its own serializer would take for an error named Object.
  const serializers = { err: (shown: unknown) => shown }
  const logger = pino({ level: 'info', base: { pid: process.pid }, serializers }, file)
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
    close: () => file.end(),
  }
}
