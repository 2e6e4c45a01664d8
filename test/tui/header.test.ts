import { describe, expect, it } from 'vitest'
import type { RoomView } from '../../src/control/view.ts'
import { composeScreen } from '../../src/tui/frame.ts'
import { firstState } from '../../src/tui/state.ts'
import { model } from '../kit/screen-documents.ts'
import { BLOCKED, NO_MODELS, SHADOW, TROUBLED, changed } from '../kit/views.ts'
import { HOLDING, RAMPING } from './canary-views.ts'

function top(view: RoomView, columns = 120): readonly string[] {
  const size = { columns, rows: 40 }
  return composeScreen(view, firstState(undefined), size, { colour: false, unicode: true }).lines.slice(0, 2)
}

const SIZES = [60, 80, 120, 200]

describe('the market line', () => {
  it('has symbol, price, change and course of 24 hours, clock, pace and alerts at every size', () => {
    expect(top(SHADOW)[0]).toMatch(
      /^ onay {2}BTCUSDT {2}109,214\.0 {2}-0\.31 % {2}[▁▂▃▄▅▆▇█]+ 24 h +2025-05-26 02:41 UTC {2}> 60x {4}1 alert, 1 critical$/,
    )
    expect(top(SHADOW, 80)[0]).toMatch(/^ BTCUSDT 109,214\.0 -0\.31 % [▁▂▃▄▅▆▇█]+ +05-26 02:41 UTC > 60x +1 alert/)
    for (const columns of SIZES) expect(top(SHADOW, columns)[0]).toMatch(/BTCUSDT +109,214\.0 +-0\.31 %.* > 60x/)
  })

  it.each([
    [109_214, '109,214.0'],
    [2514.3, '2,514.30'],
    [0.5, '0.50000'],
    [0.000_024_18, '0.00002418'],
    [null, ' - '],
  ])('writes a price of %s as %s', (price, words) => {
    expect(top(changed(SHADOW, { market: { price } }))[0]).toContain(words)
  })

  it('counts alerts that nobody has seen, and says when all are', () => {
    const [first] = BLOCKED.watch.alerts
    if (first === undefined) throw new RangeError('no alert')
    const seen = { ...first, acknowledged: { by: 'mia', reason: 'known' } }
    const headed = (...alerts: RoomView['watch']['alerts']): string =>
      top(changed(BLOCKED, { watch: { alerts } }))[0] ?? ''
    expect(headed()).toContain('no alerts')
    expect(headed(seen)).toContain('1 alert, all seen')
    expect(headed(seen, first)).toContain('1 alert, 1 critical')
  })

  it('says that there is no bar yet instead of a time of 1970', () => {
    const clock = { ...SHADOW.room.clock, marketMs: 0 }
    expect(top(changed(SHADOW, { room: { clock } }))[0]).toContain('no bar yet')
  })
})

describe('the line of roles', () => {
  it('names all three, in the same three words', () => {
    const view = changed(SHADOW, { models: { former: model('v1.7', 0.6) } })
    for (const columns of SIZES.slice(1))
      expect(top(view, columns)[1]).toMatch(/^ in charge v1\.8-b0 +shadow v1\.8\.1 +former v1\.7 /)
    expect(top(BLOCKED)[1]).toMatch(/in charge v1\.8-b0 +shadow none +former none/)
    expect(top(NO_MODELS)[1]).toContain('in charge none, the fallback answers')
    expect(top(TROUBLED)[1]).toContain('KILL ON')
    expect(top(BLOCKED).join('')).not.toContain('KILL')
  })

  it('says what a canary does with the shadow', () => {
    expect(top(RAMPING)[1]).toContain('shadow v1.8.1 canary 2/3')
    expect(top(HOLDING)[1]).toContain('shadow v1.8.1 HOLD 2/3')
  })

  it('says what is predicted, what the newest score says, from where on it is a signal, and how often it happens', () => {
    expect(top(SHADOW)[1]).toMatch(/a move of > 6 bp in 5 min: 31 % {3}signal from 64 %: no {3}base rate 47 %$/)
    expect(top(SHADOW, 80)[1]).toContain('> 6 bp in 5 min: 31 %, signal from 64 %')
    const up = { kind: 'up', horizonMin: 15, thresholdBp: 2 } as const
    const { last } = SHADOW.watch.serving
    const serving = { ...SHADOW.watch.serving, last: last === null ? null : { ...last, score: 0.7 } }
    const view = changed(SHADOW, { market: { predicts: up, baseRate: null }, watch: { serving } })
    expect(top(view)[1]).toMatch(/a rise of > 2 bp in 15 min: 70 % {3}signal from 64 %: yes$/)
  })

  it('marks a score that is older than what it was about', () => {
    const { last } = SHADOW.watch.serving
    const old = last === null ? null : { ...last, atMs: last.atMs - 3_600_000 }
    expect(top(changed(SHADOW, { watch: { serving: { ...SHADOW.watch.serving, last: old } } }))[1]).toContain(
      '31 % (old)',
    )
  })
})
