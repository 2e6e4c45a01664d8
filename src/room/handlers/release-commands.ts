import type { Handles } from '../../control/commands.ts'
import { NO_REASON } from '../../control/sentences.ts'
import { runDryRun } from '../release/canary-dryrun.ts'
import { preflight } from '../release/canary-preflight.ts'
import { promotionDocument } from '../release/promotion.ts'
import type { KillDrills } from '../safety/kill-drill.ts'
import { KillSwitches } from '../safety/kill-switches.ts'
import { acknowledge } from '../watch/watch-alerts.ts'
import type { AccessParts } from './access-commands.ts'
import type { RoomParts } from './room-parts.ts'

type ReleaseKind =
  | 'preflight'
  | 'rehearseCanary'
  | 'startCanary'
  | 'abortCanary'
  | 'answerApproval'
  | 'promote'
  | 'rollback'
  | 'switchKill'
  | 'drillKill'
  | 'acknowledge'

export interface DrillParts {
  readonly drills: KillDrills
}

/** From the shadow into charge, and back. What lowers risk waits for no moment of the timeline. */
export function releaseCommands({
  desks,
  release,
  turns,
  openDesk,
  access,
  drills,
}: Omit<RoomParts, 'judge'> & Pick<AccessParts, 'access'> & DrillParts): Handles<ReleaseKind> {
  const switches = new KillSwitches(desks)
  return {
    preflight: ({ symbol }) => turns.take(() => preflight(desks, openDesk(symbol))),
    rehearseCanary: ({ symbol, plan, profile, mode }) =>
      turns.take(() => runDryRun(desks, openDesk(symbol).symbol, { plan, profile, mode })),
    startCanary: ({ symbol, plan, profile, mode, by }) =>
      turns.take(() => release.requestCanary({ symbol: openDesk(symbol).symbol, plan, profile, mode }, by)),
    abortCanary: ({ symbol, by, reason }) => release.abortCanary(symbol, by, reason ?? NO_REASON),
    answerApproval: ({ id, decision, phrase, reason, by, byPerson }) =>
      turns.take(() => {
        // Nobody approves without a reason: what is missing must not be filled in here.
        const said = decision === 'reject' ? (reason ?? NO_REASON) : reason
        const answered = release.answer(id, { decision, phrase, reason: said }, by, byPerson ?? access.login)
        if (answered.action === 'kill_drill' && answered.state === 'approved')
          drills.begin(answered.symbol, { by, reason: said ?? '', approval: id })
        return answered
      }),
    promote: ({ symbol, version, by }) => turns.take(() => release.requestPromotion(symbol, version, by)),
    rollback: ({ symbol, by, reason }) => {
      release.rollback(symbol, by, reason ?? NO_REASON)
      return promotionDocument(desks.of(symbol))
    },
    switchKill: ({ symbol, enabled, by, reason }) =>
      enabled ? switches.on(symbol, by, reason ?? NO_REASON) : turns.take(() => switches.askOff(symbol, by)),
    drillKill: ({ symbol, by }) => turns.take(() => switches.askDrill(symbol, by)),
    acknowledge: ({ symbol, rule, by, reason }) => ({
      said: acknowledge(desks.of(symbol), desks.evidence, rule, { by, reason }),
    }),
  }
}
