/** Where the story on the recording of BTCUSDT stands at some of its moments, so that tests can begin there. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Replayed, type ReplayedSeen } from './documents.ts'
import { directoryOnce } from './once.ts'
import { type Stage } from './program.ts'
import { BTC } from './samples.ts'

/** When `opening` and `candidate` stand. */
export const OPENING = '2025-05-26T00:00:00.000Z'

/** What the last replay of a directory has said, in the directory. */
const REPLAYED = 'replayed.json'

/**
 * `opening`: 26 May, v1.8-b0 is in charge. `candidate`: v1.8.1 has just gone into its shadow. `secondOfJune`: it has been there
 * for a week, of which nothing was played live.
 */
export type StageName = keyof typeof RECIPES

const RECIPES = {
  opening: async (shell: Stage) => btc(shell, shell.fresh(), '2025-05-26'),
  candidate: async (shell: Stage) => retrained(shell, await prepare(shell, 'opening')),
  secondOfJune: async (shell: Stage) => btc(shell, await prepare(shell, 'candidate'), '2025-06-02'),
} as const

/** A copy of the directory for the caller alone. */
export async function prepare(shell: Stage, stage: StageName): Promise<string> {
  return shell.copy(await directoryOnce(stage, () => RECIPES[stage](shell)))
}

function btc(shell: Stage, dataDir: string, until: string): Promise<string> {
  return replayed(shell, BTC, 'BTCUSDT', dataDir, until)
}

/** What the replay has said that made the directory. */
export function replayOf(dataDir: string): ReplayedSeen {
  return Replayed.parse(JSON.parse(readFileSync(join(dataDir, REPLAYED), 'utf8')))
}

/** Replays on to a day. What the program says of it stays in the directory. */
export async function replayed(
  shell: Stage,
  file: string,
  symbol: string,
  dataDir: string,
  until: string,
): Promise<string> {
  const said = await shell.json(['replay', file, '--symbol', symbol, '--until', until, '--data-dir', dataDir])
  writeFileSync(join(dataDir, REPLAYED), JSON.stringify(said))
  return dataDir
}

export async function retrained(shell: Stage, dataDir: string): Promise<string> {
  await shell.json(['retrain', '--version', 'v1.8.1', '--data-dir', dataDir])
  return dataDir
}
