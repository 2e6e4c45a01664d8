import { describe, expect, it } from 'vitest'
import { COMPARED_SOURCES, sourceOf, SOURCES, TIMED_SOURCES } from '../../../src/engine/shadow/source.ts'

describe('who asked for a score', () => {
  it('is read back from what was stored, and a smoke counts nowhere', () => {
    expect(SOURCES.map(sourceOf)).toEqual(['history', 'minute', 'caller', 'probe'])
    expect(['smoke', '', 'Minute'].map(sourceOf)).toEqual([null, null, null])
  })

  it('decides what is compared, and what somebody waited for: a probe is neither', () => {
    expect(COMPARED_SOURCES).toEqual(['history', 'minute', 'caller'])
    expect(TIMED_SOURCES).toEqual(['minute', 'caller'])
  })
})
