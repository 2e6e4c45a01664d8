import { playbookPage } from './playbook.ts'
import { ruleFile, ruleTestFile } from './prometheus.ts'
import type { Rule } from './rule.ts'
import { RULES } from './rules.ts'
import { runbook } from './runbook.ts'

/** Every file that is made of the catalogue, by its path in the project. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const files = ruleFiles(RULES)
  const named = Object.entries(files).map(([name, text]) => [`rules/${name}`, text])
  return {
    ...Object.fromEntries(named),
    'rules/ml.test.yml': ruleTestFile(Object.keys(files), RULES),
    'docs/runbook.md': runbook(RULES),
    'docs/playbook.md': playbookPage(),
  }
}

/** The rule files for Prometheus, by their names. */
export function ruleFiles(rules: readonly Rule[]): Readonly<Record<string, string>> {
  return {
    'ml.yml': ruleFile(
      'onay',
      rules.filter((rule) => rule.canary === undefined),
    ),
    'ml-canary.yml': ruleFile(
      'onay-canary',
      rules.filter((rule) => rule.canary !== undefined),
    ),
  }
}
