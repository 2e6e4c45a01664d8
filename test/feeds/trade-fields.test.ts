import { describe, expect, it } from 'vitest'
import { readTrade, type NamedRow } from '../../src/feeds/trade-fields.ts'
import { timeOf } from '../../src/feeds/written-time.ts'

const OPENED = Date.parse('2025-05-20T12:00:00Z')

/** As freqtrade's database and its export as CSV have a trade. */
const FREQTRADE: NamedRow = {
  id: '7',
  pair: 'BTC/USDT:USDT',
  is_open: '0',
  is_short: 'True',
  open_rate: '100.5',
  open_rate_requested: '100.6',
  close_rate: '99',
  close_rate_requested: '',
  fee_open: '0.001',
  fee_close: '0.002',
  amount: '2',
  stake_amount: '67',
  leverage: '3.0',
  close_profit_abs: '2.4',
  open_date: '2025-05-20 12:00:00.123456',
  close_date: '2025-05-20 12:30:00+00:00',
  exit_reason: 'roi',
}

describe('a row of a bot', () => {
  it('is read by the names that freqtrade gives', () => {
    expect(readTrade(FREQTRADE, {})).toEqual({
      kind: 'closed',
      market: 'BTC/USDT:USDT',
      trade: {
        id: '7',
        side: -1,
        openedMs: OPENED + 123,
        closedMs: OPENED + 30 * 60_000,
        qty: 2,
        filledEntry: 100.5,
        filledExit: 99,
        expectedEntry: 100.6,
        expectedExit: null,
        notional: 201,
        fees: 0.001 * 201 + 0.002 * 198,
        pnl: 2.4,
        exit: 'roi',
        predictionId: null,
        key: null,
      },
    })
  })

  it('is read by names that the user gives, which come first', () => {
    const row = { ...FREQTRADE, seen: 'long', price: 50 }
    expect(readTrade(row, { side: 'seen', entry: 'price' })).toMatchObject({ trade: { side: 1, filledEntry: 50 } })
  })

  it('lacks what the column that the user names has no value for', () => {
    for (const empty of ['', null, undefined])
      expect(readTrade({ ...FREQTRADE, mine: empty }, { pnl: 'mine', fees: 'mine' })).toMatchObject({
        trade: { pnl: null, fees: expect.closeTo(0.001 * 201 + 0.002 * 198, 12) as number },
      })
  })

  it.each<[string, NamedRow, object]>([
    ['no id: its opening and its market stand for it', { id: undefined }, { id: `${OPENED + 123}-BTC/USDT:USDT` }],
    ['a side in words', { side: 'sell', is_short: undefined }, { side: -1 }],
    ['nothing about its side', { is_short: undefined }, { side: 1 }],
    ['times in milliseconds', { open_timestamp: OPENED }, { openedMs: OPENED }],
    ['times in seconds', { open_timestamp: OPENED / 1_000 }, { openedMs: OPENED }],
    ['a 64-bit time', { open_timestamp: BigInt(OPENED) }, { openedMs: OPENED }],
    ['no result', { close_profit_abs: null }, { pnl: null }],
    ['no fees', { fee_open: '', fee_close: '' }, { fees: null }],
    ['the answer that it followed', { prediction_id: 'abc-1' }, { predictionId: 'abc-1', key: null }],
    ['the key that was asked with', { prediction_key: 7 }, { predictionId: null, key: '7' }],
    ['a commission in place of rates', { commission: 0.7 }, { fees: 0.7 }],
  ])('with %s', (_, change, wanted) => {
    expect(readTrade({ ...FREQTRADE, ...change }, {})).toMatchObject({ kind: 'closed', trade: wanted })
  })

  it('is left aside while the trade is open, and refused where it has no sound time or side', () => {
    expect(readTrade({ ...FREQTRADE, is_open: 1 }, {})).toEqual({ kind: 'open' })
    expect(readTrade({ ...FREQTRADE, open_date: 'yesterday' }, {})).toMatchObject({
      kind: 'faulty',
      why: expect.stringContaining('opened') as string,
    })
    expect(readTrade({ ...FREQTRADE, close_date: undefined }, {})).toMatchObject({ kind: 'faulty' })
    expect(readTrade({ ...FREQTRADE, side: 'up' }, {})).toMatchObject({ why: 'its side up is neither long nor short' })
  })
})

describe('a time that somebody wrote', () => {
  it.each<[unknown, number | null]>([
    ['2025-05-20T12:00:00Z', OPENED],
    ['2025-05-20 12:00:00', OPENED],
    ['2025-05-20 12:00', OPENED],
    ['2025-05-20 14:00:00+02:00', OPENED],
    ['2025-05-20', Date.parse('2025-05-20T00:00:00Z')],
    [String(OPENED), OPENED],
    [OPENED * 1_000, OPENED],
    ['12:00', null],
    ['2025-13-40', null],
    ['2025-02-30', null],
    ['2025-02-29T12:00', null],
    ['2024-02-29', Date.parse('2024-02-29T00:00:00Z')],
    ['', null],
    [undefined, null],
    [Number.NaN, null],
  ])('%j', (written, ms) => {
    expect(timeOf(written)).toBe(ms)
  })
})
