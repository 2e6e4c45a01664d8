/** The head of the chain, kept where a later rewriting of the chain cannot reach it, and signed by OpenSSH. */
import { execFile, spawnSync } from 'node:child_process'
import * as z from 'zod'
import { OperatorError } from '../engine/kernel/errors.ts'
import { tryJson } from '../engine/kernel/json.ts'
import type { ChainHead } from './audit.ts'
import type { DocumentHeader } from './documents/documents.ts'

/** What a signature is for: one made for something else does not pass. */
const NAMESPACE = 'onay'
const RUNNING = {
  encoding: 'utf8' as const,
  timeout: 10_000,
  env: { ...process.env, SSH_ASKPASS_REQUIRE: 'never', LC_ALL: 'C' },
}

interface Ended {
  readonly error: Error | null
  readonly stdout: string
  readonly stderr: string
}

/** `daily/head_<date>.json`: which entry was the newest once the reports of that day were in the chain. */
export interface HeadDocument extends Partial<DocumentHeader>, ChainHead {
  /** The UTC day whose reports the head covers. */
  readonly date: string
}

const place = { seq: z.int().nonnegative(), hash: z.string().regex(/^[0-9a-f]{64}$/) }
const Head = z.object({ date: z.string(), ...place })
const Report = z.object({ chain: z.object(place).nullable() })

export const HEAD_PREFIX = 'ml/daily/head_'

export function headSubject(date: string): string {
  return `${HEAD_PREFIX}${date}.json`
}

/** The head that a signed document names; null when it is not such a document. */
export function parseHead(text: string): z.infer<typeof Head> | null {
  return parsed(Head, text)
}

/** The head that a daily report names; null when it names none, as those of older versions do. */
export function parseReportHead(text: string): ChainHead | null {
  return parsed(Report, text)?.chain ?? null
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | null {
  return schema.safeParse(tryJson(text)).data ?? null
}

/**
 * The armoured signature of some bytes, by `ssh-keygen -Y sign`. A key that asks for a passphrase is refused, since nobody
 * could type one; one that an agent holds is named by its public half.
 * @throws OperatorError with what ssh-keygen said
 */
export async function signBytes(keyPath: string, content: string): Promise<string> {
  // An empty passphrase keeps ssh-keygen from opening the terminal that the screen is drawn on.
  const args = ['-Y', 'sign', '-P', '', '-n', NAMESPACE, '-f', keyPath]
  const ended = await new Promise<Ended>((resolve) => {
    const child = execFile('ssh-keygen', args, RUNNING, (error, stdout, stderr) => resolve({ error, stdout, stderr }))
    // One that ended at once has closed its end: what it wrote says why.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(content)
  })
  refuseMissing(ended.error)
  if (ended.error === null && ended.stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return ended.stdout
  throw new OperatorError(
    `the head cannot be signed with ${keyPath}`,
    lastWord(ended),
    'see evidence.signing_key in: onay config',
    'signing',
    500,
  )
}

export interface Signers {
  /** The file of allowed signers, as ssh-keygen reads it. */
  readonly file: string
  readonly name: string
}

/** Why a signature does not hold for these bytes; null when it does. @throws OperatorError when ssh-keygen cannot be run */
export function whyUnsigned({ file, name }: Signers, signaturePath: string, content: string): string | null {
  const ended = checkWith(['-Y', 'verify', '-f', file, '-I', name, '-n', NAMESPACE, '-s', signaturePath], content)
  return ended.error === null ? null : lastWord(ended)
}

/** Whether a signature belongs to these bytes, whoever made it. */
export function belongs(signaturePath: string, content: string): boolean {
  return checkWith(['-Y', 'check-novalidate', '-n', NAMESPACE, '-s', signaturePath], content).error === null
}

function checkWith(args: readonly string[], input: string): Ended {
  const ended = spawnSync('ssh-keygen', args, { input, ...RUNNING })
  refuseMissing(ended.error ?? null)
  const failed = ended.status === 0 ? null : new Error(`it ended with ${ended.status}`)
  return { error: failed, stdout: ended.stdout, stderr: ended.stderr }
}

function refuseMissing(error: Error | null): void {
  if (error === null || !('code' in error) || error.code !== 'ENOENT') return
  throw new OperatorError(
    'ssh-keygen cannot be run',
    'it is not installed',
    'install OpenSSH 8.1 or newer',
    'ssh_keygen',
    500,
  )
}

/** The line in which ssh-keygen says what went wrong. */
function lastWord({ error, stdout, stderr }: Ended): string {
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim())
  return lines.findLast((line) => line !== '' && !line.startsWith('Signing ')) ?? error?.message ?? 'it said nothing'
}
