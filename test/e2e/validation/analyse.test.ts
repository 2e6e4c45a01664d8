import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { tables } from '../../kit/contents.ts'
import { stage } from '../../kit/program.ts'
import { BTC } from '../../kit/samples.ts'
import { leftBehind } from '../../kit/validation-seen.ts'

const Analysis = z.object({
  rows: z.number(),
  from: z.string(),
  until: z.string(),
  halves_part_at: z.string(),
  features: z.record(z.string(), z.object({ n: z.number(), missing: z.number(), level: z.string().nullable() })),
  correlated: z.array(z.object({ a: z.string(), b: z.string(), correlation: z.number() })),
})

const shell = stage()
let dataDir = ''

beforeAll(async () => {
  dataDir = shell.fresh()
  await shell.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', '2025-05-07', '--data-dir', dataDir])
})

describe('features analyse', () => {
  it('looks at the last days up to now, and counts what is missing', async () => {
    const seen = Analysis.parse(await shell.json(['features', 'analyse', '--window', '2d', '--data-dir', dataDir]))
    expect(seen).toMatchObject({
      rows: 2_880,
      from: '2025-05-05T00:00:00.000Z',
      until: '2025-05-07T00:00:00.000Z',
      halves_part_at: '2025-05-06T00:00:00.000Z',
    })
    for (const feature of Object.values(seen.features)) expect(feature.n + feature.missing).toBe(2_880)
    expect(seen.correlated).toContainEqual(expect.objectContaining({ a: 'rsi14', b: 'rsi14_z' }))
  })

  it('takes what there is when the window reaches further back', async () => {
    const seen = Analysis.parse(await shell.json(['features', 'analyse', '--data-dir', dataDir]))
    expect(seen.from).toBe('2025-05-04T15:33:00.000Z')
  })

  it('reads only', async () => {
    const before = [tables(dataDir), leftBehind(dataDir)]
    const ended = await shell.run(['features', 'analyse', '--data-dir', dataDir])
    expect(ended.code).toBe(0)
    expect(ended.stdout).toContain('rsi14 and rsi14_z correlate: 1.000')
    expect([tables(dataDir), leftBehind(dataDir)]).toEqual(before)
  })

  it('names what it does not know', async () => {
    const ended = await shell.run(['features', 'guess', '--data-dir', dataDir])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain('it has status, analyse and add')
  })
})
