/** What was compared with the chain, and what was not, for whoever reads that everything matches. */
export class Coverage {
  private readonly lacking = new Map<string, number>()

  /** Something that could not be compared, since the chain does not say it. */
  lacks(what: string): void {
    this.lacking.set(what, (this.lacking.get(what) ?? 0) + 1)
  }

  /** Each once, with how often it was met. */
  get gaps(): readonly string[] {
    return [...this.lacking].map(([what, count]) => (count === 1 ? what : `${what} (${count})`))
  }
}
