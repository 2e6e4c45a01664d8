import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a data directory keeps the token of its own, readable by its owner only. */
export function ownTokenPath(dataDir: string): string {
  return join(dataDir, 'token')
}

/** The token of a data directory's own; null when it cannot be read. */
export function ownToken(dataDir: string): string | null {
  try {
    return readFileSync(ownTokenPath(dataDir), 'utf8').trim() || null
  } catch {
    return null
  }
}
