import { DAY_MS, HOUR_MS, MINUTE_MS } from '../kernel/units.ts'
import { above, flag, without } from './reading.ts'
import type { LimitOf } from './rule-limits.ts'
import { oneSeries, type Rule } from './rule.ts'

/** Rules on what arms earn on paper, and on the sets that they trade by. */
export const paperRules = (limit: LimitOf): readonly Rule[] => [
  {
    name: 'MLPaperDrawdown',
    severity: 'warning',
    forMs: HOUR_MS,
    clearMs: DAY_MS,
    summary: `The active arm fell by more than ${limit('MLPaperDrawdown')} times the value of a trade within 14 days.`,
    next: [
      'Nothing has been lost but on paper. A bot that follows POST /ml/signal may have lost it for real: stop it, or let it heed worth_it.',
      'onay paper compares the arms: does each lose, or this one alone? onay paper sets says what its models are worth.',
      'To make another set the active one: onay ab, then onay ab --force-swap.',
    ],
    expr: `ml_paper_drawdown > ${limit('MLPaperDrawdown')}`,
    example: oneSeries('ml_paper_drawdown', { afterMin: 65, fires: '1.2x90', quiet: '1x90' }),
    read: ({ paper }) =>
      paper === null ? without('active arm') : above(paper.drawdown, limit('MLPaperDrawdown'), 'drawdown'),
  },
  {
    name: 'MLPaperRetrainFailed',
    severity: 'warning',
    forMs: 0,
    clearMs: 0,
    summary: 'The last training of a set of five failed: the sets stay as they are.',
    next: [
      'onay events says why. Too little memory or disk is the usual reason.',
      'Once that is mended: onay paper-retrain. The job tries again at 13:00 UTC.',
    ],
    expr: 'ml_paper_retrain_failed == 1',
    example: oneSeries('ml_paper_retrain_failed', { afterMin: 5, fires: '1x20', quiet: '0x20' }),
    read: ({ paper }) =>
      paper === null
        ? without('set')
        : flag(paper.retrainFailed !== null, paper.retrainFailed ?? 'the last one ended well'),
  },
  {
    name: 'MLSlippageHigh',
    severity: 'warning',
    forMs: 30 * MINUTE_MS,
    clearMs: 6 * HOUR_MS,
    summary: 'Fills of the active arm cost more than is assumed, with certainty.',
    next: [
      'onay execution says when and in which markets fills cost most, and what to do there.',
      'Where it stays so, raise paper.assumed_slippage_pct: reports then reckon with what fills cost.',
    ],
    expr: 'ml_execution_slippage_excess_pct > 0',
    example: oneSeries('ml_execution_slippage_excess_pct', { afterMin: 35, fires: '0.01x60', quiet: '-0.01x60' }),
    read: ({ paper }) => {
      if (paper === null) return without('active arm')
      const { slippageLowPct: low, slippageAssumedPct: assumed } = paper
      return low === null ? null : flag(low > assumed, `at least ${low.toFixed(4)} % a side, ${assumed} % is assumed`)
    },
  },
]
