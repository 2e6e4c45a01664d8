import { conflict, OperatorError } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { fileFingerprint } from '../../feeds/bars-file.ts'
import { RecordingFeed } from '../../feeds/recording.ts'
import type { Desks } from '../desk/desks.ts'

export interface RecordingChoice {
  readonly symbol: string
  readonly path: string
}

export interface RecordingFeedChoice {
  readonly kind: 'recording'
  readonly recordings: readonly RecordingChoice[]
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
  /** `--speed max --until T`: history runs to T and the room waits there. */
  readonly firstStopMs: UnixMs | null
}

/** The recordings of a room, each opened where the room left it. */
export class Recordings {
  constructor(
    private readonly desks: Desks,
    private readonly choice: Pick<RecordingFeedChoice, 'recordings' | 'fromMs' | 'untilMs'>,
  ) {}

  /** @throws OperatorError when the symbol has no recording, or is fed in real time */
  async open(symbol: string): Promise<RecordingFeed> {
    const { desks, choice } = this
    const named = choice.recordings.find((recording) => recording.symbol === symbol)
    // A symbol of an earlier room that no recording plays now stays where it was.
    const path = named?.path ?? desks.of(symbol).tape.feed.path
    if (path === null)
      throw new OperatorError(
        `${symbol} has no recording`,
        'none was named',
        `name it with --recording ${symbol}=FILE`,
        'recording',
      )
    return (await openRecording(desks, symbol, path, choice)).feed
  }
}

/**
 * Opens a recording where the room left it. The database remembers path, hash and line: the same file goes on behind the
 * last line, another file is read from its beginning, and its bars that are there already count as duplicates.
 */
export async function openRecording(
  desks: Desks,
  symbol: string,
  path: string,
  span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
): Promise<{ feed: RecordingFeed; resumed: boolean }> {
  const desk = desks.of(symbol)
  if (desk.tape.feed.clockKind === 'real' && desk.tape.newestBar !== null) {
    throw conflict(
      `${symbol} is fed in real time in this data directory`,
      'a recording runs on another clock',
      'use another --data-dir',
      'clock',
    )
  }
  const { sha256 } = await fileFingerprint(path)
  const resumed = desk.tape.feed.sha256 === sha256
  if (!resumed) desk.tape.readFrom(path, sha256)
  return {
    feed: new RecordingFeed(path, desk.tape.feed.line, span, resumed ? (desk.tape.newestBar?.tsMs ?? null) : null),
    resumed,
  }
}
