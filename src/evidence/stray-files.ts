/** Files that stand among the evidence and that the chain does not name. */
import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Findings } from './audit.ts'
import type { Coverage } from './coverage.ts'
import { FEATURE_LOG_NAME, rotatedDate } from './feature-log.ts'

interface StraySight {
  /** The directories that hold `ml/` and `ml-artifacts/`, and what of them is looked through. */
  readonly roots: readonly { readonly within: string; readonly folder: string }[]
  /** Whether the chain names a subject, by now. */
  readonly names: (subject: string) => boolean
}

const SIGNATURE = '.sig'
/** Logs of an earlier database are put aside in such a folder, and belong to that one's chain. */
const PUT_ASIDE = /^earlier-/
/** Written by earlier versions without an entry. */
const CUMULATIVE = 'ml_daily_reports.csv'

/** Names each file that somebody put there. What the room keeps without an entry is not compared, and said so. */
export function auditStrays({ roots, names }: StraySight, findings: Findings, coverage: Coverage): void {
  for (const { within, folder } of roots)
    for (const subject of filesUnder(within, folder)) {
      const name = subject.slice(subject.lastIndexOf('/') + 1)
      const of = subject.endsWith(SIGNATURE) ? subject.slice(0, -SIGNATURE.length) : subject
      if (names(of)) continue
      if (name === FEATURE_LOG_NAME) coverage.lacks(`the feature log of today (${subject})`)
      else if (name === CUMULATIVE || rotatedDate(name) !== null) coverage.lacks(`${subject}, which has no entry yet`)
      else findings.add(subject, 'file', 'no entry of the chain names it: it was put there')
    }
}

/** Paths under a root, without what is still being written and what was put aside. */
function* filesUnder(root: string, folder: string): Generator<string> {
  for (const entry of entriesOf(join(root, folder))) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!PUT_ASIDE.test(entry.name)) yield* filesUnder(root, path)
    } else if (!entry.name.startsWith('.tmp-')) yield path
  }
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    // A directory that is not there holds nothing; one that cannot be read shows by the files that the chain names in it.
    return []
  }
}
