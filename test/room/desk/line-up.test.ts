import { describe, expect, it } from 'vitest'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()

describe('the breaker of the shadow', () => {
  it('stays as it was over a restart: closed, open, and closed again', () => {
    const dir = fresh()
    const openAfter = (change: 'opened' | 'closed' | null): boolean => {
      const kit = aDesk(dir)
      if (change !== null) kit.desk.transaction(() => kit.desk.breakerChanged(change))
      kit.desks.close()
      const next = aDesk(dir)
      const { open } = next.desk.breaker
      next.desks.close()
      return open
    }
    expect([null, 'opened', null, 'closed'].map((change) => openAfter(change as 'opened' | 'closed' | null))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('is of one artifact: the next candidate begins with one that is closed, also after a restart', () => {
    const dir = fresh()
    const kit = aDesk(dir)
    registerModel(kit.desk, 'candidate', 'v2')
    for (let i = 0; i < 60; i++) kit.desk.breaker.record(false)
    kit.desk.transaction(() => kit.desk.breakerChanged('opened'))
    kit.desk.reloadSlots()
    expect(kit.desk.breaker.open).toBe(true)
    registerModel(kit.desk, 'candidate', 'v3', { bias: 0.9 })
    expect(kit.desk.breaker.open).toBe(false)
    kit.desks.close()
    const next = aDesk(dir)
    expect(next.desk.breaker.open).toBe(false)
    next.desks.close()
  })

  it('says that it opened as a warning, and that it closed for the record', () => {
    const kit = aDesk(fresh())
    kit.desk.transaction(() => {
      kit.desk.breakerChanged('opened')
      kit.desk.breakerChanged('closed')
    })
    const events = kit.desks.store.journal.events(SYMBOL, 10).reverse()
    expect(events.map(({ kind, severity, text }) => [kind, severity, text])).toEqual([
      ['breaker', 'warning', 'the breaker of the shadow opened'],
      ['breaker', 'info', 'the breaker of the shadow closed'],
    ])
    kit.desks.close()
  })
})

describe('the models of a symbol', () => {
  it('are judged in the person of the candidate, and of the one in charge where there is none', () => {
    const kit = aDesk(fresh())
    expect([kit.desk.judged, kit.desk.standing]).toEqual([null, []])
    registerModel(kit.desk, 'baseline', 'v1')
    expect(kit.desk.judged?.version).toBe('v1')
    registerModel(kit.desk, 'candidate', 'v2')
    expect(kit.desk.judged?.version).toBe('v2')
    registerModel(kit.desk, 'former', 'v0')
    expect(kit.desk.standing.map((model) => model.version)).toEqual(['v1', 'v2', 'v0'])
    kit.desks.close()
  })

  it('are not taken up when their weights are not those that were registered', () => {
    const kit = aDesk(fresh())
    registerModel(kit.desk, 'baseline', 'v1')
    kit.desks.store.db.raw.exec(`UPDATE models SET weights = replace(weights, '0.2', '0.3')`)
    expect(refusal(() => kit.desk.reloadSlots())).toMatchObject({ code: 'damaged_row' })
    kit.desks.close()
  })
})
