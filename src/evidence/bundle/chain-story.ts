/** What a chain tells of releases, taken from its entries as they go by: the few that a page for people is made of. */
import * as z from 'zod'
import { tryJson } from '../../engine/kernel/json.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { FILE, PRUNED } from '../audit.ts'
import type { ChainEntry } from '../chain.ts'
import { SlotReplay, splitSubject } from '../slot-replay.ts'

const About = z.object({ model: z.string().optional(), model_sha256: z.string().optional() })
const Decided = z.object({
  ...About.shape,
  slot: z.string().optional(),
  profile: z.string().optional(),
  offline_sha256: z.string().optional(),
  step: z.string().optional(),
  phase: z.number().optional(),
  status: z.string().optional(),
  former: z.string().optional(),
  retired: z.string().optional(),
  replaced_by: z.string().optional(),
  approval: z.string().optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
  action: z.string().optional(),
  subject: z.string().optional(),
  sentence: z.string().optional(),
  figures: z.record(z.string(), z.unknown()).optional(),
  against: z.array(z.string()).optional(),
  needs: z.number().optional(),
  why: z.string().nullable().optional(),
  given: z
    .array(z.object({ by: z.string(), person: z.string().exactOptional(), reason: z.string(), at: z.string() }))
    .optional(),
  to: z.string().optional(),
})
type Decided = z.infer<typeof Decided>

const DECISIONS: readonly string[] = [
  'registration',
  'retirement',
  'profile',
  'approval',
  'canary',
  'promotion',
  'rollback',
]

/** A decision as the chain has it. */
export interface StoryStep {
  readonly kind: string
  readonly symbol: string
  /** What is left of the subject: a version, an approval's or a run's id. */
  readonly of: string
  readonly atMs: UnixMs
  readonly said: Decided
}

/** The newest word of the chain on a file. */
export interface FileWord {
  readonly entry: Pick<ChainEntry, 'seq' | 'kind' | 'subject' | 'sha256'>
  readonly model: string | undefined
  readonly modelSha256: string | undefined
  /** Every model that any entry on it was about, by `modelKey`. */
  readonly models: ReadonlySet<string>
}

/** The newest verdict of a gate on a model. */
interface GateWord {
  readonly atMs: UnixMs
  readonly said: Decided
}

export class ChainStory {
  readonly files = new Map<string, FileWord>()
  readonly steps: StoryStep[] = []
  readonly slots = new SlotReplay()
  /** The newest time on the market clock that an entry has. */
  lastMs: UnixMs = 0
  private readonly gates = new Map<string, Map<string, GateWord>>()

  /** An entry whose detail is not that of its kind tells nothing here: the audit of the chain names what was changed. */
  take(entry: ChainEntry): void {
    this.lastMs = Math.max(this.lastMs, entry.tsMs)
    if (entry.kind === FILE || entry.kind === PRUNED) this.takeFile(entry)
    else if (entry.kind === 'gate') this.takeGate(entry)
    else if (DECISIONS.includes(entry.kind)) this.takeDecision(entry)
  }

  /** The newest verdict of each gate on a version, by the gate's name. */
  gatesOf(symbol: string, version: string): ReadonlyMap<string, GateWord> {
    return this.gates.get(`${symbol}/${version}`) ?? new Map()
  }

  private takeFile(entry: ChainEntry): void {
    const about = About.safeParse(tryJson(entry.detail))
    const { model, model_sha256: modelSha256 } = about.success ? about.data : {}
    const models = new Set(this.files.get(entry.subject)?.models)
    if (modelSha256 !== undefined) models.add(modelKey(model, modelSha256))
    const { seq, kind, subject, sha256 } = entry
    this.files.set(subject, { entry: { seq, kind, subject, sha256 }, model, modelSha256, models })
  }

  private takeGate({ subject, tsMs, detail }: ChainEntry): void {
    const said = Decided.safeParse(tryJson(detail))
    if (!said.success) return
    const [symbol, gate] = splitSubject(subject)
    const key = `${symbol}/${said.data.model}`
    const words = this.gates.get(key) ?? new Map<string, GateWord>()
    this.gates.set(key, words.set(gate, { atMs: tsMs, said: said.data }))
  }

  private takeDecision(entry: ChainEntry): void {
    const said = Decided.safeParse(tryJson(entry.detail))
    if (!said.success) return
    this.slots.take(entry, said.data)
    const [symbol, of] = splitSubject(entry.subject)
    this.steps.push({ kind: entry.kind, symbol, of, atMs: entry.tsMs, said: said.data })
  }
}

/** Names a model among those that a file was about; a file without a version is about every version of these weights. */
export function modelKey(model: string | undefined, sha256: string): string {
  return `${model ?? ''}:${sha256}`
}
