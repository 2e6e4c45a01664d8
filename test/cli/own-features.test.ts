import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { idPrefix } from '../../src/db/predictions.ts'
import { openStore } from '../../src/db/store.ts'
import { command, type CommandEnd, commandJson, expectTrouble } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { MINUTE, START } from '../kit/moments.ts'

const fresh = freshDirectories()
const COLUMNS = [{ name: 'basis_bp', max_age_s: 900, unit: 'bp', about: 'perpetual less spot' }]
let cwd = ''

beforeEach(() => {
  cwd = fresh()
  mkdirSync(cwd, { recursive: true })
  write('columns.json', JSON.stringify(COLUMNS))
})

function write(name: string, content: string): void {
  writeFileSync(join(cwd, name), content)
}

const at = ['--symbol', 'BTCUSDT', '--data-dir', 'room']
const run = (args: readonly string[]): Promise<CommandEnd> => command([...args, ...at], { cwd })
const unnamed = (args: readonly string[]): Promise<CommandEnd> => command([...args, '--data-dir', 'room'], { cwd })

/** How much of a user's own the directory holds. */
function held(): { columns: number; moments: number; outcomes: number } {
  const store = openStore(join(cwd, 'room'), 'read')
  try {
    return {
      columns: store.own.columns('BTCUSDT').length,
      moments: store.own.extent('BTCUSDT').moments,
      outcomes: store.ownLabels.between('BTCUSDT', 'moved', 0, Number.MAX_SAFE_INTEGER).size,
    }
  } finally {
    store.db.close()
  }
}

describe('columns of the user, before there is a room', () => {
  it('are declared once, and their history brought in once', async () => {
    write('mine.csv', `ts_ms,basis_bp\n${START},1\n${START + MINUTE},2\n`)
    expect((await run(['features', 'add', 'columns.json'])).stdout).toContain('columns declared: 1; there already: 0')
    expect((await run(['features', 'add', 'columns.json'])).stdout).toContain('columns declared: 0; there already: 1')
    const added = await commandJson(['import', 'features', 'mine.csv', ...at], [0], { cwd })
    expect(added).toMatchObject({ symbol: 'BTCUSDT', added: 2, known: 0, late: 0, different: 0 })
    expect(await commandJson(['import', 'features', 'mine.csv', ...at], [0], { cwd })).toMatchObject({
      added: 0,
      known: 2,
    })
    write('other.csv', `ts_ms,basis_bp\n${START},7\n`)
    expect(await commandJson(['import', 'features', 'other.csv', ...at], [0], { cwd })).toMatchObject({
      different: 1,
      different_named: [{ ts_ms: START, name: 'basis_bp' }],
    })
    expect(held()).toEqual({ columns: 1, moments: 2, outcomes: 0 })
  })

  it.each([
    ['onay works out by itself', [{ name: 'mid', max_age_s: 60 }], 'onay works out a column of that name itself'],
    ['with a name of its own kind', [{ name: 'Funding Rate', max_age_s: 60 }], 'a name begins with a letter'],
    ['without an age', [{ name: 'funding' }], 'no columns can be read from'],
  ])('are refused in one line, and none is declared: one that %s', async (_, columns, said) => {
    write('columns.json', JSON.stringify([...COLUMNS, ...columns]))
    expectTrouble(await run(['features', 'add', 'columns.json']), said)
  })

  it('refuse a file with a column that nobody has declared, or a row that is not one, and take none of it', async () => {
    await run(['features', 'add', 'columns.json'])
    write('mine.csv', `ts_ms,basis_bp\n${START},1\n`)
    expectTrouble(await run(['import', 'features', 'mine.csv', '--until', '2025-06-01']), '--until do not work with')
    write('mine.csv', `ts_ms,basis_bp,funding\n${START},1,2\n`)
    expectTrouble(await run(['import', 'features', 'mine.csv']), 'has no column funding', 'onay features add FILE')
    const lines = Array.from({ length: 1_500 }, (_, i) => `${START + i * MINUTE},${i}`)
    write('mine.csv', ['ts_ms,basis_bp', ...lines, `${START},high`, ''].join('\n'))
    expectTrouble(await run(['import', 'features', 'mine.csv']), 'line 1502', 'basis_bp is not a number: high')
    expect(held().moments).toBe(0)
  })
})

describe('the symbol of what is brought in', () => {
  it('may be left out where the directory has only one', async () => {
    expectTrouble(await unnamed(['features', 'add', 'columns.json']), 'no symbol was given')
    await run(['features', 'add', 'columns.json'])
    write('mine.csv', `ts_ms,basis_bp\n${START},1\n`)
    expect((await unnamed(['import', 'features', 'mine.csv'])).stdout).toContain('values added: 1')
    expect((await unnamed(['features', 'add', 'columns.json'])).stdout).toContain('there already: 1')
  })
})

describe('outcomes of the user, before there is a room', () => {
  it('are brought in where the configuration waits for them, and refused as a whole otherwise', async () => {
    write('outcomes.csv', `ts_ms,label\n${START},1\n${START + MINUTE},0\n`)
    expectTrouble(await run(['import', 'outcomes', 'outcomes.csv']), 'the room does not wait for outcomes')
    write('onay.config.json', JSON.stringify({ label: { kind: 'pushed', name: 'moved', horizon_min: 15 } }))
    expect((await run(['import', 'outcomes', 'outcomes.csv'])).stdout).toContain(
      'outcomes of moved added: 2; there already: 0',
    )
    expect((await run(['import', 'outcomes', 'outcomes.csv'])).stdout).toContain(
      'outcomes of moved added: 0; there already: 2',
    )
    for (const [content, said] of [
      [`ts_ms,label\n${START + 2 * MINUTE},1\n${START + 3 * MINUTE},2\n`, 'line 3: its label is neither 0 nor 1'],
      [`ts_ms,label\n${START + 2 * MINUTE},1\n${START},0\n`, 'is given twice'],
      [`ts_ms,label\n${START + 4 * MINUTE},1\n${START + 4 * MINUTE},0\n`, 'line 3: the outcome of'],
      [`ts_ms,hit\n${START + 2 * MINUTE},1\n`, 'its columns are ts_ms, hit'],
    ] as const) {
      write('outcomes.csv', content)
      expectTrouble(await run(['import', 'outcomes', 'outcomes.csv']), said)
    }
    expect(held().outcomes).toBe(2)
  })

  it('name their minute by the id of its answer, and a prediction by its key, in CSV', async () => {
    write('onay.config.json', JSON.stringify({ label: { kind: 'pushed', name: 'moved', horizon_min: 15 } }))
    const id = (at: number): string => `${idPrefix(START + at * MINUTE)}-1-ab`
    write('outcomes.csv', `label,id\n1,${id(0)}\n0,${id(1)}\n`)
    expect((await run(['import', 'outcomes', 'outcomes.csv'])).stdout).toContain('outcomes of moved added: 2')
    write('outcomes.csv', `ts_ms,label\n${START},1\n${START + MINUTE},0\n`)
    expect((await run(['import', 'outcomes', 'outcomes.csv'])).stdout).toContain(
      'outcomes of moved added: 0; there already: 2',
    )
    for (const [content, said] of [
      ['key,label\norder-17,1\n', 'no prediction has the key "order-17"'],
      ['key,label\norder-17,yes\n', 'line 2: its label is neither 0 nor 1'],
      [`key,label\norder-17,1\n,1\n`, 'line 3: it has no key'],
      ['key,label\norder-17,1\norder-18,0\norder-17,0\n', 'line 4: the outcome of order-17 is given twice'],
      ['id,label\norder-17,1\n', 'line 2: its id is not the id of an answer'],
    ] as const) {
      write('outcomes.csv', content)
      expectTrouble(await run(['import', 'outcomes', 'outcomes.csv']), said)
    }
    expect(held().outcomes).toBe(2)
  })
})
