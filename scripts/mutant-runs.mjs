/** Goes through the tests of a file: once to see which mutants they reach, or once for each mutant of the plan. */
import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'

const dir = process.env.MUTANTS_DIR ?? '.'
const { ids, byTest } = JSON.parse(readFileSync(join(dir, 'plan.json'), 'utf8'))
const state = globalThis.__mutants
const atLoad = [...state.hits]
state.hits = new Set()

/** The name of a test within its file, without that of the mutant's block. */
function nameOf(task) {
  const names = []
  for (let at = task; at?.suite !== undefined; at = at.suite) names.unshift(at.name)
  return names.join(' > ')
}

export function eachMutant(tests) {
  if (ids === null) note(tests)
  else for (const id of ids) attempt(id, tests)
}

function note(tests) {
  const reached = {}
  const startMs = performance.now()
  describe('', () => {
    let shared = []
    beforeEach(({ task }) => {
      // What was reached since the test before is of hooks: every test of the file may rest on it.
      shared = [...shared, ...state.hits]
      state.hits = new Set()
      return () => {
        reached[nameOf(task)] = [...new Set([...shared, ...state.hits])]
        state.hits = new Set()
      }
    })
    afterAll(() => {
      const file = expect.getState().testPath ?? ''
      const ms = performance.now() - startMs
      const place = createHash('sha256').update(file).digest('hex').slice(0, 12)
      writeFileSync(join(dir, `hits-${place}.json`), JSON.stringify({ file, ms, atLoad, byTest: reached }))
    })
    tests()
  })
}

function attempt(id, tests) {
  describe('', () => {
    let killed = false
    let ended = 0
    beforeAll(() => {
      state.on = id
      state.times = 0
    })
    beforeEach(({ task, skip, onTestFailed }) => {
      if (killed || !(byTest[nameOf(task)] ?? []).includes(id)) skip()
      onTestFailed(() => {
        killed = true
      })
      return () => {
        ended++
      }
    })
    afterAll(() => {
      state.on = ''
      // A block whose hooks failed has run no test.
      const failed = killed || ended === 0
      appendFileSync(join(dir, 'ends'), `${id} ${failed ? 'killed' : 'survived'}\n`)
    })
    tests()
  })
}
