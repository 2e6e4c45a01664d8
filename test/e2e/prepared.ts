/** A directory as it is on 26 May, with v1.8.1 in the shadow: where act 1 begins. */
import { BTC, type Stage } from './program.ts'

export const OPENING = '2025-05-26T00:00:00.000Z'

export async function prepare(shell: Stage, options: { readonly candidate: boolean }): Promise<string> {
  const dataDir = shell.fresh()
  await shell.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', '2025-05-26', '--data-dir', dataDir])
  if (options.candidate) await shell.json(['retrain', '--version', 'v1.8.1', '--data-dir', dataDir])
  return dataDir
}
