/** Every file that the chain names, against what is on the disk. */
import { messageOf } from '../engine/kernel/errors.ts'
import { type FileMark, type Findings, isSubject } from './audit.ts'
import { fileSha256 } from './files.ts'

export interface FileSight {
  /** Where a subject is on the disk. */
  readonly pathOf: (subject: string) => string
  /** The newest mark of a subject now: a room may have written the file again since the chain was read. */
  readonly newest: (subject: string) => FileMark | null
  /** Whether the database still owes the file: recorded, and not yet written or removed. */
  readonly owes: (subject: string, mark: FileMark) => boolean
}

interface FileCounts {
  whole: number
  /** Recorded, and still to be written by the room. */
  owed: number
  /** Removed by retention, which said so. */
  pruned: number
  /** Files that could not be read, with why. */
  readonly unread: string[]
}

type Standing = 'whole' | 'owed' | 'pruned' | { readonly wrong: string }

const LOOKS = 5

/** Names each file that is missing, changed, or there although it was removed by retention. */
export function auditFiles(files: ReadonlyMap<string, FileMark>, sight: FileSight, findings: Findings): FileCounts {
  const seen: FileCounts = { whole: 0, owed: 0, pruned: 0, unread: [] }
  for (const [subject, mark] of files) {
    if (!isSubject(subject)) continue
    try {
      const standing = standingOf(subject, mark, sight)
      if (typeof standing === 'string') seen[standing]++
      else findings.add(subject, 'file', standing.wrong)
    } catch (thrown) {
      seen.unread.push(`${subject}: ${messageOf(thrown)}`)
    }
  }
  return seen
}

/** A file that a running room is just writing is looked at again with the newest mark. */
function standingOf(subject: string, first: FileMark, sight: FileSight): Standing {
  let mark = first
  for (let look = 1; ; look++) {
    const standing = lookAt(subject, mark, sight)
    if (typeof standing === 'string' || look === LOOKS) return standing
    if (sight.owes(subject, mark)) return 'owed'
    const newer = sight.newest(subject)
    // Written between the two looks, the file may be right by now: without a newer mark it is looked at once more.
    if ((newer === null || newer.seq === mark.seq) && look > 1) return standing
    mark = newer ?? mark
  }
}

function lookAt(subject: string, { seq, sha256 }: FileMark, { pathOf }: FileSight): Standing {
  const found = fileSha256(pathOf(subject))
  if (sha256 === null)
    return found === null
      ? 'pruned'
      : { wrong: `entry ${seq} says that retention removed it, but a file is there with SHA-256 ${found}` }
  if (found === null) return { wrong: `it is missing: entry ${seq} has it with SHA-256 ${sha256}` }
  if (found === sha256) return 'whole'
  return { wrong: `its bytes were changed: they give SHA-256 ${found}, entry ${seq} says ${sha256}` }
}
