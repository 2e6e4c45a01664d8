import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KillFile } from '../../src/db/kill-file.ts'
import { type KillState, NEVER_SWITCHED } from '../../src/engine/approval/kill-switch.ts'
import { freshDirectories } from '../kit/directories.ts'
import { syncedBy } from '../kit/file-calls.ts'

const fresh = freshDirectories()
const pathIn = (dir: string) => join(dir, 'kill-switch', 'BTC%2FUSDT.json')

const states: fc.Arbitrary<KillState> = fc.record({
  on: fc.boolean(),
  sinceMs: fc.nat(),
  sinceWallMs: fc.nat(),
  by: fc.string({ maxLength: 40 }),
  reason: fc.string({ maxLength: 400, unit: 'grapheme' }),
  cause: fc.constant('person' as const),
  seen: fc.record({
    inCharge: fc.option(fc.string({ maxLength: 40 })),
    psi: fc.option(fc.double({ noNaN: true, min: 0, max: 99 }).map((x) => x + 0)),
    firing: fc.array(fc.constantFrom('MLPSICritical', 'MLDataGap'), { maxLength: 5 }),
  }),
})

describe('the file of a kill switch', () => {
  it('is durable before whoever throws the switch hears that it is on', () => {
    const dir = fresh()
    const file = new KillFile(dir, 'BTC/USDT')
    file.ensure(NEVER_SWITCHED)
    const synced = syncedBy(() => file.write({ ...NEVER_SWITCHED, on: true }))
    expect(synced).toEqual([{ inode: statSync(pathIn(dir)).ino, bytes: 4096 }])
  })

  it('gives back what was written last, and never changes its size', () => {
    const dir = fresh()
    const file = new KillFile(dir, 'BTC/USDT')
    expect(file.read()).toBeNull()
    file.ensure(NEVER_SWITCHED)
    fc.assert(
      fc.property(states, (state) => {
        file.write(state)
        expect(file.read()).toEqual({ ...state, reason: Array.from(state.reason).slice(0, 400).join('') })
        expect(statSync(pathIn(dir)).size).toBe(4096)
      }),
    )
  })

  it('is damaged by any byte that is another, and by any cut', () => {
    const dir = fresh()
    const file = new KillFile(dir, 'BTC/USDT')
    const state: KillState = { ...NEVER_SWITCHED, on: true, by: 'mia', reason: 'fills look wrong', sinceMs: 7 }
    file.write(state)
    const whole = readFileSync(pathIn(dir))
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 33, max: 126 }), (place, byte) => {
        fc.pre(whole[place] !== byte)
        const changed = Buffer.from(whole)
        changed[place] = byte
        writeFileSync(pathIn(dir), changed)
        expect(file.read()).toBe('damaged')
      }),
    )
    for (const length of [0, 1, 100]) {
      writeFileSync(pathIn(dir), whole.subarray(0, length))
      expect(file.read()).toBe('damaged')
    }
  })

  it('keeps as much of a long reason as fits, and is whole', () => {
    const file = new KillFile(fresh(), 'BTC/USDT')
    file.write({ ...NEVER_SWITCHED, on: true, reason: '市'.repeat(5_000) })
    expect(file.read()).toMatchObject({ on: true })
  })
})
