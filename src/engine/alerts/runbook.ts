import { MINUTE_MS } from '../kernel/units.ts'
import type { Rule } from './rule.ts'
import { isLimited, USUAL_LIMITS } from './rule-limits.ts'

/** Situations that no single rule covers. */
const SITUATIONS: readonly (readonly [title: string, lines: readonly string[]])[] = [
  [
    'Stop every answer',
    [
      '`K` `K` on the screen, or `onay kill on --reason "..."`, or `curl -X POST -H "Authorization: Bearer $(cat .onay/token)" "localhost:4010/ml/kill?enabled=true"`. Every answer abstains from then on, without an approval, also on a full disk and after a restart. Shadow, settlement and recording go on.',
      '`onay kill` says who threw it, when and why. `onay kill off`, or `K` `K` again, asks for ONAY to take it back.',
    ],
  ],
  [
    'Emergency rollback',
    [
      '`b` `b` on the screen, or `onay rollback --reason "..."`, or `curl -X POST -H "Authorization: Bearer $(cat .onay/token)" localhost:4010/rollback`. The former model answers the next request, without an approval.',
      'There is a former model until another promotion follows. Without one: stop the callers, or start a room on another port in a new directory, where the fallback answers until a first model is trained.',
      'Afterwards: `onay models`, the events, and `onay evidence verify`.',
    ],
  ],
  [
    'Staleness spike',
    [
      'Answers abstain by themselves while the newest row is older than two bars: MLDataGap after five minutes, then MLFeatureStaleness.',
      'The troubles at the top of the screen name what the feed said last. On an exchange feed the room fetches what it missed by itself and marks it backfilled; pushed bars that come after newer ones are late and dropped: `onay import bars FILE` fills the gap, while the room runs or not.',
    ],
  ],
  [
    'Drift alert',
    [
      'MLPSIWarning, MLPSICritical, MLDriftCritical, MLPSIJump: open the drift panel (Tab, Enter) for the feature and its course. `onay psi --trend 7d` gives the figures.',
      'Retrain (`r`): the routine is the same features on a newer window. Gate 1 then waits for seven days that the new reference has not seen.',
    ],
  ],
  [
    'Poor canary',
    [
      '`a` `a`, or Ctrl+K twice, from anywhere, also within a prompt. The share is 0 for the next request. Over HTTP: `POST /canary/abort`.',
      'The canary panel and `evidence/ml/canary_run_*.json` say what the judge saw. The candidate stays in the shadow.',
    ],
  ],
  [
    'Breaker open',
    [
      'The shadow is stopped because the candidate failed; callers notice nothing. Every 20th prediction is tried, and 50 clean ones in a row close it.',
    ],
  ],
  [
    'Engine down',
    [
      '`onay start` on the same data directory: it continues in the same canary phase with the same prompts. Only one room can have a directory; the error names the process that has it.',
      'A database that is reported as damaged is never overwritten: restore a copy, or start in a new directory and import the bars.',
    ],
  ],
  [
    'Database damaged',
    [
      '`onay backup --list` names the backups; `onay restore FILE --data-dir NEW` lays one out and verifies it. Open it with `onay start --data-dir NEW`: it stands where the backup was taken.',
      'An exchange feed then fetches the bars since; predictions and decisions since are in the damaged file alone: keep it.',
    ],
  ],
  [
    'Disk full',
    [
      'The troubles name it. Predictions that cannot be stored are refused with 507 and never answered as if they were; evidence waits in the outbox and is written once there is space.',
      'Free some space: old files under `.onay/log`, rotated `features_raw` logs beyond their retention, other data. Nothing else needs to be done.',
    ],
  ],
]

/** The runbook: for each rule what it means and what to do next. */
export function runbook(rules: readonly Rule[]): string {
  const situations = SITUATIONS.map(
    ([title, lines]) => `## ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`,
  )
  const alerts = rules.map(
    (rule) =>
      `### ${rule.name}\n\n${rule.summary} ${saidOf(rule)}\n\n${rule.next.map((line) => `- ${line}`).join('\n')}\n`,
  )
  return [
    '# Runbook',
    '',
    'What to do when something fires. Made of the catalogue in `src/engine/alerts` by `npm run rules`: change it there.',
    '',
    'Limits and times can be changed, and rules turned off, in the [configuration](configuration.md#alerts); what is said here is without one.',
    '',
    'To say that you have seen an alert: `x` on the screen, with a reason; or `POST /alerts/NAME/ack`.',
    '',
    ...situations,
    '## Alerts',
    '',
    ...alerts,
  ].join('\n')
}

function saidOf({ name, severity, forMs, clearMs }: Rule): string {
  const when = forMs === 0 ? 'at once' : `after ${forMs / MINUTE_MS} minutes`
  const over = clearMs === 0 ? 'at once' : `after ${clearMs / MINUTE_MS} minutes`
  const usual = isLimited(name) ? `, limit ${USUAL_LIMITS[name]}` : ''
  return `Severity ${severity}; fires ${when}, is resolved ${over}. Configuration: \`alerts.${name}\`${usual}.`
}
