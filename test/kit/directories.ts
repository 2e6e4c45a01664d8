import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { OperatorError } from '../../src/engine/kernel/errors.ts'

/** Directories of their own for the tests of a file, gone when they are through. */
export function freshDirectories(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'onay-test-'))
  let made = 0
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  return () => join(root, `${made++}`)
}

/** What an act was refused with. @throws when it was not, or by something that is not for people */
export function refusal(act: () => unknown): OperatorError {
  try {
    act()
  } catch (error) {
    if (error instanceof OperatorError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
