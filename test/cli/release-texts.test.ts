import { describe, expect, it } from 'vitest'
import { canaryText } from '../../src/cli/release-texts.ts'
import { canary, LIVE_CANARY, RAMPING_CANARY } from '../kit/canary-documents.ts'

const text = (change: Partial<typeof LIVE_CANARY> = {}): string =>
  canaryText(canary({ ...RAMPING_CANARY, live_canary: { ...LIVE_CANARY, ...change } }))

describe('a canary of days, as the command line tells it', () => {
  it('has both sides, the paired difference in log loss and what callers traded', () => {
    expect(text()).toContain(
      'log loss -0.0100, 95 % -0.0201 to -0.0005, paired over those minutes: better with certainty',
    )
    expect(text()).toContain(
      'own trades of callers: 10 at 3.0 bp against 30 at -1.0 bp, 95 % of the daily difference +1.5 to +6.5 bp',
    )
  })

  it.each([
    [{ value: 0.01, lo: 0.001, hi: 0.02 }, 'worse with certainty'],
    [{ value: 0.01, lo: -0.001, hi: 0.02 }, 'undecided'],
  ])('says what an interval comes to: %j', (difference, words) => {
    expect(text({ log_loss_difference: difference })).toContain(`paired over those minutes: ${words}`)
  })

  it('leaves out what is not known yet', () => {
    const none = { own_trades: 0, own_mean_bp: null }
    const said = text({
      log_loss_difference: null,
      canary: { ...LIVE_CANARY.canary, ...none },
      in_charge: { ...LIVE_CANARY.in_charge, ...none },
    })
    expect(said).not.toMatch(/paired over|own trades/)
  })
})
