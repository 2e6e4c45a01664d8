import { beforeAll, describe, expect, it } from 'vitest'
import { bundleOf, pageOf } from '../../kit/bundled.ts'
import { type ActOneEnd, type ActOneSeen, actOne, actOneEnd } from '../../kit/acts.ts'
import { slotsOf } from '../../kit/play.ts'
import { stage } from '../../kit/program.ts'

const shell = stage()

describe('act 1: a candidate that agrees is rolled out, and promoted by somebody who was told', () => {
  let act: ActOneSeen
  let end: ActOneEnd

  beforeAll(async () => {
    act = (await actOne(shell)).seen
    end = await actOneEnd(shell)
  })

  it('runs a dry canary over what is recorded, which changes no state', () => {
    expect(act.dry).toMatchObject({ dry_run: true, status: 'SUCCESS', aborted: false, candidate: 'v1.8.1' })
  })

  it('opens a prompt for the live start, and refuses a wrong phrase and an empty reason with exit 1', () => {
    expect(act.asked).toMatchObject({ action: 'canary_start', subject: 'v1.8.1', state: 'waiting' })
    expect(act.refusals[0]).toContain('ONAY')
    expect(act.refusals[1]).toContain('reason')
  })

  it('refuses full speed while an approval waits and while a canary runs', () => {
    expect(act.tooFast.map(({ code }) => code)).toEqual([3, 3])
    expect(act.tooFast[0]?.stderr).toContain('approval waits')
    expect(act.tooFast[1]?.stderr).toContain('canary runs')
  })

  it('plays with `speed next` to the end of the phase', () => {
    expect(act.phaseEnd).not.toBeNull()
    expect(act.nextStop).toBe(act.phaseEnd)
  })

  it('takes the mini canary through its three phases', () => {
    expect(act.canary).toMatchObject({ state: 'succeeded', phase: 3, share: 0 })
    expect(act.runs).toHaveLength(1)
    expect(act.runs[0]).toMatchObject({ status: 'SUCCESS', aborted: false, run_id: act.canary.run_id })
    expect(act.runs[0]?.phases.map(({ phase }) => phase)).toEqual([1, 2, 3])
    expect(act.runs[0]?.approvals).toHaveLength(1)
  })

  it('passes all six gates on 2 June, and says beside them that the outcome is worse', () => {
    expect(act.gates).toMatchObject({ verdict: 'ELIGIBLE', model: 'v1.8.1', at: '2025-06-02T00:00:00.000Z' })
    expect(act.gates.gates.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 6 }, () => 'PASS'))
    expect(act.gates.outcome).toMatchObject({ verdict: 'worse', n: 10_075 })
  })

  it('asks for the promotion with what speaks against it: the log loss, and a fallback that ranks better than both', () => {
    expect(end.status).toBe(202)
    expect(end.approval).toMatchObject({ action: 'promote', state: 'waiting', subject: 'v1.8.1' })
    expect(end.approval.sentence).toBe('ONAY: Promote v1.8.1 to production')
    const against = end.approval.against.join('\n')
    expect(against).toMatch(/log loss 0\.6732 against 0\.6708/)
    expect(against).toMatch(/fallback ranks better than both: AUC 0\.637 against 0\.613/)
    expect(end.before).toMatchObject({ baseline: 'v1.8-b0', candidate: 'v1.8.1' })
  })

  it('puts v1.8.1 in charge, keeps v1.8-b0, and shows the bake', () => {
    expect(end.after).toMatchObject({ baseline: 'v1.8.1', former: 'v1.8-b0' })
    expect(end.after).not.toHaveProperty('candidate')
    expect(end.canary.bake).toMatchObject({ former: 'v1.8-b0' })
    const lastsH = (Date.parse(end.canary.bake?.until ?? '') - Date.parse(act.gates.at)) / 3_600_000
    // At real speed a moment may have passed before the answer.
    expect(Math.round(lastsH)).toBe(48)
  })

  it('leaves evidence that fits, and a bundle with who approved what, when and why, and what spoke against it', async () => {
    const dataDir = shell.copy(end.dataDir)
    const at = ['--data-dir', dataDir]
    expect(await shell.json(['evidence', 'verify', ...at])).toMatchObject({ ok: true, first: null })
    const { file } = await bundleOf(shell, dataDir, 'v1.8.1')
    expect(await shell.json(['evidence', 'verify', '--bundle', file])).toMatchObject({ ok: true, first: null })
    const page = pageOf(file, 'v1.8.1')
    for (const said of [
      'in charge: it answers every caller',
      '## The six gates at its promotion',
      'Judged at 2025-06-02 00:00 UTC: 6 of 6 pass.',
      'the plain fallback ranks better than both',
      'worse on 10075 settled minutes; log loss 0.6732, that of the model in charge 0.6708',
      'what speaks against it is understood',
      'the dry run and the preflight are fine',
      '**SUCCESS**',
      'promoted in place of v1.8-b0',
    ])
      expect(page).toContain(said)
  })

  it('puts v1.8-b0 back at once on rollback, and retires v1.8.1', async () => {
    const at = ['--data-dir', shell.copy(end.dataDir)]
    await shell.json(['rollback', '--reason', 'the settled outcome is worse', ...at])
    const rolledBack = slotsOf(await shell.json(['models', ...at]))
    expect(rolledBack).toMatchObject({ baseline: 'v1.8-b0' })
    expect(Object.values(rolledBack)).not.toContain('v1.8.1')
  })
})
