import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Room, stage } from '../kit/program.ts'
import { smallRoom } from '../kit/small-room.ts'
import { until } from '../kit/until.ts'

const shell = stage()
let room: Room

beforeAll(async () => {
  const { dataDir } = await smallRoom(shell.fresh())
  const config = shell.configured({ training: { window_days: 1 } })
  room = await shell.keeping(() => shell.open(dataDir, [...config, '--speed', '1']))
})

describe('everyday looks at a room that runs', () => {
  it('status: who is in charge and in the shadow, with an exit code of what is well', async () => {
    const ended = await shell.run(['status', '--json', '--data-dir', room.dataDir])
    const status = z
      .object({ ok: z.boolean(), running: z.literal(true), items: z.array(z.unknown()) })
      .parse(JSON.parse(ended.stdout))
    expect(ended).toMatchObject({ code: status.ok ? 0 : 1, stderr: '' })
    expect(status.items).toMatchObject([
      {
        symbol: 'BTCUSDT',
        phase: 'open',
        in_charge: 'v1.8-b0',
        shadow: 'v1.8.1',
        verdict: 'BLOCKED',
        canary: { state: 'idle' },
      },
    ])
  })

  it('predict: one prediction, as callers get it', async () => {
    const answer = await shell.json(['predict', '--data-dir', room.dataDir])
    expect(answer).toMatchObject({ model_version: 'v1.8-b0', served_by: 'baseline', id: expect.any(String) })
    const text = await shell.run(['predict', '--data-dir', room.dataDir])
    expect(text.stdout).toMatch(/, score 0\.\d{4}\n {2}answered by v1\.8-b0 \(baseline\)/)
  })

  it('speed --wait: returns once the recording is there', async () => {
    const there = ['speed', 'max', '--until', '2025-05-07T13:00', '--wait', '--data-dir', room.dataDir]
    expect(await shell.json(there)).toMatchObject({
      speed: 'pause',
      market_time: '2025-05-07T13:00:00.000Z',
      until: null,
    })
  })

  it('canary status --watch: returns at once where none runs', async () => {
    expect(await shell.json(['canary', 'status', '--watch', '--data-dir', room.dataDir])).toMatchObject({
      state: 'idle',
    })
  })

  it('canary start --live --wait: ends with 1 once it is refused', async () => {
    const waiting = shell.start([
      'canary',
      'start',
      '--live',
      '--plan',
      'mini',
      '--wait',
      '--json',
      '--data-dir',
      room.dataDir,
    ])
    const Waiting = z.object({ items: z.array(z.object({ id: z.string() })) })
    const id = await until('the approval', async () => {
      if (!waiting.alive) throw new Error(waiting.stderr)
      return Waiting.parse(await shell.json(['approvals', '--data-dir', room.dataDir])).items[0]?.id
    })
    await shell.json(['reject', id, '--data-dir', room.dataDir])
    const ended = await waiting.ended
    expect(ended.code, ended.stderr).toBe(1)
    expect(JSON.parse(ended.stdout)).toMatchObject({ symbol: 'BTCUSDT', state: 'idle' })
    expect(ended.stderr).toContain(id)
  })

  it('events -f: what happens from now on, each once, until it is told to end', async () => {
    const following = shell.start(['events', '-f', '--last', '1', '--data-dir', room.dataDir])
    const lines = (): number => following.stdout.split('\n').length - 1
    await until('the last event', () => lines() === 1)
    await shell.json(['speed', 'max', '--data-dir', room.dataDir])
    await until('events', () => lines() > 3)
    const ended = await following.kill('SIGINT')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    for (const line of ended.stdout.trimEnd().split('\n'))
      expect(line).toMatch(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC {2}\S+ {2}(info|warning|critical) +\S/)
  })
})
