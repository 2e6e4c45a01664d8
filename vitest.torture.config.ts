/** What `npm run torture` runs: the tests that do at random what they do, and those that are too long for every run. */
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/kit/longest-first.ts'
import usual from './vitest.config.ts'

export default defineConfig({
  ...usual,
  test: {
    // As above it ends what hangs; three hundred kills take their time on a machine that does other things besides.
    testTimeout: 1_800_000,
    hookTimeout: 900_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    isolate: false,
    include: ['test/torture/**/*.test.ts', 'test/e2e/kills/{serve,history,canary}-kill.test.ts', 'test/room/record/tampering.long.test.ts'],
    globalSetup: ['test/kit/built.ts', 'test/kit/shared-root.ts'],
  },
})
