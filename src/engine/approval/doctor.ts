/** Whether a room can be started here: one judgement a fact, from facts that somebody else has gathered. */
import { MINUTE_MS } from '../kernel/units.ts'
import {
  disk,
  fail,
  type GoLiveCheck,
  type GoLiveFacts,
  type Judged,
  judgeEach,
  notTried,
  pass,
  token,
} from './go-live.ts'

/** A directory that a room writes to. */
interface PlaceFacts {
  readonly path: string
  readonly isThere: boolean
  /** What keeps this user from using it; null where nothing does. */
  readonly fault: string | null
}

/** What was found of a machine, a directory and a configuration. A text that is named a fault is null where there is none. */
export interface MachineFacts extends Pick<GoLiveFacts, 'disk' | 'tokenMode'> {
  readonly node: { readonly version: string; readonly range: string; readonly isWithin: boolean }
  /** Why SQLite's package does not load. */
  readonly sqliteFault: string | null
  readonly config: {
    /** Null where there is no file, and every field has its default. */
    readonly file: string | null
    readonly fault: { readonly why: string; readonly next: string } | null
    /** What was said and changes nothing, each with why. */
    readonly unread: readonly string[]
  }
  readonly data: PlaceFacts
  readonly evidence: PlaceFacts
  /** What opening the database for reading comes to; null before there is one. */
  readonly database: {
    readonly fault: { readonly code: string; readonly said: string; readonly next: string } | null
  } | null
  readonly port: { readonly port: number; readonly host: string; readonly holder: PortHolder }
  /** What is known of the machine's clock beside a feed; null where no feed is known. */
  readonly clock: { readonly fault: string | null; readonly aheadMs: number } | null
}

/** Who listens on a port: nobody, the room of this directory, another room, another program; or why nobody can. */
type PortHolder =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'this room'; readonly pid: number }
  | { readonly kind: 'another room' }
  | { readonly kind: 'another program' }
  | { readonly kind: 'not allowed'; readonly why: string }

/** The newest minute has just ended, and clocks differ by seconds. */
const MAX_AHEAD_MS = 2 * MINUTE_MS

/** Each check, in the order in which one stands on the other. */
export function judgeMachine(facts: MachineFacts): readonly GoLiveCheck[] {
  return judgeEach(facts, [
    ['node', node],
    ['sqlite', sqlite],
    ['config', config],
    ['data', ({ data }) => place(data, '--data-dir')],
    ['evidence', ({ evidence }) => place(evidence, '--evidence-dir')],
    ['token', (found) => (found.tokenMode === null ? notTried('none yet', 'the first start makes it') : token(found))],
    ['database', database],
    ['disk', disk],
    ['port', port],
    ['clock', clock],
  ])
}

function node({ node: { version, range, isWithin } }: MachineFacts): Judged {
  const said = `${version}, ${range} is needed`
  return isWithin ? pass(said) : fail(said, 'install a version of Node that fits, then: npm ci')
}

function sqlite({ sqliteFault }: MachineFacts): Judged {
  if (sqliteFault === null) return pass('better-sqlite3 loads')
  return fail(`better-sqlite3 does not load: ${sqliteFault}`, 'build it for this Node: npm rebuild better-sqlite3')
}

function config({ config: { file, fault, unread } }: MachineFacts): Judged {
  if (fault !== null) return fail(fault.why, fault.next)
  if (unread.length > 0) return fail(unread.join('; '), 'take it out, or see what applies with: onay config')
  return pass(file === null ? 'no file: every field has its default' : file)
}

function place({ path, isThere, fault }: PlaceFacts, option: string): Judged {
  if (fault !== null) return fail(fault, `give this user the right to write there, or name another with ${option}`)
  return pass(isThere ? path : `${path} is made at the first start`)
}

function database({ database: found, data }: MachineFacts): Judged {
  if (found === null) return notTried(`none in ${data.path}`, 'the first start makes it')
  if (found.fault === null) return pass('it opens')
  const { code, said, next } = found.fault
  // A start does that by itself.
  return code === 'older_database' ? pass(`${said}; the next start brings it up to date`) : fail(said, next)
}

function port({ port: { port: number, host, holder } }: MachineFacts): Judged {
  const at = `${host}:${number}`
  switch (holder.kind) {
    case 'nobody':
      return pass(`${at} is free`)
    case 'this room':
      return pass(`${at} is the room of this directory, process ${holder.pid}`)
    case 'another room':
      return fail(`${at} is taken by a room of another directory`, `see it with: onay attach ${at}; start with --port`)
    case 'another program':
      return fail(`${at} is taken by another program`, 'start with --port')
    case 'not allowed':
      return fail(`${at} cannot be listened on: ${holder.why}`, 'start with --port or --host')
  }
}

function clock({ clock: found }: MachineFacts): Judged {
  if (found === null) return notTried('no feed of real time is known', 'set it by NTP all the same')
  const next = 'set the clock of the machine, by NTP'
  if (found.fault !== null) return fail(found.fault, next)
  const minutes = Math.round(found.aheadMs / MINUTE_MS)
  if (found.aheadMs > MAX_AHEAD_MS) return fail(`it is ${minutes} minutes behind the newest minute of the feed`, next)
  return pass('not behind the newest minute of the feed')
}
