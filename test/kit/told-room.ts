/** A directory in which everything has happened that a reader may look up: trained, released, watched, pruned, closed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { defaultConfig, type Config } from '../../src/room/config/config.ts'
import { isoDate } from '../../src/engine/kernel/units.ts'
import { accessCommands } from '../../src/room/handlers/access-commands.ts'
import { Access } from '../../src/room/safety/access.ts'
import { planTraining } from '../../src/room/training/plan-training.ts'
import { register } from '../../src/room/training/register-model.ts'
import { runTask } from '../../src/work/run.ts'
import { DAY, HOUR, MINUTE, START } from './moments.ts'
import { BRIEF, judgement, ReleaseDesk, SYMBOL, WALL_MS } from './release-desk.ts'
import { configWith, run, writeRecording } from './room.ts'
import { ROOT } from './samples.ts'

const SAMPLE = join(ROOT, 'samples/btcusdt_1m.csv.gz')
/** An hour after the first model came. */
const RELEASED_MS = START + DAY + HOUR
/** The rows of the day before are digested, those of this day are not yet. */
const TOLD_UNTIL_MS = START + 4 * DAY + 2 * HOUR

function config(): Config {
  const shipped = configWith(1)
  const phases = [0.05, 0.25, 1].map((split) => ({ split, duration_min: 2 }))
  const { raw_days: _, ...retention } = shipped.retention
  return {
    ...shipped,
    canary: { ...defaultConfig().canary, min_live: 0, plans: { [BRIEF]: phases } },
    retention: { ...retention, raw_days: 2 },
  }
}

/** By the day, which hours of it there are: a reader goes through every row, and retention keeps the last 1,440 minutes. */
const TOLD_H: Readonly<Record<string, readonly [from: number, until: number]>> = {
  '2025-05-04': [22, 24],
  '2025-05-05': [0, 8],
  '2025-05-06': [0, 5],
  '2025-05-07': [0, 12],
  '2025-05-08': [0, 12],
  '2025-05-09': [0, 2],
}

/** The hours of the sample that are told of. */
function recording(dir: string): string {
  const [, ...lines] = gunzipSync(readFileSync(SAMPLE)).toString('utf8').trimEnd().split('\n')
  const isTold = (tsMs: number): boolean => {
    const [from, until] = TOLD_H[isoDate(tsMs)] ?? [0, 0]
    const hour = Math.floor((tsMs % DAY) / HOUR)
    return from <= hour && hour < until
  }
  return writeRecording(
    dir,
    lines.filter((line) => isTold(Number(line.slice(0, line.indexOf(','))))),
  )
}

/** Makes it, in a few seconds; nothing has it open afterwards. */
export async function tellRoom(dir: string): Promise<void> {
  const path = recording(`${dir}-recording`)
  await run(dir, path, { config: config(), untilMs: RELEASED_MS })
  const stand = new ReleaseDesk(dir, { config: config() })
  try {
    await train(stand)
    release(stand)
    await giveTokens(stand)
  } finally {
    stand.close()
  }
  await run(dir, path, { config: config(), untilMs: TOLD_UNTIL_MS })
}

async function train({ desk, desks, dir, nowMs }: ReleaseDesk): Promise<void> {
  const plan = planTraining(desk, config(), join(dir, 'data'), nowMs, {}, 'candidate')
  const outcome = await runTask(plan.task, { signal: new AbortController().signal })
  register(desk, desks.evidence, plan, outcome, nowMs, '0.0.0-test')
  // As a room that is open makes one.
  desk.transaction(() => desks.evidence.writeText('ml/daily/report_2025-05-05.html', '<p>fine</p>', nowMs))
  desks.drainOutbox()
}

function release(stand: ReleaseDesk): void {
  const { desk, desks, nowMs } = stand
  const candidate = desk.lineUp.candidate?.version ?? ''
  const verdicts = { verdicts: 'PPPPPP', figures: [], outcome: 'better', detail: null }
  // What a preflight asks for: gates that have judged the candidate, and a bar that has just come in.
  desk.transaction(() =>
    desks.store.watch.logGates({
      symbol: SYMBOL,
      tsMs: nowMs,
      round: 1,
      model: candidate,
      wallMs: WALL_MS,
      ...verdicts,
    }),
  )
  stand.judgement = judgement({ outcome: { verdict: 'worse' } })
  stand.approve(stand.request().id)
  for (let phase = 0; phase < 3; phase++) {
    stand.countInPhase({ tried: 300, comparisons: 300 })
    stand.look(2 * MINUTE)
  }
  const fromMs = stand.nowMs
  for (let hour = 0; hour < 24; hour++) stand.countHour(candidate, fromMs + hour * HOUR)
  stand.at(fromMs + DAY)
  stand.approve(stand.release.requestPromotion(SYMBOL, undefined, 'ada').id)
}

async function giveTokens({ desks, dir, wall }: ReleaseDesk): Promise<void> {
  const access = new Access(desks.store, join(dir, 'data'), () => wall.now())
  access.ensureOwn()
  const { addToken, revokeToken } = accessCommands({ desks, access, notify: undefined })
  for (const name of ['risk', 'trading']) await addToken({ kind: 'addToken', by: 'ada', name, person: 'grace' })
  await revokeToken({ kind: 'revokeToken', by: 'ada', name: 'trading' })
}
