import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { fileSha256 } from '../../../src/evidence/files.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import { barAt } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'
import { openDesks, SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
/** Of a day. */
const MINUTES = DAY / MINUTE
let dir: string
let desks: Desks

afterEach(() => desks.close())

function open(): void {
  dir = fresh()
  desks = openDesks(dir)
}

function again(): void {
  desks.close()
  desks = openDesks(dir)
}

/** Bars of these minutes come in and are committed; the log is not told yet. */
function commit(...minutes: readonly number[]): void {
  const desk = desks.of(SYMBOL)
  desk.transaction(() => {
    for (const minute of minutes) {
      const bar = barAt(minute, 100)
      desks.store.bars.insert(SYMBOL, bar, 0, false)
      desks.store.features.insert(SYMBOL, desk.tape.accept(bar), 0)
      desk.tape.enterMoment(bar.tsMs + MINUTE)
      desk.tape.finishMoment(bar.tsMs + MINUTE)
    }
    desk.persist()
  })
}

const folder = () => join(dir, 'evidence/ml')
const log = () => join(folder(), 'features_raw.log')
const ROTATED = 'features_raw_2025-05-05.log'
/** The minutes that a log has rows of. */
const logged = (path = log()) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => ((JSON.parse(line) as { ts_ms: number }).ts_ms - START) / MINUTE)
const inChain = () => desks.store.journal.entryOf(`ml/${ROTATED}`)

describe('the feature log', () => {
  it('has the rows that are committed, each once, under a header that says whose they are', () => {
    open()
    desks.writeLogs()
    expect(existsSync(log())).toBe(false)
    commit(0, 1)
    desks.writeLogs()
    commit(2)
    desks.writeLogs()
    expect(logged()).toEqual([0, 1, 2])
    expect(desks.of(SYMBOL).tape.unlogged).toEqual([])
    const header = JSON.parse(readFileSync(log(), 'utf8').split('\n')[0] ?? '') as unknown
    expect(header).toMatchObject({ symbol: SYMBOL, clock: 'replay', onay_version: '0.0.0-test', date: '2025-05-05' })
  })

  it('of a day that is over is a file of its own, in the chain with its hash', () => {
    open()
    commit(0, MINUTES)
    desks.writeLogs()
    expect([logged(join(folder(), ROTATED)), logged()]).toEqual([[0], [MINUTES]])
    expect(inChain()).toMatchObject({
      kind: 'file',
      sha256: fileSha256(join(folder(), ROTATED)),
      tsMs: START + DAY + MINUTE,
    })
  })

  it('that cannot be written is a trouble, and is given the same rows again', () => {
    open()
    rmSync(join(dir, 'evidence'), { recursive: true, force: true })
    writeFileSync(join(dir, 'evidence'), 'in the way')
    commit(0)
    desks.writeLogs()
    expect(desks.troubles.of('features_raw.log')).toMatch(/^features_raw.log cannot be written: /)
    rmSync(join(dir, 'evidence'))
    commit(1)
    desks.writeLogs()
    expect([logged(), desks.troubles.lines]).toEqual([[0, 1], []])
  })
})

describe('the feature log of a process that starts', () => {
  it.each([
    ['all of it', [], [0, 1, 2]],
    ['what came after its last row', [0, 1], [0, 1, 2]],
    ['nothing where nothing is missing', [0, 1, 2], [0, 1, 2]],
  ])('is given what the one before had stored and not logged: %s', (_, before, after) => {
    open()
    for (const minute of [0, 1, 2]) {
      commit(minute)
      if (before.length > minute) desks.writeLogs()
    }
    again()
    expect(existsSync(log()) ? logged() : []).toEqual(after)
    expect([desks.of(SYMBOL).tape.unlogged, desks.troubles.lines]).toEqual([[], []])
  })

  it('has a file in the chain that was complete when the one before died, once', () => {
    open()
    commit(0)
    desks.writeLogs()
    desks.close()
    renameSync(log(), join(folder(), ROTATED))
    desks = openDesks(dir)
    const entries = () => desks.store.journal.entries().filter(({ subject }) => subject === `ml/${ROTATED}`)
    const written = [{ kind: 'file', sha256: fileSha256(join(folder(), ROTATED)) }]
    expect(entries()).toMatchObject(written)
    again()
    expect(entries()).toMatchObject(written)
    commit(1)
    desks.writeLogs()
    expect(logged()).toEqual([1])
  })

  it('is put aside where the database is a new one', () => {
    open()
    commit(0)
    desks.writeLogs()
    desks.close()
    rmSync(join(dir, 'data'), { recursive: true })
    desks = openDesks(dir)
    expect(existsSync(log())).toBe(false)
    const [aside] = readdirSync(folder()).filter((name) => name.startsWith('earlier-'))
    expect(logged(join(folder(), aside ?? '', 'features_raw.log'))).toEqual([0])
  })

  it('that belongs to another symbol is a trouble and stays as it is', () => {
    open()
    commit(0)
    desks.writeLogs()
    desks.close()
    const other = readFileSync(log(), 'utf8').replace(SYMBOL, 'OTHER')
    mkdirSync(folder(), { recursive: true })
    writeFileSync(log(), other)
    desks = openDesks(dir)
    expect(desks.troubles.of('features_raw.log')).toContain('belongs to another room')
    expect(readFileSync(log(), 'utf8')).toBe(other)
  })

  it('goes on behind a line that was torn', () => {
    open()
    commit(0, 1)
    desks.writeLogs()
    desks.close()
    appendFileSync(log(), '{"ts_ms":17')
    desks = openDesks(dir)
    commit(2)
    desks.writeLogs()
    expect(logged()).toEqual([0, 1, 2])
  })
})
