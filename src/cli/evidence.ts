import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { monotonicMs } from '../engine/kernel/clock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { KeptHead } from '../evidence/audit.ts'
import { checkBundle } from '../evidence/bundle/bundle-check.ts'
import type { Signers } from '../evidence/signature.ts'
import { type VerifyDocument, verifyText } from '../evidence/documents/verify-document.ts'
import { type BundleDocument, bundleRelease } from '../room/queries/evidence-bundle.ts'
import { verifyEvidence } from '../room/record/verify-evidence.ts'
import { ask } from './ask-room.ts'
import { contextOf, openForReading, withCommon, type CommonOptions, type Context } from './context.ts'
import { EXIT_TROUBLE } from './errors.ts'
import { progressLine } from './progress.ts'
import { VERSION } from './version.ts'
import type { Io } from './io.ts'

/** Evidence written, checked, and put together for somebody else. */
export function addEvidence(program: Command, io: Io): void {
  const evidence = program.command('evidence').description('files, their hash chain, and bundles of them')
  for (const add of [addExport, addVerify, addBundle]) add(evidence, io)
}

function addExport(evidence: Command, io: Io): void {
  withCommon(evidence.command('export'))
    .description('write the documents of this moment to the evidence directory')
    .action(async (options: CommonOptions) => {
      const context = contextOf(options, io)
      const document = await ask(context, 'evidence export', 'exportEvidence', { symbol: context.symbol })
      context.print(document, () =>
        [...document.files, `chain: ${document.entries} entries, head ${document.head ?? 'none'}`].join('\n'),
      )
    })
}

interface VerifyOptions extends CommonOptions {
  readonly head?: string
  readonly allowedSigners?: string
  readonly signer?: string
  readonly bundle?: string
}

function addVerify(evidence: Command, io: Io): void {
  withCommon(evidence.command('verify'))
    .description(
      'recompute the chain, every file, the decisions in the tables and the rows of each day; exit 1 names the first thing that does not match',
    )
    .option('--head <hash>', 'a head that was kept elsewhere, as hash or number:hash: it must be in the chain')
    .option('--allowed-signers <file>', 'verify the signatures of the daily heads, as ssh-keygen -Y verify does')
    .option('--signer <name>', 'whose signatures they must be')
    .option('--bundle <file>', 'check a bundle by itself, instead of a data directory')
    .addHelpText(
      'after',
      '\nA chain that was cut short or rewritten as a whole shows only against a head kept elsewhere. It is in every daily\nreport; evidence.signing_key in the configuration has each signed.\n',
    )
    .action(async (options: VerifyOptions) => {
      const context = contextOf(options, io)
      const document = await verified(context, options)
      context.print(document, () => verifyText(document), document.schema)
      io.exit(document.ok ? 0 : document.first === null ? EXIT_TROUBLE : 1)
    })
}

async function verified(context: Context, options: VerifyOptions): Promise<VerifyDocument> {
  const kept = options.head === undefined ? null : parseHead(options.head)
  const signers = signersOf(options)
  if (options.bundle !== undefined) {
    const path = resolve(options.bundle)
    if (!existsSync(path))
      throw new OperatorError(
        `there is no bundle ${path}`,
        'no such file',
        'make it with: onay evidence bundle VERSION',
        'no_bundle',
      )
    if (!statSync(path).isFile())
      throw new OperatorError(
        `${path} is not a bundle`,
        'it is not a file',
        'name the file that onay evidence bundle has made; without --bundle a data directory is verified',
        'no_bundle',
      )
    return checkBundle(path, { kept, signers, version: VERSION, stopwatch: monotonicMs })
  }
  const progress = progressLine(context)
  try {
    return verifyEvidence({
      dataDir: context.dataDir,
      evidenceDir: context.evidenceDir,
      kept,
      signers,
      stopwatch: monotonicMs,
      onProgress: (entries) => progress.say(`${entries} entries`),
    })
  } finally {
    progress.end()
  }
}

function addBundle(evidence: Command, io: Io): void {
  withCommon(evidence.command('bundle <version>'))
    .description(
      'everything about a version in releases/<version>.tar.gz, beside the evidence directory: its artifacts, all evidence about it, the chain, checksums and RECORD.md',
    )
    .addHelpText(
      'after',
      '\nThe directory releases/ stands beside the evidence directory (./releases by default); a further symbol has a folder\nof its own in it. The same evidence gives the same bytes. RECORD.md is the page to read first, and says how to check it.\n',
    )
    .action(async (version: string, options: CommonOptions) => {
      const context = contextOf(options, io)
      const document = await bundled(context, version)
      context.print(
        document,
        () =>
          [
            `${document.file}: ${document.files} files`,
            `sha256 ${document.sha256}`,
            `chain ${document.head.seq} entries, head ${document.head.seq}:${document.head.hash}`,
            `check it with: onay evidence verify --bundle ${document.file}`,
          ].join('\n'),
        'evidence_bundle/1',
      )
    })
}

async function bundled(context: Context, version: string): Promise<BundleDocument> {
  const progress = progressLine(context)
  const desks = openForReading(context)
  try {
    return await bundleRelease(desks, context.symbol, version, (share) =>
      progress.say(`bundling the chain, ${Math.round(share * 100)} %`),
    )
  } finally {
    progress.end()
    desks.close()
  }
}

/** `a1b2...` or `264:a1b2...`. @throws OperatorError when it is no head */
export function parseHead(text: string): KeptHead {
  const match = /^(?:(\d{1,15}):)?([0-9a-f]{64})$/.exec(text.trim().toLowerCase())
  const [, seq, hash] = match ?? []
  if (hash !== undefined) return { seq: seq === undefined ? null : Number(seq), hash }
  throw new OperatorError(
    `"${text}" is not a valid head`,
    '64 hex digits are needed, optionally after the number of the entry and a colon',
    'take it from a daily report, or from: onay evidence verify',
    'head',
  )
}

function signersOf({ allowedSigners: file, signer: name }: VerifyOptions): Signers | null {
  if (file === undefined && name === undefined) return null
  if (file === undefined || name === undefined)
    throw new OperatorError(
      'signatures cannot be verified',
      file === undefined ? 'the file of allowed signers is missing' : 'the name of the signer is missing',
      'give both: --allowed-signers FILE --signer NAME',
      'signers',
    )
  if (!existsSync(file))
    throw new OperatorError(
      'signatures cannot be verified',
      `there is no file ${file}`,
      'give the file of allowed signers: a name and a public key on each line',
      'signers',
    )
  return { file: resolve(file), name }
}
