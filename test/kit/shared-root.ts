/** A directory that all test files of one run share, for what is dear to make and the same for all; it goes with the run. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    readonly sharedRoot: string
  }
}

export function setup(project: TestProject): () => void {
  const root = mkdtempSync(join(tmpdir(), 'onay-shared-'))
  project.provide('sharedRoot', root)
  return () => rmSync(root, { recursive: true, force: true })
}
