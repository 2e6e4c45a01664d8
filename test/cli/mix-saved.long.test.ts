import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { hasOnnxRuntime, logistic } from '../kit/onnx-file.ts'
import { BTC } from '../kit/samples.ts'
import { savedByXgboost } from '../kit/saved-trees.ts'
import { smallRoom, type SmallRoom } from '../kit/small-room.ts'

const fresh = freshDirectories()
const trees = savedByXgboost('move')
/** As early as the recording allows, so that the three days which no member of a mix has seen are soon over. */
const OF_MEMBERS = ['--window', '12h', '--until', '2025-05-05T06:00']
const MIX_UNTIL = '2025-05-08T06:00'

const Card = z.object({
  kind: z.string(),
  slot: z.string().nullable(),
  offline: z.object({ rows: z.number() }),
  weights: z.object({
    members: z.array(z.object({ version: z.string(), model: z.looseObject({ kind: z.string() }) })),
  }),
})
const Board = z.object({ items: z.array(z.object({ version: z.string(), n: z.number() })) })
const Artifact = z.object({ members: z.array(z.object({ model: z.looseObject({ file: z.string().optional() }) })) })

let room: SmallRoom
const write = (file: string, content: string | Uint8Array): string => {
  writeFileSync(join(room.dir, file), content)
  return join(room.dir, file)
}
const add = (file: string, features: readonly string[]) =>
  room.run(['models', 'add', '--replace', ...OF_MEMBERS, file, '--features', features.join(',')])
const replayUntil = (until: string): Promise<unknown> =>
  room.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', until])
const addMix = (version: string, members: readonly (readonly [string, number])[]) =>
  room.run([
    'models',
    'add',
    '--replace',
    '--until',
    MIX_UNTIL,
    write(
      `${version}.json`,
      JSON.stringify({
        version,
        kind: 'ensemble',
        members: members.map(([of, weight]) => ({ version: of, weight })),
      }),
    ),
  ])

/** How many settled minutes it has scored. */
async function scored(version: string): Promise<number> {
  const { items } = Board.parse(await room.json(['models', 'scoreboard']))
  return items.find((one) => one.version === version)?.n ?? 0
}

describe('a mix of models that other libraries have saved', () => {
  beforeAll(async () => {
    room = await smallRoom(fresh())
    const xgb = await add(write('xgb-9.json', trees.text), trees.features)
    expect(xgb.stderr).toBe('')
    await replayUntil('2025-05-08T06:15:00Z')
  })

  it('takes trees, holds them whole, and scores history by them after the room has opened anew', async () => {
    const added = await addMix('mix-1', [
      ['xgb-9', 0.6],
      ['fallback', 0.4],
    ])
    expect(added.stderr).toBe('')
    const shown = Card.parse(await room.json(['models', 'show', 'mix-1']))
    expect(shown).toMatchObject({ kind: 'ensemble', slot: 'candidate' })
    expect(shown.offline.rows).toBeGreaterThan(2_000)
    expect(shown.weights.members.map(({ model }) => model.kind)).toEqual(['trees', 'heuristic'])
    expect(shown.weights.members[0]?.model).toMatchObject({ fileChars: trees.text.length })
    const path = join(room.dataDir, 'ml-artifacts/mix-1/model_weights_mix-1.json')
    expect(Artifact.parse(JSON.parse(readFileSync(path, 'utf8'))).members[0]?.model.file).toBe(trees.text)
    await replayUntil('2025-05-08T07:45:00Z')
    expect(await scored('mix-1')).toBeGreaterThan(60)
    expect((await room.run(['evidence', 'verify'])).code).toBe(0)
  })

  it('refuses a mix within a mix', async () => {
    const members = [
      ['mix-1', 0.6],
      ['fallback', 0.4],
    ] as const
    expectTrouble(await addMix('mix-2', members), 'mix-1 is a model of kind ensemble, which cannot be mixed')
  })

  it.skipIf(!hasOnnxRuntime())('takes ONNX beside trees', async () => {
    // Not before: all history that is played after it would go through the other process.
    const net = await add(write('net-1.onnx', logistic([0.05, 0.02, -0.03])), trees.features.slice(0, 3))
    expect(net.stderr).toBe('')
    const added = await addMix('mix-3', [
      ['xgb-9', 0.5],
      ['net-1', 0.3],
      ['fallback', 0.2],
    ])
    expect(added.stderr).toBe('')
    const shown = Card.parse(await room.json(['models', 'show', 'mix-3']))
    expect(shown.weights.members.map(({ model }) => model.kind)).toEqual(['trees', 'onnx', 'heuristic'])
    expect(shown.weights.members[1]?.model).not.toHaveProperty('file')
    await replayUntil('2025-05-08T09:15:00Z')
    expect(await scored('mix-3')).toBeGreaterThan(60)
  })
})
