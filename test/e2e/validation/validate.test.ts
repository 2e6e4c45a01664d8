import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { commandJson } from '../../kit/command.ts'
import { Gates, gateOf } from '../../kit/documents.ts'
import { prepare } from '../../kit/prepared.ts'
import { stage, type Room } from '../../kit/program.ts'
import { smallRoom } from '../../kit/small-room.ts'
import { until } from '../../kit/until.ts'
import { count, counted, entryOf, evidence, leftBehind, MADE, Result, Smoke } from '../../kit/validation-seen.ts'

const shell = stage()
let prepared = ''

beforeAll(async () => {
  prepared = await prepare(shell, 'candidate')
})

const Files = z.object({ present: z.number(), required: z.number(), missing: z.array(z.object({ file: z.string() })) })

async function evidenceGate(dataDir: string, config: readonly string[] = []): Promise<z.infer<typeof Files>> {
  const gates = Gates.parse(await commandJson(['gates', '--data-dir', dataDir, ...config], [0, 1]))
  return Files.parse(gateOf(gates, 'evidence').value)
}

describe('validating the candidate where no room runs', () => {
  let dataDir = ''
  let result: z.infer<typeof Result>
  let before: { counted: unknown; gate: z.infer<typeof Files>; ended: number }

  beforeAll(async () => {
    dataDir = shell.copy(prepared)
    before = { counted: counted(dataDir), gate: await evidenceGate(dataDir), ended: count(dataDir, 'predictions') }
    const ended = await shell.run(['validate', '--json', '--data-dir', dataDir])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    result = Result.parse(JSON.parse(ended.stdout))
  })

  it('takes the candidate when nobody names a version', () => {
    expect(result).toMatchObject({ version: 'v1.8.1', slot: 'candidate', profile: 'equivalent', missing: [] })
    expect(result.checks.map((check) => check.check)).toEqual(['offline', 'smoke', 'shadow_smoke'])
  })

  it('passes when every check does', () => {
    expect(result.verdict).toBe('PASS')
    expect(result.checks.map(({ pass }) => pass)).toEqual([true, true, true])
  })

  it('measures the halves of its window and the last days against the reference of what is in charge', () => {
    expect(result.psi.halves?.model).toBe('v1.8.1')
    expect(result.psi.halves?.overall_psi).toBeGreaterThan(0)
    // What gate 1 says of v1.8-b0 on that day.
    expect(result.psi.former?.model).toBe('v1.8-b0')
    expect(result.psi.former?.overall_psi).toBeCloseTo(1.391167492873765, 9)
  })

  it.each(MADE)('writes %s, chained under the hash of this artifact', (name) => {
    expect(result.files).toContain(`ml/${name}`)
    const { entry, file, detail } = entryOf(dataDir, name)
    expect(file).toBe(entry)
    expect(detail).toMatchObject({ model: 'v1.8.1', model_sha256: result.sha256 })
  })

  it('puts PASS or FAIL alone on the last line', () => {
    expect(evidence(dataDir, 'eval_result_v1.8.1.txt').trimEnd().split('\n').at(-1)).toBe(result.verdict)
  })

  it('fires 1000 requests at the model itself and 1000 through the shadow', () => {
    const own = Smoke.parse(JSON.parse(evidence(dataDir, 'smoke_1k_v1.8.1.json')))
    const shadow = Smoke.parse(JSON.parse(evidence(dataDir, 'shadow_smoke_1k_v1.8.1.json')))
    expect(own).toMatchObject({ model: 'v1.8.1', requests: 1_000, success: 1_000, match_rate: null })
    expect(shadow).toMatchObject({ model: 'v1.8.1', requests: 1_000, success: 1_000, shadow_errors: 0 })
    expect(shadow.match_rate).toBeGreaterThan(0.98)
    // One row a thousand times would give one delta: they are rows of a day.
    expect(count(dataDir, "(SELECT DISTINCT score FROM predictions WHERE source = 'smoke')")).toBeGreaterThan(1_000)
    for (const model of ['v1.8.1', 'v1.8-b0'])
      expect(count(dataDir, `predictions WHERE source = 'smoke' AND model = '${model}'`)).toBe(1_000)
  })

  it('keeps the metrics of the room', () => {
    expect(evidence(dataDir, 'metrics_baseline_v1.8.1.txt')).toMatch(/^# HELP ml_/)
  })

  it('counts at gate 6', async () => {
    const gate = await evidenceGate(dataDir)
    expect(before.gate).toMatchObject({ present: 7, required: 14 })
    expect(gate.present).toBe(11)
    expect(gate.missing.map(({ file }) => file.slice(0, 7))).toEqual(['canary_', 'canary_', 'canary_'])
  })

  it('moves no clock and appears in no roll-up', () => {
    expect(counted(dataDir)).toEqual(before.counted)
    expect(count(dataDir, 'predictions')).toBe(before.ended + 2_000)
    expect(count(dataDir, 'comparisons')).toBe(1_000)
  })
})

describe('a profile', () => {
  const Card = z.object({ slot: z.string(), profile: z.string() })

  it('is kept with the candidate: one that differs falls short under equivalent and not under improve', async () => {
    const { dataDir } = await smallRoom(shell.fresh())
    // A model of a day ranks worse than one that is to be promoted, which is not what this is about.
    const gates = { p95_ms: 5_000, auc: 0.5, precision_at_20: 0.5 }
    const config = shell.configured({ training: { window_days: 1 }, gates })
    await shell.json(['retrain', '--version', 'v1.9', '--data-dir', dataDir, ...config])
    const before = await evidenceGate(dataDir, config)
    const smoke = async (code: number, ...args: string[]) => {
      const result = Result.parse(await shell.json(['validate', ...args, '--data-dir', dataDir, ...config], [code]))
      const document = Smoke.parse(JSON.parse(evidence(dataDir, 'shadow_smoke_1k_v1.9.json')))
      expect(entryOf(dataDir, 'shadow_smoke_1k_v1.9.json').detail).toMatchObject({ pass: document.slo_check.pass })
      return { ...document, result, profile: result.profile, why: document.slo_check.why.join('; ') }
    }
    // A smoke that falls short is no PASS: the validation ends with 1, names the limit, and gate 6 goes on missing the file.
    const equivalent = await smoke(1)
    expect(equivalent.match_rate).toBeLessThan(0.95)
    expect(equivalent.result.verdict).toBe('FAIL')
    expect(equivalent.result.checks.map(({ check, pass }) => [check, pass])).toEqual([
      ['offline', true],
      ['smoke', true],
      ['shadow_smoke', false],
    ])
    expect(equivalent.result.checks.at(-1)?.said).toMatch(/match.*needed/)
    expect(evidence(dataDir, 'eval_result_v1.9.txt').trimEnd().split('\n').at(-1)).toBe('FAIL')
    const gate = await evidenceGate(dataDir, config)
    expect(gate.present).toBe(before.present + 3)
    expect(gate.missing.map(({ file }) => file)).toContain('shadow_smoke_1k_v1.9.json')
    expect(equivalent).toMatchObject({ profile: 'equivalent', slo_check: { pass: false } })
    expect(equivalent.why).toContain('match')
    const improve = await smoke(0, '--profile', 'improve')
    expect(improve.match_rate).toBe(equivalent.match_rate)
    expect(improve.profile).toBe('improve')
    expect(improve.why).not.toContain('match')
    expect(improve.slo_check).toEqual({ pass: true, why: [] })
    const card = Card.parse(await commandJson(['models', 'show', 'v1.9', '--data-dir', dataDir, ...config]))
    expect(card).toEqual({ slot: 'candidate', profile: 'improve' })
  })
})

describe('validating the model in charge', () => {
  it('says that the shadow smoke is missing while there is no candidate', async () => {
    const dataDir = await prepare(shell, 'opening')
    const ended = await shell.run(['validate', '--json', '--data-dir', dataDir])
    const result = Result.parse(JSON.parse(ended.stdout))
    expect(result).toMatchObject({ version: 'v1.8-b0', slot: 'baseline', verdict: 'FAIL' })
    expect(ended.code).toBe(1)
    expect(result.missing).toEqual([
      { file: 'shadow_smoke_1k_v1.8-b0.json', why: 'no candidate is in the shadow: onay retrain' },
    ])
    expect(existsSync(join(dataDir, 'evidence/ml/shadow_smoke_1k_v1.8-b0.json'))).toBe(false)
    expect(result.psi.former).toBeNull()
  })
})

describe('what cannot be validated', () => {
  const cases: readonly [what: string, args: readonly string[], said: string, harm: (dataDir: string) => void][] = [
    ['a version that is not registered', ['v9'], 'BTCUSDT has no model v9', () => undefined],
    [
      'a version whose artifacts are gone',
      ['v1.8.1'],
      'v1.8.1 has no artifacts to validate: model_weights_v1.8.1.json is missing',
      (dataDir) => rmSync(join(dataDir, 'ml-artifacts/v1.8.1/model_weights_v1.8.1.json')),
    ],
    [
      'a profile of a model that is no candidate',
      ['v1.8-b0', '--profile', 'improve'],
      'cannot have a profile',
      () => undefined,
    ],
    ['a profile that is none', ['--profile', 'better'], 'there is no profile better', () => undefined],
  ]
  it.each(cases)('refuses %s and leaves nothing', async (_, args, said, harm) => {
    const dataDir = shell.copy(prepared)
    harm(dataDir)
    const before = leftBehind(dataDir)
    const ended = await shell.run(['validate', ...args, '--data-dir', dataDir])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain(said)
    expect(leftBehind(dataDir)).toEqual(before)
  })

  it('leaves nothing when it is interrupted half way', async () => {
    const { dataDir } = await smallRoom(shell.fresh())
    const before = leftBehind(dataDir)
    const running = shell.start(['validate', '--data-dir', dataDir])
    await until('its first smoke', () => count(dataDir, "predictions WHERE source = 'smoke'") > 0)
    const ended = await running.kill('SIGINT')
    expect(ended.code, ended.stderr).toBe(3)
    expect(ended.stderr).toContain('was cancelled')
    expect(leftBehind(dataDir)).toEqual(before)
  })

  it('needs a database', async () => {
    const ended = await shell.run(['validate', '--data-dir', shell.fresh()])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain('there is no room at')
  })
})

const State = z.object({
  room: z.object({
    work: z.array(z.object({ id: z.string(), what: z.string() })),
    events: z.array(z.object({ kind: z.string(), text: z.string() })),
  }),
})

describe('validating in a running room', () => {
  let room: Room

  beforeAll(async () => {
    room = await shell.keeping(() => shell.open(shell.copy(prepared)))
    expect((await room.change('/speed', { speed: 'pause' })).status).toBe(200)
  })

  async function said(text: string): Promise<boolean> {
    const { events } = State.parse((await room.get('/state')).json).room
    return events.some((event) => event.kind === 'validation' && event.text.includes(text))
  }

  it('answers the command that waits with the result, says so, and counts its requests nowhere', async () => {
    const before = counted(room.dataDir)
    const ended = await shell.run(['validate', '--json', '--data-dir', room.dataDir])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const result = Result.parse(JSON.parse(ended.stdout))
    expect(result).toMatchObject({ version: 'v1.8.1', slot: 'candidate', verdict: 'PASS' })
    const own = result.checks.find((check) => check.check === 'smoke')
    expect(own?.said).toContain('1000 of 1000 answered')
    expect(await said('validation of v1.8.1')).toBe(true)
    expect(counted(room.dataDir)).toEqual(before)
    for (const name of MADE) expect(entryOf(room.dataDir, name).file).toBe(entryOf(room.dataDir, name).entry)
  })

  it('refuses a second one and shows the first, which leaves nothing when it is cancelled', async () => {
    const before = leftBehind(room.dataDir)
    const begun = await room.change('/validate', {})
    expect(begun.status).toBe(202)
    expect(State.parse((await room.get('/state')).json).room.work).toMatchObject([
      { id: 'validate-BTCUSDT', what: 'validate v1.8.1' },
    ])
    expect((await room.change('/validate', {})).status).toBe(409)
    expect((await room.change('/work/validate-BTCUSDT/cancel', {})).status).toBe(200)
    await until('the end of it', () => said('v1.8.1 was not validated, nothing written'))
    expect(State.parse((await room.get('/state')).json).room.work).toEqual([])
    expect(leftBehind(room.dataDir)).toEqual(before)
  })

  it('refuses one while a training of the symbol runs', async () => {
    expect((await room.change('/retrain', { dry_run: true })).status).toBe(202)
    expect((await room.change('/validate', {})).status).toBe(409)
    await room.change('/work/retrain-BTCUSDT/cancel', {})
  })

  it.each([
    ['an unknown version', { version: 'v9' }, 404],
    ['an unknown symbol', { symbol: 'NONE' }, 404],
    ['a field that it does not know', { model: 'v1.8.1' }, 422],
  ])('answers %s with its status', async (_, body, status) => {
    expect((await room.change('/validate', body)).status).toBe(status)
  })

  it('needs a token', async () => {
    expect((await room.ask('POST', '/validate', { body: {} })).status).toBe(401)
  })
})
