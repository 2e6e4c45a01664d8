import { describe, expect, it } from 'vitest'
import { judgeMachine, type MachineFacts } from '../../../src/engine/approval/doctor.ts'
import { isReady } from '../../../src/engine/approval/go-live.ts'
import { MINUTE } from '../../kit/moments.ts'

const PORT = { port: 4010, host: '127.0.0.1' }
const PLACE = { path: '/srv/.onay', isThere: true, fault: null }

/** A machine on which a room has run, and nothing is wrong. */
const SOUND: MachineFacts = {
  node: { version: 'v22.1.0', range: '20.19 to 26', isWithin: true },
  sqliteFault: null,
  config: { file: '/srv/onay.config.json', fault: null, unread: [] },
  data: PLACE,
  evidence: PLACE,
  tokenMode: '600',
  database: { fault: null },
  disk: { free: 50e9, perDay: 1e9 },
  port: { ...PORT, holder: { kind: 'nobody' } },
  clock: { fault: null, aheadMs: 2 * MINUTE },
}
const older = { code: 'older_database', said: 'it is of version 11', next: 'open it' }
const newer = { code: 'newer_database', said: 'it is of version 99', next: 'use the onay that wrote it' }

function found(change: Partial<MachineFacts>, verdict: string) {
  return judgeMachine({ ...SOUND, ...change }).filter((check) => check.verdict === verdict)
}

describe('the look at a machine', () => {
  it('passes where everything stands at its limit and nothing is wrong', () => {
    const checks = judgeMachine(SOUND)
    expect(checks.map(({ verdict, next }) => [verdict, next])).toEqual(checks.map(() => ['PASS', null]))
    expect(isReady(checks)).toBe(true)
  })

  it.each<[fault: string, check: string, said: RegExp, next: RegExp, Partial<MachineFacts>]>([
    ['an old Node', 'node', /v18\.0\.0/, /npm ci/, { node: { ...SOUND.node, version: 'v18.0.0', isWithin: false } }],
    [
      'a package of another Node',
      'sqlite',
      /NODE_MODULE_VERSION/,
      /npm rebuild/,
      { sqliteFault: 'NODE_MODULE_VERSION' },
    ],
    [
      'a field that is not known',
      'config',
      /acu/,
      /onay config/,
      { config: { ...SOUND.config, fault: { why: 'gates: acu is not known', next: 'onay config' } } },
    ],
    [
      'a field without effect',
      'config',
      /no effect/,
      /take it out/,
      { config: { ...SOUND.config, unread: ['no effect'] } },
    ],
    ['a directory of root', 'data', /EACCES/, /--data-dir/, { data: { ...PLACE, fault: 'EACCES' } }],
    ['evidence of root', 'evidence', /EACCES/, /--evidence-dir/, { evidence: { ...PLACE, fault: 'EACCES' } }],
    ['a token for everybody', 'token', /others may read it/, /chmod 600/, { tokenMode: '644' }],
    ['a newer database', 'database', /version 99/, /the onay that wrote it/, { database: { fault: newer } }],
    ['a full disk', 'disk', /0\.1 GB/, /make room/, { disk: { free: 1e8, perDay: null } }],
    ['a disk that will be full', 'disk', /6 days/, /make room/, { disk: { free: 6e9, perDay: 1e9 } }],
    [
      'another room',
      'port',
      /another directory/,
      /onay attach 127/,
      { port: { ...PORT, holder: { kind: 'another room' } } },
    ],
    [
      'another program',
      'port',
      /another program/,
      /--port/,
      { port: { ...PORT, holder: { kind: 'another program' } } },
    ],
    [
      'a port of the system',
      'port',
      /EACCES/,
      /--port/,
      { port: { ...PORT, holder: { kind: 'not allowed', why: 'listen EACCES' } } },
    ],
    ['a clock that is behind', 'clock', /3 minutes behind/, /NTP/, { clock: { fault: null, aheadMs: 3 * MINUTE } }],
    ['what a room found of it', 'clock', /9 s ahead/, /NTP/, { clock: { fault: '9 s ahead', aheadMs: 0 } }],
  ])('fails for %s, alone, with what to do', (_, check, said, next, change) => {
    const failing = found(change, 'FAIL')
    expect(failing).toEqual([
      { check, verdict: 'FAIL', said: expect.stringMatching(said), next: expect.stringMatching(next) },
    ])
    expect(isReady(judgeMachine({ ...SOUND, ...change }))).toBe(false)
  })

  it('leaves open what cannot be known before the first start, and fails nothing', () => {
    const young = {
      config: { file: null, fault: null, unread: [] },
      data: { ...PLACE, isThere: false },
      tokenMode: null,
      database: null,
      clock: null,
    }
    expect(found(young, 'NOT TRIED').map(({ check }) => check)).toEqual(['token', 'database', 'clock'])
    expect(isReady(judgeMachine({ ...SOUND, ...young }))).toBe(true)
  })

  it('passes a database that the next start brings up to date, and the port of the room of the directory', () => {
    const checks = judgeMachine({
      ...SOUND,
      database: { fault: older },
      port: { ...PORT, holder: { kind: 'this room', pid: 17 } },
    })
    expect(isReady(checks)).toBe(true)
    expect(checks.find(({ check }) => check === 'database')?.said).toContain('brings it up to date')
    expect(checks.find(({ check }) => check === 'port')?.said).toContain('process 17')
  })
})
