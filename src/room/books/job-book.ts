import type { JobRow } from '../../db/jobs.ts'
import type { Store } from '../../db/store.ts'

/** How the gates were last logged: a letter a gate. */
interface LoggedVerdicts {
  readonly model: string | null
  readonly verdicts: string
}

/** When each job of one symbol ran, when it is due next, and how the gates were last logged. */
export class JobBook {
  private readonly rows = new Map<string, JobRow>()
  private readonly changed = new Set<string>()
  private logged: LoggedVerdicts | null = null

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {}

  of(name: string): JobRow | undefined {
    return this.rows.get(name)
  }

  all(): readonly JobRow[] {
    return [...this.rows.values()]
  }

  /** How a run ended; written with the moment. */
  ran(row: JobRow): void {
    this.rows.set(row.name, row)
    this.changed.add(row.name)
  }

  /** The six verdicts as they were last logged, a letter a gate; null before the first time. */
  get gateVerdicts(): string | null {
    return this.logged?.verdicts ?? null
  }

  /** The version that they were about. */
  get gatesJudged(): string | null {
    return this.logged?.model ?? null
  }

  gatesLogged(model: string, verdicts: string): void {
    this.logged = { model, verdicts }
  }

  /** Writes the jobs that ran; inside the caller's transaction. */
  persist(): void {
    for (const name of this.changed) {
      const row = this.rows.get(name)
      if (row !== undefined) this.store.jobs.put(row)
    }
    this.changed.clear()
  }

  /** Back to where the database stands. */
  restore(): void {
    this.rows.clear()
    this.changed.clear()
    for (const row of this.store.jobs.list(this.symbol)) this.rows.set(row.name, row)
    const newest = this.store.watch.newestGates(this.symbol)
    this.logged = newest === null ? null : { model: newest.model, verdicts: newest.verdicts }
  }
}
