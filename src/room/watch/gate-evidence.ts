import * as z from 'zod'
import { chainDetail } from '../../db/chain.ts'
import type { GateInputs } from '../../engine/gates/catalogue.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import { floorTo, HOUR_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { reportDueOn, requiredFiles, type RequiredFile } from '../../evidence/required.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import type { Desk } from '../desk/desk.ts'
import { SMOKE_REQUESTS } from '../../work/smoke-task.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

const NEVER_MADE = 'it was never made'

type Files = GateInputs['evidence']

const EntryDetail = z.object({
  model_sha256: z.string().optional(),
  status: z.string().optional(),
  pass: z.boolean().optional(),
  why: z.string().optional(),
  requests: z.number().optional(),
  profile: z.enum(['equivalent', 'improve']).optional(),
})

/** Which of gate 6's files stand. Looked up anew when the chain has grown, files were written, or an hour has passed. */
export class GateEvidence {
  private readonly known = new Map<string, { readonly key: string; readonly value: Files }>()

  constructor(private readonly evidence: EvidenceWriter) {}

  of(desk: Desk, model: LoadedModel, atMs: UnixMs): Files {
    const head = desk.parts.store.journal.lastEntry()?.seq ?? 0
    const key = `${head}/${this.evidence.drains}/${model.sha256}/${floorTo(atMs, HOUR_MS)}/${reportDueOn(atMs)}`
    const known = this.known.get(desk.symbol)
    if (known?.key === key) return known.value
    const required = requiredFiles(model.version, atMs)
    const missing = required.flatMap((file) => {
      const why = lacking(desk, this.evidence, model, file)
      return why === null
        ? []
        : [
            {
              file: file.prefix === true ? `${file.name}*.json` : file.name,
              make: file.make,
              why,
              made: why !== NEVER_MADE,
            },
          ]
    })
    const value = { present: required.length - missing.length, required: required.length, missing }
    this.known.set(desk.symbol, { key, value })
    return value
  }
}

/** Why a required file does not count; null when it does. */
function lacking(desk: Desk, evidence: EvidenceWriter, model: LoadedModel, file: RequiredFile): string | null {
  const { journal } = desk.parts.store
  const subject =
    file.where === 'artifacts'
      ? evidence.artifactSubject(desk.symbol, model.version, file.name)
      : evidence.subject(desk.symbol, file.name)
  const entries = file.prefix === true ? journal.entriesUnder(subject) : [journal.entryOf(subject)]
  let why = NEVER_MADE
  for (const entry of entries) {
    if (entry === null) continue
    const detail = chainDetail(entry, EntryDetail)
    const standing = standingOf(evidence, entry.subject)
    if (standing !== 'whole')
      why = standing === 'changed' ? 'it is not the file that was recorded' : 'it is missing on the disk'
    else if (file.ofArtifact && detail.model_sha256 !== model.sha256) why = 'it is of another artifact'
    else if (detail.pass === false) why = `it failed: ${detail.why ?? 'its check did not pass'}`
    else if ((detail.requests ?? SMOKE_REQUESTS) < SMOKE_REQUESTS)
      why = `${SMOKE_REQUESTS} requests are needed, and it had ${detail.requests}`
    else if (detail.profile === 'improve' && model.profile === 'equivalent')
      why = 'it passed as one that is meant to differ, and the candidate is now meant to agree'
    else if (file.name.startsWith('canary_run_') && detail.status !== 'SUCCESS') why = 'the run did not succeed'
    else if (file.name.startsWith('canary_dryrun') && detail.status === 'ABORTED') why = 'the dry run was aborted'
    else return null
  }
  return why
}

/** @throws Error naming a file that is there and cannot be read: whether it counts is not known */
function standingOf(evidence: EvidenceWriter, subject: string): ReturnType<EvidenceWriter['standing']> {
  try {
    return evidence.standing(subject)
  } catch (error) {
    throw new Error(`${subject} could not be read: ${messageOf(error)}`, { cause: error })
  }
}
