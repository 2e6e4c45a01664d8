import { describe, expect, it } from 'vitest'
import {
  changesSince,
  type KillMoment,
  type KillState,
  NEVER_SWITCHED,
  standingOf,
} from '../../../src/engine/approval/kill-switch.ts'

const switched = (on: boolean, reason: string): KillState => ({ ...NEVER_SWITCHED, on, by: 'ada', reason })
const [ON, ON_TOO] = [switched(true, 'fills look wrong'), switched(true, 'rows are old')]
const OFF = switched(false, 'it was a broken feed')

describe('what a kill switch is, of what the database and its file say', () => {
  it.each<[stored: KillState | null, file: KillState | 'damaged' | null, is: Partial<KillState>]>([
    [null, null, NEVER_SWITCHED],
    [OFF, null, OFF],
    [null, OFF, NEVER_SWITCHED],
    [OFF, OFF, OFF],
    [ON, null, ON],
    [ON, OFF, ON],
    [ON, 'damaged', ON],
    [ON, ON_TOO, ON],
    [null, ON, ON],
    [OFF, ON, ON],
    [null, 'damaged', { on: true, by: 'onay', cause: 'file' }],
    [OFF, 'damaged', { on: true, by: 'onay', cause: 'file', reason: expect.stringContaining('cannot be read') }],
  ])('%j and %j', (stored, file, is) => {
    expect(standingOf(stored, file)).toMatchObject(is)
  })
})

describe('what has changed since a kill switch was thrown', () => {
  const THEN: KillMoment = { inCharge: 'v1', psi: 0.31, firing: ['MLPSICritical', 'MLDriftCritical'] }

  it.each<[what: string, now: Partial<KillMoment>, over: readonly string[], changed: readonly string[]]>([
    ['nothing', {}, [], ['MLPSICritical still fires', 'MLDriftCritical still fires']],
    [
      'an alert is over',
      { firing: ['MLDriftCritical'] },
      ['MLPSICritical, which fired then, fires no longer'],
      ['MLDriftCritical still fires'],
    ],
    [
      'another one fires',
      { firing: ['MLFeatureStaleness'] },
      ['MLPSICritical, which fired then, fires no longer', 'MLDriftCritical, which fired then, fires no longer'],
      ['MLFeatureStaleness fires, and did not then'],
    ],
    [
      'another model is in charge',
      { inCharge: 'v2', firing: [] },
      expect.any(Array),
      ['v2 is in charge now, v1 was then'],
    ],
    [
      'no model is in charge',
      { inCharge: null, firing: [] },
      expect.any(Array),
      ['no model is in charge now, v1 was then'],
    ],
    ['PSI has moved', { psi: 0.0625, firing: [] }, expect.any(Array), ['PSI is 0.063 now, 0.310 then']],
    ['PSI is unknown', { psi: null, firing: [] }, expect.any(Array), ['PSI is unknown now, 0.310 then']],
  ])('%s', (_, now, over, changed) => {
    expect(changesSince(THEN, { ...THEN, ...now })).toEqual({ over, changed })
  })

  it('names what was not known then', () => {
    const unknown = { inCharge: null, psi: null, firing: [] }
    expect(changesSince(unknown, { ...unknown, inCharge: 'v1', psi: 0.1 }).changed).toEqual([
      'v1 is in charge now, no model was then',
      'PSI is 0.100 now, unknown then',
    ])
  })
})
