import { describe, expect, it } from 'vitest'
import type { PsiDocument } from '../../src/evidence/documents.ts'
import { noteDrift, restoreDrift } from '../../src/room/alert-inputs.ts'
import type { Core } from '../../src/room/core.ts'
import { freshDirectories } from '../db/directories.ts'
import { loaded, modelOf } from '../serving/desk.ts'
import { LineUp } from '../../src/serving/line-up.ts'
import { openCore, SYMBOL } from './rooms.ts'

const T = Date.parse('2025-05-26T00:00:00Z')
const HOUR = 3_600_000
const fresh = freshDirectories()

type Said = Pick<PsiDocument, 'verdict' | 'level' | 'overall_psi'>
const WAITING: Said = { verdict: 'WAIT', level: 'critical', overall_psi: 0.9 }
const CALM: Said = { verdict: 'PASS', level: 'stable', overall_psi: 0.05 }
const CRITICAL: Said = { verdict: 'FAIL', level: 'critical', overall_psi: 0.9 }

function snapshot(said: Said, atMs: number): PsiDocument {
  return { ...said, model: 'base', at: new Date(atMs).toISOString() } as unknown as PsiDocument
}

/** A desk whose model in charge had these snapshots, an hour apart, the last of them at T. */
function after(core: Core, course: readonly Said[]) {
  const { desk } = core.station(SYMBOL)
  desk.slots = new LineUp({ inCharge: loaded(modelOf('base', () => 0.5)) })
  course.forEach((said, i) => {
    const atMs = T - (course.length - 1 - i) * HOUR
    const document = snapshot(said, atMs)
    noteDrift(desk, document, atMs)
    desk.psi.set('base', document)
    const { overall_psi: overall, verdict, level } = said
    const row = { symbol: SYMBOL, model: 'base', tsMs: atMs, overall, verdict, level, wallMs: 0 }
    core.store.drift.putSnapshot({ ...row, document: JSON.stringify(document) })
  })
  return desk
}

describe('drift that becomes critical', () => {
  it.each([
    ['after a calm hour', [CALM, CRITICAL], T],
    ['as its window fills, whatever the figure before said', [WAITING, CRITICAL], T],
    ['an hour ago, and stays so', [CALM, CRITICAL, CRITICAL], T - HOUR],
    ['not while its window is not full', [CALM, WAITING], null],
    ['not at all', [CALM, CALM], null],
  ] as const)('is an event at its moment: %s', (_, course, atMs) => {
    const core = openCore(fresh())
    const desk = after(core, course)
    expect(desk.driftCriticalMs).toBe(atMs)
    expect(desk.driftEvents.critical).toBe(atMs === null ? 0 : 1)
    core.close()
  })

  it('is known again after a restart, with what PSI of the same model was a day before', () => {
    const core = openCore(fresh())
    const desk = after(core, [...Array<Said>(24).fill(CALM), CRITICAL])
    desk.driftCriticalMs = null
    desk.psiDayAgo = null
    restoreDrift(desk)
    expect(desk.driftCriticalMs).toBe(T)
    expect(desk.psiDayAgo).toEqual({ model: 'base', overall: 0.05 })
    core.close()
  })
})
