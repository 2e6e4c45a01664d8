/** `RECORD.md` of a bundle: the page that a colleague who checks a release reads first. */
import { percent } from '../../engine/kernel/figures.ts'
import { minuteText, type UnixMs } from '../../engine/kernel/units.ts'
import type { ChainHead } from '../audit.ts'
import type { OfflineReport } from '../documents/documents.ts'
import type { RecordedRun } from '../recorded-files.ts'
import type { ApprovalDocument } from '../documents/release-documents.ts'

interface RecordedGate {
  readonly gate: number
  readonly name: string
  readonly verdict: string
  readonly value: unknown
  readonly threshold: unknown
  readonly reason: string
}

export interface RecordedGates {
  /** `at its promotion`, `now`. */
  readonly when: string
  readonly atMs: UnixMs
  readonly rows: readonly RecordedGate[]
}

/** What the settled minutes said, beside what is in charge and beside the fallback. */
export interface RecordedOutcome {
  readonly when: string
  readonly verdict: string
  readonly n: number
  readonly logLoss: {
    readonly candidate: number | null
    readonly baseline: number | null
    readonly fallback: number | null
  }
  readonly text: string | null
}

export interface ReleaseRecord {
  readonly symbol: string
  readonly version: string
  readonly kind: string
  readonly sha256: string
  readonly profile: string
  readonly slot: string | null
  readonly clock: string
  readonly atMs: UnixMs
  readonly features: readonly string[]
  readonly window: { readonly fromMs: UnixMs; readonly untilMs: UnixMs }
  readonly offline: OfflineReport
  /** What became of it, oldest first. */
  readonly course: readonly { readonly atMs: UnixMs; readonly text: string }[]
  readonly gates: readonly RecordedGates[]
  readonly runs: readonly RecordedRun[]
  readonly approvals: readonly ApprovalDocument[]
  readonly outcome: RecordedOutcome | null
  readonly reports: readonly { readonly date: string; readonly status: string }[]
  /** Evidence about it that there was once, and why it is not here. */
  readonly gone: readonly string[]
  readonly head: ChainHead
  /** The bundle's file name, for the commands that check it. */
  readonly bundle: string
}

export function recordPage(record: ReleaseRecord): string {
  const parts = [
    aboutModel(record),
    aboutStanding(record),
    ...record.gates.map(aboutGates),
    aboutOutcome(record),
    aboutAgainst(record),
    aboutApprovals(record),
    aboutCanary(record),
    aboutReports(record),
    aboutChecking(record),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function aboutModel({
  symbol,
  version,
  kind,
  sha256,
  profile,
  features,
  window,
  offline,
  clock,
}: ReleaseRecord): string[] {
  const { lo, hi } = offline.auc_interval
  return [
    `# ${version} of ${symbol}`,
    '',
    `- a ${kind} model, profile ${profile}; weights SHA-256 \`${sha256}\``,
    `- features: ${features.join(', ')}`,
    `- trained on ${minuteText(window.fromMs)} UTC to ${minuteText(window.untilMs)} UTC, ${offline.rows} rows`,
    `- offline: AUC ${figure(offline.auc)} [${figure(lo)}, ${figure(hi)}], P@20 ${figure(offline.precision_at_20)}, log loss ${figure(offline.log_loss)}, ECE ${figure(offline.ece)}`,
    `- ${plain(offline.plain)}`,
    ...(clock === 'replay'
      ? ["- the clock is that of a recording: times below are the recording's unless they say wall clock"]
      : []),
  ]
}

function aboutStanding({ slot, course, atMs }: ReleaseRecord): string[] {
  const stands: Readonly<Record<string, string>> = {
    baseline: 'in charge: it answers every caller',
    candidate: 'in the shadow: it answers no caller',
    former: 'kept ready as the former model',
  }
  return [
    '## Where it stands',
    '',
    `On ${minuteText(atMs)} UTC it is ${stands[slot ?? ''] ?? 'in no slot: retired'}.`,
    '',
    ...course.map((step) => `- ${minuteText(step.atMs)} UTC: ${plain(step.text)}`),
  ]
}

function aboutGates({ when, atMs, rows }: RecordedGates): string[] {
  return [
    `## The six gates ${when}`,
    '',
    `Judged at ${minuteText(atMs)} UTC: ${rows.filter((row) => row.verdict === 'PASS').length} of ${rows.length} pass.`,
    '',
    '| gate | verdict | value | limit | why |',
    '|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.gate} ${row.name} | ${row.verdict} | ${value(row.value)} | ${value(row.threshold)} | ${plain(row.reason)} |`,
    ),
  ]
}

function aboutOutcome({ outcome }: ReleaseRecord): string[] {
  const title = ['## What came of its predictions', '']
  if (outcome === null)
    return [...title, 'It is not in the shadow, so no outcome was shown: no settled minutes were compared.']
  const { when, verdict, n, logLoss, text } = outcome
  const { candidate, baseline, fallback } = logLoss
  const losses =
    n === 0
      ? ''
      : `; log loss ${figure(candidate)}, that of the model in charge ${figure(baseline)}, of the fallback ${figure(fallback)}`
  return [
    ...title,
    `${when}: ${verdict.replace('_', ' ')} on ${n} settled minutes${losses}.`,
    ...(text === null ? [] : ['', plain(text)]),
  ]
}

function aboutAgainst({ approvals, offline, gates }: ReleaseRecord): string[] {
  const asked = approvals.findLast((approval) => approval.action === 'promote') ?? approvals.at(-1)
  const failing = (gates.at(-1)?.rows ?? []).filter((row) => row.verdict !== 'PASS')
  const lines =
    asked === undefined
      ? [offline.plain, ...failing.map((row) => `gate ${row.gate} ${row.name} is ${row.verdict}: ${row.reason}`)]
      : asked.against
  return [
    '## What spoke against it',
    '',
    asked === undefined ? 'No approval has been asked for yet. As known now:' : `As \`${asked.id}\` showed it:`,
    '',
    ...(lines.length === 0 ? ['- nothing'] : lines.map((line) => `- ${plain(line)}`)),
  ]
}

function aboutApprovals({ approvals }: ReleaseRecord): string[] {
  if (approvals.length === 0) return ['## Approvals', '', 'None was asked for.']
  return [
    '## Approvals',
    '',
    ...approvals.flatMap((approval) => [
      `- **${plain(approval.sentence)}** (\`${approval.id}\`): ${approval.state}${approval.why === null ? '' : `, ${plain(approval.why)}`}; asked by ${plain(approval.asked_by)}, ${approval.needs} needed`,
      ...approval.given.map((word) => `  - ${plain(word.by)}, ${word.at} (wall clock): "${plain(word.reason)}"`),
    ]),
  ]
}

function aboutCanary({ runs }: ReleaseRecord): string[] {
  if (runs.length === 0) return ['## Canary', '', 'None has run.']
  return [
    '## Canary',
    ...runs.flatMap((run) => [
      '',
      `${run.dry_run ? 'Dry run' : `Run \`${run.run_id}\``} beside ${run.baseline}, ${run.mode}, ${run.profile}: **${run.status}**${run.abort_reason === null ? '' : `, ${plain(run.abort_reason)}`}`,
      '',
      '| phase | from | until | live | probes | match | errors | p95 | decision | why |',
      '|---|---|---|---|---|---|---|---|---|---|',
      ...run.phases.map(
        (phase) =>
          `| ${phase.phase}, ${share(phase.split)} | ${minuteText(phase.started_at)} | ${phase.ended_at === null ? '-' : minuteText(phase.ended_at)} | ${phase.live} | ${phase.probes} | ${share(phase.match_rate)} | ${share(phase.error_rate)} | ${phase.p95_ms === null ? '-' : `${phase.p95_ms.toFixed(2)} ms`} | ${phase.decision} | ${plain(phase.reason)} |`,
      ),
    ]),
  ]
}

function aboutReports({ reports, gone }: ReleaseRecord): string[] {
  const days = reports.map((report) => `${report.date} ${report.status}`)
  return [
    '## Daily reports since it was registered',
    '',
    days.length === 0 ? 'None yet.' : `${days.join(', ')}.`,
    ...(gone.length === 0 ? [] : ['', 'Not in this bundle any more:', '', ...gone.map((line) => `- ${plain(line)}`)]),
  ]
}

function aboutChecking({ head, bundle, version }: ReleaseRecord): string[] {
  return [
    '## How to check this',
    '',
    `The evidence chain had ${head.seq} entries when this was made; its head is \`${head.seq}:${head.hash}\`.`,
    'Compare it with one that was kept elsewhere: each daily report holds the head of its time.',
    '',
    '```',
    `tar -xzf ${bundle} && cd ${version} && sha256sum -c SHA256SUMS`,
    `onay evidence verify --bundle ${bundle}`,
    `onay evidence verify --bundle ${bundle} --head THE-ONE-THAT-YOU-KEPT`,
    '```',
    '',
    'The first shows that the files are those that were put in. The second recomputes `chain.jsonl` and shows that each file',
    'is the one whose hash the chain holds; with `--allowed-signers FILE --signer NAME` it verifies the signatures in',
    '`ml/daily/` as well. This page is made from those files and from the tables of the room, and is itself not in the chain;',
    'what it says of approvals, canary and promotions is there too:',
    '',
    '```',
    'grep -E \'"kind":"(approval|canary|promotion|rollback)"\' chain.jsonl',
    '```',
  ]
}

/** What people have written stays on one line and cannot start markup. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[<>`|*]|\](?=\()/g, (found) => `\\${found}`)
}

function value(of: unknown): string {
  if (typeof of === 'number') return figure(of)
  if (typeof of !== 'object' || of === null) return '-'
  return Object.entries(of)
    .flatMap(([name, part]) => (typeof part === 'number' ? [`${name.replaceAll('_', ' ')} ${figure(part)}`] : []))
    .join(', ')
}

function figure(of: number | null): string {
  if (of === null) return 'unknown'
  return Number.isInteger(of) ? String(of) : of.toFixed(4)
}

function share(of: number | null): string {
  return of === null ? '-' : percent(of)
}
