import { ruleFile, ruleTestFile } from './prometheus.ts'
import { RULES } from './rules.ts'
import { runbook } from './runbook.ts'

/** Every file that is made of the catalogue, by its path in the project. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    'rules/ml.yml': ruleFile(
      'onay',
      RULES.filter((rule) => rule.canary === undefined),
    ),
    'rules/ml-canary.yml': ruleFile(
      'onay-canary',
      RULES.filter((rule) => rule.canary !== undefined),
    ),
    'rules/ml.test.yml': ruleTestFile(['ml.yml', 'ml-canary.yml'], RULES),
    'docs/runbook.md': runbook(RULES),
  }
}
