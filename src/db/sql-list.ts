/** Words of our own as what stands within `IN (...)`. Never for what comes from outside. */
export function sqlList(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ')
}
