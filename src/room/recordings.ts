import { OperatorError } from '../engine/kernel/errors.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { fileFingerprint } from '../feeds/bars-file.ts'
import { RecordingFeed } from '../feeds/recording.ts'
import type { Core } from './core.ts'

/**
 * Opens a recording where the room left it. The database remembers path, hash and line: the same file goes on behind the
 * last line, another file is read from its beginning, and its bars that are there already count as duplicates.
 */
export async function openRecording(
  core: Core,
  symbol: string,
  path: string,
  span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
): Promise<{ feed: RecordingFeed; resumed: boolean }> {
  const { desk } = core.station(symbol)
  if (desk.feed.clockKind === 'real' && desk.newestBar !== null) {
    throw new OperatorError(
      `${symbol} is fed in real time in this data directory`,
      'a recording would put it on another clock',
      'use another --data-dir',
      'clock',
      409,
    )
  }
  const { sha256 } = await fileFingerprint(path)
  const resumed = desk.feed.sha256 === sha256
  if (!resumed) {
    desk.feed.path = path
    desk.feed.sha256 = sha256
    desk.feed.line = 0
  }
  return {
    feed: new RecordingFeed(path, desk.feed.line, span, resumed ? (desk.newestBar?.tsMs ?? null) : null),
    resumed,
  }
}
