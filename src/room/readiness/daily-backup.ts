import { BackupShape } from '../../db/backup-shelf.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { JobResult } from '../../jobs/contract.ts'
import { runProgram } from '../../work/run-program.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'

/**
 * Has the room copied by a process of its own: the long part of the daily backup. A recording can be played again, and a room is
 * copied once, not once a market.
 * @throws OperatorError where it could not be made, or is not whole
 */
export async function backUpDaily(
  desks: Pick<Desks, 'options' | 'all' | 'evidence'>,
  desk: Desk,
  atMs: UnixMs,
  signal: AbortSignal,
): Promise<() => JobResult> {
  const { dataDir, evidenceDir, program = null } = desks.options
  const [first] = desks.all()
  if (desk.tape.feed.clockKind === 'replay') return () => ({ ok: true, result: 'not of a recording' })
  if (first !== undefined && first !== desk) return () => ({ ok: true, result: `with ${first.symbol}` })
  // How old the newest one is has an alert of its own.
  if (program === null) return () => ({ ok: true, result: 'by hand: onay backup' })
  const words = [...program, 'backup', '--json', '--data-dir', dataDir, '--evidence-dir', evidenceDir]
  const { file, sha256, bytes, head } = BackupShape.parse(tryJson(await runProgram(words, 'backup', signal)))
  return () => {
    desks.evidence.recordFact('backup', file, atMs, { sha256, bytes, head })
    return { ok: true, result: `${(bytes / 1e6).toFixed(1)} MB` }
  }
}
