/** A user who may not do everything. The administrator may, and tests of what is not allowed would prove nothing. */
import { chmodSync } from 'node:fs'

const NOBODY = 65_534

/** What `act` does is done by such a user, where we are the administrator. `dir`, that it works in, is opened to them. */
export async function asSomebody<T>(dir: string, act: () => T | Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return act()
  chmodSync(dir, 0o755)
  process.seteuid?.(NOBODY)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
  }
}

/** For a process of its own: whose it is. */
export function uidOfSomebody(dir: string): { readonly uid?: number } {
  if (process.getuid?.() !== 0) return {}
  chmodSync(dir, 0o755)
  return { uid: NOBODY }
}
