/** Walks a chain from its first entry to its last and names everything that does not fit, the first thing first. */
import { type ChainEntry, chainHash, GENESIS } from './chain.ts'
import { sha256Hex } from './canonical.ts'

/** Something that does not fit. */
export interface Finding {
  /** What it is about: `entry 17 (gate BTCUSDT/psi)`, `ml/psi_snapshot.json`. */
  readonly what: string
  /** Where it was found: `chain`, `file`, `table promotions`, `signature`. */
  readonly where: string
  /** What was found, and what it should be. */
  readonly why: string
}

/** A head of the chain that was kept elsewhere; `seq` is null when only the hash was kept. */
export interface KeptHead {
  readonly seq: number | null
  readonly hash: string
}

export interface ChainHead {
  readonly seq: number
  readonly hash: string
}

/** The newest word of the chain on a file. */
export interface FileMark {
  readonly seq: number
  /** What its bytes must give; null when retention has removed it. */
  readonly sha256: string | null
}

/** Looks an entry up while the chain is walked, to say where a row came from. */
type FindByHash = (hash: string) => ChainEntry | null

export const FILE = 'file'
/** Written by retention for each file that it removes; the subject is the file's. */
export const PRUNED = 'pruned'

const MAX_KEPT = 100
const SUBJECT = /^ml(-artifacts)?\/[^\0]+$/

/** A list of findings that keeps the first hundred and counts the others. */
export class Findings {
  readonly kept: Finding[] = []
  count = 0

  add(what: string, where: string, why: string): void {
    if (this.kept.length < MAX_KEPT) this.kept.push({ what, where, why })
    this.count++
  }
}

/** Takes the entries one by one, in the order of `seq`, and holds none of them but the last. */
export class ChainAudit {
  readonly files = new Map<string, FileMark>()
  private previous: ChainEntry | null = null
  private next = 1
  private taken = 0
  private readonly met: boolean[]

  constructor(
    private readonly findings: Findings,
    private readonly findByHash: FindByHash = () => null,
    private readonly kept: readonly KeptHead[] = [],
  ) {
    this.met = kept.map(({ seq, hash }) => hash === GENESIS && (seq ?? 0) === 0)
  }

  get count(): number {
    return this.taken
  }

  get head(): ChainHead {
    return { seq: this.previous?.seq ?? 0, hash: this.previous?.hash ?? GENESIS }
  }

  /**
   * @param row a row as the database or a file gave it: whoever changed it may have put anything there
   * @returns whether it is an entry, whatever it says
   */
  take(row: unknown): row is ChainEntry {
    this.taken++
    if (!isEntry(row)) {
      this.findings.add(
        `entry ${this.next}`,
        'chain',
        'the row is not a chain entry: a field is missing or has the wrong type',
      )
      this.next++
      return false
    }
    const intact = isIntact(row)
    this.checkPlace(row, intact)
    this.checkContent(row, intact)
    this.note(row)
    this.previous = row
    this.next = row.seq + 1
    return true
  }

  /** To be called after the last entry: names the heads kept elsewhere that the chain does not have. */
  end(): void {
    this.kept.forEach((kept, i) => {
      if (this.met[i] === true) return
      const head = `head ${kept.seq === null ? '' : `${kept.seq}:`}${kept.hash}`
      const why =
        kept.seq !== null && kept.seq > this.head.seq
          ? `the chain ends at entry ${this.head.seq}: it was cut short after that head was kept, or it is another chain`
          : 'no entry has that hash: the chain was rewritten or cut short after that head was kept, or it is another chain'
      this.findings.add(head, 'chain', why)
    })
  }

  private checkPlace(entry: ChainEntry, intact: boolean): void {
    const { next, previous } = this
    if (entry.seq > next) {
      const gone =
        entry.seq - next === 1 ? `entry ${next} is missing` : `entries ${next} to ${entry.seq - 1} are missing`
      const after = previous === null ? 'the beginning' : nameOf(previous)
      this.findings.add(gone.replace(/ (is|are) missing$/, ''), 'chain', `${gone}: ${nameOf(entry)} follows ${after}`)
      return
    }
    if (entry.seq < next) {
      this.findings.add(nameOf(entry), 'chain', `it is in the place of entry ${next}`)
      return
    }
    if (entry.prev === (previous?.hash ?? GENESIS) || !intact) return
    this.findings.add(
      nameOf(entry),
      'chain',
      `it does not follow the entry before it: that one has the hash ${short(previous?.hash ?? GENESIS)}, this one names ${short(entry.prev)}; one of them was added or replaced`,
    )
  }

  private checkContent(entry: ChainEntry, intact: boolean): void {
    if (!intact) {
      this.findings.add(nameOf(entry), 'chain', this.whyBroken(entry))
      return
    }
    if (entry.kind !== FILE && entry.sha256 !== sha256Hex(entry.detail)) {
      this.findings.add(nameOf(entry), 'chain', 'its SHA-256 is not that of its detail')
    }
    if ((entry.kind === FILE || entry.kind === PRUNED) && !isSubject(entry.subject)) {
      this.findings.add(nameOf(entry), 'chain', 'it names a file outside the evidence directory')
    }
  }

  /** A row that was moved gives its own hash again under the number that it had. */
  private whyBroken(entry: ChainEntry): string {
    const before = entry.prev === GENESIS ? 0 : (this.findByHash(entry.prev)?.seq ?? null)
    if (before !== null && before + 1 !== entry.seq && isIntact({ ...entry, seq: before + 1 }))
      return `it was written as entry ${before + 1}: rows were swapped or moved`
    return `its content does not give its hash ${short(entry.hash)}: it was changed`
  }

  private note(entry: ChainEntry): void {
    if (entry.kind === FILE) this.files.set(entry.subject, { seq: entry.seq, sha256: entry.sha256 })
    else if (entry.kind === PRUNED) this.files.set(entry.subject, { seq: entry.seq, sha256: null })
    this.kept.forEach(({ seq, hash }, i) => {
      if (hash === entry.hash && (seq ?? entry.seq) === entry.seq) this.met[i] = true
    })
  }
}

/** `entry 17 (gate BTCUSDT/psi)` */
export function nameOf(entry: Pick<ChainEntry, 'seq' | 'kind' | 'subject'>): string {
  return `entry ${entry.seq} (${entry.kind} ${entry.subject})`
}

/** Whether a subject is a path under the evidence or the artifacts, and stays there. */
export function isSubject(subject: string): boolean {
  return SUBJECT.test(subject) && !subject.split('/').some((part) => part === '..' || part === '.' || part === '')
}

function isIntact(entry: ChainEntry): boolean {
  try {
    return chainHash(entry) === entry.hash
  } catch {
    // What cannot be written as canonical JSON was never hashed.
    return false
  }
}

function isEntry(row: unknown): row is ChainEntry {
  if (typeof row !== 'object' || row === null) return false
  const { seq, tsMs, wallMs, kind, subject, sha256, detail, prev, hash } = row as Record<string, unknown>
  return (
    [seq, tsMs, wallMs].every((value) => Number.isSafeInteger(value)) &&
    [kind, subject, sha256, detail, prev, hash].every((value) => typeof value === 'string')
  )
}

function short(hash: string): string {
  return `${hash.slice(0, 12)}…`
}
