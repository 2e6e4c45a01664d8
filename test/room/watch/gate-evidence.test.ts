import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isoDate } from '../../../src/engine/kernel/units.ts'
import { requiredFiles } from '../../../src/evidence/required.ts'
import { GateEvidence } from '../../../src/room/watch/gate-evidence.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, MINUTE, THREE_WEEKS_ON as T } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'

const fresh = freshDirectories()
const RUN = 'canary_run_2025-05-25T000000Z.json'
const DRY_RUN = 'canary_dryrun_observe_v2.json'
const CHECKED = 'smoke_1k_v2.json'

interface Written {
  readonly name: string
  readonly detail: object
}

/** A desk with every file that gate 6 asks for, but for what is told otherwise. */
function desk(change: (file: Written) => Written | null = (file) => file): DeskKit {
  const kit = aDesk(fresh())
  const { desk: judged, desks } = kit
  const sha256 = registerModel(judged, 'candidate', 'v2')
  const { evidence } = desks
  judged.transaction(() => {
    for (const file of requiredFiles('v2', T)) {
      const name = file.prefix === true ? RUN : file.name
      const status = name === RUN ? { status: 'SUCCESS' } : {}
      const written = change({ name, detail: { ...(file.ofArtifact ? { model_sha256: sha256 } : {}), ...status } })
      if (written === null) continue
      const subject =
        file.where === 'artifacts'
          ? evidence.artifactSubject(judged.symbol, 'v2', name)
          : evidence.subject(judged.symbol, name)
      evidence.writeDocument(subject, { name }, T, written.detail)
    }
  })
  desks.drainOutbox()
  return kit
}

function missing({ desk: judged, desks }: DeskKit): readonly { file: string; why?: string }[] {
  const model = judged.judged
  if (model === null) throw new Error('no model is judged')
  return new GateEvidence(desks.evidence).of(judged, model, T).missing
}

const but =
  (name: string, detail: object) =>
  (file: Written): Written =>
    file.name === name ? { name, detail: { ...file.detail, ...detail } } : file

describe('a file that gate 6 asks for', () => {
  it('counts when it was made of this artifact, its check passed and its run succeeded', () => {
    const kit = desk()
    expect(missing(kit)).toEqual([])
    kit.desks.close()
  })

  it.each([
    ['was never made', (file: Written) => (file.name === CHECKED ? null : file), CHECKED, 'it was never made'],
    ['is of another artifact', but(CHECKED, { model_sha256: 'other' }), CHECKED, 'it is of another artifact'],
    ['says a check that did not pass', but(CHECKED, { pass: false }), CHECKED, 'it failed: its check did not pass'],
    [
      'says why its check did not pass',
      but(CHECKED, { pass: false, why: 'success 98.0 %' }),
      CHECKED,
      'it failed: success 98.0 %',
    ],
    ['is of a single request', but(CHECKED, { requests: 1 }), CHECKED, '1000 requests are needed, and it had 1'],
    [
      'passed under another profile',
      but(CHECKED, { profile: 'improve' }),
      CHECKED,
      'it passed as one that is meant to differ, and the candidate is now meant to agree',
    ],
    ['is of a run that was aborted', but(RUN, { status: 'ABORTED' }), 'canary_run_*.json', 'the run did not succeed'],
    [
      'is of a run without a result',
      but(RUN, { status: 'INCONCLUSIVE' }),
      'canary_run_*.json',
      'the run did not succeed',
    ],
    ['is of a dry run that was aborted', but(DRY_RUN, { status: 'ABORTED' }), DRY_RUN, 'the dry run was aborted'],
  ])('does not count when it %s', (_, change, file, why) => {
    const kit = desk(change)
    expect(missing(kit)).toMatchObject([{ file, why, made: why !== 'it was never made' }])
    kit.desks.close()
  })

  it('does not count when it was removed or changed on the disk', () => {
    for (const [spoil, why] of [
      [(path: string) => rmSync(path), 'it is missing on the disk'],
      [(path: string) => writeFileSync(path, 'another'), 'it is not the file that was recorded'],
    ] as const) {
      const kit = desk()
      spoil(kit.desks.evidence.pathOf(kit.desks.evidence.subject(kit.desk.symbol, CHECKED)))
      expect(missing(kit)).toMatchObject([{ file: CHECKED, why }])
      kit.desks.close()
    }
  })

  it("is the report of the day before yesterday until yesterday's is due, five minutes after midnight", () => {
    const kit = desk()
    const { desk: judged, desks } = kit
    const model = judged.judged
    if (model === null) throw new Error('no model is judged')
    const files = new GateEvidence(desks.evidence)
    const lacks = (atMs: number): readonly string[] => files.of(judged, model, atMs).missing.map(({ file }) => file)
    expect(T % DAY).toBe(0)
    expect([T - MINUTE, T, T + 4 * MINUTE].map((atMs) => lacks(atMs))).toEqual([[], [], []])
    expect(lacks(T + 5 * MINUTE)).toEqual([`daily/report_${isoDate(T - DAY)}.json`])
    desks.close()
  })

  it('counts again at once when it is made again', () => {
    const kit = desk((file) => (file.name === CHECKED ? null : file))
    const { desk: judged, desks } = kit
    const files = new GateEvidence(desks.evidence)
    const model = judged.judged
    if (model === null) throw new Error('no model is judged')
    const before = files.of(judged, model, T)
    expect(before).toMatchObject({ present: 13, required: 14 })
    // It is not looked up again while nothing was recorded or written.
    expect(files.of(judged, model, T + MINUTE)).toBe(before)
    const detail = { model_sha256: model.sha256, pass: true }
    judged.transaction(() => {
      desks.evidence.writeDocument(desks.evidence.subject(judged.symbol, CHECKED), {}, T, detail)
    })
    expect(files.of(judged, model, T)).toMatchObject({ present: 14, missing: [] })
    desks.close()
  })

  it('of a run may be one of several: one that succeeded is enough', () => {
    const kit = desk(but(RUN, { status: 'ABORTED' }))
    const { desk: judged, desks } = kit
    const detail = { model_sha256: judged.judged?.sha256, status: 'SUCCESS' }
    judged.transaction(() => {
      desks.evidence.writeDocument(desks.evidence.subject(judged.symbol, 'canary_run_2.json'), {}, T, detail)
    })
    expect(missing(kit)).toEqual([])
    desks.close()
  })
})
