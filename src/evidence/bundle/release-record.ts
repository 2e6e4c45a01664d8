/** What `RECORD.md` says of a version: from the chain and the files of its bundle alone, so that it can be made again of them. */
import * as z from 'zod'
import { GATE_NAMES } from '../../engine/gates/catalogue.ts'
import { OperatorError } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { ChainHead } from '../audit.ts'
import type {
  RecordedApproval,
  RecordedGate,
  RecordedGates,
  RecordedOutcome,
  ReleaseRecord,
} from '../pages/record-parts.ts'
import {
  recordedGates,
  recordedOffline,
  recordedReports,
  recordedRuns,
  recordedWeights,
  recordedWindow,
} from '../recorded-files.ts'
import type { ChainStory, StoryStep } from './chain-story.ts'
import type { Release } from './release-files.ts'

interface RecordParts {
  readonly story: ChainStory
  readonly release: Release
  readonly files: ReadonlyMap<string, Buffer>
  readonly gone: readonly string[]
  readonly head: ChainHead
  /** Of the program that makes the page. */
  readonly madeBy: string
}

const isRun = matches(/(?:^|\/)(?:canary_run_[^/]*|canary_dryrun_observe[^/]*)\.json$/)
const isReport = matches(/daily\/report_\d{4}-\d{2}-\d{2}\.json$/)
const isGates = matches(/(?:^|\/)gates_[^/]*\.json$/)

const Loss = z.number().nullable()
const Shown = z.object({
  outcome: z.object({
    verdict: z.string(),
    n: z.number(),
    logLoss: z.object({ candidate: Loss, baseline: Loss, fallback: Loss }),
  }),
})
const ShownGates = z.object({
  gates: z.array(
    z.object({
      gate: z.number().optional(),
      name: z.string(),
      verdict: z.string(),
      value: z.unknown(),
      threshold: z.unknown(),
      reason: z.string().optional(),
    }),
  ),
})

/** Whether the page of a release is made of a file. */
export function isRecordSource(subject: string, version: string): boolean {
  const own = Object.values(sourceNames(version)).map(ends)
  return [isRun, isReport, isGates, ...own].some((is) => is(subject))
}

function sourceNames(version: string): {
  readonly weights: string
  readonly manifest: string
  readonly offline: string
} {
  return {
    weights: `model_weights_${version}.json`,
    manifest: `training_manifest_${version}.json`,
    offline: `offline_report_${version}.json`,
  }
}

/** @throws OperatorError when a file that it needs is missing or is not the document that its name says */
export function releaseRecord(parts: RecordParts): ReleaseRecord {
  const { story, release, files, gone, head, madeBy } = parts
  const { symbol, version, sha256, registered } = release
  const own = story.steps.filter((step) => step.symbol === symbol)
  const names = sourceNames(version)
  const weights = required(recordedWeights(files, ends(names.weights)), names.weights)
  const window = required(recordedWindow(files, ends(names.manifest)), names.manifest)
  const offline = required(recordedOffline(files, ends(names.offline)), names.offline)
  const { offline_sha256: promised } = registered.said
  if (promised !== undefined && promised !== offline.sha256)
    throw unmade(`${names.offline} does not have the figures that were registered`)
  const standing = [...story.slots.of(symbol)].find(([, slot]) => slot.version === version)
  const approvals = approvalsOf(own, version)
  const promoted = own.findLast((step) => step.kind === 'promotion' && step.of === version) ?? null
  const rested = approvals.find(({ id }) => id === promoted?.said.approval) ?? approvals.findLast(isPromotion) ?? null
  const kept = recordedGates(files, isGates)[0] ?? null
  return {
    symbol,
    version,
    kind: weights.kind,
    sha256,
    profile: standing?.[1].profile ?? registered.said.profile ?? 'equivalent',
    slot: standing?.[0] ?? null,
    clock: offline.clock,
    atMs: story.lastMs,
    features: weights.features,
    window,
    offline: offline.report,
    promotion: promoted === null ? null : { atMs: promoted.atMs, approval: rested },
    course: courseOf(own, release),
    gates: gatesShown(rested) ?? gatesKept(kept) ?? gatesOf(story, release),
    runs: recordedRuns(files, isRun),
    approvals,
    outcome: outcomeShown(rested ?? approvals.at(-1) ?? null) ?? outcomeKept(kept),
    reports: recordedReports(files, isReport).map((report) => ({ date: report.date, status: report.overall_status })),
    gone,
    head,
    bundle: `${version}.tar.gz`,
    madeBy,
  }
}

function isPromotion({ action }: RecordedApproval): boolean {
  return action === 'promote'
}

/** The prompts about a version as they were asked, with what became of them. */
function approvalsOf(steps: readonly StoryStep[], version: string): RecordedApproval[] {
  const approvals = new Map<string, RecordedApproval>()
  for (const { kind, of: id, atMs, said } of steps) {
    if (kind !== 'approval' || said.subject !== version) continue
    const before = approvals.get(id)
    approvals.set(id, {
      id,
      action: said.action ?? before?.action ?? '',
      sentence: said.sentence ?? before?.sentence ?? `${said.action ?? 'approval'} of ${version}`,
      state: said.step === 'asked' ? 'waiting' : (said.step ?? 'unknown'),
      why: said.why ?? null,
      askedBy: said.by ?? before?.askedBy ?? 'somebody',
      askedMs: before?.askedMs ?? atMs,
      needs: said.needs ?? before?.needs ?? null,
      figures: said.figures ?? before?.figures ?? null,
      against: said.against ?? before?.against ?? [],
      given: said.given ?? [],
    })
  }
  return [...approvals.values()]
}

/** The gates that an approval rested on, as it showed them. */
function gatesShown(approval: RecordedApproval | null): RecordedGates | null {
  const shown = ShownGates.safeParse(approval?.figures)
  if (approval === null || !shown.success || shown.data.gates.length === 0) return null
  const rows = shown.data.gates.map(
    ({ gate, name, verdict, value, threshold, reason }, i): RecordedGate => ({
      gate: gate ?? i + 1,
      name,
      verdict,
      value,
      threshold,
      reason: reason ?? '',
    }),
  )
  return { when: `as \`${approval.id}\` showed them`, atMs: approval.askedMs, rows }
}

function gatesKept(kept: ReturnType<typeof recordedGates>[number] | null): RecordedGates | null {
  return kept === null ? null : { when: 'when they were last kept', atMs: Date.parse(kept.at), rows: kept.gates }
}

/** Of a version that nobody was asked about: each gate as it was when its verdict last changed. */
function gatesOf(story: ChainStory, { symbol, version }: Release): RecordedGates | null {
  const words = story.gatesOf(symbol, version)
  if (words.size === 0) return null
  const rows = GATE_NAMES.flatMap((name, i): RecordedGate[] => {
    const said = words.get(name)?.said
    if (said === undefined) return []
    const { to: verdict = '', reason = '' } = said
    return [{ gate: i + 1, name, verdict, value: null, threshold: null, reason }]
  })
  return { when: 'as each last changed', atMs: Math.max(...[...words.values()].map(({ atMs }) => atMs)), rows }
}

function outcomeShown(approval: RecordedApproval | null): RecordedOutcome | null {
  const shown = Shown.safeParse(approval?.figures)
  if (approval === null || !shown.success) return null
  return { when: `As \`${approval.id}\` showed it`, ...shown.data.outcome, text: null }
}

function outcomeKept(kept: ReturnType<typeof recordedGates>[number] | null): RecordedOutcome | null {
  if (kept === null) return null
  const { verdict, n, log_loss: logLoss, text } = kept.outcome
  return { when: 'When the gates were last kept', verdict, n, logLoss, text }
}

function courseOf(
  steps: readonly StoryStep[],
  { version, registered }: Release,
): { readonly atMs: UnixMs; readonly text: string }[] {
  const course = [{ atMs: registered.atMs, text: 'trained and registered' }]
  const approved = new Map<string, string>()
  for (const { kind, of, atMs, said } of steps) {
    const { step, status, former, retired, approval } = said
    const because = said.reason ?? approved.get(approval ?? '')
    const reason = because === undefined ? '' : `: ${because}`
    const tell = (text: string): void => void course.push({ atMs, text })
    if (kind === 'approval' && step === 'approved') approved.set(of, said.given?.at(-1)?.reason ?? '')
    else if (kind === 'canary' && said.model === version) {
      if (step === 'phase' && said.phase === 1) tell(`canary ${of} began`)
      if (step === 'ended') tell(`canary ${of} ended ${status ?? ''}${reason}`)
    } else if (kind === 'profile' && of === version) tell(`judged under ${said.profile} from then on`)
    else if (kind === 'retirement' && of === version)
      tell(said.replaced_by === undefined ? `retired from the shadow${reason}` : `replaced by ${said.replaced_by}`)
    else if (kind === 'promotion' && of === version) tell(`promoted in place of ${former ?? 'nobody'}${reason}`)
    else if (kind === 'promotion' && former === version) tell(`${of} was promoted in its place${reason}`)
    else if (kind === 'rollback' && of === version)
      tell(`put back in charge by a rollback in place of ${retired ?? 'nobody'}${reason}`)
    else if (kind === 'rollback' && retired === version) tell(`rolled back to ${of}${reason}`)
  }
  return course
}

function matches(name: RegExp): (subject: string) => boolean {
  return (subject) => name.test(subject)
}

function ends(name: string): (subject: string) => boolean {
  return (subject) => subject.endsWith(`/${name}`)
}

function required<T>(value: T | null, file: string): T {
  if (value === null) throw unmade(`${file} is not among the evidence`)
  return value
}

function unmade(why: string): OperatorError {
  return new OperatorError(
    'RECORD.md cannot be made',
    why,
    'see what else is wrong with: onay evidence verify',
    'no_record',
    500,
  )
}
