import { afterEach, describe, expect, it } from 'vitest'
import type { AbDocument } from '../../../src/control/paper-answers.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { COMMAND_ANSWERS } from '../../kit/answers.ts'
import { AB_RUN } from '../../kit/ab-runs.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { ReleaseDesk, SYMBOL, type DeskOptions } from '../../kit/release-desk.ts'
import { standSets } from '../../kit/stored-sets.ts'

const fresh = freshDirectories()
const AUTO: DeskOptions = { config: { ab: { ...defaultConfig().ab, swap: 'auto' } } }
let stand: ReleaseDesk

afterEach(() => stand.close())

function twoSets(options: DeskOptions = {}): void {
  stand = new ReleaseDesk(fresh(), options)
  standSets(stand.desk, { v1_backtest: 'set-1', v2_paper: 'set-2' })
}

/** An evaluation of the active set and the other one, stored as the newest. */
function evaluated(change: Partial<AbDocument> = {}): AbDocument {
  const { compareArms } = COMMAND_ANSWERS
  const sides = {
    arm_a: { ...compareArms.arm_a, arm: 'v1_backtest' },
    arm_b: { ...compareArms.arm_b, arm: 'v2_paper' },
  }
  const document = {
    ...compareArms,
    symbol: SYMBOL,
    dry_run: false,
    swap_recommended: true,
    certain: true,
    ...sides,
    ...change,
  }
  const { desk } = stand
  const swapRecommended = Number(document.swap_recommended)
  const run = desk.transaction(() => desk.parts.store.trading.addAbRun({ ...AB_RUN, symbol: SYMBOL, swapRecommended }))
  return { ...document, run }
}

const offer = (document: AbDocument, isForced = false) =>
  stand.desk.transaction(() => stand.release.offerSwap(stand.desk, document, { by: 'ada', isForced }))
const active = (): string | null => stand.desk.sets.active

describe('a recommended swap', () => {
  it('waits for ONAY, and is then one transaction: the active arm, the evaluation, the chain', () => {
    twoSets()
    const document = evaluated()
    const { approval } = offer(document)
    expect(active()).toBe('v1_backtest')
    const prompt = stand.release.approvals.get(approval ?? '')
    expect(prompt).toMatchObject({
      action: 'ab_swap',
      subject: 'v2_paper',
      sha256: stand.desk.sets.of('v2_paper')?.sha256,
      sentence: 'ONAY: Make v2_paper the active arm in place of v1_backtest',
      against: [],
    })
    expect(stand.approve(prompt.id).state).toBe('approved')
    expect(active()).toBe('v2_paper')
    const { store } = stand.desks
    expect(store.sets.active(SYMBOL)).toMatchObject({ id: 1, activeArm: 'v2_paper', swapRunId: document.run })
    expect(store.trading.newestAbRuns(SYMBOL, 1)).toMatchObject([{ run: document.run, swapExecuted: 1 }])
    expect(stand.chain('swap')).toEqual(['swap'])
    stand = stand.reopened()
    expect(active()).toBe('v2_paper')
    expect(stand.desk.sets.activeSet?.set.version).toBe('set-2')
  })

  it('changes nothing when it is refused', () => {
    twoSets()
    const { approval } = offer(evaluated())
    stand.release.answer(approval ?? '', { decision: 'reject', reason: 'not now' }, 'grace')
    expect(active()).toBe('v1_backtest')
    expect(stand.chain('swap')).toEqual([])
  })

  it('opens one prompt at a time', () => {
    twoSets()
    const first = offer(evaluated())
    expect(offer(evaluated())).toEqual(first)
    expect(stand.release.waiting()).toHaveLength(1)
  })

  it('is stale once a later evaluation recommends it no more', () => {
    twoSets()
    const { approval } = offer(evaluated())
    evaluated({ swap_recommended: false })
    const { why } = refusal(() => stand.approve(approval ?? ''))
    expect(why).toContain('a verdict among its figures has changed')
    expect(active()).toBe('v1_backtest')
  })

  it('is stale once another set goes by the name', () => {
    twoSets()
    const { approval } = offer(evaluated())
    standSets(stand.desk, { v2_paper: 'set-3' })
    expect(refusal(() => stand.approve(approval ?? '')).why).toContain('the artifact has changed')
    expect(active()).toBe('v1_backtest')
  })

  it('is carried out at once where the configuration asks for that, and recorded as such', () => {
    twoSets(AUTO)
    expect(offer(evaluated())).toEqual({ approval: null, swapped: true })
    expect(active()).toBe('v2_paper')
    const [entry] = stand.desks.store.journal.entries().filter(({ kind }) => kind === 'swap')
    expect(entry?.detail).toContain('ab.swap: auto')
  })
})

describe('an evaluation opens no prompt', () => {
  it.each<[string, Partial<AbDocument>]>([
    ['that does not recommend a swap', { swap_recommended: false }],
    ['that was a dry run', { dry_run: true }],
    ['of arms that are not sets', { arm_b: { ...COMMAND_ANSWERS.compareArms.arm_b, arm: 'mybot' } }],
    ['whose first arm is not the active one', { arm_a: { ...COMMAND_ANSWERS.compareArms.arm_a, arm: 'v2_paper' } }],
  ])('%s', (_, change) => {
    twoSets(AUTO)
    expect(offer(evaluated(change))).toEqual({ approval: null, swapped: false })
    expect(stand.release.waiting()).toEqual([])
    expect(active()).toBe('v1_backtest')
  })
})

describe('a swap that is forced', () => {
  it('waits for ONAY also where the configuration swaps by itself, and shows what speaks against it', () => {
    twoSets(AUTO)
    const against = { swap_recommended: false, certain: false, reason: 'v2_paper does not earn' }
    const { approval, swapped } = offer(evaluated(against), true)
    expect(swapped).toBe(false)
    expect(stand.release.approvals.get(approval ?? '').against).toEqual([
      'v2_paper does not earn',
      expect.stringContaining('not certain at look 2') as string,
    ])
    stand.approve(approval ?? '')
    expect(active()).toBe('v2_paper')
  })

  it('is refused where there is no set, and for other arms', () => {
    stand = new ReleaseDesk(fresh())
    expect(refusal(() => offer(evaluated(), true))).toMatchObject({
      code: 'no_swap',
      why: expect.stringContaining('no set') as string,
    })
    standSets(stand.desk, { v1_backtest: 'set-1' })
    expect(refusal(() => offer(evaluated(), true)).why).toContain('the active arm is v1_backtest')
  })
})
