import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextVersion } from '../../../src/room/desk/model-registry.ts'

describe('a version that nobody named', () => {
  it('is the name of its feature set, and is never one that is taken', () => {
    expect(nextVersion([], 'v1.8.1')).toBe('v1.8.1')
    expect(nextVersion(['v1.8.1'], 'v1.8.1')).toBe('v1.8.2')
    expect(nextVersion(['v1.9'], 'v1.9')).toBe('v1.9.1')
    const set = fc.constantFrom('v1.8-b0', 'v1.8.1', 'v1.9', 'named')
    fc.assert(
      fc.property(set, fc.integer({ min: 0, max: 40 }), (name, times) => {
        const taken: string[] = []
        for (let i = 0; i < times; i++) taken.push(nextVersion(taken, name))
        expect(new Set(taken).size).toBe(times)
      }),
    )
  })
})
