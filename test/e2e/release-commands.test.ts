import { dirname } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PREFLIGHT_CHECKS } from '../kit/canary.ts'
import { type CommandEnd, command, commandJson } from '../kit/command.ts'
import { Failure } from '../kit/documents.ts'
import { Approval, Canary } from '../kit/play.ts'
import { prepare } from '../kit/prepared.ts'
import { stage, type Room } from '../kit/program.ts'
import { evidence, Smoke } from '../kit/validation-seen.ts'

const shell = stage()
let room: Room

beforeAll(async () => {
  const dataDir = await prepare(shell, 'candidate')
  room = await shell.keeping(() => shell.open(dataDir, ['--speed', '1']))
})

/** A command beside the room, without a process of its own. */
function run(...args: readonly string[]): Promise<CommandEnd> {
  return command([...args, '--data-dir', room.dataDir], { cwd: dirname(room.dataDir) })
}

function json(args: readonly string[], codes?: readonly number[]): Promise<unknown> {
  return commandJson([...args, '--data-dir', room.dataDir], codes, { cwd: dirname(room.dataDir) })
}

const Waiting = z.object({ items: z.array(Approval) })

async function waiting(): Promise<readonly string[]> {
  return Waiting.parse(await json(['approvals'])).items.map(({ id }) => id)
}

async function startCanary(): Promise<string> {
  return Approval.parse(await json(['canary', 'start', '--plan', 'mini', '--live'])).id
}

async function canary(): Promise<z.infer<typeof Canary>> {
  return Canary.parse((await room.get('/canary')).json)
}

describe('what a canary rests on', () => {
  it('is looked at by the command and by the route, and kept as evidence', async () => {
    const Preflight = z.object({
      pass: z.boolean(),
      checks: z.array(z.object({ check: z.string(), pass: z.boolean() })),
    })
    const seen = Preflight.parse(await json(['canary', 'preflight']))
    expect(seen.pass).toBe(true)
    expect(seen.checks.map(({ check }) => check)).toEqual(PREFLIGHT_CHECKS)
    const answer = await room.change('/canary/preflight', {})
    expect(answer.status).toBe(200)
    expect(Preflight.parse(answer.json)).toEqual(seen)
    expect(JSON.parse(evidence(room.dataDir, 'canary_preflight.json'))).toMatchObject({ pass: true })
    expect((await room.ask('POST', '/canary/preflight', { body: {} })).status).toBe(401)
  })
})

describe('a room that is left alone', () => {
  it('is asked by the checklist as a caller would, which names what is missing and keeps the record', async () => {
    const Checked = z.object({
      verdict: z.literal('NOT READY'),
      checks: z.array(z.object({ check: z.string(), verdict: z.string(), said: z.string() })),
    })
    const { checks } = Checked.parse(await json(['checklist'], [1]))
    const of = (name: string): string => checks.find(({ check }) => check === name)?.verdict ?? ''
    expect(['api', 'prediction', 'model', 'artifacts', 'token', 'kill switch'].map(of)).toEqual([
      ...Array<string>(5).fill('PASS'),
      'FAIL',
    ])
    expect(checks.find(({ check }) => check === 'kill switch')?.said).toBe('it was never drilled')
    const page = await room.get('/detail/checklist')
    expect(page.text).toContain('it was never drilled')
  })

  it('is copied beside its callers, and the copy opens and verifies', async () => {
    const Made = z.object({ file: z.string(), head: z.object({ seq: z.number() }) })
    const made = Made.parse(await json(['backup']))
    const restored = `${room.dataDir}-restored`
    const file = `${room.dataDir}/backups/${made.file}`
    const ended = await command(['restore', file, '--data-dir', restored], { cwd: dirname(room.dataDir) })
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`up to entry ${made.head.seq}`) })
    expect((await command(['evidence', 'verify', '--data-dir', restored])).code).toBe(0)
    expect((await command(['gates', '--data-dir', restored, '--symbol', 'BTCUSDT'])).stdout).toContain('BTCUSDT')
  })
})

describe('a prompt', () => {
  it('is listed while it waits, with what speaks for and against it and how it is answered', async () => {
    expect((await run('approvals')).stdout).toBe('nothing waits\n')
    const id = await startCanary()
    expect(await waiting()).toEqual([id])
    expect((await run('approvals', '--quiet')).stdout).toBe(`${id}\n`)
    const { stdout } = await run('approvals')
    expect(stdout).toMatch(
      new RegExp(`^${id}: ONAY: Canary START 5 %/30 min observe \\(v1\\.8\\.1\\) \\(waiting\\)$`, 'm'),
    )
    for (const part of ['what happens', 'for it', 'against it', 'stops it', `onay approve ${id} --phrase ONAY`])
      expect(stdout).toContain(`  ${part}`)

    const rejected = Approval.parse(await json(['reject', id, '--reason', 'not today']))
    expect(rejected).toMatchObject({ id, state: 'refused' })
    expect(await waiting()).toEqual([])
    expect(await canary()).toMatchObject({ state: 'idle', candidate: 'v1.8.1' })
  })

  it('that was answered cannot be answered again, nor one that never was', async () => {
    const id = await startCanary()
    await json(['reject', id, '--reason', 'not today'])
    const answer = ['approve', id, '--phrase', 'ONAY', '--reason', 'after all']
    expect(await run(...answer)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(`^refused, and ${id} is refused: .*it was refused before; ask for it anew`),
    })
    expect(await json(answer, [1])).toMatchObject({ id, refused: true, state: 'refused', action: 'canary_start' })
    expect(await canary()).toMatchObject({ state: 'idle' })
    const none = await run('reject', 'ap-none')
    expect(none).toMatchObject({ code: 3, stdout: '' })
    expect(none.stderr).toContain('ap-none')
  })
})

describe('a canary', () => {
  it('is aborted by the command, with its reason in the record, and by nobody twice', async () => {
    const id = await startCanary()
    await json(['approve', id, '--phrase', 'ONAY', '--reason', 'looks well'])
    expect(await canary()).toMatchObject({ state: 'ramping', phase: 1 })
    const text = await run('canary', 'status')
    expect(text.stdout).toMatch(
      /^BTCUSDT: canary of v1\.8\.1, mini, observe, equivalent: ramping, phase 1 of 3, share 5\.0 % until /,
    )

    const aborted = await run('canary', 'abort', '--reason', 'the spread looks odd')
    expect(aborted).toMatchObject({ code: 0, stderr: '' })
    expect(aborted.stdout).toContain(': aborted, phase 1 of 3, share 0.0 %')
    expect(await canary()).toMatchObject({
      state: 'aborted',
      share: 0,
      reason: expect.stringContaining('the spread looks odd'),
    })
    const again = await run('canary', 'abort')
    expect(again).toMatchObject({ code: 3, stdout: '' })
    expect(again.stderr).toContain('nothing to abort')
  })
})

describe('a promotion that is BLOCKED', () => {
  it('ends with 1 and what is missing, and opens no prompt', async () => {
    const gates = z.array(z.object({ gate: z.number(), verdict: z.string() })).length(6)
    const Blocked = z.object({ verdict: z.literal('BLOCKED'), why: z.string(), next: z.string(), gates })
    const { why } = Blocked.parse(await json(['promote'], [1]))
    for (const gate of ['gate 1 psi', 'gate 2 p95', 'gate 5 delta', 'gate 6 evidence']) expect(why).toContain(gate)
    expect(await run('promote')).toMatchObject({ code: 1, stderr: '', stdout: expect.stringContaining(why) })
    expect(await waiting()).toEqual([])
    const answer = await room.change('/promote', {})
    expect(answer.status).toBe(409)
    const { error, gates: judged } = z.object({ ...Failure.shape, gates: z.object({ gates }) }).parse(answer.json)
    expect([error.code, judged.gates[0]?.gate]).toEqual(['blocked', 1])
  })
})

describe('a smoke', () => {
  it('is fired at the model in charge, counted in no figure, and kept as evidence', async () => {
    const document = Smoke.parse(await json(['smoke', '--requests', '60']))
    expect(document).toMatchObject({ model: 'v1.8-b0', requests: 60, success: 60, match_rate: null })
    expect(document.slo_check).toEqual({ pass: true, why: [] })
    expect(JSON.parse(evidence(room.dataDir, 'smoke_60.json'))).toMatchObject({ model: 'v1.8-b0', requests: 60 })
    const { stdout } = await run('smoke', '--requests', '60')
    expect(stdout).toMatch(/^v1\.8-b0 of BTCUSDT: PASS, 60 of 60 answered in \d+\.\d s\n {2}p50 \d/)
  })

  it('is judged by what the shadow says, where that is asked', async () => {
    const document = Smoke.parse(await json(['smoke', '--requests', '60', '--shadow']))
    expect(document).toMatchObject({ model: 'v1.8.1', requests: 60, success: 60, shadow_errors: 0 })
    // Each request is for the newest row: they agree on it, or they do not.
    expect([0, 1]).toContain(document.match_rate)
  })

  it('that nobody has begun cannot be ended', async () => {
    const figures = { requests: 1, success: 1, seconds: 1, latency_ms: { p50: 1, p95: 1, p99: 1, max: 1 } }
    const answer = await room.change('/smoke/none', { ...figures, shadow: false })
    expect(answer.status).toBe(404)
    expect((await room.ask('POST', '/smoke/none', { body: figures })).status).toBe(401)
  })
})

describe('the course of drift', () => {
  it('is the same over HTTP and on the command line: an hourly snapshot of the last week', async () => {
    const Trend = z.object({
      symbol: z.literal('BTCUSDT'),
      model: z.string(),
      items: z.array(z.object({ at: z.string(), overall_psi: z.number().nullable(), verdict: z.string() })),
    })
    const answer = await room.get('/psi/trend?model=v1.8-b0')
    expect(answer.status).toBe(200)
    const trend = Trend.parse(answer.json)
    expect(trend.items.length).toBeGreaterThan(160)
    expect(trend.items.at(-1)).toMatchObject({ at: '2025-05-26T00:00:00.000Z', verdict: 'FAIL' })
    expect(trend.items.at(-1)?.overall_psi).toBeCloseTo(1.391, 3)
    expect(Trend.parse(await json(['psi', '--trend', '7d', '--model', 'v1.8-b0']))).toEqual(trend)
    expect((await room.get('/psi/trend?symbol=NOPE')).status).toBe(404)
  })
})

describe('an alert that fires', () => {
  const Alerts = z.object({
    items: z.array(
      z.object({ rule: z.string(), state: z.string(), ack: z.object({ by: z.string() }).nullish() }).loose(),
    ),
  })

  it('is acknowledged with a reason, by whom the token names, and recorded', async () => {
    const path = '/alerts/MLDriftCritical/ack'
    expect((await room.ask('POST', path, { body: { reason: 'seen' } })).status).toBe(401)
    expect((await room.change(path, { reason: ' ' })).status).toBe(422)
    expect((await room.change('/alerts/MLPSISilent/ack', { reason: 'seen' })).status).toBe(404)
    const answer = await room.change(path, { reason: 'the week before was a holiday' })
    expect(answer.json).toMatchObject({ said: 'MLDriftCritical is acknowledged' })
    const alerts = Alerts.parse((await room.get('/alerts')).json).items
    expect(JSON.stringify(alerts.find(({ rule }) => rule === 'MLDriftCritical'))).toContain(
      'the week before was a holiday',
    )
    expect((await room.get('/state')).text).toContain('MLDriftCritical acknowledged by ')
  })
})
