/** `RECORD.md` of a bundle: the page that a colleague who checks a release reads first. */
import { namedPerson } from '../../engine/approval/prompt.ts'
import { percent } from '../../engine/kernel/figures.ts'
import { minuteText } from '../../engine/kernel/units.ts'
import type { RecordedApproval, RecordedOutcome, ReleaseRecord } from './record-parts.ts'

const MADE_BY = /^Made by onay (\S+)\.$/m

/** The version of the program that made a page; null when it does not say. */
export function makerOf(page: string): string | null {
  return MADE_BY.exec(page)?.[1] ?? null
}

export function recordPage(record: ReleaseRecord): string {
  const parts = [
    aboutModel(record),
    aboutStanding(record),
    aboutGates(record),
    aboutOutcome(record),
    aboutAgainst(record),
    aboutApprovals(record),
    aboutCanary(record),
    aboutReports(record),
    aboutChecking(record),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function aboutModel(record: ReleaseRecord): string[] {
  const { symbol, version, kind, sha256, profile, features, window, offline, clock } = record
  const { lo, hi } = offline.auc_interval
  return [
    `# ${version} of ${symbol}`,
    '',
    ...inShort(record),
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

/** What a reader with half a minute needs: who let it through, how it did, and what spoke against it. */
function inShort(record: ReleaseRecord): string[] {
  const { promotion, outcome } = record
  const against = againstIt(record)
  return [
    `- **Promoted:** ${promotion === null ? 'never' : promotedBy(promotion)}`,
    `- **Outcome:** ${outcome === null ? 'none was shown to anybody' : outcomeLine(outcome)}`,
    `- **Against it:** ${against.length === 0 ? 'nothing' : against.map(plain).join('; ')}`,
  ]
}

function promotedBy({ atMs, approval }: NonNullable<ReleaseRecord['promotion']>): string {
  const when = `${minuteText(atMs)} UTC`
  if (approval === null || approval.given.length === 0) return when
  const words = approval.given.map((word) => `${plain(namedPerson(word))}: "${plain(word.reason)}"`)
  return `${when} by ${words.join(', ')}`
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

function aboutGates({ gates, promotion }: ReleaseRecord): string[] {
  if (gates === null)
    return [
      '## The six gates',
      '',
      'The chain has no verdict on it yet: `onay evidence export` records what they say now.',
    ]
  const { when, atMs, rows } = gates
  return [
    `## The six gates ${promotion === null ? '' : 'at its promotion, '}${when}`,
    '',
    `Judged at ${minuteText(atMs)} UTC: ${rows.filter((row) => row.verdict === 'PASS').length} of ${rows.length} pass.`,
    '',
    '| gate | verdict | value | limit | why |',
    '|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.gate} ${plain(row.name)} | ${plain(row.verdict)} | ${value(row.value)} | ${value(row.threshold)} | ${plain(row.reason)} |`,
    ),
  ]
}

function aboutOutcome({ outcome }: ReleaseRecord): string[] {
  const title = ['## What came of its predictions', '']
  if (outcome === null) return [...title, 'No outcome was shown to anybody: no settled minutes were compared for them.']
  const { when, text } = outcome
  return [...title, `${when}: ${outcomeLine(outcome)}.`, ...(text === null ? [] : ['', plain(text)])]
}

function outcomeLine({ verdict, n, logLoss }: RecordedOutcome): string {
  const { candidate, baseline, fallback } = logLoss
  const losses =
    n === 0
      ? ''
      : `; log loss ${figure(candidate)}, that of the model in charge ${figure(baseline)}, of the fallback ${figure(fallback)}`
  return `${plain(verdict.replace('_', ' '))} on ${n} settled minutes${losses}`
}

/** The prompt whose doubts count: that of the promotion, else the last about a promotion, else the last. */
function askedLast({ approvals, promotion }: ReleaseRecord): RecordedApproval | null {
  return promotion?.approval ?? approvals.findLast(({ action }) => action === 'promote') ?? approvals.at(-1) ?? null
}

function againstIt(record: ReleaseRecord): readonly string[] {
  const asked = askedLast(record)
  if (asked !== null) return asked.against
  const failing = (record.gates?.rows ?? []).filter((row) => row.verdict !== 'PASS')
  return [
    record.offline.plain,
    ...failing.map((row) => `gate ${row.gate} ${row.name} is ${row.verdict}: ${row.reason}`),
  ]
}

function aboutAgainst(record: ReleaseRecord): string[] {
  const asked = askedLast(record)
  const lines = againstIt(record)
  return [
    '## What spoke against it',
    '',
    asked === null ? 'No approval has been asked for yet. As known now:' : `As \`${asked.id}\` showed it:`,
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
      `- **${plain(approval.sentence)}** (\`${approval.id}\`): ${approval.state}${approval.why === null ? '' : `, ${plain(approval.why)}`}; asked by ${plain(approval.askedBy)}${approval.needs === null ? '' : `, ${approval.needs} needed`}`,
      ...approval.given.map(
        (word) => `  - ${plain(namedPerson(word))}, ${word.at} (wall clock): "${plain(word.reason)}"`,
      ),
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

function aboutChecking({ head, bundle, version, madeBy }: ReleaseRecord): string[] {
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
    '`ml/daily/` as well. This page is made from `chain.jsonl` and those files alone: the second command makes it again, and',
    'names it where it reads otherwise.',
    '',
    `Made by onay ${madeBy}.`,
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
