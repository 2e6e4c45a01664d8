import { describe, expect, it } from 'vitest'
import { generatedFiles } from '../../../src/engine/alerts/made.ts'
import { ruleFile, ruleTestFile } from '../../../src/engine/alerts/prometheus.ts'
import { oneSeries, type Rule } from '../../../src/engine/alerts/rule.ts'
import { RULES } from '../../../src/engine/alerts/rules.ts'
import { runbook } from '../../../src/engine/alerts/runbook.ts'
import { MINUTE } from '../../kit/moments.ts'

const SLOW: Rule = {
  name: 'MLSlow',
  severity: 'warning',
  forMs: 10 * MINUTE,
  clearMs: 5 * MINUTE,
  canary: true,
  summary: 'It is "slow".',
  next: ['Look.', 'Wait.'],
  expr: 'slow > 1',
  labels: { job: 'onay' },
  example: oneSeries('slow', { afterMin: 12, fires: '2x20', quiet: '1x20' }),
  read: () => null,
}
const AT_ONCE: Rule = { ...SLOW, name: 'MLGone', severity: 'critical', forMs: 0, clearMs: 0, canary: true }
const DOWN: Rule = { ...AT_ONCE, name: 'MLEngineDown' }

const HEAD = '# Made of the catalogue in src/engine/alerts by npm run rules: change it there.\n'

/** The lines of a rule between its `expr` and what it means. */
const timesOf = (rule: Rule): string[] =>
  ruleFile('g', [rule])
    .split('\n')
    .slice(7, -5)
    .map((line) => line.trim())

describe('a rule file of Prometheus', () => {
  it('holds a rule with its condition, its times and what it means', () => {
    expect(ruleFile('onay', [SLOW])).toBe(`${HEAD}groups:
  - name: onay
    interval: 30s
    rules:
      - alert: MLSlow
        expr: "slow > 1"
        for: 10m
        keep_firing_for: 5m
        labels: {severity: warning}
        annotations:
          summary: "It is \\"slow\\"."
          description: "Look. Wait."
          runbook: "docs/runbook.md#mlslow"
`)
  })

  it('says nothing of times for a rule that fires and is resolved at once, and two minutes for a room that is down', () => {
    expect(timesOf(AT_ONCE)).toEqual(['labels: {severity: critical}'])
    expect(timesOf(DOWN)).toEqual(['for: 2m', 'labels: {severity: critical}'])
  })
})

describe('the tests of the rules', () => {
  it('have each fire on one series and stay silent on another', () => {
    expect(ruleTestFile(['a.yml', 'b.yml'], [SLOW])).toBe(`${HEAD}rule_files:
  - a.yml
  - b.yml
evaluation_interval: 1m
tests:
  - name: MLSlow fires
    interval: 1m
    input_series:
      - {series: "slow", values: "2x20"}
    alert_rule_test:
      - eval_time: 12m
        alertname: MLSlow
        exp_alerts:
          - exp_labels: {severity: warning, job: onay}
            exp_annotations:
              summary: "It is \\"slow\\"."
              description: "Look. Wait."
              runbook: "docs/runbook.md#mlslow"
  - name: MLSlow stays silent
    interval: 1m
    input_series:
      - {series: "slow", values: "1x20"}
    alert_rule_test:
      - eval_time: 12m
        alertname: MLSlow
        exp_alerts: []
`)
  })
})

describe('the runbook', () => {
  const sectionOf = (rule: Rule): string => runbook([rule]).split('## Alerts\n')[1]?.trim() ?? ''

  it('says of each rule what it means, when it fires, and what to do', () => {
    expect(sectionOf(SLOW)).toBe(
      '### MLSlow\n\nIt is "slow". Severity warning; fires after 10 minutes, is resolved after 5 minutes. Configuration: `alerts.MLSlow`.\n\n- Look.\n- Wait.',
    )
    expect(sectionOf(AT_ONCE)).toContain('Severity critical; fires at once, is resolved at once. Configuration: `')
  })
})

describe('the files that are made of the catalogue', () => {
  it('have the rules of a canary in one of their own', () => {
    const files = generatedFiles()
    const names = (file: string) => [...(files[file] ?? '').matchAll(/alert: (\w+)/g)].map(([, name]) => name)
    expect(names('rules/ml-canary.yml')).toEqual(RULES.filter(({ canary }) => canary).map(({ name }) => name))
    expect(names('rules/ml.yml')).toEqual(RULES.filter(({ canary }) => !canary).map(({ name }) => name))
  })
})
