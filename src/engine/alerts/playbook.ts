/** Nights that go wrong: what you see, what to press, how you know that it is over. docs/playbook.md is made of it, and `?` on an alert shows it. */

interface PlaybookCase {
  readonly title: string
  /** Alerts that belong to it: each rule to one case at most. */
  readonly rules: readonly string[]
  /** Keys and commands between backquotes. */
  readonly see: string
  readonly press: string
  readonly over: string
}

export const PLAYBOOK = {
  staleness: {
    title: 'The feed has stalled',
    rules: ['MLFeatureStaleness', 'MLDataGap'],
    see: '`MLDataGap`, then `MLFeatureStaleness`; the top line names what the exchange said last; answers say `abstain`',
    press:
      'nothing has to be pressed: answers abstain by themselves. `K` `K` if callers must not fall back on anything of their own; `onay status` names the trouble',
    over: 'rows are fresh again, both alerts are resolved, minutes that were missed are marked `backfilled`',
  },
  drift: {
    title: 'Drift',
    rules: ['MLDriftCritical', 'MLDriftAsksKill'],
    see: '`MLDriftCritical`, or `MLDriftAsksKill` beyond every limit; `]` up to *Live: the last 24 hours* names the feature',
    press:
      'one feature alone: look at the feed first, its rows may be wrong. `K` `K` for `MLDriftAsksKill` until somebody has looked. Then `r` to retrain',
    over: '`onay drift` exits with 0, two checks after the cause is gone; the planned retraining disappears from the jobs',
  },
  canary: {
    title: 'A canary does badly',
    rules: [
      'MLCanaryPredictLatencyP95High',
      'MLCanaryShadowMatchLow',
      'MLCanaryShadowErrorRateHigh',
      'MLCanaryModelErrorsHigh',
    ],
    see: '`MLCanaryShadowErrorRateHigh`, `MLCanaryModelErrorsHigh` or a share of matches that falls; the judge aborts by itself where it is certain',
    press:
      '`a` `a`, or Ctrl+K twice, from anywhere, within a prompt too: a canary that answers callers (`--mode serve`) answers none from then on',
    over: 'the canary panel says `ABORTED`, the share is 0; the candidate stays in the shadow',
  },
  disk: {
    title: 'The disk is full',
    rules: [],
    see: '`predictions` or `evidence` among the troubles; predictions are refused with 507',
    press:
      'free some space: older files in `backups/`, logs under `.onay/log`. The kill switch works meanwhile: its file was made at its full size',
    over: 'the troubles are gone within a minute; evidence that waited is written, `onay evidence verify` matches',
  },
  database: {
    title: 'The database is damaged',
    rules: [],
    see: 'the room does not open, or says that a row cannot be used',
    press:
      'keep the file. `onay backup --list`, then `onay restore FILE --data-dir NEW`; if the kill switch is to be on, `onay kill on --data-dir NEW`; then `onay start --data-dir NEW`, with the `--feed` and `--symbol` of before on a real feed',
    over: '`onay checklist --data-dir NEW` says `READY`; an exchange feed has fetched the bars since',
  },
  promotion: {
    title: 'The wrong model was promoted',
    rules: [],
    see: "the outcome line is worse than the former model's, or somebody says so",
    press: '`onay rollback --reason "..."`: the former model answers at once. Nothing needs an approval',
    over: 'the first line says who is in charge; the promotion and its reason stay in the chain, `onay evidence bundle` shows both',
  },
  clock: {
    title: 'The clock is off',
    rules: [],
    see: "`this machine's clock is ... s behind` or `ahead` among the troubles; features look old, or minutes come late",
    press: "set the machine's clock, by NTP. The room needs no restart",
    over: 'the trouble goes with the next measurement, ten minutes later at most',
  },
} as const satisfies Readonly<Record<string, PlaybookCase>>

/** The case that an alert belongs to; undefined where its rule says all that there is to do. */
export function playbookCaseOf(rule: string): PlaybookCase | undefined {
  const cases: readonly PlaybookCase[] = Object.values(PLAYBOOK)
  return cases.find(({ rules }) => rules.includes(rule))
}

/** docs/playbook.md. */
export function playbookPage(): string {
  const cases = Object.values(PLAYBOOK).map(
    ({ title, see, press, over }) =>
      `## ${title}\n\n| | |\n|---|---|\n| you see | ${see} |\n| press | ${press} |\n| over | ${over} |\n`,
  )
  return [
    '# Playbook',
    '',
    'Seven nights that go wrong: what you see, what to press, how you know that it is over. Nothing here raises risk, so none of it waits',
    'for an approval unless it says so. If in doubt, press `K` `K`, or Ctrl+X twice while a text is typed: every answer abstains from that',
    'moment on, and nothing else stops. On the screen, `?` on an alert that fires shows what belongs to it. The [runbook](runbook.md) has',
    'every alert by name. Made of `src/engine/alerts/playbook.ts` by `npm run rules`: change it there.',
    '',
    ...cases,
  ].join('\n')
}
