import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { VERSION } from '../../src/cli/version.ts'
import { command } from '../kit/command.ts'
import { fileDigests } from '../kit/contents.ts'
import { freshDirectories } from '../kit/directories.ts'
import { Gates, ModelCard, Psi } from '../kit/documents.ts'
import { smallRoom, SMALL_ROOM_STANDS, type SmallRoom } from '../kit/small-room.ts'

const fresh = freshDirectories()
let room: SmallRoom
let untouched: ReturnType<typeof keptFiles>

beforeAll(async () => {
  room = await smallRoom(fresh())
  untouched = keptFiles()
})

function keptFiles() {
  return fileDigests(room.dataDir, (path) => !/-(shm|wal)$/.test(path))
}

const Trend = z.object({ items: z.array(z.object({ at: z.string(), overall_psi: z.number().nullable() })) })
const Features = z.object({ rows: z.literal(4_107), completeness: z.literal(1), gaps: z.array(z.unknown()).length(0) })
const Models = z.object({ items: z.array(z.object({ version: z.string(), slot: z.string() })).length(2) })
const Config = z.object({
  training: z.object({ window_days: z.literal(1) }),
  gates: z.object({ p95_ms: z.literal(80) }),
})
const Preflight = z.object({ pass: z.literal(true), checks: z.array(z.object({ check: z.string() })).length(7) })
const Canary = z.object({ state: z.literal('idle'), candidate: z.literal('v1.8.1'), run_id: z.null() })

/** What every document carries. */
const Header = z.looseObject({
  schema: z.string().regex(/^[a-z_]+\/\d+$/),
  generated_at: z.iso.datetime(),
  clock: z.enum(['real', 'replay']),
  onay_version: z.string(),
})

describe('commands that read', () => {
  const reads: readonly [line: string, code: number, document: z.ZodType, ...said: RegExp[]][] = [
    [
      'gates',
      1,
      Gates,
      /^BTCUSDT 2025-05-07 12:00 UTC +v1\.8\.1: BLOCKED, 1 of 6$/m,
      /^1 psi +WAIT +1\.041 +< 0\.2 +7 days on 2025-05-14, ready 2025-05-14 00:00 UTC$/m,
      /^2 p95 +WAIT +- +< 80 +59 more requests needed$/m,
      /^3 alert_silence PASS +0 +\u003d 0 +24 h covered$/m,
      /^4 offline +FAIL +0\.526 0\.578 +>= 0\.62 0\.58 +AUC 0\.526/m,
      /^6 evidence +WAIT +7\/14 /m,
      /^ +outcome +too early: 1440 more settled minutes needed$/m,
      /^ +4 files missing, made by: onay validate v1\.8\.1$/m,
    ],
    [
      'psi',
      1,
      Psi,
      /^BTCUSDT 2025-05-07 12:00 UTC +PSI of v1\.8\.1: WAIT, 7 days on 2025-05-14$/m,
      /^ +overall +1\.0406 +critical +limit 0\.2, one feature 0\.3$/m,
      /^ +zscore_mid_24h +5\.9993 +critical +chance 0\.0352/m,
      /^ +reference 2025-05-06 00:00 UTC to 2025-05-07 00:00 UTC, n 1440; current from 2025-05-07 00:00 UTC, n 720$/m,
    ],
    ['psi --model v1.8-b0', 1, Psi, /PSI of v1\.8-b0: WAIT/, /^ +mid +\d\.\d{4} /m],
    ['psi --quick', 1, Psi, /^ +overall +1\.0406 +critical/m],
    [
      'psi --trend 12h --model v1.8-b0',
      0,
      Trend,
      /^BTCUSDT PSI of v1\.8-b0, hourly$/m,
      /^2025-05-07 12:00 UTC +0\.233 +WAIT +mid 0\.822 +rsi14 0\.035/m,
    ],
    [
      'features',
      0,
      Features,
      /^BTCUSDT +4107 rows, 2025-05-04 15:33 UTC to 2025-05-07 12:00 UTC$/m,
      /^ +completeness 100\.000 %, 0 gaps$/m,
      /^ +dropped: 0 bad, 0 duplicates, 0 late$/m,
      /^ +! zscore_mid_24h missing in 1\.44 % of the rows$/m,
    ],
    ['features status', 0, Features, /4107 rows/],
    [
      'models',
      0,
      Models,
      /^v1\.8-b0 +baseline +0\.5895 +[0-9a-f]{12} +5 features$/m,
      /^v1\.8\.1 +candidate +0\.5264 /m,
    ],
    ['models list', 0, Models, /^v1\.8\.1 +candidate /m],
    [
      'models show v1.8.1',
      0,
      ModelCard,
      /^v1\.8\.1 of BTCUSDT: logistic, candidate, profile equivalent$/m,
      /^ +sha256 [0-9a-f]{64}$/m,
      /^ +trained on 2025-05-06 00:00 UTC to 2025-05-07 00:00 UTC, features mid_logret_1m, /m,
      /^ +AUC 0\.5264 \[0\.4792, 0\.5671\], P@20 0\.5784, log loss 0\.6904, ECE 0\.0501, n 1435$/m,
    ],
    ['config', 0, Config, /^training\.window_days +1 \(default 14\)\n +days of bars/m, /^gates\.auc +0\.62\n/m],
    [
      'status',
      1,
      z.object({ schema: z.literal('status/1'), ok: z.literal(false), running: z.literal(false) }),
      /^! no room runs on this data directory/m,
      /^BTCUSDT {2}2025-05-07 12:00 UTC {2}v1\.8-b0 in charge, v1\.8\.1 in the shadow, BLOCKED 1 of 6, no canary, .* alert/m,
    ],
    [
      'events --last 3',
      0,
      z.object({ items: z.array(z.object({ id: z.number(), kind: z.string(), text: z.string() })).length(3) }),
      /^2025-05-07 12:00 UTC {2}BTCUSDT {2}info {6}/m,
    ],
    ['approvals', 0, z.object({ items: z.array(z.unknown()).length(0) }), /^nothing waits$/],
    ['canary status', 0, Canary, /^BTCUSDT: no canary has run; v1\.8\.1 is in the shadow$/],
  ]

  it.each(reads)(
    '%s print one JSON document alone, for people a text, end with %i, and write nothing',
    async (line, code, document, ...said) => {
      const json = await room.run([...line.split(' '), '--json'])
      expect(json).toMatchObject({ code, stderr: '' })
      document.parse(Header.parse(JSON.parse(json.stdout)))
      const text = await room.run(line.split(' '))
      expect(text).toMatchObject({ code, stderr: '' })
      for (const what of said) expect(text.stdout.trimEnd()).toMatch(what)
      expect(keptFiles()).toEqual(untouched)
    },
  )

  it('agree with each other on the PSI that gate 1 judges', async () => {
    const psi = Psi.parse(await room.json(['psi'], [1]))
    const gates = Gates.parse(await room.json(['gates'], [1]))
    expect(gates.at).toBe(SMALL_ROOM_STANDS)
    expect(gates.gates.find(({ name }) => name === 'psi')?.value).toBe(psi.overall_psi)
  })
})

describe('commands that write', () => {
  const Report = z.object({ date: z.literal('2025-05-06'), overall_status: z.string(), chain_head: z.string() })
  const Exported = z.object({ files: z.array(z.string()).min(3), entries: z.number(), head: z.string() })
  const writes: readonly [line: string, document: z.ZodType, said: RegExp][] = [
    [
      'report daily',
      Report,
      /^BTCUSDT 2025-05-06: \w+, not eligible for promotion\n +psi_score +0\.0719 +n 1440 psi rows$/m,
    ],
    ['evidence export', Exported, /^chain: \d+ entries, head [0-9a-f:]+$/m],
    ['canary preflight', Preflight, /^BTCUSDT: preflight PASS\n {2}PASS {2}health +/m],
    ['token list', z.object({ items: z.array(z.object({ name: z.string() })) }), /^\w+/],
  ]

  it.each(writes)('%s print one JSON document alone, and for people a text', async (line, document, said) => {
    const own = await smallRoom(fresh())
    const json = await own.run([...line.split(' '), '--json'])
    expect(json).toMatchObject({ code: 0, stderr: '' })
    document.parse(Header.parse(JSON.parse(json.stdout)))
    const text = await own.run(line.split(' '))
    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout).toMatch(said)
  })

  it('make a token that is shown once, list it without its secret, and revoke it', async () => {
    const own = await smallRoom(fresh())
    const { token } = z
      .object({ name: z.literal('risk'), person: z.literal('grace'), token: z.string().min(20) })
      .parse(await own.json(['token', 'add', 'risk', '--person', 'grace']))
    const listed = await own.run(['token', 'list'])
    expect(listed.stdout).toMatch(/^risk +of grace, made .* UTC$/m)
    expect(listed.stdout).not.toContain(token)
    expect(await own.json(['token', 'revoke', 'risk'])).toMatchObject({ said: 'the token of risk is revoked' })
    expect((await own.run(['token', 'list'])).stdout).toMatch(/^risk +of grace, made .* UTC, revoked$/m)
  })

  it('judge a dry run by what is recorded, and end with 1 where it would not have come through', async () => {
    const own = await smallRoom(fresh())
    const run = z.object({ dry_run: z.literal(true), status: z.literal('ABORTED'), candidate: z.literal('v1.8.1') })
    run.parse(await own.json(['canary', 'start', '--plan', 'mini'], [1]))
    const text = await own.run(['canary', 'start', '--plan', 'mini'])
    expect(text.stdout).toMatch(/^BTCUSDT: dry run of v1\.8\.1 beside v1\.8-b0, equivalent: ABORTED$/m)
    expect(text.stdout).toMatch(/^ {2}phase 1, 5\.0 %: abort, match 11\.3 %, .*abort below 90 %$/m)
  })
})

describe('help and version', () => {
  const COMMANDS = [
    'start',
    'serve',
    'attach',
    'replay',
    'gates',
    'psi',
    'drift',
    'calibrate',
    'ensemble',
    'rehearse',
    'backup',
    'restore',
    'features',
    'models',
    'retrain',
    'validate',
  ]
  COMMANDS.push('pipeline', 'import', 'smoke', 'speed', 'token', 'config', 'notify', 'report', 'canary', 'approvals')
  COMMANDS.push(
    'approve',
    'reject',
    'promote',
    'rollback',
    'kill',
    'evidence',
    'status',
    'events',
    'predict',
    'paper',
    'execution',
    'paper-retrain',
    'checklist',
    'ticks',
    'schedule',
    'ab',
    'init',
    'doctor',
    'completion',
  )

  it('list every command, on stdout with 0', async () => {
    const ended = await command(['--help'])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    for (const name of COMMANDS) expect(ended.stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
  })

  it.each(COMMANDS)('of %s say what it does and which options it has', async (name) => {
    const ended = await command([name, '--help'])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(new RegExp(`^Usage: onay ${name} `))
    expect(ended.stdout.length).toBeGreaterThan(100)
  })

  it('print the version alone', async () => {
    expect(await command(['--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' })
  })
})
