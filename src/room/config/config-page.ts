/** `docs/configuration.md`: what stands beside the fields of the schema, by the pages' sections. `npm run rules` writes it. */
import type { Config } from './config.ts'
import { explainedFields } from './explained.ts'

const SECTIONS = {
  serving: 'Serving',
  training: 'What is predicted, and training',
  drift: 'Drift and data quality',
  gates: 'Gates',
  canary: 'Smoke, canary, promotion',
  paper: 'Paper trades, and who decides',
  alerts: 'Alerts',
  kept: 'Evidence, retention, feed',
  notify: 'Notifications',
} as const
type Section = keyof typeof SECTIONS

/** Where the fields of a group stand, in this order. */
const SECTION_OF: Readonly<Record<keyof Config, Section>> = {
  serving: 'serving',
  kill: 'serving',
  breaker: 'serving',
  http: 'serving',
  label: 'training',
  training: 'training',
  history: 'training',
  drift: 'drift',
  features: 'drift',
  gates: 'gates',
  smoke: 'canary',
  judge: 'canary',
  canary: 'canary',
  validation: 'canary',
  bake: 'canary',
  paper: 'paper',
  ab: 'paper',
  approvals: 'paper',
  alerts: 'alerts',
  evidence: 'kept',
  retention: 'kept',
  feed: 'kept',
  notify: 'notify',
}

const INTRO = `# Configuration

Made of the schema in \`src/room/config\` by \`npm run rules\`: change it there.

\`onay.config.json\` in the working directory, or the file that \`--config\` names. It is read once, at the start; nothing needs to be
in it, and \`onay init\` writes one with every field. A field that is unknown or does not fit ends the program with its name.
\`onay config\` prints every field with the value that applies and what it does, secrets hidden, and each evidence file records what
applied when it was written.

\`\`\`json
{ "gates": { "p95_ms": 150, "outcome": "block" }, "canary": { "plans": { "slow": [
  { "split": 0.1, "duration_min": 120 }, { "split": 1, "duration_min": 240 } ] } } }
\`\`\`

A slow or busy machine may need higher latency limits: \`gates.p95_ms\`, \`serving.shadow_budget_ms\` and \`smoke.timeout_ms\`.
`

/** The rules' own fields are in the runbook, which is made of them. */
const ALERTS = `Each rule has a field of its name under \`alerts\`. The [runbook](runbook.md#alerts) says which there are, with their usual limits and
times.

\`\`\`json
{ "alerts": { "MLDataGap": { "limit": 600, "for_min": 2 }, "MLPSIJump": { "off": true } } }
\`\`\`

| of a rule | |
|---|---|
| \`off\` | true: it is not looked at; what fired is resolved |
| \`limit\` | what its figure is compared with, in its own unit; a rule on latency takes a bound of its histogram: 1, 5, 20, 60, 80, 120 or 500 ms for answers, up to 120 for the shadow |
| \`for_min\` | minutes for which its condition holds before it fires |
| \`clear_min\` | minutes for which it must be over before it is resolved |

\`onay config --rules DIR\` writes the rule files for Prometheus as they are configured.
`

const NOTIFY = `See [notifications.md](notifications.md). Where a field has a variant that ends in \`_env\`, give one of the two: the value itself, or the
name of an environment variable in capitals.
`

const PROSE: Readonly<Partial<Record<Section, string>>> = { alerts: ALERTS, notify: NOTIFY }

/** What `npm run rules` writes, by path. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const sections = Object.keys(SECTIONS).filter((name): name is Section => name in SECTIONS)
  return { 'docs/configuration.md': [INTRO, ...sections.map(sectionText)].join('\n') }
}

function sectionText(section: Section): string {
  const prose = PROSE[section]
  const parts = [`## ${SECTIONS[section]}\n`, ...(prose === undefined ? [] : [prose])]
  if (section !== 'alerts') parts.push(tableText(section))
  return parts.join('\n')
}

function tableText(section: Section): string {
  const fields = explainedFields()
  const groups = Object.entries(SECTION_OF).flatMap(([group, its]) => (its === section ? [group] : []))
  const rows = groups.flatMap((group) => fields.filter(({ field }) => field.startsWith(`${group}.`)))
  return [
    '| field | default | range | |',
    '|---|---|---|---|',
    ...rows.map(
      ({ field, default: usual, range, about }) => `| \`${field}\` | ${defaultText(usual)} | ${range} | ${about} |`,
    ),
    '',
  ].join('\n')
}

/** A value that is not there, or an object or list that is empty, is none. */
function defaultText(value: unknown): string {
  if (value === null || typeof value === 'object') return 'none'
  return typeof value === 'string' ? `\`${value}\`` : JSON.stringify(value)
}
