import { redact } from '../../notify/secret.ts'

const GRAVE = /^(feed|predictions)$| has stalled$/

export type RoomPhase = 'history' | 'open' | 'closing'

/** Takes lines for the log of a room. */
export interface RoomLog {
  info(text: string): void
}

/** Where a room is in its life, and where it listens. */
export class RoomState {
  private current: RoomPhase = 'history'
  private address: string | null = null

  /** `history` while bars are run through before the room opens. */
  get phase(): RoomPhase {
    return this.current
  }

  /** Null until the server listens. */
  get url(): string | null {
    return this.address
  }

  listensAt(url: string): void {
    this.address = url
  }

  opens(): void {
    this.current = 'open'
  }

  closes(): void {
    this.current = 'closing'
  }
}

/** The trouble of a symbol whose market clock does not run. */
export function standstillOf(symbol: string): string {
  return `${symbol} has stalled`
}

/** What went wrong and stays wrong until it is over or somebody acts: one line a kind, secrets struck out. */
export class Troubles {
  private readonly byKind = new Map<string, string>()

  /** As a person reads them: `evidence: evidence cannot be written: disk full`. */
  get lines(): readonly string[] {
    return [...this.byKind].map(([kind, text]) => `${kind}: ${text}`)
  }

  has(kind: string): boolean {
    return this.byKind.has(kind)
  }

  /** The text of a kind's trouble; null when it has none. */
  of(kind: string): string | null {
    return this.byKind.get(kind) ?? null
  }

  /** Whether predictions cannot be stored, or a feed stands still: the room runs, and does not do what it is there for. */
  get grave(): boolean {
    return [...this.byKind.keys()].some((kind) => GRAVE.test(kind))
  }

  /** The newest stands last. */
  report(kind: string, text: string): void {
    this.byKind.delete(kind)
    this.byKind.set(kind, redact(text))
  }

  /** @returns whether there was one */
  clear(kind: string): boolean {
    return this.byKind.delete(kind)
  }
}
