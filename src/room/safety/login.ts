import { userInfo } from 'node:os'

/** Who is logged in where this process runs. */
export function loginName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user whom its system does not know by name.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
