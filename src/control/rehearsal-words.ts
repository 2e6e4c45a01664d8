import type { RehearsalDocument } from './checklist.ts'

type Counts = NonNullable<RehearsalDocument['variants'][number]['canaries']>

/** How the canaries of a rehearsal would have ended, all of them. */
export function canaryEnds({ begun, succeeded, stopped, inconclusive }: Counts): string {
  const open = begun - succeeded - stopped - inconclusive
  const ends = `${succeeded} would have succeeded, ${stopped} been stopped, ${inconclusive} ended inconclusive`
  return open > 0 ? `${ends}, and ${open} would still be running` : ends
}
