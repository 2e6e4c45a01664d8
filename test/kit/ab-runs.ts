/** An evaluation of two arms, as it is stored. */
import type { AbRunRow } from '../../src/db/trading.ts'
import { START } from './moments.ts'

export const AB_RUN: Omit<AbRunRow, 'run' | 'symbol'> = {
  tsMs: START,
  tsIso: '2025-06-02T00:00:00.000Z',
  armALabel: 'f60',
  armBLabel: 'f70',
  mode: 'concurrent',
  armATrades: 120,
  armBTrades: 110,
  armASharpe: 1.5,
  armBSharpe: null,
  armAExpectancy: 0.1,
  armBExpectancy: -0.1,
  armAWinRate: 0.5,
  armBWinRate: 0.4,
  armAPf: 1.1,
  armBPf: null,
  k: 1,
  level: 0.97,
  swapRecommended: 0,
  swapExecuted: 0,
  decisionReason: 'f70 does not earn',
  dryRun: 0,
  wallMs: 1,
}
