import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  abortedByKeys,
  canaryByKeys,
  PROMOTED_BECAUSE,
  promotionByKeys,
  REASON,
  rolledBackByKeys,
  Screens,
  type CanaryByKeys,
  type PromotionByKeys,
  type Taken,
} from './act-one-keys.ts'
import { actOne } from '../../kit/acts.ts'
import { reading } from '../../kit/contents.ts'
import { canaryRuns, slotsOf } from '../../kit/play.ts'
import { stage } from '../../kit/program.ts'

const GATES = ['psi', 'p95', 'alerts', 'offline', 'delta', 'evidence']

const shell = stage()
const screens = new Screens()

afterAll(() => screens.end())

const slots = async (dataDir: string): Promise<Record<string, string>> =>
  slotsOf(await shell.json(['models', '--data-dir', dataDir]))

describe('the canary of act 1 by keyboard', () => {
  let act: CanaryByKeys
  let inSecondPhase = ''

  beforeAll(async () => {
    act = await canaryByKeys(shell, screens, (dataDir) => (inSecondPhase = shell.copy(dataDir)))
  })

  it('opens on 26 May, BLOCKED by the drift of gate 1 and the AUC of gate 4', () => {
    expect(act.opened).toMatch(/2025-05-26 00:0\d UTC/)
    expect(act.opened).toMatch(/1 psi +FAIL +1\.391/)
    expect(act.opened).toMatch(/4 offline +FAIL +\.613/)
    expect(act.opened).toMatch(/in charge v1\.8-b0 +shadow none/)
  })

  it('retrains v1.8.1 into the shadow with r and Enter', () => {
    expect(act.shadowed).toMatch(/in charge v1\.8-b0 +shadow v1\.8\.1/)
    expect(act.shadowed).toMatch(/4 offline +PASS +\.623/)
  })

  it('runs a dry run of the mini canary with C and Enter, which starts nothing', () => {
    expect(act.dry).toMatch(/CANARY ─+ none yet/)
    expect(act.dry).toMatch(/6 evidence WAIT +12\/14/)
  })

  it('asks for ONAY before the live canary, and says what speaks against it', () => {
    expect(act.startAsked).toContain('ONAY: Canary START 5 %/30 min observe (v1.8.1)')
    expect(act.startAsked).toMatch(/What happens +5 %, 25 %, 100 % of the requests/)
    expect(act.startAsked).toContain('no caller is exposed')
    expect(act.startAsked).toMatch(/Stops it +errors > 2 %/)
  })

  it('does not take another word than ONAY, and keeps the prompt open', () => {
    expect(act.wrongPhrase).toContain(`Reason  ${REASON}`)
    expect(act.wrongPhrase).toContain('1 prompt')
  })

  it('stands in the same phase when it is started again after a quit', () => {
    expect(act.resumed).toMatch(/CANARY mini, observe, equivalent ─+ ramping 2 of 3/)
    expect(act.resumed).toMatch(/in charge v1\.8-b0 +shadow v1\.8\.1 canary 2\/3/)
  })

  it('takes the canary through its phases with n, each judged, and records who started it and why', () => {
    expect(act.succeeded).toMatch(/promotion +waits: gate 1 psi/)
    const runs = canaryRuns(act.dataDir)
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatchObject({ status: 'SUCCESS', candidate: 'v1.8.1', approvals: [{ reason: REASON }] })
    expect(runs[0]?.phases.map(({ phase }) => phase)).toEqual([1, 2, 3])
  })

  describe('in a copy', () => {
    let aborted: Taken & { readonly withdrawn: string }

    beforeAll(async () => {
      aborted = await abortedByKeys(screens, inSecondPhase)
    })

    it('aborts the canary with a a, and not with the first of the two', () => {
      expect(aborted.armed).toContain('ramping 2 of 3')
      expect(aborted.done).toContain('everything at 0 %: v1.8.1 stays in the shadow')
      expect(canaryRuns(aborted.dataDir)).toMatchObject([{ status: 'ABORTED', aborted: true }])
    })

    it('withdraws a canary that waits for ONAY with Ctrl+K Ctrl+K inside its prompt', () => {
      expect(aborted.withdrawn).not.toContain('Type ONAY and Enter')
      expect(aborted.withdrawn).not.toContain('1 prompt')
    })
  })
})

describe('the promotion of act 1 by keyboard', () => {
  let act: PromotionByKeys

  beforeAll(async () => {
    act = await promotionByKeys(screens, shell.copy((await actOne(shell)).eve))
  })

  it('waits for gate 1 alone on the eve of 2 June', () => {
    expect(act.eve).toMatch(/2025-06-01 23:0\d UTC/)
    expect(act.eve).toMatch(/1 psi +WAIT/)
  })

  it('passes all six gates on 2 June, and says beside them that the outcome is worse', () => {
    for (const gate of GATES) expect(act.eligible).toMatch(new RegExp(`\\d ${gate} +PASS`))
    expect(act.eligible).toMatch(/1 psi +PASS +0\.035/)
    expect(act.eligible).toMatch(/outcome +worse/)
    expect(act.eligible).toMatch(/p asks for ONAY to promote/)
  })

  it('asks for ONAY before the promotion, against which the outcome and the plain fallback speak', () => {
    const told = act.promoteAsked.replace(/\s+/g, ' ')
    expect(told).toMatch(/settled log loss 0\.67\d\d against 0\.67\d\d for v1\.8-b0 on 10,0\d\d minutes: worse/)
    expect(told).toMatch(/the plain fallback ranks better than both: AUC 0\.63\d against 0\.61\d/)
    expect(told).toContain('no caller was exposed in the canary')
  })

  it('puts v1.8.1 in charge with ONAY and Enter, and bakes it for 48 hours', async () => {
    expect(act.promoted).toMatch(/in charge v1\.8\.1 +shadow none +former v1\.8-b0/)
    expect(act.promoted).toMatch(/v1\.8\.1 is watched against v1\.8-b0 until\s/)
    expect(act.promoted).toMatch(/06-04(?: |\s*\n.*│\s+)00:0\d/)
    expect(await slots(act.dataDir)).toEqual({ baseline: 'v1.8.1', former: 'v1.8-b0' })
    const reasons = reading(act.dataDir, (db) => db.prepare('SELECT reason FROM promotions').pluck().all())
    expect(reasons).toContain(PROMOTED_BECAUSE)
  })

  it('puts v1.8-b0 back with b b, and not with the first of the two', async () => {
    const rolledBack = await rolledBackByKeys(screens, shell.copy(act.dataDir))
    expect(rolledBack.armed).toMatch(/in charge v1\.8\.1/)
    expect(rolledBack.done).toMatch(/the mini canary of v1\.8\.1 succeeded; it is\s/)
    expect(await slots(rolledBack.dataDir)).toEqual({ baseline: 'v1.8-b0' })
  })
})
