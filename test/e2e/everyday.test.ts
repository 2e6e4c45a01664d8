import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { prepare } from '../kit/prepared.ts'
import { type Room, stage } from '../kit/program.ts'
import { until } from '../kit/until.ts'

const shell = stage()
let room: Room

beforeAll(async () => {
  const prepared = await prepare(shell, 'candidate')
  room = await shell.keeping(() => shell.serve(prepared, ['--speed', '1']))
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
