/** pino-roll ships no types: what the log uses of it. */
declare module 'pino-roll' {
  import type { EventEmitter } from 'node:events'

  interface RolledFile extends EventEmitter {
    write(text: string): boolean
    /** Writes what is left and closes the file. */
    end(): void
  }

  export default function rolled(options: {
    readonly file: string
    readonly frequency: 'daily'
    readonly size: string
    readonly extension: string
    readonly limit: { readonly count: number }
    /** Of the stream below: each line is written before the call returns. */
    readonly sync: boolean
  }): Promise<RolledFile>
}
