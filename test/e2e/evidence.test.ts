import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { monotonicMs } from '../../src/engine/kernel/clock.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'
import { type ChainEntry, linkEntry } from '../../src/evidence/chain.ts'
import { verifyEvidence } from '../../src/room/record/verify-evidence.ts'
import { type BundledSeen, bundleOf, pageOf } from '../kit/bundled.ts'
import { command, type CommandEnd, commandJson } from '../kit/command.ts'
import { databaseIn, reading } from '../kit/contents.ts'
import { stage } from '../kit/program.ts'
import { BTC } from '../kit/samples.ts'
import { times } from '../kit/torture.ts'
import { until } from '../kit/until.ts'

const shell = stage()
const SIGNER = 'risk@example.org'

const Finding = z.object({ what: z.string(), where: z.string(), why: z.string() })
const Verified = z.object({
  ok: z.boolean(),
  entries: z.number(),
  head: z.object({ seq: z.number(), hash: z.string() }),
  files: z.object({ whole: z.number(), owed: z.number(), pruned: z.number() }),
  signatures: z.object({ found: z.number(), verified: z.number(), up_to: z.number().nullable() }),
  first: Finding.nullable(),
  further: z.number(),
  findings: z.array(Finding),
})
type VerifiedSeen = z.infer<typeof Verified>

/** A directory of some days with a candidate, its heads signed day by day, its older feature logs removed by retention. */
let made = ''
/** The same, two hours before the next day is reported. */
let eve = ''
let key = ''
let allowed = ''

beforeAll(async () => {
  const here = dirname(shell.fresh())
  key = join(here, 'signing')
  allowed = join(here, 'allowed_signers')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', key])
  writeFileSync(allowed, `${SIGNER} ${readFileSync(`${key}.pub`, 'utf8')}`)
  const config = { evidence: { signing_key: key }, retention: { raw_days: 2 }, training: { window_days: 1 } }
  writeFileSync(join(here, 'onay.config.json'), JSON.stringify(config))
  made = shell.fresh()
  await replayTo('2025-05-08', made)
  await shell.json(['retrain', '--version', 'v1.8.1', '--data-dir', made])
  eve = shell.copy(made)
  await replayTo('2025-05-08T22:00', eve)
})

function replayTo(until: string, dataDir: string, ...args: string[]): Promise<CommandEnd> {
  return shell.run(['replay', BTC, '--symbol', 'BTCUSDT', '--until', until, '--data-dir', dataDir, ...args])
}

/** `evidence verify`, without a process of its own. */
async function verify(dataDir: string, ...args: string[]): Promise<VerifiedSeen> {
  return Verified.parse(await commandJson(['evidence', 'verify', '--data-dir', dataDir, ...args], [0, 1]))
}

/** The same by the program. */
async function verifyByProgram(dataDir: string, ...args: string[]): Promise<VerifiedSeen> {
  return Verified.parse(await shell.json(['evidence', 'verify', '--data-dir', dataDir, ...args], [0, 1]))
}

const signedBy = (name = SIGNER): string[] => ['--allowed-signers', allowed, '--signer', name]

/** Somebody who has the directory and drops the triggers first. */
function attack(change: (db: Sqlite.Database, dataDir: string) => void): string {
  const dataDir = shell.copy(made)
  const db = new Sqlite(databaseIn(dataDir))
  try {
    db.exec('DROP TRIGGER chain_is_append_only_update; DROP TRIGGER chain_is_append_only_delete')
    change(db, dataDir)
  } finally {
    db.close()
  }
  return dataDir
}

const COLUMNS = 'seq, kind, subject, sha256, detail, ts_ms AS tsMs, wall_ms AS wallMs, prev, hash'

function rows(db: Sqlite.Database, from = 1): ChainEntry[] {
  return db.prepare<[number], ChainEntry>(`SELECT ${COLUMNS} FROM chain WHERE seq >= ? ORDER BY seq`).all(from)
}

/** Puts other entries in place of all from one on, linked so that the chain fits in itself. */
function rewrite(db: Sqlite.Database, from: number, change: (entry: ChainEntry) => ChainEntry | null): void {
  let previous = rows(db).find((entry) => entry.seq === from - 1) ?? null
  const later = rows(db, from)
  db.prepare('DELETE FROM chain WHERE seq >= ?').run(from)
  const insert = db.prepare(
    'INSERT INTO chain (seq, kind, subject, sha256, detail, ts_ms, wall_ms, prev, hash) VALUES (@seq, @kind, @subject, @sha256, @detail, @tsMs, @wallMs, @prev, @hash)',
  )
  for (const entry of later) {
    const changed = change(entry)
    if (changed === null) continue
    previous = linkEntry(previous, changed)
    insert.run(previous)
  }
}

/** Any entry of a kind in the middle of the chain. */
function middle(kind: string): ChainEntry {
  const found = reading(made, (db) => rows(db).filter((entry) => entry.kind === kind))
  const entry = found[found.length >> 1]
  if (entry === undefined) throw new Error(`no ${kind} in the chain`)
  return entry
}

describe('evidence verify', () => {
  it('fits what the program has made, and prints the head, the count and the signatures', async () => {
    const seen = await verifyByProgram(made, ...signedBy())
    expect(seen).toMatchObject({ ok: true, first: null, further: 0 })
    expect(seen.head.seq).toBe(seen.entries)
    expect(seen.files.whole).toBeGreaterThan(40)
    expect(seen.signatures.found).toBe(4)
    expect(seen.signatures.verified).toBe(seen.signatures.found)
    const told = await shell.run(['evidence', 'verify', '--data-dir', made])
    expect(told.code).toBe(0)
    expect(told.stdout).toContain(`${seen.head.seq}:${seen.head.hash}`)
  })

  it('explains the logs that retention has removed, and their absence is not a loss', async () => {
    const seen = await verify(made)
    expect(seen.files.pruned).toBeGreaterThan(0)
    const logs = readdirSync(join(made, 'evidence/ml')).filter((name) => name.startsWith('features_raw_'))
    expect(logs.length).toBeLessThanOrEqual(3)
  })

  it('names a changed byte, a removed file and a file that retention had removed and that is there', async () => {
    const dataDir = shell.copy(made)
    const report = join(dataDir, 'evidence/ml/daily/report_2025-05-06.json')
    appendFileSync(report, ' ')
    rmSync(join(dataDir, 'ml-artifacts/v1.8.1/scaler_params_v1.8.1.json'))
    copyFileSync(report, join(dataDir, 'evidence/ml/features_raw_2025-05-04.log'))
    const seen = await verifyByProgram(dataDir)
    const about = Object.fromEntries(seen.findings.map((finding) => [finding.what, finding.why]))
    expect(about['ml/daily/report_2025-05-06.json']).toContain('bytes were changed')
    expect(about['ml-artifacts/v1.8.1/scaler_params_v1.8.1.json']).toContain('missing')
    expect(about['ml/features_raw_2025-05-04.log']).toContain('retention removed it')
    expect(seen.further).toBe(2)
  })

  it('finds any single byte that was changed in any file of the chain', () => {
    const dataDir = shell.copy(made)
    const options = {
      dataDir,
      evidenceDir: join(dataDir, 'evidence'),
      kept: null,
      signers: null,
      stopwatch: monotonicMs,
    }
    const subjects = reading(dataDir, (db) =>
      [...new Set(rows(db).flatMap((entry) => (entry.kind === 'file' ? [entry.subject] : [])))].filter((subject) =>
        existsSync(placeOf(dataDir, subject)),
      ),
    )
    expect(verifyEvidence(options).ok).toBe(true)
    fc.assert(
      fc.property(fc.constantFrom(...subjects), fc.nat(), fc.integer({ min: 1, max: 255 }), (subject, place, flip) => {
        const path = placeOf(dataDir, subject)
        const bytes = readFileSync(path)
        const changed = Buffer.from(bytes)
        const offset = place % bytes.length
        changed[offset] = (bytes[offset] ?? 0) ^ flip
        writeFileSync(path, changed)
        const seen = verifyEvidence(options)
        writeFileSync(path, bytes)
        expect(seen.ok).toBe(false)
        expect(seen.findings.map(({ what }) => what)).toContain(subject)
      }),
      { numRuns: times(6, 100) },
    )
  })

  const gate = (): ChainEntry => middle('gate')
  const attacks: readonly (readonly [string, (db: Sqlite.Database) => void, () => RegExp])[] = [
    [
      'a changed row',
      (db) => db.prepare("UPDATE chain SET detail = '{}' WHERE seq = ?").run(gate().seq),
      () => new RegExp(`^entry ${gate().seq} \\(gate .*was changed`),
    ],
    [
      'a removed row',
      (db) => db.prepare('DELETE FROM chain WHERE seq = ?').run(gate().seq),
      () => new RegExp(`^entry ${gate().seq} .*is missing`),
    ],
    [
      'two swapped rows',
      (db) => {
        const { seq } = gate()
        for (const [from, to] of [
          [seq, -1],
          [seq + 3, seq],
          [-1, seq + 3],
        ] as const)
          db.prepare('UPDATE chain SET seq = ? WHERE seq = ?').run(to, from)
      },
      () => new RegExp(`^entry ${gate().seq} .*written as entry ${gate().seq + 3}: rows were swapped`),
    ],
    [
      'an inserted row',
      (db) => {
        const { seq } = gate()
        const later = rows(db, seq)
        rewrite(db, seq, () => null)
        const insert = db.prepare(
          'INSERT INTO chain (seq, kind, subject, sha256, detail, ts_ms, wall_ms, prev, hash) VALUES (@seq, @kind, @subject, @sha256, @detail, @tsMs, @wallMs, @prev, @hash)',
        )
        insert.run(linkEntry(rows(db).at(-1) ?? null, gate()))
        for (const entry of later) insert.run({ ...entry, seq: entry.seq + 1 })
      },
      () => new RegExp(`^entry ${gate().seq + 1} .*written as entry ${gate().seq}`),
    ],
    [
      'a model whose weights are others',
      (db) => db.prepare("UPDATE models SET weights = replace(weights, '0', '1') WHERE version = 'v1.8.1'").run(),
      () => /^model BTCUSDT\/v1\.8\.1 .*weights do not give/,
    ],
    [
      'a model that nobody registered',
      (db) => db.prepare("UPDATE models SET version = 'v9' WHERE version = 'v1.8.1'").run(),
      () => /^model BTCUSDT\/v9 .*no entry of the chain/,
    ],
    [
      'a registration whose model was removed',
      (db) => db.prepare("DELETE FROM models WHERE version = 'v1.8.1'").run(),
      () => /registration BTCUSDT\/v1\.8\.1.*no row of it/,
    ],
    [
      'a promotion that was only written into its table',
      (db) =>
        db
          .prepare(
            "INSERT INTO promotions VALUES ('BTCUSDT', 1746662400000, 'promotion', 'v1.8.1', 'v1.8-b0', 'equivalent', 'x', 'y', 0)",
          )
          .run(),
      () => /^promotion BTCUSDT\/v1\.8\.1 .*no entry of the chain/,
    ],
    [
      'a model that was put in charge without anybody',
      (db) => db.prepare("UPDATE slots SET version = 'v1.8.1' WHERE slot = 'baseline'").run(),
      () => /^slot baseline of BTCUSDT .*put v1\.8-b0 in charge/,
    ],
  ]
  it.each(attacks)('names %s', async (_, change, first) => {
    const seen = await verify(attack(change))
    expect(seen.ok).toBe(false)
    expect(`${seen.first?.what} ${seen.first?.why}`).toMatch(first())
  })

  it('works beside a room that plays, whose chain and files grow meanwhile', async () => {
    const dataDir = shell.copy(eve)
    const room = await shell.open(dataDir, ['--speed', '1'])
    const before = await verifyByProgram(dataDir)
    await room.change('/speed', { speed: 'max', until_ms: Date.parse('2025-05-09T00:05:00Z') })
    let last = before
    for (const moment of ['2025-05-08T23:00', '2025-05-09T00:05']) {
      await until(moment, async () => (await room.health()).market_time >= moment)
      last = await verify(dataDir)
      expect(last).toMatchObject({ ok: true, first: null })
    }
    expect(last.entries).toBeGreaterThan(before.entries)
    expect(last.files.whole).toBeGreaterThan(before.files.whole)
  })

  it.each<[string, () => string[], RegExp]>([
    ['a directory without a database', () => ['--data-dir', shell.fresh()], /there is no room at .*no database yet/],
    [
      'a head that is none',
      () => ['--data-dir', made, '--head', 'abc'],
      /"?abc"? is not [^:]*head: 64 hex digits are needed/,
    ],
    ['a signer without a file', () => ['--data-dir', made, '--signer', 'x'], /file of allowed signers is missing/],
    ['a file that is not there', () => ['--allowed-signers', 'nowhere', '--signer', 'x'], /there is no file nowhere/],
    ['a bundle that is not there', () => ['--bundle', join(made, 'none.tar.gz')], /there is no bundle .*none\.tar\.gz/],
  ])('ends with 3 and the reason for %s', async (_, args, why) => {
    const ended = await command(['evidence', 'verify', ...args()])
    expect(ended).toMatchObject({ code: 3, stdout: '' })
    expect(ended.stderr).toMatch(why)
  })
})

describe('a chain that was rewritten or cut short, and fits in itself', () => {
  /** Rewrites a fact, and every trace of it that the disk has but the signatures. */
  const rewritten = (): string =>
    attack((db, dataDir) => {
      const { seq } = middle('gate')
      rewrite(db, seq, (entry) => {
        const detail = entry.seq === seq ? canonicalJson({ from: 'FAIL', to: 'PASS' }) : entry.detail
        return { ...entry, detail, sha256: entry.kind === 'file' ? entry.sha256 : sha256Hex(detail) }
      })
      const daily = join(dataDir, 'evidence/ml/daily')
      for (const name of readdirSync(daily)) if (name.startsWith('report_')) rmSync(join(daily, name))
    })

  it('shows against a head that was kept elsewhere, with its number and without', async () => {
    const { head } = await verify(made)
    const dataDir = rewritten()
    for (const kept of [head.hash, `${head.seq}:${head.hash}`]) {
      expect((await verify(made, '--head', kept)).ok).toBe(true)
      const seen = await verify(dataDir, '--head', kept)
      expect(seen.first).toMatchObject({
        what: expect.stringContaining(head.hash),
        why: expect.stringMatching(/rewritten/),
      })
    }
  })

  it('shows against the heads in daily reports and in signed documents', async () => {
    const seen = await verify(rewritten(), ...signedBy())
    expect(seen.findings.some(({ where, why }) => where === 'head' && why.includes('cut short or rewritten'))).toBe(
      true,
    )
  })

  it('shows when a signed head was made to fit: its signature does not any more', async () => {
    const dataDir = rewritten()
    const path = join(dataDir, 'evidence/ml/daily/head_2025-05-07.json')
    const head = z.looseObject({ seq: z.number() }).parse(JSON.parse(readFileSync(path, 'utf8')))
    const hash = reading(dataDir, (db) => rows(db).find((entry) => entry.seq === head.seq)?.hash)
    writeFileSync(path, `${canonicalJson({ ...head, hash })}\n`)
    const seen = await verify(dataDir, ...signedBy())
    expect(seen.findings.find(({ what }) => what.endsWith('head_2025-05-07.json.sig'))?.where).toBe('signature')
  })

  it('shows that it was cut short: the files of the days that it lost are still there', async () => {
    const { head } = await verify(made)
    const dataDir = attack((db) => db.prepare('DELETE FROM chain WHERE seq > ?').run(middle('gate').seq))
    expect((await verify(dataDir, '--head', `${head.seq}:${head.hash}`)).first?.why).toMatch(/missing|cut short/)
    const seen = await verify(dataDir)
    expect(seen.findings.find(({ where }) => where === 'head')?.why).toContain('no such entry')
  })

  it('is not taken for signed when no signature is there, or another’s', async () => {
    expect((await verify(made, ...signedBy('somebody@else.org'))).signatures.verified).toBe(0)
    const dataDir = shell.copy(made)
    const daily = join(dataDir, 'evidence/ml/daily')
    for (const name of readdirSync(daily)) if (name.endsWith('.sig')) rmSync(join(daily, name))
    expect((await verify(dataDir)).ok).toBe(true)
    expect((await verify(dataDir, ...signedBy())).first?.why).toContain('no signed head')
  })
})

describe('the signature of a daily head', () => {
  it('is one that ssh-keygen accepts by itself', () => {
    const head = join(made, 'evidence/ml/daily/head_2025-05-07.json')
    const args = ['-Y', 'verify', '-f', allowed, '-I', SIGNER, '-n', 'onay', '-s', `${head}.sig`]
    const { status, stdout } = spawnSync('ssh-keygen', args, { input: readFileSync(head), encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, expect.stringContaining('Good "onay" signature')])
  })

  it('is told when it cannot be made, and stops nothing', async () => {
    const locked = `${key}-locked`
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret words', '-f', locked])
    const config = shell.fresh()
    writeFileSync(config, JSON.stringify({ evidence: { signing_key: locked } }))
    const dataDir = shell.copy(eve)
    const ended = await replayTo('2025-05-09', dataDir, '--config', config)
    expect(ended.code).toBe(0)
    expect(ended.stderr).toMatch(/signing: .*cannot be signed.*passphrase/)
    expect(existsSync(join(dataDir, 'evidence/ml/daily/head_2025-05-08.json.sig'))).toBe(false)
    // With a key that signs, what is owed is made up for.
    await shell.run(['evidence', 'export', '--data-dir', dataDir])
    expect((await verify(dataDir, ...signedBy())).first).toBeNull()
    expect(existsSync(join(dataDir, 'evidence/ml/daily/head_2025-05-08.json.sig'))).toBe(true)
  })
})

describe('evidence bundle', () => {
  const bundle = (dataDir: string, version: string): Promise<BundledSeen> => bundleOf(shell, dataDir, version)

  function unpacked(file: string): string {
    const to = shell.fresh()
    mkdirSync(to)
    execFileSync('tar', ['-xzf', file, '-C', to])
    return to
  }

  it('is accepted by sha256sum -c and by verify --bundle, with its signatures', async () => {
    const { file } = await bundle(made, 'v1.8-b0')
    expect(file).toBe(join(made, 'releases/v1.8-b0.tar.gz'))
    const said = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], {
      cwd: join(unpacked(file), 'v1.8-b0'),
      encoding: 'utf8',
    })
    expect(said).toContain('RECORD.md: OK')
    expect(said).toContain('ml/daily/report_2025-05-07.json: OK')
    const seen = await verify(made, '--bundle', file, ...signedBy())
    expect(seen).toMatchObject({ ok: true, first: null })
    expect(seen.signatures.verified).toBeGreaterThan(1)
  })

  it('is the same bytes when it is made twice', async () => {
    const first = await bundle(made, 'v1.8.1')
    rmSync(first.file)
    expect(await bundle(made, 'v1.8.1')).toEqual(first)
  })

  it('has the artifacts, the whole chain, its head and a page for people', async () => {
    const { file } = await bundle(made, 'v1.8.1')
    const at = join(unpacked(file), 'v1.8.1')
    const { head, entries } = await verify(made)
    expect(readFileSync(join(at, 'HEAD'), 'utf8')).toBe(`${head.seq}:${head.hash}\n`)
    expect(readFileSync(join(at, 'chain.jsonl'), 'utf8').trim().split('\n')).toHaveLength(entries)
    expect(readdirSync(join(at, 'ml-artifacts/v1.8.1'))).toHaveLength(4)
    const page = readFileSync(join(at, 'RECORD.md'), 'utf8')
    for (const part of [
      '# v1.8.1 of BTCUSDT',
      'AUC 0.5154',
      'it is in the shadow',
      '- **Promoted:** never',
      'The chain has no verdict on it yet',
      head.hash,
      'sha256sum -c',
    ])
      expect(page).toContain(part)
    expect(page).toContain('it is worse than the fallback')
  })

  it('tells the gates that were kept, where nobody was asked for an approval yet', async () => {
    const dataDir = shell.copy(made)
    await shell.run(['evidence', 'export', '--data-dir', dataDir])
    const { file } = await bundle(dataDir, 'v1.8.1')
    const page = pageOf(file, 'v1.8.1')
    expect(page).toContain('## The six gates when they were last kept')
    expect(page).toContain('| 4 offline | FAIL |')
    expect(await verify(made, '--bundle', file)).toMatchObject({ ok: true, first: null })
  })

  it('holds no secret: neither a token nor the key', async () => {
    const dataDir = shell.copy(made)
    const room = await shell.open(dataDir, ['--speed', '1'])
    const { file } = await bundle(dataDir, 'v1.8.1')
    const all = execFileSync('tar', ['-xzOf', file], { encoding: 'utf8', maxBuffer: 1e8 })
    expect(room.token.length).toBeGreaterThan(10)
    expect(all).not.toContain(room.token)
    expect(all).not.toContain(readFileSync(key, 'utf8').split('\n')[1])
  })

  it('does not fit when a file, a checksum or the archive was changed', async () => {
    const { file } = await bundle(made, 'v1.8.1')
    const changed = (change: (at: string) => void): string => {
      const to = unpacked(file)
      change(join(to, 'v1.8.1'))
      execFileSync('tar', ['-czf', join(to, 'again.tar.gz'), '-C', to, 'v1.8.1'])
      return join(to, 'again.tar.gz')
    }
    const offline = 'ml/offline_report_v1.8.1.json'
    const forged = changed((at) => {
      writeFileSync(join(at, offline), readFileSync(join(at, offline), 'utf8').replace('0.51', '0.72'))
      summedAnew(at)
    })
    expect((await verify(made, '--bundle', forged)).findings.map(({ what }) => what)).toContain(offline)
    const retold = changed((at) => {
      const page = join(at, 'RECORD.md')
      writeFileSync(page, readFileSync(page, 'utf8').replace('AUC 0.5154', 'AUC 0.9110'))
      summedAnew(at)
    })
    expect((await verify(made, '--bundle', retold)).findings).toContainEqual({
      what: 'RECORD.md',
      where: 'bundle',
      why: expect.stringMatching(/^line \d+ reads "- offline: AUC 0\.9110.*made again .*AUC 0\.5154/),
    })
    const removed = changed((at) => rmSync(join(at, offline)))
    expect((await verify(made, '--bundle', removed)).findings.map(({ what }) => what)).toContain(offline)
    const headless = changed((at) => {
      rmSync(join(at, 'HEAD'))
      summedAnew(at)
    })
    expect((await verify(made, '--bundle', headless)).findings).toContainEqual(
      expect.objectContaining({ what: 'HEAD', where: 'bundle' }),
    )
    // Another program may unpack the first of two files of one name, or the last.
    const twice = unpacked(file)
    const archive = join(twice, 'twice.tar')
    for (const mode of ['-cf', '-rf']) {
      const of = mode === '-cf' ? 'v1.8.1' : `v1.8.1/${offline}`
      execFileSync('tar', [mode, archive, '-C', twice, of])
    }
    execFileSync('gzip', [archive])
    expect((await verify(made, '--bundle', `${archive}.gz`)).findings).toContainEqual(
      expect.objectContaining({ what: `v1.8.1/${offline}`, where: 'bundle' }),
    )
    const torn = join(shell.fresh())
    writeFileSync(torn, readFileSync(file).subarray(0, 9_000))
    expect((await verify(made, '--bundle', torn)).findings[0]?.where).toBe('bundle')
  })

  it('says so when there is no such version, and refuses evidence that is not what the chain has', async () => {
    const unknown = await shell.run(['evidence', 'bundle', 'v7', '--data-dir', made])
    expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('no such model')])
    const dataDir = shell.copy(made)
    appendFileSync(join(dataDir, 'evidence/ml/offline_report_v1.8.1.json'), ' ')
    const refused = await shell.run(['evidence', 'bundle', 'v1.8.1', '--data-dir', dataDir])
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('not the file that was recorded')])
  })
})

/** As somebody does who changed a file and wants it to be believed. */
function summedAnew(at: string): void {
  const list = 'find . -type f ! -name SHA256SUMS | cut -c3- | sort | xargs sha256sum'
  writeFileSync(join(at, 'SHA256SUMS'), execFileSync('sh', ['-c', list], { cwd: at }))
}

function placeOf(dataDir: string, subject: string): string {
  return subject.startsWith('ml-artifacts/') ? join(dataDir, subject) : join(dataDir, 'evidence', subject)
}
