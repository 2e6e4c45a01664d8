/** The machine's clock is set wrong under a push feed: years and hours ahead and back, for a minute or until a restart. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { LEAD_MS } from '../../src/engine/market/market-clock.ts'
import { reading, lostPredictions } from '../kit/contents.ts'
import { stage, type Room } from '../kit/program.ts'
import { done, times } from '../kit/torture.ts'
import { until } from '../kit/until.ts'
import { MovableClock } from './movable-clock.ts'
import { barsUntil, push, PUSH, SYMBOL } from '../kit/pushed-bars.ts'

const YEAR_MS = 365 * DAY_MS
/** Of the first training here. */
const WINDOW_DAYS = 2
const BARS = 5_000
/** So long the clock is wrong: at least one moment of a minute and one between two falls into it. */
const WRONG_MS = 65_000
const LOOK_EVERY_MS = 1_000
/** After which a room that runs on has done so: two minutes, and what a machine that does other things takes. */
const RUNS_ON_MS = 150_000

const AHEAD = [
  ['3 years ahead', 3 * YEAR_MS],
  ['90 days ahead', 90 * DAY_MS],
  ['5 hours ahead', 5 * HOUR_MS],
] as const
const BACK = [
  ['3 hours back', -3 * HOUR_MS],
  ['2 years back', -2 * YEAR_MS],
] as const
const LASTING = ['for a minute', 'until it is restarted'] as const

interface Jump {
  readonly name: string
  readonly byMs: number
  readonly lasting: (typeof LASTING)[number]
}

const JUMPS: readonly Jump[] = [...AHEAD, ...BACK]
  .flatMap(([name, byMs]) => LASTING.map((lasting) => ({ name: `${name}, ${lasting}`, byMs, lasting })))
  .slice(0, times(2, Number.POSITIVE_INFINITY))

interface Kept {
  readonly reports: number
  readonly logs: readonly string[]
  readonly rows: number
}

/** What was seen of a jump. */
interface Seen {
  readonly before: Kept
  readonly after: Kept
  /** How many were acknowledged before the jump or under it, and are not there at the end. */
  readonly lost: number
  /** Of the answers under the wrong clock. */
  readonly decisions: readonly string[]
  readonly troubles: readonly string[]
  /** How far ahead of the right clock the market's was when that was right again. */
  readonly leadMs: number
  /** Whether the room went through minutes again soon after that. */
  readonly ranOn: boolean
  /** How its processes ended, and what the check of its evidence ended with. */
  readonly codes: readonly (number | null)[]
}

const Answer = z.object({ id: z.string(), decision: z.string() })
const Health = z.object({ model: z.string(), troubles: z.array(z.string()) })

const shell = stage()
/** By the jump's name; what it could not be tried for, where it could not. */
const seen = new Map<string, Seen | Error>()
const config = shell.configured({ training: { window_days: WINDOW_DAYS } })
const args = [...PUSH, ...config]
/** Rooms are at noon here, so that no day ends but by a jump. */
const noonMs = floorTo(Date.now(), DAY_MS) + DAY_MS / 2 - 10_000 - Date.now()

beforeAll(async () => {
  const clock = new MovableClock(shell.fresh(), noonMs - HOUR_MS)
  const first = await shell.serve(shell.fresh(), args, clock.machine)
  await push(first, barsUntil(clock.now(), BARS))
  await until('the first model', async () => Health.parse((await first.get('/healthz')).json).model === 'v1.8-b0')
  expect(await first.process.kill('SIGTERM')).toMatchObject({ code: 0 })
  const ended = await Promise.allSettled(JUMPS.map((jump) => observe(shell.copy(first.dataDir), jump)))
  for (const [i, one] of ended.entries())
    seen.set(
      JUMPS[i]?.name ?? '',
      one.status === 'fulfilled' ? one.value : new Error('not tried', { cause: one.reason }),
    )
})

function keptIn(dataDir: string): Kept {
  const count = (table: string): number =>
    reading(dataDir, (db) => Number(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()))
  const logs = readdirSync(join(dataDir, 'evidence/ml')).filter((name) => name.startsWith('features_raw_'))
  return { reports: count('reports'), logs: logs.sort(), rows: count('feature_rows') }
}

function clockMsOf(dataDir: string): number {
  return reading(dataDir, (db) => Number(db.prepare('SELECT clock_ms FROM feeds').pluck().get()))
}

async function observe(dataDir: string, { byMs, lasting }: Jump): Promise<Seen> {
  const clock = new MovableClock(shell.fresh(), noonMs)
  const codes: (number | null)[] = []
  let room = await shell.serve(dataDir, args, clock.machine)
  const restart = async (aheadMs: number): Promise<void> => {
    codes.push((await room.process.kill('SIGTERM')).code)
    clock.setAhead(aheadMs)
    room = await shell.serve(dataDir, args, clock.machine)
  }
  /** The program that pushes has the right time. */
  const pushed = (): Promise<unknown> => push(room, barsUntil(Date.now() + noonMs, 90))
  await pushed()
  const ids: string[] = []
  for (let i = 0; i < 20; i++) ids.push((await predicted(room)).id)
  const before = keptIn(dataDir)

  const decisions = new Set<string>()
  const troubles = new Set<string>()
  const lookUntil = async (what: string, untilMs: number): Promise<void> => {
    let nextMs = 0
    await until(what, async () => {
      // Often enough, and not so often that the rooms keep each other from their minutes.
      if (clock.now() < nextMs) return false
      nextMs = clock.now() + LOOK_EVERY_MS
      await room.change('/feed/bars', { symbol: SYMBOL, bars: barsUntil(Date.now() + noonMs, 3) })
      const { id, decision } = await predicted(room)
      ids.push(id)
      decisions.add(decision)
      for (const trouble of Health.parse((await room.get('/healthz')).json).troubles) troubles.add(trouble)
      return clock.now() >= untilMs
    })
  }
  done('clock jumps')
  clock.setAhead(noonMs + byMs)
  // What a process has read of its clock is old by then.
  await until('the room to see it', async () => (await staleness(room)) > HOUR_MS / 1_000)
  await lookUntil('a minute of the wrong clock', clock.now() + WRONG_MS)
  if (lasting === 'until it is restarted') {
    await restart(noonMs + byMs)
    await lookUntil('a minute of the wrong clock, after a start', clock.now() + WRONG_MS)
    await restart(noonMs)
  } else clock.setAhead(noonMs)

  const rightMs = clock.now()
  const leadMs = clockMsOf(dataDir) - rightMs
  let nextMs = rightMs
  const runsOn = async (): Promise<boolean> => {
    if (clock.now() < nextMs) return false
    nextMs = clock.now() + LOOK_EVERY_MS
    await pushed()
    const atMs = clockMsOf(dataDir)
    return atMs >= rightMs + MINUTE_MS && atMs <= clock.now()
  }
  // A market clock that leads runs on when that time has come, ten minutes later: nobody waits for it here.
  const ranOn = leadMs <= 0 && (await until('two minutes', runsOn, RUNS_ON_MS).catch(() => false))
  codes.push((await room.process.kill('SIGTERM')).code)
  codes.push((await shell.run(['evidence', 'verify', '--data-dir', dataDir])).code)
  const lost = lostPredictions(dataDir, ids).length
  return {
    before,
    after: keptIn(dataDir),
    lost,
    decisions: [...decisions],
    troubles: [...troubles],
    leadMs,
    ranOn,
    codes,
  }
}

async function predicted(room: Room): Promise<z.infer<typeof Answer>> {
  const ask = (): ReturnType<Room['ask']> => room.ask('POST', '/ml/predict', { body: {} })
  // A connection that was kept for long may be closed just as it is used again.
  return Answer.parse((await ask().catch(ask)).json)
}

/** In seconds. */
async function staleness(room: Room): Promise<number> {
  return z.object({ feature_staleness_sec: z.number() }).parse((await room.get('/healthz')).json).feature_staleness_sec
}

function of({ name }: Jump): Seen {
  const found = seen.get(name)
  if (found === undefined) throw new Error(`${name} was not tried`)
  if (found instanceof Error) throw found
  return found
}

describe.each(JUMPS)('a clock that is $name', (jump) => {
  it('decides nothing meanwhile', () => expect(of(jump).decisions).toEqual(['abstain']))

  it('ends no room but cleanly, and no evidence is harmed', () => expect(new Set(of(jump).codes)).toEqual(new Set([0])))

  it('costs nothing that was acknowledged or kept, and reports no day that has not been', () => {
    const { before, after, lost } = of(jump)
    expect(lost).toBe(0)
    expect(after.logs).toEqual(expect.arrayContaining([...before.logs]))
    expect(after.reports).toBe(before.reports)
    expect(after.rows).toBeGreaterThanOrEqual(before.rows)
  })

  it('is right again, and everything runs on: at once, or when the lead that a market clock may have is over', () => {
    const { leadMs, ranOn } = of(jump)
    expect(leadMs).toBeLessThanOrEqual(LEAD_MS + MINUTE_MS)
    expect(ranOn).toBe(leadMs <= 0)
  })

  it('is shown', () => expect(of(jump).troubles).toContainEqual(expect.stringContaining('clock')))
})
