import { describe, expect, it } from 'vitest'
import type { PsiDocument } from '../../../src/evidence/documents/documents.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { loaded, modelOf } from '../../kit/desk.ts'
import { openDesks, SYMBOL } from '../../kit/room.ts'
import { HOUR, THREE_WEEKS_ON as T } from '../../kit/moments.ts'
import { psiDocument } from '../../kit/stored.ts'

const fresh = freshDirectories()

type Said = Pick<PsiDocument, 'verdict' | 'level' | 'overall_psi'>
const WAITING: Said = { verdict: 'WAIT', level: 'critical', overall_psi: 0.9 }
const CALM: Said = { verdict: 'PASS', level: 'stable', overall_psi: 0.05 }
const CRITICAL: Said = { verdict: 'FAIL', level: 'critical', overall_psi: 0.9 }

function snapshot(said: Said, atMs: number): PsiDocument {
  return psiDocument({ ...said, symbol: SYMBOL, model: 'base', at: new Date(atMs).toISOString() })
}

/** A desk whose model in charge had these snapshots, an hour apart, the last of them at T. */
function after(desks: Desks, course: readonly Said[]) {
  const desk = desks.of(SYMBOL)
  desk.models.stand(new LineUp({ inCharge: loaded(modelOf('base', () => 0.5)) }))
  course.forEach((said, i) => {
    const atMs = T - (course.length - 1 - i) * HOUR
    const document = snapshot(said, atMs)
    desk.drift.noteLevel(document, atMs)
    desk.transaction(() => desk.drift.take(document, atMs, 0))
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
    const desks = openDesks(fresh())
    const desk = after(desks, course)
    expect(desk.drift.becameCriticalMs).toBe(atMs)
    expect(desk.drift.levelsReached.critical).toBe(atMs === null ? 0 : 1)
    desks.close()
  })

  it('is known again after a restart, with what PSI of the same model was a day before', () => {
    const desks = openDesks(fresh())
    const desk = after(desks, [...Array<Said>(24).fill(CALM), CRITICAL])
    desk.drift.restore([], 'base', T)
    expect(desk.drift.becameCriticalMs).toBeNull()
    desk.drift.restore(desk.standing, 'base', T)
    expect(desk.drift.becameCriticalMs).toBe(T)
    expect(desk.drift.psiDayAgo).toEqual({ model: 'base', overall: 0.05 })
    desks.close()
  })
})
