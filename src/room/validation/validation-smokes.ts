import { ownToken } from '../../db/own-token.ts'
import type { Column } from '../../engine/features/catalogue.ts'
import { messageOf, OperatorError, unavailable } from '../../engine/kernel/errors.ts'
import { DAY_MS } from '../../engine/kernel/units.ts'
import type { SmokeDocument } from '../../evidence/documents/documents.ts'
import type { LineUp } from '../../serving/line-up.ts'
import { runTask } from '../../work/run.ts'
import { SMOKE_CONNECTIONS, SMOKE_REQUESTS } from '../../work/smoke-task.ts'
import type { Desks } from '../desk/desks.ts'
import type { RoomState } from '../desk/room-state.ts'
import type { SmokeRuns, SmokeSubject } from './smoke-run.ts'

/** Rows of so long before now are what the requests carry, drawn with this seed. */
const ROWS_MS = DAY_MS
const ROWS_SEED = 1
const SCRAPE_TIMEOUT_MS = 10_000

export interface FiringParts {
  readonly desks: Desks
  readonly smokes: SmokeRuns
  readonly state: RoomState
}

/** A run of requests: at which models, and what is judged. */
interface Shots {
  readonly lineUp: LineUp
  /** Whose scores must be the answers. */
  readonly answeredBy: string
  readonly subject: SmokeSubject
}

/**
 * Fires the requests of a smoke at models, whatever stands in the slots, and judges it. Each carries a row of the last day:
 * a thousand answers for one row would say of a match rate no more than one answer.
 * @throws OperatorError when the signal ends it
 */
export async function fireAt(
  { desks, smokes, state }: FiringParts,
  symbol: string,
  shots: Shots,
  signal: AbortSignal,
  tell: (share: number, step: string) => void,
): Promise<SmokeDocument> {
  const desk = desks.of(symbol)
  const run = smokes.begin(symbol, shots.lineUp)
  const untilMs = (desk.latest?.tsMs ?? 0) + 1
  try {
    const figures = await runTask(
      {
        kind: 'smoke',
        version: shots.subject.version,
        dataDir: desks.options.dataDir,
        url: listening(state),
        run,
        symbol,
        answeredBy: shots.answeredBy,
        requests: SMOKE_REQUESTS,
        connections: SMOKE_CONNECTIONS,
        timeoutMs: desks.options.config.smoke.timeout_ms,
        rows: { fromMs: untilMs - ROWS_MS, untilMs, columns: columnsOf(shots.lineUp), seed: ROWS_SEED },
      },
      { signal, onProgress: tell },
    )
    await smokes.settled(run, figures.success)
    return smokes.end(run, figures, shots.subject)
  } finally {
    smokes.drop(run)
  }
}

/** The room's metrics as anybody sees them: over HTTP. @throws OperatorError when they cannot be read */
export async function scrape({ desks, state }: FiringParts, symbol: string, signal: AbortSignal): Promise<string> {
  const token = ownToken(desks.options.dataDir)
  try {
    const response = await fetch(`${listening(state)}/ml/metrics?symbol=${encodeURIComponent(symbol)}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(SCRAPE_TIMEOUT_MS)]),
    })
    if (response.ok) return await response.text()
    throw new Error(`status ${response.status}`)
  } catch (error) {
    const { aborted } = signal
    throw new OperatorError(
      'the metrics could not be read',
      aborted ? 'it was cancelled' : messageOf(error),
      'start it again with: onay validate',
      aborted ? 'cancelled' : 'metrics',
      aborted ? 409 : 500,
    )
  }
}

function listening({ url }: RoomState): string {
  if (url !== null) return url
  throw unavailable(
    "the room's HTTP server is not up yet",
    'smokes are fired over HTTP',
    'try again in a moment',
    'no_url',
  )
}

/** What the rows must have, for whoever answers and whoever runs in the shadow. */
function columnsOf({ standing }: LineUp): Column[] {
  return [...new Set(standing.flatMap(({ model }) => [...model.features]))]
}
