/** The catalogue as Prometheus takes it: rule files and their tests, as text. */
import { MINUTE_MS } from '../kernel/units.ts'
import type { Rule, Series } from './rule.ts'

const SYMBOL = 'BTCUSDT'
const HEAD = '# Made of the catalogue in src/engine/alerts by npm run rules: change it there.\n'

/** A rule file of one group. */
export function ruleFile(group: string, rules: readonly Rule[]): string {
  const lines = rules.flatMap((rule) => [
    `      - alert: ${rule.name}`,
    `        expr: ${quoted(rule.expr)}`,
    ...(forOf(rule) === 0 ? [] : [`        for: ${forOf(rule)}m`]),
    ...(rule.clearMs === 0 ? [] : [`        keep_firing_for: ${rule.clearMs / MINUTE_MS}m`]),
    `        labels: {severity: ${rule.severity}}`,
    '        annotations:',
    `          summary: ${quoted(rule.summary)}`,
    `          description: ${quoted(rule.next.join(' '))}`,
    `          runbook: ${quoted(`docs/runbook.md#${rule.name.toLowerCase()}`)}`,
  ])
  return `${HEAD}groups:\n  - name: ${group}\n    interval: 30s\n    rules:\n${lines.join('\n')}\n`
}

/** The tests of the rules, for `promtool test rules`: each fires on one series and stays silent on another. */
export function ruleTestFile(files: readonly string[], rules: readonly Rule[]): string {
  const tests = rules.flatMap((rule) => [
    ...testOf(rule, 'fires', rule.example.fires, true),
    ...testOf(rule, 'stays silent', rule.example.quiet, false),
  ])
  const head = `${HEAD}rule_files:\n${files.map((file) => `  - ${file}`).join('\n')}\nevaluation_interval: 1m\ntests:\n`
  return `${head}${tests.join('\n')}\n`
}

function testOf(rule: Rule, does: string, series: readonly Series[], fires: boolean): string[] {
  return [
    `  - name: ${rule.name} ${does}`,
    '    interval: 1m',
    '    input_series:',
    ...series.map(
      ({ series: name, values }) => `      - {series: ${quoted(ofSymbol(name))}, values: ${quoted(values)}}`,
    ),
    '    alert_rule_test:',
    `      - eval_time: ${rule.example.afterMin}m`,
    `        alertname: ${rule.name}`,
    ...(fires
      ? [
          '        exp_alerts:',
          `          - exp_labels: {${labelsOf(rule)}}`,
          '            exp_annotations:',
          `              summary: ${quoted(rule.summary)}`,
          `              description: ${quoted(rule.next.join(' '))}`,
          `              runbook: ${quoted(`docs/runbook.md#${rule.name.toLowerCase()}`)}`,
        ]
      : ['        exp_alerts: []']),
  ]
}

/** Prometheus notices by itself, and after a while, that the room is down; the room can only see later that it was. */
function forOf(rule: Rule): number {
  return rule.name === 'MLEngineDown' ? 2 : rule.forMs / MINUTE_MS
}

function labelsOf(rule: Rule): string {
  const own = Object.entries(rule.labels ?? {}).map(([name, value]) => `${name}: ${value}`)
  const symbol = rule.example.fires.some(({ series }) => ofSymbol(series) !== series) ? [`symbol: ${SYMBOL}`] : []
  return [`severity: ${rule.severity}`, ...own, ...symbol].join(', ')
}

/** Every series of the room itself has its symbol. */
function ofSymbol(series: string): string {
  if (!series.startsWith('ml_')) return series
  const [name, labels] = series.split(/[{}]/)
  return `${name}{symbol="${SYMBOL}"${labels === undefined ? '' : `,${labels}`}}`
}

/** As a YAML text in double quotes, which JSON's are. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
