import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { prepare } from '../kit/prepared.ts'
import { stage } from '../kit/program.ts'
import { leftBehind } from '../kit/validation-seen.ts'

const shell = stage()
let prepared = ''

beforeAll(async () => {
  prepared = await prepare(shell, 'opening')
})

const MEMBERS = [
  { version: 'v1.8-b0', weight: 0.4 },
  { version: 'fallback', weight: 0.6 },
]
const Card = z.object({
  kind: z.string(),
  slot: z.string().nullable(),
  features: z.array(z.string()),
  offline: z.object({ rows: z.number(), plain: z.string() }),
  weights: z.object({ envelope: z.number(), members: z.array(z.object({ version: z.string(), weight: z.number() })) }),
})

const Look = z.object({
  model: z.string().nullable(),
  members: z.array(z.object({ version: z.string(), weight: z.number() })),
})

function mixFile(dir: string, change: object = {}): string {
  const path = join(dir, 'mix.json')
  writeFileSync(path, JSON.stringify({ version: 'mix-1', kind: 'ensemble', members: MEMBERS, ...change }))
  return path
}

describe('a mix of models', () => {
  it('is registered whole, measured on what none of its members has seen, and runs in the shadow', async () => {
    const dataDir = shell.copy(prepared)
    await shell.json(['models', 'add', mixFile(dataDir), '--data-dir', dataDir])
    const card = Card.parse(await shell.json(['models', 'show', 'mix-1', '--data-dir', dataDir]))
    expect(card).toMatchObject({ kind: 'ensemble', slot: 'candidate', weights: { envelope: 0.1, members: MEMBERS } })
    expect(card.features).toContain('ewma_var_1m')
    // Seven days since the first model was trained.
    expect(card.offline.rows).toBeGreaterThan(10_000)
    expect(card.offline.rows).toBeLessThan(10_081)
    expect(card.offline.plain).toContain(`None of its members was trained on these ${card.offline.rows} rows.`)
    const look = Look.parse(await shell.json(['ensemble', '--data-dir', dataDir]))
    expect(look).toMatchObject({ model: 'mix-1', members: [{ version: 'v1.8-b0' }, { version: 'fallback' }] })
    // As the step of the coming night would leave it: within the envelope.
    expect(Math.abs((look.members[0]?.weight ?? 0) - 0.4)).toBeLessThanOrEqual(0.1)
  })

  const cases: readonly [what: string, change: object, said: string][] = [
    ['one member', { members: MEMBERS.slice(1) }, 'a mix has 2 to 8 members, not 1'],
    ['weights that do not sum to 1', { members: [MEMBERS[0], { version: 'fallback', weight: 0.5 }] }, 'must sum to 1'],
    [
      'a member that is not registered',
      { members: [MEMBERS[1], { version: 'v9', weight: 0.4 }] },
      'v9 is not registered',
    ],
    ['a version that exists', { version: 'v1.8-b0' }, 'v1.8-b0 already exists'],
    ['an envelope beyond 1', { envelope: 3 }, 'envelope must lie between 0 and 1'],
  ]
  it.each(cases)('with %s is refused and leaves nothing', async (_, change, said) => {
    const dataDir = shell.copy(prepared)
    const before = leftBehind(dataDir)
    const ended = await shell.run(['models', 'add', mixFile(dataDir, change), '--data-dir', dataDir])
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining(said)])
    expect(leftBehind(dataDir)).toEqual(before)
  })

  it('cannot be measured on what its members have learnt from', async () => {
    const dataDir = shell.copy(prepared)
    const add = ['models', 'add', mixFile(dataDir), '--window', '10d', '--data-dir', dataDir]
    const ended = await shell.run(add)
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining('3 days after that are needed')])
  })
})
