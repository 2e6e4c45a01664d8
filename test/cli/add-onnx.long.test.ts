import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { sigmoid } from '../../src/engine/stats/calibration.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'
import { expectTrouble } from '../kit/command.ts'
import { registered } from '../kit/contents.ts'
import { freshDirectories } from '../kit/directories.ts'
import { BIAS, hasOnnxRuntime, logistic, REFUSED } from '../kit/onnx-file.ts'
import { BTC } from '../kit/samples.ts'
import { savedByXgboost } from '../kit/saved-trees.ts'
import { smallRoom, type SmallRoom } from '../kit/small-room.ts'

/** Whether it is there without any word of where. */
const isBeside = besideOnay()
const fresh = freshDirectories()
const trees = savedByXgboost('move')
const columns = trees.features.slice(0, 3)
const SLOPES = [0.05, 0.02, -0.03]
const bytes = logistic(SLOPES)
const ROWS = [
  [0.5, 1, -2],
  [3, 2, 1],
]

const Card = z.object({
  kind: z.string(),
  slot: z.string(),
  features: z.array(z.string()),
  offline: z.object({ rows: z.number(), plain: z.string() }),
  weights: z.record(z.string(), z.unknown()),
})
const Board = z.object({ items: z.array(z.object({ version: z.string(), role: z.string(), n: z.number() })) })

let room: SmallRoom
const at = (file: string): string => join(room.dir, file)
const write = (file: string, content: string | Uint8Array): string => {
  writeFileSync(at(file), content)
  return at(file)
}
const add = (file: string, ...args: readonly string[]) =>
  room.run(['models', 'add', file, '--features', columns.join(','), ...args])
const card = async (version: string): Promise<z.infer<typeof Card>> =>
  Card.parse(await room.json(['models', 'show', version]))

/** The rows, and what the graph says of them in 64 bits. */
function table(file: string, away = 0): string {
  const says = (row: readonly number[]): number => sigmoid(row.reduce((sum, x, j) => sum + x * (SLOPES[j] ?? 0), BIAS))
  return write(file, [[...columns, 'prediction'], ...ROWS.map((row) => [...row, says(row) + away])].join('\n'))
}

beforeAll(async () => {
  room = await smallRoom(fresh())
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a file of ONNX', () => {
  it.skipIf(isBeside)(
    'is refused in one line where onnxruntime-node is not installed, which it says how to do',
    async () => {
      vi.stubEnv('ONAY_ONNXRUNTIME', undefined)
      const before = registered(room.dataDir)
      const file = write('alone.onnx', bytes)
      expectTrouble(await add(file), 'not installed beside onay', 'npm install --no-save onnxruntime-node')
      expectTrouble(await add(file, '--check', table('alone.csv')), 'npm install --no-save onnxruntime-node')
      expect(registered(room.dataDir)).toEqual(before)
    },
  )

  it('is refused before it is opened where it is too large, or its features are not named', async () => {
    truncateSync(write('huge.onnx', ''), 2 ** 31)
    expectTrouble(await add(at('huge.onnx')), 'has 2048 MiB, and at most 24 are read')
    const file = write('nameless.onnx', bytes)
    expectTrouble(await room.run(['models', 'add', file]), 'no names of its features', '--features')
    expectTrouble(
      await room.run(['models', 'add', file, '--features', 'mine']),
      '"mine" is not a column',
      'features add',
    )
  })
})

describe.skipIf(!hasOnnxRuntime())('a model as ONNX', () => {
  it('is checked, tried, measured on the window, and goes into the shadow', async () => {
    const ended = await add(write('net-1.onnx', bytes), '--check', table('rows.csv'))
    expect(ended.stderr).toBe('')
    expect(ended.stdout).toContain('2 rows predicted as by its own library')
    expect(ended.stdout).toContain('only its maker knows whether it has seen these')
    const shown = await card('net-1')
    expect(shown).toMatchObject({ kind: 'onnx', slot: 'candidate', features: columns })
    expect(shown.weights).toMatchObject({ fileSha256: sha256Hex(bytes) })
    expect(shown.weights).not.toHaveProperty('file')
    expect(shown.offline.rows).toBeGreaterThan(1_000)
  })

  it('is scored over history, by a room that has opened anew', async () => {
    await room.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', '2025-05-07T14:00:00Z'])
    const { items } = Board.parse(await room.json(['models', 'scoreboard']))
    expect(items.find(({ version }) => version === 'net-1')).toMatchObject({ role: 'candidate' })
    expect(items.find(({ version }) => version === 'net-1')?.n).toBeGreaterThan(100)
  })

  it('is in the evidence with its whole file, which verifies', async () => {
    expect((await room.run(['evidence', 'verify'])).code).toBe(0)
    const path = join(room.dataDir, 'ml-artifacts/net-1/model_weights_net-1.json')
    const { file } = z.object({ file: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8')))
    expect(Buffer.from(file, 'base64')).toEqual(Buffer.from(bytes))
  })

  it('that says something else than its library is refused, with the row', async () => {
    const file = write('net-2.onnx', bytes)
    expectTrouble(await add(file, '--check', table('away.csv', 1e-4)), 'row 1 (line 2)', 'net-2 was not registered')
  })

  it.each(['a list of maps', 'another number of features', 'no probability', 'a file that was cut short'])(
    'with %s is refused in one line, and nothing is registered',
    async (name) => {
      const [broken, words] = REFUSED[name] ?? [bytes, '']
      const before = registered(room.dataDir)
      expectTrouble(await add(write('net-3.onnx', broken)), 'net-3 cannot be used as a model', words)
      expect(registered(room.dataDir)).toEqual(before)
    },
  )
})

function besideOnay(): boolean {
  vi.stubEnv('ONAY_ONNXRUNTIME', undefined)
  const isThere = hasOnnxRuntime()
  vi.unstubAllEnvs()
  return isThere
}
