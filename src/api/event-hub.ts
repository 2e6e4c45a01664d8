/** Gives every event of the room to whoever listens: one read a turn for all, and no waiting for slow listeners. */
import type { Writable } from 'node:stream'
import type { EventRow, JournalRepo } from '../db/journal.ts'
import { unavailable } from '../engine/kernel/errors.ts'
import type { EventView } from '../control/view.ts'

export const MAX_STREAMS = 50
/** A listener with this much unread is dropped: it can resume from the last id that it has. */
export const MAX_UNREAD_BYTES = 262_144
/** How often a stream says that it is alive, so that a dead one is noticed. */
export const BEAT_MS = 10_000
/** How long a listener should wait before it reconnects. */
const RETRY_MS = 1_000
/** How many events are read from the database at once, and how many of the newest are kept for all. */
const PAGE = 200
const RECENT = 500
/** A listener that takes nothing between so many beats has stopped reading. */
const MAX_SILENT_BEATS = 2

/** Where the text of a stream goes: an HTTP response. */
type Outlet = Pick<Writable, 'write' | 'end' | 'destroy' | 'on' | 'writableLength' | 'writableNeedDrain'>

interface Listening {
  /** The last id that the listener has; null begins with what happens from now on. */
  readonly lastId: number | null
  /** This symbol's events and the room's own; null: every symbol's. */
  readonly symbol: string | null
}

interface Frame {
  readonly id: number
  readonly symbol: string
  readonly text: string
}

interface Stream {
  readonly out: Outlet
  readonly symbol: string | null
  /** Every event up to this id was written or is of another symbol. */
  cursor: number
  drained: boolean
  silentBeats: number
}

interface HubParts {
  readonly journal: Pick<JournalRepo, 'eventsAfter' | 'newestEventId' | 'onEvent'>
  readonly version: string
  /** Runs something after this turn: transactions are synchronous, so that none is open then. */
  readonly soon: (run: () => void) => void
}

export class EventHub {
  private readonly streams = new Set<Stream>()
  /** The newest events, ascending; whole from its first id on. */
  private recent: Frame[] = []
  private newestId = 0
  private scheduled = false
  private closed = false
  private readonly stopListening: () => void

  constructor(private readonly parts: HubParts) {
    this.stopListening = parts.journal.onEvent(() => this.look())
  }

  get listeners(): number {
    return this.streams.size
  }

  /** @throws OperatorError 503 when there are too many listeners, or the room is closing */
  refuseMore(): void {
    if (this.closed)
      throw unavailable('the room is closing', 'its streams have ended', 'reconnect once it runs again', 'closing')
    if (this.streams.size >= MAX_STREAMS)
      throw unavailable(
        'too many open event streams',
        `${this.streams.size} are open, which is the limit`,
        'close one, or poll /state instead',
        'too_many_streams',
      )
  }

  /** Writes what the listener has missed, then what happens, until either side ends it. `refuseMore` was asked before. */
  open(out: Outlet, { lastId, symbol }: Listening): void {
    if (this.streams.size === 0) this.begin()
    // An id beyond the newest is from another room: events of this one must not be skipped until they reach it.
    const cursor = Math.min(lastId ?? this.newestId, this.newestId)
    const stream: Stream = { out, symbol, cursor, drained: true, silentBeats: 0 }
    this.streams.add(stream)
    out.on('close', () => this.streams.delete(stream))
    out.on('error', () => this.drop(stream))
    out.on('drain', () => {
      stream.drained = true
      this.pump(stream)
    })
    out.write(`retry: ${RETRY_MS}\n${named('hello', { version: this.parts.version, newest: this.newestId })}`)
    this.pump(stream)
  }

  /** Shows every listener that the stream is alive, and drops those that have stopped reading. */
  beat(): void {
    for (const stream of this.streams) {
      const { out } = stream
      stream.silentBeats = stream.drained || out.writableLength === 0 ? 0 : stream.silentBeats + 1
      stream.drained = false
      if (stream.silentBeats >= MAX_SILENT_BEATS) this.drop(stream)
      else out.write(': beat\n\n')
    }
  }

  /** Ends every stream, with a closing message where the listener still reads. */
  close(): void {
    this.closed = true
    this.stopListening()
    for (const stream of this.streams) {
      if (stream.out.writableLength > 0) this.drop(stream)
      else stream.out.end(named('closing', {}))
    }
    this.streams.clear()
  }

  /** Nobody listened until now, so nothing was read. */
  private begin(): void {
    this.newestId = this.parts.journal.newestEventId()
    this.recent = []
  }

  /** An event was added in a transaction that is still open: only after this turn is it clear whether it stays. */
  private look(): void {
    if (this.scheduled || this.closed || this.streams.size === 0) return
    this.scheduled = true
    this.parts.soon(() => {
      this.scheduled = false
      if (!this.closed) this.read()
    })
  }

  private read(): void {
    const rows = this.parts.journal.eventsAfter(this.newestId, PAGE)
    const last = rows.at(-1)
    if (last === undefined) return
    this.newestId = last.id
    this.recent.push(...rows.map(frameOf))
    if (this.recent.length > RECENT) this.recent.splice(0, this.recent.length - RECENT)
    for (const stream of this.streams) this.pump(stream)
    if (rows.length === PAGE) this.look()
  }

  /** Writes until the listener has everything, or has enough for now. */
  private pump(stream: Stream): void {
    const { out, symbol } = stream
    while (stream.cursor < this.newestId && this.streams.has(stream)) {
      const kept = this.keptAfter(stream.cursor)
      // Older events come from the database: not before the socket has drained.
      if (kept === null && out.writableNeedDrain) return
      const frames = kept ?? this.parts.journal.eventsAfter(stream.cursor, PAGE).map(frameOf)
      const text = frames
        .filter((frame) => symbol === null || frame.symbol === symbol || frame.symbol === '')
        .map((frame) => frame.text)
        .join('')
      stream.cursor = frames.at(-1)?.id ?? this.newestId
      // What was written in this turn cannot have been read yet: only what was left from before counts.
      if (out.writableLength > MAX_UNREAD_BYTES) return this.drop(stream)
      if (text !== '') out.write(text)
    }
  }

  /** The kept events above an id; null when some of them are no longer kept. */
  private keptAfter(id: number): readonly Frame[] | null {
    const first = this.recent[0]
    if (first === undefined || id < first.id - 1) return null
    return this.recent.filter((frame) => frame.id > id)
  }

  private drop(stream: Stream): void {
    this.streams.delete(stream)
    stream.out.destroy()
  }
}

function frameOf(row: EventRow): Frame {
  const { id, symbol, tsMs, kind, severity, text } = row
  const event: EventView = { id, symbol, tsMs, kind, severity, text }
  return { id, symbol, text: `id: ${id}\ndata: ${JSON.stringify(event)}\n\n` }
}

/** A message of the stream itself. It has no id, so that resuming never counts it. */
function named(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
