import { array, constantFrom, double, assert as holds, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { predictionLines, shadowLogDate, tradeLines } from '../../src/evidence/shadow-log.ts'
import { MINUTE, START } from '../kit/moments.ts'

const parsed = (text: string): unknown[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line))

describe('the shadow log', () => {
  it('has a line a minute and model, with what the score means for that model', () => {
    const line = { tsMs: START, model: 'v1', score: 0.6, label: 1, source: 'minute' }
    const text = predictionLines([
      { ...line, threshold: 0.6 },
      { ...line, model: 'v2', threshold: 0.61, source: 'history' },
      { ...line, model: 'gone', threshold: null, label: 0, source: null },
    ])
    const ts = new Date(START).toISOString()
    expect(parsed(text)).toEqual([
      { ts, model: 'v1', score: 0.6, threshold: 0.6, signal: true, label: 1, source: 'minute' },
      { ts, model: 'v2', score: 0.6, threshold: 0.61, signal: false, label: 1, source: 'history' },
      { ts, model: 'gone', score: 0.6, threshold: null, signal: null, label: 0, source: null },
    ])
  })

  it('gives back every figure bit for bit, one line a value, whatever a model is called', () => {
    const line = record({
      tsMs: integer({ min: 0, max: 4e12 }),
      model: constantFrom('v1', 'a "quoted" name', 'two\nlines'),
      score: double({ min: 0, max: 1, noNaN: true }).map((score) => score + 0),
      threshold: double({ min: 0.01, max: 1, noNaN: true }),
      label: constantFrom(0, 1),
      source: constantFrom('minute', 'history', null),
    })
    const figures = property(array(line), (lines) => {
      expect(parsed(predictionLines(lines))).toEqual(
        lines.map(({ tsMs, model, score, threshold, label, source }) => ({
          ts: new Date(tsMs).toISOString(),
          model,
          score: Object.is(score, -0) ? 0 : score,
          threshold,
          signal: score >= threshold,
          label,
          source,
        })),
      )
    })
    holds(figures)
  })

  it('says of a trade who made it, at what prices and what it came to', () => {
    const trade = {
      arm: 'v1',
      modelVersion: 'v1',
      side: -1,
      openedMs: START,
      closedMs: START + MINUTE,
      qty: 0.01,
      notional: 1_000,
      filledEntry: 100_000,
      filledExit: 99_000,
      fees: 1,
      slipEntryBp: 0.5,
      slipExitBp: null,
      pnl: 9,
      exit: 'target',
    }
    expect(parsed(tradeLines([trade]))).toEqual([
      {
        opened: new Date(START).toISOString(),
        closed: new Date(START + MINUTE).toISOString(),
        arm: 'v1',
        model: 'v1',
        side: 'short',
        qty: 0.01,
        notional: 1_000,
        entry: 100_000,
        exit: 99_000,
        why: 'target',
        fees: 1,
        slip_entry_bp: 0.5,
        slip_exit_bp: null,
        pnl: 9,
      },
    ])
  })

  it.each([
    ['predictions_2025-05-19.jsonl', '2025-05-19'],
    ['trades_2025-05-19.jsonl', '2025-05-19'],
    ['predictions_2025-05-19.json', null],
    ['others_2025-05-19.jsonl', null],
  ])('knows the day of %s', (name, date) => {
    expect(shadowLogDate(name)).toBe(date)
  })
})
