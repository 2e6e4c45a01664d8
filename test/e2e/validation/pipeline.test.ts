import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { stage } from '../../kit/program.ts'
import { smallRoom } from '../../kit/small-room.ts'
import { count, leftBehind } from '../../kit/validation-seen.ts'

const Pipeline = z.object({
  version: z.string().nullable(),
  steps: z.array(z.object({ step: z.string(), said: z.string() })),
  stopped: z.object({ step: z.string(), why: z.string() }).nullable(),
  verdict: z.enum(['BLOCKED', 'ELIGIBLE']).nullable(),
  dry_run: z.object({ dry_run: z.literal(true), candidate: z.string() }).nullable(),
})
const ALL = ['retrain', 'validate', 'dryRun', 'gates']

const shell = stage()
const DAY_WINDOW = shell.configured({ training: { window_days: 1 } })
let prepared = ''

beforeAll(async () => {
  prepared = (await smallRoom(shell.fresh())).dataDir
})

describe('the pipeline', () => {
  it('goes through every step without a room, never promotes, and ends with 1 while BLOCKED', async () => {
    const dataDir = shell.copy(prepared)
    const seen = Pipeline.parse(
      await shell.json(['pipeline', '--version', 'v1.8.2', '--data-dir', dataDir, ...DAY_WINDOW], [1]),
    )
    expect(seen).toMatchObject({ version: 'v1.8.2', stopped: null, verdict: 'BLOCKED' })
    expect(seen.steps.map((step) => step.step)).toEqual(ALL)
    expect(seen.dry_run?.candidate).toBe('v1.8.2')
    expect(count(dataDir, "slots WHERE slot = 'baseline' AND version = 'v1.8-b0'")).toBe(1)
  })

  it('stops at the first step that refuses, and says that nothing was done', async () => {
    const dataDir = shell.copy(prepared)
    const before = leftBehind(dataDir)
    const ended = await shell.run(['pipeline', '--version', 'v1.8-b0', '--data-dir', dataDir, ...DAY_WINDOW])
    expect(ended.code).toBe(3)
    expect(ended.stdout).toContain('nothing was done')
    expect(ended.stderr).toContain('v1.8-b0 already exists')
    expect(leftBehind(dataDir)).toEqual(before)
  })

  it('asks the room where one runs', async () => {
    const room = await shell.open(shell.copy(prepared), DAY_WINDOW)
    await room.change('/speed', { speed: 'pause' })
    const seen = Pipeline.parse(await shell.json(['pipeline', '--data-dir', room.dataDir, ...DAY_WINDOW], [1]))
    expect(seen).toMatchObject({ version: 'v1.8.2', stopped: null, verdict: 'BLOCKED' })
    expect(seen.steps.map((step) => step.step)).toEqual(ALL)
    expect((await room.health()).candidate).toBe('v1.8.2')
  })
})
