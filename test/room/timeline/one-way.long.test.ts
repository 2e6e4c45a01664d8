import { nextWait } from '../../../src/room/timeline/long-jobs.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/engine/kernel/clock.ts'
import { type Bar, faultOf } from '../../../src/engine/market/bar.ts'
import type { Exchange } from '../../../src/feeds/exchange.ts'
import type { RecordedRow } from '../../../src/feeds/recording.ts'
import { ExchangeClock } from '../../../src/room/drivers/exchange-clock.ts'
import { Requests } from '../../../src/room/drivers/exchange-requests.ts'
import { ExchangeSymbol } from '../../../src/room/drivers/exchange-symbol.ts'
import { type BarSource, runHistory } from '../../../src/room/drivers/history-run.ts'
import { takePushed } from '../../../src/room/drivers/pushed-bars.ts'
import { Turns } from '../../../src/work/turns.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { barAt, walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { content } from '../../kit/room.ts'

const fresh = freshDirectories()

/** Minutes counted from `START`: over a midnight, three of them missing, then eleven. */
const FIRST = 22 * 60 + 50
const MINUTES = Array.from({ length: 130 }, (_, i) => FIRST + i).filter(
  (minute) => (minute < FIRST + 30 || minute >= FIRST + 33) && (minute < FIRST + 95 || minute >= FIRST + 106),
)
const BARS = walk(MINUTES, 5)
const LAST_MS = START + (FIRST + 130) * MINUTE
/** What comes besides, by the minute after whose bar it comes: the same again, an older one, late ones, unsound ones, one too early. */
const DIRT: ReadonlyMap<number, readonly Bar[]> = new Map([
  [FIRST + 10, [barAt(FIRST + 10, 100), barAt(FIRST + 4, 100)]],
  [FIRST + 40, [barAt(FIRST + 31, 100), barAt(FIRST - 5, 100)]],
  [FIRST + 50, [barAt(FIRST + 51, -1), barAt(FIRST + 51, 100, { high: 1 }), barAt(FIRST + 51, 100, { volume: -1 })]],
  [FIRST + 75, [barAt(FIRST + 500, 100)]],
])

/** What each moment brings. */
const MOMENTS = Array.from({ length: 130 }, (_, i) => {
  const atMs = START + (FIRST + i + 1) * MINUTE
  const bars = BARS.filter((bar) => bar.tsMs === atMs - MINUTE)
  return { atMs, bars: [...bars, ...(DIRT.get(FIRST + i) ?? [])] }
})
const rowsOf = (bars: readonly Bar[]): RecordedRow[] => bars.map((bar) => ({ line: 0, bar }))

type Way = (dir: string) => Promise<void>

function open(dir: string, clockKind: 'replay' | 'real', wall?: ManualClock): DeskKit {
  const kit = aDesk(dir, { clockKind, serves: true, ...(wall === undefined ? {} : { wall }) })
  registerModel(kit.desk, 'baseline', 'v1', { sinceMs: START })
  registerModel(kit.desk, 'candidate', 'v2', { sinceMs: START, bias: 0.3, weight: 0.7 })
  return kit
}

async function close({ desks, service, timeline, desk }: DeskKit): Promise<void> {
  await service.drain()
  timeline.writeOut()
  desk.transaction(() => desk.persist())
  desks.close()
}

/** As a recording is read: what comes with the bars up to a moment, and a bar that leaps ahead as one from the future. */
function source(): BarSource {
  let next = 0
  const endMs = MOMENTS.at(-1)?.atMs ?? 0
  return {
    nextKnownMs: () => Promise.resolve(MOMENTS.slice(next).find(({ bars }) => bars.length > 0)?.atMs ?? null),
    takeKnown: (momentMs) => {
      const taken: RecordedRow[] = []
      for (let moment = MOMENTS[next]; moment !== undefined && moment.atMs <= momentMs; moment = MOMENTS[++next])
        taken.push(
          ...moment.bars.map((bar): RecordedRow => {
            const wild = bar.tsMs > moment.atMs && faultOf(bar) === null
            return wild ? { line: 0, fault: 'future', text: '' } : { line: 0, bar }
          }),
        )
      return Promise.resolve(taken)
    },
    endMs: () => endMs,
  }
}

const inBlocks: Way = async (dir) => {
  const kit = open(dir, 'replay')
  const { desk, timeline } = kit
  const { signal } = new AbortController()
  const untilMs = Number.POSITIVE_INFINITY
  await runHistory({ timeline, desk, feed: source(), untilMs, onProgress: () => undefined, signal })
  await close(kit)
}

const minuteByMinute: Way = async (dir) => {
  const kit = open(dir, 'replay')
  const { timeline, desk } = kit
  for (const { atMs, bars } of MOMENTS) {
    if (nextWait(atMs) === atMs) await timeline.waiting(desk, rowsOf(bars), atMs)
    else timeline.history(desk, [{ atMs, rows: rowsOf(bars) }])
    timeline.writeOut()
  }
  await close(kit)
}

const recording: Way = async (dir) => {
  const kit = open(dir, 'replay')
  for (const { atMs, bars } of MOMENTS) {
    await kit.timeline.live(kit.desk, rowsOf(bars), atMs)
    kit.timeline.writeOut()
  }
  await close(kit)
}

const pushes: Way = async (dir) => {
  const wall = new ManualClock(START)
  const kit = open(dir, 'real', wall)
  for (const { atMs, bars } of MOMENTS) {
    wall.set(atMs)
    await takePushed(kit.timeline, kit.desk, bars, wall)
    await kit.timeline.live(kit.desk, [], atMs)
    kit.timeline.writeOut()
  }
  await close(kit)
}

const exchange: Way = async (dir) => {
  const wall = new ManualClock(START)
  const kit = open(dir, 'real', wall)
  const { signal } = new AbortController()
  const pauses = { wait: () => Promise.resolve() }
  const { desk, desks, timeline } = kit
  const { troubles } = desks
  const source: Exchange = {
    name: 'stub',
    resolve: (asked) => Promise.resolve(asked),
    pageLimit: () => 1_000,
    candles: (_, fromMs, limit) =>
      Promise.resolve(BARS.filter((bar) => bar.tsMs >= fromMs && bar.tsMs <= wall.now()).slice(0, limit)),
    serverTimeMs: () => Promise.resolve(wall.now()),
  }
  const log = { info: () => undefined }
  const requests = new Requests({ troubles, exchange: 'stub', wall, pauses, log, signal })
  const { config } = desks.options
  const feed = new ExchangeSymbol(
    {
      timeline,
      desk,
      evidence: desks.evidence,
      config,
      troubles,
      market: 'A/B',
      exchange: source,
      requests,
      clock: new ExchangeClock(wall),
      pauses,
      wall,
      turns: new Turns(),
      signal,
    },
    false,
  )
  for (const { atMs } of MOMENTS) {
    wall.set(atMs)
    await feed.minute()
    await timeline.live(desk, [], atMs)
    timeline.writeOut()
  }
  await close(kit)
}

type Row = Readonly<Record<string, unknown>>

function without(rows: readonly unknown[] | undefined, names: readonly string[]): Row[] {
  return (rows ?? []).map((row) =>
    Object.fromEntries(Object.entries(row as Row).filter(([name]) => name !== 'wall_ms' && !names.includes(name))),
  )
}

/** Gate 2 judges latencies, which history has none of. */
const withoutGate2 = (letters: unknown): string => String(letters).replace(/^(.)./, '$1-')

/** A real feed's bar may come a minute later before the job that logs its row counts as not done. */
const LATER = 'MLJobOverdue'

function recordOf(dir: string): Record<string, unknown> {
  const tables = content(dir)
  const kept = ['bars', 'feature_rows', 'scores', 'outcomes', 'drift_counts', 'psi_snapshots', 'heartbeats'] as const
  const ofLatency = ['service', 'own', 'source', 'timed', 'above80', 'above120', 'model_timed']
  const chain = without(tables.chain, ['seq', 'hash', 'prev_hash', 'sha256'])
  return {
    ...Object.fromEntries(kept.map((name) => [name, without(tables[name], ['backfilled'])])),
    predictions: without(tables.predictions, ['id', 'source', 'latency_ms', 'model_ms']),
    comparisons: without(tables.comparisons, ['id', 'source', 'latency_ms']),
    rollups: without(tables.rollups, ofLatency).map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !/above|timed|latenc|hist/i.test(name))),
    ),
    gates: without(tables.gate_log, ['detail', 'figures']).map((row) => ({
      ...row,
      verdicts: withoutGate2(row.verdicts),
    })),
    alerts: without(tables.alert_changes, []).filter(({ rule }) => rule !== LATER),
    jobs: without(tables.jobs, []).map(({ result, ...row }) => row),
    events: without(tables.events, ['id'])
      .filter(({ text }) => !String(text).startsWith('gate 2 ') && !String(text).startsWith(LATER))
      .map(({ kind, ts_ms, text }) => [kind, ts_ms, kind === 'report' ? '' : text]),
    // Files differ by their clock, sources and latencies: which ones there are, and when, is the same.
    chain: chain
      .filter(({ subject }) => !String(subject).endsWith('/p95') && !String(subject).endsWith(LATER))
      .map(({ kind, subject, detail, ts_ms }) => [kind, subject, ts_ms, kind === 'file' ? '' : detail]),
  }
}

/** The first row of a table that is not the same, so that a difference of many rows can be read. */
function firstDifference(name: string, ours: unknown, theirs: unknown): string[] {
  const [a, b] = [ours, theirs].map((rows) => (Array.isArray(rows) ? rows.map((row) => JSON.stringify(row)) : []))
  const at = Array.from({ length: Math.max(a?.length ?? 0, b?.length ?? 0) }, (_, i) => i).find(
    (i) => a?.[i] !== b?.[i],
  )
  return at === undefined ? [] : [`${name} ${at} (${a?.length}/${b?.length}): ${a?.[at]} instead of ${b?.[at]}`]
}

describe('the same bars, whichever way they come', () => {
  let played: Record<string, unknown>
  beforeAll(async () => {
    const dir = fresh()
    await recording(dir)
    played = recordOf(dir)
  })

  it('are many enough to say something: gaps, comparisons, settlements, a midnight, alerts', () => {
    const rows = (name: string): number => (played[name] as unknown[]).length
    expect(BARS.every((bar) => faultOf(bar) === null)).toBe(true)
    expect(rows('feature_rows')).toBe(BARS.length)
    expect(Math.min(rows('scores'), rows('outcomes'), rows('comparisons'), rows('gates'))).toBeGreaterThan(80)
    expect(Math.min(rows('psi_snapshots'), rows('alerts'), rows('drift_counts'))).toBeGreaterThan(0)
    expect(LAST_MS - START).toBeGreaterThan(24 * HOUR)
  })

  it.each([
    ['history in blocks', inBlocks],
    ['history minute by minute', minuteByMinute],
    ['pushes, each minute with its moment after them', pushes],
    ['an exchange, of which what came twice or late is not asked for', exchange],
  ])('leave the rows, scores, roll-ups, settlements and chain of a recording that is played: %s', async (_, way) => {
    const dir = fresh()
    await way(dir)
    const record = recordOf(dir)
    const firstDifferences = Object.entries(played).flatMap(([name, rows]) => firstDifference(name, record[name], rows))
    expect(firstDifferences).toEqual([])
  })
})
