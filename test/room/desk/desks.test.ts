import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { defaultConfig } from '../../../src/room/config/config.ts'
import type { RoomEvent } from '../../../src/room/record/event-log.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { openDesks } from '../../kit/room.ts'

const fresh = freshDirectories()
let desks: Desks

afterEach(() => desks.close())

function open(dir: string, symbols: readonly string[], more: Partial<Desks['options']> = {}): void {
  desks = openDesks(dir, { symbols, ...more })
}

function again(dir: string, symbols: readonly string[], more: Partial<Desks['options']> = {}): void {
  desks.close()
  open(dir, symbols, more)
}

const known = (symbol: string) =>
  desks.of(symbol).transaction(() => {
    desks.of(symbol).persist()
  })

describe('the desks of a directory', () => {
  it('are of the symbols that are asked for and of those that it knows, each once', () => {
    const dir = fresh()
    open(dir, ['AAAUSDT', 'BBBUSDT'])
    known('BBBUSDT')
    again(dir, ['CCCUSDT', 'BBBUSDT'])
    expect(desks.symbols).toEqual(['CCCUSDT', 'BBBUSDT'])
    expect(desks.all().map((desk) => desk.symbol)).toEqual(desks.symbols)
    again(dir, [])
    expect(desks.symbols).toEqual(['BBBUSDT'])
  })

  it('stay on the clock that the directory began with', () => {
    const dir = fresh()
    open(dir, ['AAAUSDT'], { clockKind: 'real' })
    expect(desks.clockKind).toBe('real')
    known('AAAUSDT')
    again(dir, ['AAAUSDT'], { clockKind: 'replay' })
    expect([desks.clockKind, desks.of(undefined).parts.clockKind]).toEqual(['real', 'real'])
  })

  it('are found by name, or without one where there is only one', () => {
    const dir = fresh()
    open(dir, [])
    expect(refusal(() => desks.of(undefined))).toMatchObject({
      status: 422,
      code: 'symbol',
      why: 'the room has none yet',
    })
    expect(refusal(() => desks.of('AAAUSDT'))).toMatchObject({ status: 404, why: 'the room has none yet' })
    const first = desks.forPush('AAAUSDT')
    expect(desks.of(undefined)).toBe(first)
    expect(refusal(() => desks.of('ZZZUSDT'))).toMatchObject({ code: 'unknown_symbol', why: 'the room has AAAUSDT' })
    const second = desks.forPush('BBBUSDT')
    expect([desks.of('BBBUSDT'), desks.forPush('BBBUSDT')]).toEqual([second, second])
    expect(refusal(() => desks.of(undefined)).why).toBe('the room has AAAUSDT, BBBUSDT')
  })

  it('are twenty at most, and those are still found when one too many is pushed', () => {
    open(
      fresh(),
      Array.from({ length: 19 }, (_, i) => `S${i}`),
    )
    expect(desks.forPush('S19').symbol).toBe('S19')
    expect(refusal(() => desks.forPush('S20'))).toMatchObject({ status: 409, code: 'too_many_symbols' })
    expect(desks.forPush('S3').symbol).toBe('S3')
    expect(desks.symbols).toHaveLength(20)
  })

  it('hold the database no longer where they cannot be opened', () => {
    const dir = fresh()
    open(dir, ['AAAUSDT'])
    const { raw } = desks.store.db
    registerModel(desks.of(undefined), 'baseline', 'v1')
    raw.exec("UPDATE models SET weights = replace(weights, '0.2', '0.3')")
    desks.close()
    expect(refusal(() => open(dir, ['AAAUSDT'])).code).toBe('damaged_row')
    // Another writer gets in: nothing was left open.
    rmSync(join(dir, 'data'), { recursive: true })
    open(dir, ['AAAUSDT'])
    expect(desks.symbols).toEqual(['AAAUSDT'])
  })

  it('tell whoever listens of each event', () => {
    const heard: [RoomEvent, string][] = []
    open(fresh(), ['AAAUSDT'], { listener: { take: (event, weight) => void heard.push([event, weight]) } })
    const desk = desks.of(undefined)
    desk.tape.enterMoment(START)
    desk.events.log('gap', 'warning', 'a gap')
    desk.events.log('gate', 'info', 'a gate', 'always')
    const of = (kind: string, severity: string, text: string) => ({
      symbol: 'AAAUSDT',
      tsMs: START,
      kind,
      severity,
      text,
    })
    expect(heard).toEqual([
      [of('gap', 'warning', 'a gap'), 'warning'],
      [of('gate', 'info', 'a gate'), 'always'],
    ])
    expect(desks.store.journal.events('AAAUSDT', 5).map(({ text }) => text)).toEqual(['a gate', 'a gap'])
  })
})

describe('files that are owed', () => {
  const SUBJECT = 'ml/owed.json'
  const owe = () => desks.of('AAAUSDT').transaction(() => desks.evidence.writeDocument(SUBJECT, { owed: true }, START))

  it('are written by the next process, which also clears away what a dead one left half written', () => {
    const dir = fresh()
    open(dir, ['AAAUSDT'])
    registerModel(desks.of(undefined), 'baseline', 'v1')
    owe()
    const folders = ['evidence/ml', 'evidence/ml/daily', 'evidence/ml/weekly', 'data/ml-artifacts/v1'].map((name) =>
      join(dir, name),
    )
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true })
      // No process has such a number.
      writeFileSync(join(folder, '.tmp-999999999-x'), 'half')
    }
    again(dir, ['AAAUSDT'], { mode: 'read' })
    expect(existsSync(desks.evidence.pathOf(SUBJECT))).toBe(false)
    again(dir, ['AAAUSDT'])
    expect(existsSync(desks.evidence.pathOf(SUBJECT))).toBe(true)
    expect(folders.flatMap((folder) => readdirSync(folder)).filter((name) => name.startsWith('.tmp'))).toEqual([])
  })

  it('and cannot be written are a trouble until they are', () => {
    const dir = fresh()
    open(dir, ['AAAUSDT'])
    rmSync(join(dir, 'evidence'), { recursive: true, force: true })
    writeFileSync(join(dir, 'evidence'), 'in the way')
    owe()
    desks.drainOutbox()
    expect(desks.troubles.of('evidence')).toMatch(/^evidence cannot be written: /)
    rmSync(join(dir, 'evidence'))
    desks.drainOutbox()
    expect(desks.troubles.has('evidence')).toBe(false)
    expect(desks.evidence.standing(SUBJECT)).toBe('whole')
  })

  it('need no signature where no key is named, and a key that is not there is a trouble', async () => {
    const dir = fresh()
    open(dir, ['AAAUSDT'])
    await desks.signed()
    const shipped = defaultConfig()
    const evidence = { ...shipped.evidence, signing_key: join(dir, 'no-key') }
    again(dir, ['AAAUSDT'], { config: { ...shipped, evidence } })
    desks.of(undefined).transaction(() => desks.evidence.writeDocument('ml/chain_head_1.json', {}, START))
    desks.evidence.unsigned.add('ml/chain_head_1.json')
    desks.drainOutbox()
    await desks.signed()
    expect(desks.troubles.lines.join()).toContain('sign')
  })
})
