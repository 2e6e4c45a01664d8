import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUILT_IN } from '../../../src/engine/features/built-in.ts'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { FRAME_COLUMNS } from '../../../src/engine/features/frames.ts'
import { FeatureStream } from '../../../src/engine/features/stream.ts'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import type { Bar } from '../../../src/engine/market/bar.ts'
import { FrameBars, type FrameMin, FRAMES_MIN } from '../../../src/engine/market/frame-bars.ts'
import { GOLDEN_SYMBOLS } from '../../kit/golden/golden-figures.ts'
import { readSampleBars } from '../../kit/golden/sample-features.ts'
import { minutesWithGaps, rowsOf, valueOf, walk } from '../../kit/bars.ts'
import { START } from '../../kit/moments.ts'

/** From live.json of the golden figures: bars of 15 minutes by pandas' groupby, those of 15 minutes alone. */
const GOLDEN = {
  btcusdt: { open: 105_159.3, high: 105_163.4, low: 104_949.9, close: 104_980, volume: 1470.631 },
  ethusdt: { open: 2_513.32, high: 2_514.31, low: 2_500, close: 2_505.9, volume: 66_669.841 },
}
const COMPLETE = 4_875
const NOON = Date.parse('2025-05-20T12:00:00Z')

/** What spans 24 hours whatever the frame. */
const BY_DAY = /_24h$/

function framesOf(bars: readonly Bar[], frameMin: FrameMin): Bar[] {
  const frames = new FrameBars(frameMin)
  return bars.flatMap((bar) => frames.push(bar) ?? [])
}

/** A second time, by grouping: bars whose every minute is there. */
function grouped(bars: readonly Bar[], frameMin: number): Bar[] {
  const groups = new Map<number, Bar[]>()
  for (const bar of bars) {
    const at = Math.floor(bar.tsMs / (frameMin * MINUTE_MS))
    groups.set(at, [...(groups.get(at) ?? []), bar])
  }
  return [...groups].flatMap(([at, of]) =>
    of.length < frameMin
      ? []
      : [
          {
            tsMs: at * frameMin * MINUTE_MS,
            open: of[0]?.open ?? Number.NaN,
            high: Math.max(...of.map(({ high }) => high)),
            low: Math.min(...of.map(({ low }) => low)),
            close: of.at(-1)?.close ?? Number.NaN,
            volume: of.reduce((sum, { volume }) => sum + volume, 0),
          },
        ],
  )
}

describe('bars of longer frames', () => {
  it.each(GOLDEN_SYMBOLS)('are those of the reference on %s', (symbol) => {
    const bars = framesOf(readSampleBars(symbol), 15)
    expect(bars).toHaveLength(COMPLETE)
    const { volume, ...prices } = GOLDEN[symbol]
    const noon = bars.find(({ tsMs }) => tsMs === NOON)
    expect(noon).toMatchObject(prices)
    expect(noon?.volume).toBeCloseTo(volume, 6)
  })

  it('are made of whole groups of minutes alone, whatever gaps there are', () => {
    fc.assert(
      fc.property(minutesWithGaps, fc.constantFrom(...FRAMES_MIN), fc.nat(1e6), (minutes, frameMin, seed) => {
        const bars = walk(minutes, seed + 1)
        expect(framesOf(bars, frameMin)).toEqual(grouped(bars, frameMin))
      }),
      { numRuns: 60 },
    )
  })
})

describe('columns of longer frames', () => {
  it('are the built-in columns of those bars, taken one after the other', () => {
    fc.assert(
      fc.property(minutesWithGaps, fc.constantFrom(...FRAMES_MIN), fc.nat(1e6), (minutes, frameMin, seed) => {
        const bars = walk(minutes, seed + 1)
        const frameMs = frameMin * MINUTE_MS
        const asMinutes = grouped(bars, frameMin).map((bar) => ({ ...bar, tsMs: bar.tsMs / frameMin }))
        const expected = new Map(rowsOf(asMinutes.map(wholeMinutes)).map((row, i) => [asMinutes[i]?.tsMs ?? 0, row]))
        for (const row of rowsOf(bars)) {
          const endMs = row.tsMs + MINUTE_MS
          if (endMs % frameMs !== 0) continue
          const then = expected.get((endMs - frameMs) / frameMin)
          for (const [name] of BUILT_IN) {
            if (BY_DAY.test(name) || then === undefined) continue
            expect(valueOf(row, `${name}@${frameMin}m`), name).toBe(valueOf(then, name))
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('are known when the bar has ended, carried on for two bars, and missing after that', () => {
    // A bar of 15 minutes from 0 to 14; from 15 on every third minute is missing, so that none comes about.
    const minutes = Array.from({ length: 80 }, (_, i) => i).filter((i) => i < 15 || i % 3 !== 0)
    const bars = walk(minutes, 5)
    expect(START % (60 * MINUTE_MS)).toBe(0)
    const known = rowsOf(bars).flatMap((row, i) => (Number.isNaN(valueOf(row, 'mid@15m')) ? [] : [minutes[i]]))
    expect(known).toEqual(minutes.filter((minute) => minute >= 14 && minute <= 14 + 30))
    for (const row of rowsOf(bars).filter(
      ({ tsMs }) => tsMs <= START + 44 * MINUTE_MS && tsMs >= START + 14 * MINUTE_MS,
    ))
      expect(valueOf(row, 'mid@15m')).toBe(bars[14]?.close)
  })

  it('are every built-in column of each frame, but for those that a day of hours can never fill', () => {
    expect(FRAME_COLUMNS.size).toBe(3 * BUILT_IN.length - 2)
    for (const name of ['zscore_mid_24h', 'vol1m_log_z_24h']) {
      expect(builtInCatalogue.has(`${name}@15m`)).toBe(true)
      expect(builtInCatalogue.has(`${name}@60m`)).toBe(false)
    }
    const bars = walk(
      Array.from({ length: 26 * 60 }, (_, i) => i),
      9,
    )
    const last = rowsOf(bars, new FeatureStream(builtInCatalogue)).at(-1)
    for (const name of ['zscore_mid_24h@15m', 'vol1m_log_z_24h@5m', 'mid_count_24h@60m'])
      expect(valueOf(last, name)).not.toBeNaN()
    expect(valueOf(last, 'mid_count_24h@60m')).toBe(24)
  })
})

/** Rounded as times of minutes are. */
function wholeMinutes(bar: Bar): Bar {
  return { ...bar, tsMs: Math.round(bar.tsMs / MINUTE_MS) * MINUTE_MS }
}
