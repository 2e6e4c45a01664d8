import type { AlertInputs } from '../../src/engine/alerts/rule.ts'
import { RuleInputs } from '../../src/room/watch/rule-inputs.ts'
import { QUIET } from './alert-inputs.ts'

/** Alert rules look at what a test says; at a room at peace where it says nothing. */
export class SaidInputs extends RuleInputs {
  constructor(public said: Partial<AlertInputs> = {}) {
    super(null)
  }

  override of(): AlertInputs {
    return { ...QUIET, ...this.said }
  }
}
