/** A directory in which everything has happened that a reader may look up: trained, released, watched, pruned, closed. */
import { join } from 'node:path'
import { defaultConfig, type Config } from '../../src/room/config/config.ts'
import { accessCommands } from '../../src/room/handlers/access-commands.ts'
import { Access } from '../../src/room/safety/access.ts'
import { planTraining } from '../../src/room/training/plan-training.ts'
import { register } from '../../src/room/training/register-model.ts'
import { runTask } from '../../src/work/run.ts'
import { DAY, HOUR, MINUTE, START } from './moments.ts'
import { BRIEF, judgement, ReleaseDesk, SYMBOL, WALL_MS } from './release-desk.ts'
import { configWith, run } from './room.ts'
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

/** Makes it, in a few seconds; nothing has it open afterwards. */
export async function tellRoom(dir: string): Promise<void> {
  await run(dir, SAMPLE, { config: config(), untilMs: RELEASED_MS })
  const stand = new ReleaseDesk(dir, { config: config() })
  try {
    await train(stand)
    release(stand)
    await giveTokens(stand)
  } finally {
    stand.close()
  }
  await run(dir, SAMPLE, { config: config(), untilMs: TOLD_UNTIL_MS })
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
