import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { compiledSources } from './test/kit/compiled-sources.ts'
import { LongestFirst } from './test/kit/longest-first.ts'
import { memoryDirectory } from './test/kit/memory-directory.ts'

const memory = process.env.TMPDIR === undefined ? memoryDirectory() : null
if (memory !== null) process.env.TMPDIR = memory

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }

/** Those that live through hours of a room, wait for processes or work out a figure: seconds each. */
const LONG = ['test/**/*.long.test.{ts,tsx}']
const globalSetup = ['test/kit/built.ts', 'test/kit/shared-root.ts']

const define = { ONAY_VERSION: JSON.stringify(version) }

export default defineConfig({
  // As the build does: what is written in this process and by the program is the same to the last byte.
  define,
  plugins: [compiledSources(define)],
  test: {
    // What a test waits for is a condition, never a time; these end one that hangs.
    testTimeout: 600_000,
    hookTimeout: 900_000,
    // One more than two cores: rooms run in the process of their test, and few tests wait for another process.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Files leave nothing behind in their process, so that they may share it and the modules that it has loaded.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...LONG, 'test/e2e/**', 'test/torture/**'],
          globalSetup,
        },
      },
      { extends: true, test: { name: 'long', include: LONG, globalSetup } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup,
        },
      },
    ],
  },
})
