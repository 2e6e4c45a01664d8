/** In the process of a test file, before anything of it is loaded: which mutant is on, and which are reached. */

/** A mutant that is reached so often turns in a loop that it has made endless. */
const MAX_TIMES = 2_000_000

const state = { on: '', hits: new Set(), times: 0 }
globalThis.__mutants = state
globalThis.__mutant = (id) => {
  if (state.on === '') {
    state.hits.add(id)
    return false
  }
  if (id !== state.on) return false
  if (++state.times > MAX_TIMES) throw new Error('this mutant turns in an endless loop')
  return true
}
