/** A directory as it is on 26 May, with v1.8.1 in the shadow: where act 1 begins. */
import { existsSync, mkdirSync, renameSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { BTC, until, type Stage } from './program.ts'

export const OPENING = '2025-05-26T00:00:00.000Z'

/** A copy of it for the caller alone. It is made once in a run of the tests, by whoever asks first. */
export async function prepare(shell: Stage, options: { readonly candidate: boolean }): Promise<string> {
  const made = join(inject('sharedRoot'), options.candidate ? 'candidate' : 'opening')
  const ready = await until(
    `the directory ${made}`,
    async () => existsSync(made) || (await makeOnce(shell, made, options)),
  )
  return ready ? shell.copy(made) : ''
}

/** The same made by the caller, whose configuration has a say in it. */
export async function prepareAnew(shell: Stage, { candidate }: { readonly candidate: boolean }): Promise<string> {
  const dataDir = shell.fresh()
  await shell.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', '2025-05-26', '--data-dir', dataDir])
  if (candidate) await shell.json(['retrain', '--version', 'v1.8.1', '--data-dir', dataDir])
  return dataDir
}

/** False while another file's test makes it. */
async function makeOnce(shell: Stage, made: string, options: { readonly candidate: boolean }): Promise<boolean> {
  const claim = `${made}.claimed`
  try {
    mkdirSync(claim)
  } catch {
    return false
  }
  try {
    renameSync(await prepareAnew(shell, options), made)
    return true
  } finally {
    rmdirSync(claim)
  }
}
