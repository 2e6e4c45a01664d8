import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { sha256Hex } from '../../src/evidence/canonical.ts'
import { expectTrouble } from '../kit/command.ts'
import { registered } from '../kit/contents.ts'
import { freshDirectories } from '../kit/directories.ts'
import { BTC } from '../kit/samples.ts'
import { savedByLightgbm, savedByXgboost } from '../kit/saved-trees.ts'
import { smallRoom, type SmallRoom } from '../kit/small-room.ts'

const fresh = freshDirectories()
const move = savedByXgboost('move')
const names = move.features.join(',')

const Card = z.object({
  kind: z.string(),
  slot: z.string(),
  features: z.array(z.string()),
  window: z.object({ from: z.string(), until: z.string() }),
  offline: z.object({
    rows: z.number(),
    auc: z.number(),
    plain: z.string(),
    dropped: z.record(z.string(), z.number()),
  }),
  weights: z.object({ threshold: z.number(), fileSha256: z.string(), fileChars: z.number() }),
})
const Board = z.object({ items: z.array(z.object({ version: z.string(), role: z.string(), n: z.number() })) })
const Manifest = z.object({ trained: z.string(), trained_until: z.string().optional(), weights_sha256: z.string() })

let room: SmallRoom
/** What there was before anything was refused. */
let before: readonly unknown[] | undefined
const at = (file: string): string => join(room.dir, file)
const write = (file: string, text: string): string => {
  writeFileSync(at(file), text)
  return at(file)
}

/** The library's rows and predictions as a table. */
function table(file: string, mark: string, by: (line: string[], i: number) => string[] = (line) => line): string {
  const lines = move.rows.map((row, i) =>
    by([...Array.from(row, (x) => (Number.isNaN(x) ? '' : String(x))), String(move.predictions[i])], i).join(mark),
  )
  return write(file, [[...move.features, 'prediction'].join(mark), ...lines, ''].join('\n'))
}

const card = async (version: string): Promise<z.infer<typeof Card>> =>
  Card.parse(await room.json(['models', 'show', version]))

describe('a model of a file', () => {
  beforeAll(async () => {
    room = await smallRoom(fresh())
  })

  it('is checked against what its library predicts, measured on the window, and goes into the shadow', async () => {
    write('xgb-9.json', move.text)
    const args = ['models', 'add', at('xgb-9.json'), '--features', names]
    const ended = await room.run([...args, '--check', table('rows.csv', ',')])
    expect(ended.stderr).toBe('')
    expect(ended.stdout).toContain('300 rows predicted as by its own library, at most 0.0e+0 apart')
    expect(ended.stdout).toContain('only its maker knows whether it has seen these')
    const shown = await card('xgb-9')
    expect(shown).toMatchObject({ kind: 'trees', slot: 'candidate', features: move.features })
    expect(shown.weights).toMatchObject({ fileSha256: sha256Hex(move.text), fileChars: move.text.length })
    expect(shown.weights.threshold).toBeGreaterThan(0)
    expect(shown.offline.rows).toBeGreaterThan(1_000)
  })

  it('is scored over history, by a room that has opened anew', async () => {
    await room.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', '2025-05-07T14:00:00Z'])
    const { items } = Board.parse(await room.json(['models', 'scoreboard']))
    const candidate = items.find(({ version }) => version === 'xgb-9')
    expect(candidate?.role).toBe('candidate')
    expect(candidate?.n).toBeGreaterThan(100)
  })

  it('is in the evidence with its whole file, which verifies', async () => {
    const artifacts = join(room.dataDir, 'ml-artifacts')
    expect((await room.run(['evidence', 'verify'])).code).toBe(0)
    const weights: unknown = JSON.parse(readFileSync(join(artifacts, 'xgb-9/model_weights_xgb-9.json'), 'utf8'))
    expect(z.object({ file: z.string() }).parse(weights).file).toBe(move.text)
    const manifest = Manifest.parse(
      JSON.parse(readFileSync(join(artifacts, 'xgb-9/training_manifest_xgb-9.json'), 'utf8')),
    )
    expect(manifest).toMatchObject({ trained: 'elsewhere' })
    expect(manifest.trained_until).toBeUndefined()
  })

  it('is measured on what came after its training alone, where its maker says when that ended', async () => {
    const args = ['models', 'add', at('xgb-9.json'), '--features', names, '--version', 'xgb-10', '--threshold', '0.6']
    const until = ['--trained-until', '2025-05-05T12:00', '--until', '2025-05-07', '--window', '2d']
    const ended = await room.run([...args, ...until, '--replace'])
    expect(ended.stderr).toBe('')
    const shown = await card('xgb-10')
    expect(shown.window).toEqual({ from: '2025-05-05T12:00:00.000Z', until: '2025-05-07T00:00:00.000Z' })
    expect(shown.offline.plain).toContain('up to 2025-05-05 12:00 UTC as its maker says: these')
    expect(shown.weights.threshold).toBe(0.6)
    const path = join(room.dataDir, 'ml-artifacts/xgb-10/training_manifest_xgb-10.json')
    expect(Manifest.parse(JSON.parse(readFileSync(path, 'utf8')))).toMatchObject({
      trained: 'elsewhere',
      trained_until: '2025-05-05T12:00:00.000Z',
    })
  })

  it('that onay itself has trained comes from another room, and is measured again', async () => {
    const path = join(room.dataDir, 'ml-artifacts/v1.8.1/model_weights_v1.8.1.json')
    const ended = await room.run(['models', 'add', path, '--version', 'theirs', '--replace'])
    expect(ended.stderr).toBe('')
    expect(ended.stdout).toContain('only its maker knows')
  })

  it.each<[what: string, args: () => readonly string[], ...named: string[]]>([
    [
      'a row that its library predicts otherwise',
      () => [
        '--features',
        names,
        '--check',
        table('off.tsv', '\t', (line, i) => (i < 6 ? line : [...line.slice(0, -1), '0.25'])),
      ],
      'row 7 (line 8)',
      'prediction 0.25, here it is 0.',
    ],
    [
      'a table without a feature',
      () => ['--features', names, '--check', write('short.csv', 'rsi14_z,prediction\n1,0.5\n')],
      'no column mid_logret_1m',
    ],
    [
      'a table without rows',
      () => ['--features', names, '--check', write('empty.csv', `${names},prediction\n`)],
      'no rows',
    ],
    [
      'a table with words',
      () => ['--features', names, '--check', write('words.csv', `${names},prediction\n1,2,3,4,5,6,7,x,0.5\n`)],
      'row 1 (line 2) has "x"',
    ],
    ['no names of its features', () => [], 'no names of its features', '--features'],
    ['names too few', () => ['--features', 'rsi14_z'], 'has 8 features, and --features names 1'],
    [
      'a feature that is not declared',
      () => ['--features', names.replace('rsi14_z', 'funding_rate')],
      '"funding_rate" is not a column of BTCUSDT',
      'onay features add',
    ],
    ['a threshold that is none', () => ['--features', names, '--threshold', '7'], '"7" is not a valid threshold'],
    [
      'a training that ended with the window',
      () => ['--features', names, '--trained-until', '2025-05-06T20:00', '--until', '2025-05-07'],
      'a day is needed that it has not seen',
    ],
  ])('with %s is refused in one line, and nothing is registered', async (_, args, ...named) => {
    before ??= registered(room.dataDir)
    expectTrouble(await room.run(['models', 'add', at('xgb-9.json'), '--version', 'not-this', ...args()]), ...named)
    expect(registered(room.dataDir)).toEqual(before)
  })

  it.each<[what: string, file: () => string, ...named: string[]]>([
    ['UBJSON', () => write('m.ubj', '{L\0\0\0'), 'UBJSON', 'save_model("m.json")'],
    ['another objective', () => savedByXgboost('volatility').path, 'objective is reg:squarederror'],
    ['a file that was cut short', () => write('cut.json', move.text.slice(0, -50)), 'cut short'],
    ['a file that is not there', () => at('none.json'), 'none.json'],
    [
      '2 GB',
      () => {
        writeFileSync(at('huge.json'), '')
        truncateSync(at('huge.json'), 2 ** 31)
        return at('huge.json')
      },
      'has 2048 MiB, and at most 32 are read',
    ],
    ['LightGBM without names', () => savedByLightgbm('categories').path, 'no names of its features'],
  ])('of %s is refused in one line', async (_, file, ...named) => {
    expectTrouble(await room.run(['models', 'add', file(), '--version', 'not-this']), ...named)
  })

  it('of LightGBM is checked on its rows as they are, tabs and no header', async () => {
    const { path, rows, predictions } = savedByLightgbm('breast_cancer')
    const columns = Array.from({ length: 30 }, (_, i) => `f${i}`).join(',')
    const lines = rows.map((row, i) => [...row, predictions[i]].join('\t'))
    const args = ['models', 'add', path, '--version', 'lgb', '--features', columns]
    const good = write('lgb.tsv', `${lines.join('\n')}\n`)
    // The rows agree; only then is the room asked, which has no such columns.
    expectTrouble(await room.run([...args, '--check', good]), '"f0" is not a column', 'onay features add')
    const wrong = write('lgb-off.tsv', lines.toSpliced(2, 1, [...(rows[2] ?? []), 0.5].join('\t')).join('\n'))
    expectTrouble(await room.run([...args, '--check', wrong]), 'row 3 (line 3)')
  })
})
