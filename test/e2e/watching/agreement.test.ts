import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Random, randomInt, seededRandom } from '../../../src/engine/kernel/random.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { ROOT } from '../../kit/samples.ts'
import { HAS_PROMETHEUS, promtool } from './prometheus.ts'
import { type Fate, WatchedRoom, WELL } from './watched-room.ts'
import { MINUTE, SECOND_OF_JUNE } from '../../kit/moments.ts'

const MINUTES = 420
const REQUESTS = 12
const fresh = freshDirectories()

/** A value that stays for a while and then is another one. */
class Level {
  private left = 0
  private value = 0

  constructor(
    private readonly random: Random,
    private readonly values: readonly number[],
    private readonly longest: number,
  ) {}

  next(): number {
    if (this.left-- <= 0) {
      this.value = this.values[randomInt(this.random, this.values.length)] ?? 0
      this.left = randomInt(this.random, this.longest)
    }
    return this.value
  }
}

/** Samples by series, one a minute from minute 0 on; what is not there is `_`, and `stale` where it was there a minute before. */
type Recorded = Map<string, string[]>

function record(into: Recorded, text: string, minute: number): void {
  for (const line of text.split('\n')) {
    const sample = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (sample === null) continue
    const [, name = '', labels = '', value = ''] = sample
    // Our own label job is kept: prometheus.yml says so.
    const ofTarget = ['instance="room"', ...(labels.includes('job="') ? [] : ['job="onay"'])]
    const series = `${name}{${[...ofTarget, labels].filter((part) => part !== '').join(',')}}`
    const samples = into.get(series) ?? Array<string>(minute).fill('_')
    samples.push(value === 'Nan' ? 'NaN' : value)
    into.set(series, samples)
  }
  for (const samples of into.values())
    if (samples.length === minute) samples.push(['_', 'stale'].includes(samples.at(-1) ?? '_') ? '_' : 'stale')
}

/** A room's hours with troubles of every kind; what it said of each minute, and the series as Prometheus would have them. */
async function hours(seed: number): Promise<{ recorded: Recorded; said: string[][] }> {
  const random = seededRandom(seed)
  const level = (values: readonly number[], longest: number): Level => new Level(random, values, longest)
  const share = (longest: number): Level => level([0, 0, 0, 0.02, 0.05, 0.4], longest)
  const trouble = {
    slow: share(30),
    verySlow: share(30),
    shadowSlow: share(30),
    mismatch: share(40),
    shadowFails: share(25),
    baselineFails: share(25),
    psi: level([0.1, 0.19, 0.21, 0.4], 150),
    canary: level([0, 1, 1], 120),
    canaryPsi: level([0.1, 0.25, 0.4], 150),
    stale: level([0, 0, 0, 90, 121, 400], 12),
    overdue: level([1, 1, 2, 2.5], 20),
    breaker: level([0, 0, 0, 1], 10),
    drift: level([0, 0, 0, 1], 40),
  }
  const room = new WatchedRoom(fresh())
  const recorded: Recorded = new Map()
  const said: string[][] = []
  let drifted = 0
  for (let minute = 0; minute < MINUTES; minute++) {
    const atMs = SECOND_OF_JUNE + minute * MINUTE
    const { desk } = room
    room.stand(atMs)
    if (minute > 0) {
      const slow = trouble.slow.next()
      const verySlow = trouble.verySlow.next()
      const [shadowSlow, mismatch] = [trouble.shadowSlow.next(), trouble.mismatch.next()]
      const [shadowFails, baselineFails] = [trouble.shadowFails.next(), trouble.baselineFails.next()]
      const fates = Array.from({ length: REQUESTS }, (): Fate => {
        const answerMs = random.next() < verySlow ? 120.5 : random.next() < slow ? 80.5 : random.next() < 0.1 ? 80 : 5
        return {
          answerMs,
          shadowMs: random.next() < shadowSlow ? 61 : 60,
          matches: random.next() >= mismatch,
          shadowFails: random.next() < shadowFails,
          baselineFails: random.next() < baselineFails,
        }
      })
      await room.serve(minute % 50 === 49 ? [WELL] : fates)
    }
    const drift = trouble.drift.next()
    // What had happened before the first scrape is no rise.
    if (minute > 0 && drift > drifted) room.becomeCritical(atMs)
    drifted = drift
    room.setPsi(trouble.psi.next(), minute >= 20, drift === 1 ? 'critical' : 'stable')
    room.setCanary(trouble.canary.next() === 1, trouble.canaryPsi.next())
    room.lastBarAt(atMs - MINUTE - trouble.stale.next() * 1_000)
    const lastOkMs = atMs - trouble.overdue.next() * 60 * MINUTE
    const job = { symbol: desk.symbol, lastMs: atMs, nextMs: atMs, result: 'ok', ok: 1, wallMs: 0, lastOkMs }
    desk.jobs.ran({ ...job, name: 'psi hourly' })
    room.setBreaker(trouble.breaker.next() === 1)
    room.watch(atMs)
    said.push(desk.alerts.active.map(({ rule, state }) => `${rule} ${state}`).toSorted())
    record(recorded, await room.scrape(), minute)
    record(recorded, 'scrape_samples_scraped 100\nup 1', minute)
  }
  await room.close()
  return { recorded, said }
}

/** A test for promtool that Prometheus says the same of the same series, minute by minute. */
function testFile({ recorded, said }: { recorded: Recorded; said: string[][] }): string {
  const series = [...recorded].map(([name, samples]) => ({ series: name, values: samples.join(' ') }))
  const looks = said.map((alerts, minute) => ({
    expr: 'count by (alertname, alertstate) (ALERTS)',
    eval_time: `${minute}m`,
    exp_samples: alerts.map((alert) => {
      const [alertname, alertstate] = alert.split(' ')
      return { labels: `{alertname="${alertname}",alertstate="${alertstate}"}`, value: 1 }
    }),
  }))
  return JSON.stringify({
    rule_files: ['ml.yml', 'ml-canary.yml'].map((name) => join(ROOT, 'rules', name)),
    evaluation_interval: '1m',
    tests: [{ interval: '1m', input_series: series, promql_expr_test: looks }],
  })
}

// Where it is missing, that is what the skipped tests say: apt-get install prometheus.
describe.skipIf(!HAS_PROMETHEUS)('a real room and Prometheus', () => {
  it.each([1, 2])('say the same of the same hours, minute by minute, pending and firing (seed %i)', async (seed) => {
    const run = await hours(seed)
    const seen = new Set(run.said.flat())
    // Else it would agree about nothing.
    expect([...seen].filter((alert) => alert.endsWith('firing')).length).toBeGreaterThan(10)
    const dir = fresh()
    mkdirSync(dir, { recursive: true })
    const path = join(dir, 'agreement.yml')
    writeFileSync(path, testFile(run))
    const { code, said } = promtool('test', 'rules', path)
    expect(code, said.slice(0, 3_000)).toBe(0)
  })
})
