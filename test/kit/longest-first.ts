/** The order in which test files are run: the longest first, so that none of them is left to one worker at the end. */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * By what they took on two quiet cores. A checkout that has never run the tests knows no durations, and Vitest would begin with
 * the files that have the most text.
 */
export const LONGEST = [
  'acts/acts',
  // They prepare nothing that the first is making.
  'own-model',
  'screen',
  'kills/history-kill',
  'evidence',
  'exchange',
  'golden/golden-pipeline',
  'kills/canary-kill',
  'acts/act-one-keys',
  'validation/validate',
  'kills/bake-kill',
  'attach',
  'kills/serving-canary-kill',
  'report',
  'http-model',
  'watching/prometheus-rules',
  'validation/pipeline',
  'kills/serve-kill',
  'notify',
  'acts/act-one',
  'rooms',
  'cli-data',
  'python',
].map((name) => `test/e2e/${name}.test.ts`)

const PROJECTS = ['e2e', 'long', 'unit']

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const listed = LONGEST.indexOf(relative(project.vitest.config.root, moduleId))
      if (listed >= 0) return listed
      // Those of a project together: its files share a process.
      return LONGEST.length + PROJECTS.indexOf(project.name)
    }
    const sorted = await super.sort(files)
    return sorted
      .map((file, i) => ({ file, i, rank: rank(file) }))
      .sort((a, b) => a.rank - b.rank || a.i - b.i)
      .map(({ file }) => file)
  }
}
