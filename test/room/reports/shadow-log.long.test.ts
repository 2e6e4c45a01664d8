import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Config, defaultConfig } from '../../../src/room/config/config.ts'
import { verifyEvidence } from '../../../src/room/record/verify-evidence.ts'
import { retain } from '../../../src/room/watch/retain.ts'
import { aDesk, type DeskKit, play } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const DATE = '2025-05-05'

function switchedOn(isOn = true): Config {
  const config = defaultConfig()
  return { ...config, evidence: { ...config.evidence, shadow_log: isOn } }
}

/** A desk with a model in charge and one in its shadow, which any score lets trade. */
function opened(dir: string, config = switchedOn()): DeskKit {
  const kit = aDesk(dir, { config, serves: true })
  if (kit.desk.standing.length > 0) return kit
  // Features of the first bars: enough of a day is scored without a day of warming up.
  registerModel(kit.desk, 'baseline', 'v1', { bias: 2 })
  registerModel(kit.desk, 'candidate', 'v2', { bias: -2 })
  return kit
}

/** Minutes of history up to a moment. */
function runThrough({ timeline, desk }: DeskKit, fromMs: number, untilMs: number): void {
  const bars = Array.from({ length: (untilMs - fromMs) / MINUTE }, (_, i) => wanderingBar(fromMs + i * MINUTE))
  timeline.history(
    desk,
    bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
}

const DUE = START + DAY + 90 * MINUTE
/** From here on there is enough of the first day where it does not matter how many lines its log has. */
const EVENING = START + 22 * HOUR
const pathOf = ({ desks }: DeskKit, name: string): string =>
  desks.evidence.pathOf(desks.evidence.subject(SYMBOL, `shadow/${name}_${DATE}.jsonl`))
const linesOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
/** What verify finds in the shadow logs; the models of this desk were put there without a training. */
const found = (dir: string) =>
  verifyEvidence({
    dataDir: join(dir, 'data'),
    evidenceDir: join(dir, 'evidence'),
    kept: null,
    signers: null,
    stopwatch: () => 0,
  }).findings.filter(({ what }) => what.includes('shadow'))

describe('the shadow log of a room', () => {
  it('has the settled minutes and trades of a day, lived through or run through, once its digest is made', async () => {
    const dir = fresh()
    const kit = opened(dir)
    runThrough(kit, START, START + DAY - 10 * MINUTE)
    await play(
      kit,
      Array.from({ length: 20 }, (_, i) => wanderingBar(START + DAY - 10 * MINUTE + i * MINUTE)),
    )
    runThrough(kit, START + DAY + 10 * MINUTE, DUE - MINUTE)
    expect(existsSync(pathOf(kit, 'predictions'))).toBe(false)
    runThrough(kit, DUE - MINUTE, DUE)
    kit.desks.drainOutbox()

    const { store } = kit.desks
    const lines = linesOf(pathOf(kit, 'predictions'))
    for (const [model, isSignal] of [
      ['v1', true],
      ['v2', false],
    ] as const) {
      const settled = store.predictions.settled(SYMBOL, model, START, START + DAY)
      const said = lines.filter((line) => line['model'] === model)
      expect(settled.length).toBeGreaterThan(1_300)
      expect(said.map(({ ts, score, label }) => [ts, score, label])).toEqual(
        settled.map(({ tsMs, score, label }) => [new Date(tsMs).toISOString(), score, label]),
      )
      expect(new Set(said.map(({ threshold, signal }) => `${String(threshold)} ${String(signal)}`))).toEqual(
        new Set([`0.6 ${String(isSignal)}`]),
      )
      expect(said.filter(({ source }) => source === 'minute')).toHaveLength(10)
      expect(said.filter(({ source }) => source === 'history')).toHaveLength(settled.length - 10)
    }
    const trades = store.trading.closedIn(SYMBOL, START, START + DAY)
    expect(trades.length).toBeGreaterThan(0)
    expect(linesOf(pathOf(kit, 'trades')).map(({ arm, pnl }) => [arm, pnl])).toEqual(
      trades.map(({ arm, pnl }) => [arm, pnl]),
    )
    kit.desks.close()
    expect(found(dir)).toEqual([])
  })

  it('is off unless asked for', () => {
    const kit = opened(fresh(), switchedOn(false))
    runThrough(kit, EVENING, DUE)
    kit.desks.drainOutbox()
    expect(existsSync(pathOf(kit, 'predictions'))).toBe(false)
    kit.desks.close()
  })

  it('loses and doubles no line where the room dies before its file is written, or after', () => {
    const dir = fresh()
    const whole = opened(fresh())
    runThrough(whole, EVENING, DUE)
    whole.desks.drainOutbox()
    const text = readFileSync(pathOf(whole, 'predictions'), 'utf8')
    whole.desks.close()

    // Dies in the middle of the day, and with the file still in the outbox.
    let kit = opened(dir)
    runThrough(kit, EVENING, EVENING + HOUR)
    kit.desks.close()
    kit = opened(dir)
    runThrough(kit, EVENING + HOUR, DUE)
    expect(existsSync(pathOf(kit, 'predictions'))).toBe(false)
    kit.desks.store.db.close()
    kit = opened(dir)
    kit.desks.drainOutbox()
    expect(readFileSync(pathOf(kit, 'predictions'), 'utf8')).toBe(text)
    runThrough(kit, DUE, DUE + HOUR)
    kit.desks.drainOutbox()
    expect(readFileSync(pathOf(kit, 'predictions'), 'utf8')).toBe(text)
    const entries = kit.desks.store.journal.entries().filter(({ subject }) => subject.includes('shadow/predictions'))
    expect(entries).toHaveLength(1)
    kit.desks.close()
  })

  it('is named by verify where a line of a day was changed, and goes with the raw rows', () => {
    const dir = fresh()
    const kit = opened(dir)
    runThrough(kit, EVENING, DUE)
    kit.desks.drainOutbox()
    const path = pathOf(kit, 'predictions')
    kit.desks.close()
    const before = readFileSync(path, 'utf8')
    writeFileSync(path, before.replace('"label":1', '"label":0'))
    expect(found(dir)).toEqual([
      expect.objectContaining({
        what: `ml/shadow/predictions_${DATE}.jsonl`,
        why: expect.stringContaining('its bytes were changed'),
      }),
    ])
    writeFileSync(path, before)

    const again = opened(dir)
    // Retention keeps the last day of bars: there is one behind the midnight, and the log of the day after is written.
    runThrough(again, DUE, DUE + DAY + MINUTE)
    again.desk.transaction(() => retain(again.desk, again.desks.evidence, 2, START + 3 * DAY + HOUR))
    again.desks.drainOutbox()
    expect(existsSync(path)).toBe(false)
    again.desks.close()
    expect(found(dir)).toEqual([])
  })

  it('writes the days that a room was down for, each once', () => {
    const dir = fresh()
    const kit = opened(dir)
    runThrough(kit, EVENING, START + 26 * HOUR)
    // Nothing of it is due in the hours that are left out.
    runThrough(kit, START + 46 * HOUR, START + 2 * DAY + HOUR)
    // Down at the second day's 01:30, and up again on the fourth day.
    runThrough(kit, START + 3 * DAY + HOUR, START + 3 * DAY + 2 * HOUR)
    const days = kit.desks.store.journal
      .entries()
      .flatMap(({ subject }) => /predictions_([\d-]+)\.jsonl/.exec(subject)?.[1] ?? [])
    expect(days).toEqual(['2025-05-05', '2025-05-06', '2025-05-07'])
    kit.desks.close()
  })
})
