import type { KillSwitchesDocument } from '../../control/answers.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import { conflict, type OperatorError } from '../../engine/kernel/errors.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { Approvals } from './approvals.ts'
import { drillPrompt, killDocument, offPrompt, switchOn } from './kill-switch.ts'
import { approvalLifetimeMs, openPrompt } from './open-prompt.ts'

/** The kill switches of a room: of the market that is named, or of all. */
export class KillSwitches {
  private readonly approvals: Approvals

  constructor(private readonly desks: Desks) {
    this.approvals = new Approvals(desks.evidence)
  }

  /** Answers abstain when this returns. @throws OperatorError for a market that the room does not know */
  on(symbol: string | undefined, by: string, reason: string): KillSwitchesDocument {
    const { desks } = this
    const items = this.marketsOf(symbol).map((desk) => switchOn(desks.evidence, desk, { by, reason }))
    desks.drainOutbox()
    return { items, approvals: [] }
  }

  /** Opens the prompt that takes it back, for each market whose switch is on. @throws OperatorError where none is */
  askOff(symbol: string | undefined, by: string): KillSwitchesDocument {
    const { evidence, options } = this.desks
    const markets = this.marketsOf(symbol)
    const on = markets.filter(({ kill }) => kill.on)
    if (on.length === 0 && markets.length > 1) throw noneIsOn(markets)
    const openedWallMs = options.wall.now()
    const expiresWallMs = openedWallMs + approvalLifetimeMs(options.config)
    const approvals = (on.length === 0 ? markets : on).map((desk) => {
      const open = this.waiting().find((prompt) => prompt.symbol === desk.symbol)
      if (open !== undefined) return open
      const opening = offPrompt(desk, { by, openedWallMs, expiresWallMs })
      return desk.transaction(() => openPrompt(evidence, desk, opening), 'decision')
    })
    return { items: markets.map(killDocument), approvals }
  }

  /** Opens the prompt of a drill. @throws OperatorError where the switch is on */
  askDrill(symbol: string | undefined, by: string): ApprovalDocument {
    const { evidence, options } = this.desks
    const desk = this.desks.of(symbol)
    const openedWallMs = options.wall.now()
    const expiresWallMs = openedWallMs + approvalLifetimeMs(options.config)
    const opening = drillPrompt(desk, { by, openedWallMs, expiresWallMs })
    return desk.transaction(() => openPrompt(evidence, desk, opening), 'decision')
  }

  /** Where they stand, and what waits for ONAY. */
  look(symbol: string | undefined): KillSwitchesDocument {
    const markets = this.marketsOf(symbol)
    const approvals = this.waiting().filter((prompt) => markets.some((desk) => desk.symbol === prompt.symbol))
    return { items: markets.map(killDocument), approvals }
  }

  private waiting() {
    return this.approvals.waiting().filter(({ action }) => action === 'kill_off')
  }

  private marketsOf(symbol: string | undefined): readonly Desk[] {
    return symbol === undefined ? this.desks.all() : [this.desks.of(symbol)]
  }
}

function noneIsOn(markets: readonly Desk[]): OperatorError {
  return conflict(
    'no kill switch is on',
    `those of ${markets.map(({ symbol }) => symbol).join(', ')} are off`,
    'see them with: onay kill',
    'kill_off',
  )
}
