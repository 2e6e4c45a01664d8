import { conflict, OperatorError } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { fileFingerprint } from '../../feeds/bars-file.ts'
import { RecordingFeed } from '../../feeds/recording.ts'
import { refuseFuture, surveyLines, surveyOf, type Survey } from '../../feeds/survey.ts'
import type { Desks } from '../desk/desks.ts'
import type { RoomLog } from '../desk/room-state.ts'

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
  /** A file with values of the user's own columns, taken in before anything is played. */
  readonly features: string | null
}

/** The recordings of a room, each opened where the room left it. */
export class Recordings {
  /** By the SHA-256 of the file: it is opened several times, and read as a whole once. */
  private readonly surveys = new Map<string, Survey>()

  constructor(
    private readonly desks: Desks,
    private readonly choice: Pick<RecordingFeedChoice, 'recordings' | 'fromMs' | 'untilMs'>,
    private readonly parts: { readonly log?: RoomLog; readonly signal?: AbortSignal } = {},
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
    const { surveys, parts } = this
    const { feed, resumed, survey } = await openRecording(desks, symbol, path, choice, {
      surveys,
      signal: parts.signal,
    })
    if (!resumed) for (const line of surveyLines(survey)) parts.log?.info(`${symbol}: ${line}`)
    return feed
  }
}

/**
 * Opens a recording where the room left it. The database remembers path, hash and line: the same file goes on behind the
 * last line, another file is read from its beginning, and its bars that are there already count as duplicates.
 * @throws OperatorError for a file without a sound row, in two units of time, or that goes on in the future when it is new here
 */
export async function openRecording(
  desks: Desks,
  symbol: string,
  path: string,
  span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
  reading: { readonly surveys?: Map<string, Survey>; readonly signal?: AbortSignal | undefined } = {},
): Promise<{ feed: RecordingFeed; resumed: boolean; survey: Survey }> {
  const desk = desks.of(symbol)
  if (desk.tape.feed.clockKind === 'real' && desk.tape.newestBar !== null) {
    throw conflict(
      `${symbol} is fed in real time in this data directory`,
      'a recording runs on another clock',
      'use another --data-dir',
      'clock',
    )
  }
  const { surveys, signal } = reading
  const { sha256 } = await fileFingerprint(path, signal)
  const resumed = desk.tape.feed.sha256 === sha256
  const survey = surveys?.get(sha256) ?? (await surveyOnce(desks, symbol, { path, sha256 }, signal))
  surveys?.set(sha256, survey)
  if (!resumed) {
    refuseFuture(survey, desks.options.wall.now(), span.untilMs)
    desk.tape.readFrom(path, sha256)
  }
  const previousMs = resumed ? (desk.tape.newestBar?.tsMs ?? null) : null
  return { feed: new RecordingFeed(survey, desk.tape.feed.line, span, previousMs, signal), resumed, survey }
}

/** A room that goes on with a file, whatever that is called now, has read it as a whole before. */
async function surveyOnce(
  { store }: Desks,
  symbol: string,
  file: { readonly path: string; readonly sha256: string },
  signal: AbortSignal | undefined,
): Promise<Survey> {
  const known = store.facts.of(symbol, 'survey')
  if (known?.sha256 === file.sha256) return { ...known, path: file.path }
  const { path, ...facts } = await surveyOf(file.path, signal)
  store.facts.setOf(symbol, 'survey', { ...facts, sha256: file.sha256 })
  return { ...facts, path }
}
