// A room of the sample with a candidate in its shadow, and its desks read in this process.
import { join } from 'node:path'
import { bundled } from './bundled.mjs'
import { onay, sample, SYMBOL, temporary } from './processes.mjs'

/**
 * Plays the sample into a directory, and trains a candidate on the way.
 * @param {string} dataDir
 * @param {{ trained: string, until: string }} days when the candidate is trained, and up to when it is in the shadow
 */
export async function playWithCandidate(dataDir, { trained, until }) {
  const replay = ['replay', sample, '--symbol', SYMBOL, '--data-dir', dataDir, '--json']
  await onay([...replay, '--until', trained])
  await onay(['retrain', '--symbol', SYMBOL, '--version', 'v1.8.1', '--data-dir', dataDir])
  await onay([...replay, '--until', until])
}

/** What a bundle has to hold for its desks to be opened. */
export const DESKS = ['room/desk/desks.ts', 'room/config/config.ts']

/** The desks of a room that no process serves. @param {any} code a bundle @param {string} dataDir @param {'read' | 'write'} mode */
export function openDesks(code, dataDir, mode) {
  return new code.Desks({
    dataDir,
    evidenceDir: join(dataDir, 'evidence'),
    mode,
    config: code.defaultConfig(),
    clockKind: 'replay',
    wall: { now: () => 0 },
    version: 'bench',
    symbols: [],
  })
}

/**
 * The desk of such a room, to be read.
 * @param {{ trained: string, until: string }} days @param {readonly string[]} files of src/ that the bench calls besides
 * @returns {Promise<{ code: any, desks: any, desk: any }>}
 */
export async function deskWithCandidate(days, files) {
  const dir = temporary()
  const dataDir = join(dir, 'room')
  await playWithCandidate(dataDir, days)
  const code = await bundled(join(dir, 'bundle'), [...DESKS, ...files])
  const desks = openDesks(code, dataDir, 'read')
  return { code, desks, desk: desks.of(SYMBOL) }
}
