import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { challenge } from '../../../src/room/training/challengers.ts'
import { retireCandidate } from '../../../src/room/training/retirement.ts'
import { scoreboard } from '../../../src/room/queries/scoreboard.ts'
import { tradingNames } from '../../../src/room/trading/arms.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { registerModel } from '../../kit/registered-models.ts'

const fresh = freshDirectories()
const WHY = { by: 'ada', reason: 'to compare' }
const bars = walk(
  Array.from({ length: 150 }, (_, minute) => minute),
  5,
)
let dir: string
let kit: DeskKit

/** A registered model without a role. */
function registered(version: string): void {
  registerModel(kit.desk, 'former', version)
  kit.desk.transaction(() => kit.desks.store.models.clearSlot(kit.desk.symbol, 'former'))
  kit.desk.reloadSlots()
}

const challenged = (version: string) => challenge(kit.desk, kit.desks.evidence, version, WHY)
const names = (): string[] => kit.desk.lineUp.challengers.map(({ version }) => version)

beforeEach(() => {
  dir = fresh()
  kit = aDesk(dir, { serves: true })
  registerModel(kit.desk, 'baseline', 'v1')
  registered('v2')
  kit.desk.reloadSlots()
})
afterEach(() => kit.desks.close())

describe('a challenger', () => {
  it('is scored beside the model in charge on the room’s own minute, settled, and trades on paper', async () => {
    challenged('v2')
    await play(kit, bars)
    await kit.service.drain()
    const { items } = scoreboard(kit.desk)
    expect(items.map(({ version, role }) => [version, role])).toEqual([
      ['v1', 'in charge'],
      ['v2', 'challenger'],
      ['fallback', 'fallback'],
    ])
    const challenger = items[1]
    expect(challenger?.n).toBeGreaterThan(100)
    expect(challenger?.n).toBe(items[0]?.n)
    // The same model by another name.
    expect(challenger?.log_loss).toEqual(items[0]?.log_loss)
    expect(tradingNames(kit.desk)).toEqual(['v1', 'v2', 'fallback'])
    expect(kit.desk.lineUp.judged?.version).toBe('v1')
  })

  it('stays over a restart, and leaves when it is retired; both are in the chain', () => {
    challenged('v2')
    kit.desks.close()
    kit = aDesk(dir)
    expect(names()).toEqual(['v2'])
    expect(retireCandidate(kit.desk, kit.desks.evidence, 'v2', WHY)).toMatchObject({ version: 'v2', slot: 'retired' })
    expect(names()).toEqual([])
    const steps = kit.desks.store.journal.entries().filter(({ kind }) => kind === 'challenger')
    expect(steps.map(({ detail }) => (JSON.parse(detail) as { step: string }).step)).toEqual(['begins', 'ends'])
  })

  it('that becomes the candidate has that role alone', () => {
    challenged('v2')
    const { desk } = kit
    const row = {
      symbol: desk.symbol,
      slot: 'candidate',
      version: 'v2',
      profile: 'improve',
      sinceMs: 1,
      wallMs: 1,
    } as const
    desk.transaction(() => kit.desks.store.models.putSlot(row))
    desk.reloadSlots()
    expect(desk.lineUp.roleOf('v2')).toBe('candidate')
    expect(names()).toEqual([])
  })

  it('is refused when it is not registered, when it has a role, and beyond eight', () => {
    expect(refusal(() => challenged('nope')).code).toBe('unknown_version')
    expect(refusal(() => challenged('v1'))).toMatchObject({ code: 'has_role', why: 'its role is: in charge' })
    for (let i = 0; i < 8; i++) {
      registered(`c${i}`)
      challenged(`c${i}`)
    }
    expect(refusal(() => challenged('v2'))).toMatchObject({
      code: 'too_many',
      why: expect.stringContaining('c0, c1') as string,
    })
    expect(names()).toHaveLength(8)
  })
})

describe('the scoreboard', () => {
  it('is empty before the first model', () => {
    kit.desks.close()
    kit = aDesk(fresh())
    expect(scoreboard(kit.desk).items).toEqual([])
  })

  it('has no figure where nothing has settled', () => {
    expect(scoreboard(kit.desk).items[0]).toMatchObject({
      n: 0,
      log_loss: null,
      auc: null,
      trades: 0,
      expectancy_bp: null,
    })
  })
})
