import { spawn, type ChildProcess } from 'node:child_process'
import { messageOf } from '../engine/kernel/errors.ts'
import { failed, plainText, refused, type Channel, type DeliveryResult, type Parcel } from './channel.ts'
import type { Secret } from './secret.ts'

interface CommandParts {
  readonly program: string
  /** Given as they are: no shell reads them. */
  readonly args: readonly Secret[]
  readonly timeoutMs: number
}

/**
 * Runs a program of the user's own: the message as JSON on its standard input, its fields as ONAY_* in its environment. It
 * has succeeded when it exits with 0. What it prints is dropped, since that may contain what it logs in with.
 */
export function command(parts: CommandParts): Channel {
  return { name: 'command', broken: null, send: (parcel, signal) => run(parts, parcel, signal) }
}

function run({ program, args, timeoutMs }: CommandParts, parcel: Parcel, signal: AbortSignal): Promise<DeliveryResult> {
  if (signal.aborted) return Promise.resolve(failed('was not started: the room is closing'))
  return new Promise((resolve) => {
    let child: ChildProcess
    const end = (delivered: DeliveryResult): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', closing)
      resolve(delivered)
    }
    const closing = (): void => {
      killGroup(child)
      end(failed('was cut off: the room is closing'))
    }
    const timer = setTimeout(() => {
      killGroup(child)
      end(failed(`did not end within ${timeoutMs} ms and was killed`))
    }, timeoutMs)
    try {
      child = spawn(
        program,
        args.map((arg) => arg.reveal()),
        {
          stdio: ['pipe', 'ignore', 'ignore'],
          // A group of its own: what it has started is killed with it, and no key of the screen reaches it.
          detached: true,
          env: { ...process.env, ...fieldsOf(parcel) },
        },
      )
    } catch (error) {
      end(refused(`cannot be started: ${messageOf(error)}`))
      return
    }
    signal.addEventListener('abort', closing, { once: true })
    child.once('error', (error) =>
      end(refused(`cannot be started (${'code' in error ? String(error.code) : 'no code'})`)),
    )
    child.once('exit', (code, by) => {
      if (code === 0) end({ ok: true })
      else end(failed(code === null ? `was ended by ${by ?? 'a signal'}` : `ended with ${code}`))
    })
    // A program that does not read its input closes it: that is not a failure.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(`${JSON.stringify(parcel)}\n`)
  })
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

function fieldsOf(parcel: Parcel): Record<string, string> {
  const { id, kind, severity, symbol, text, market_time, chain_head } = parcel
  // The environment cannot hold a zero byte.
  const clean = (value: string): string => value.replaceAll('\0', ' ')
  return {
    ONAY_ID: id,
    ONAY_KIND: clean(kind),
    ONAY_SEVERITY: severity,
    ONAY_SYMBOL: clean(symbol),
    ONAY_TEXT: clean(text),
    ONAY_MARKET_TIME: market_time,
    ONAY_CHAIN_HEAD: chain_head ?? '',
    ONAY_MESSAGE: clean(plainText(parcel)),
  }
}
