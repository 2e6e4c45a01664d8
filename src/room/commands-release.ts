import type { Handles } from '../control/commands.ts'
import { NO_REASON } from '../control/sentences.ts'
import { acknowledge } from './alert-watch.ts'
import { runDryRun } from './canary-dryrun.ts'
import { preflight } from './canary-preflight.ts'
import type { RoomParts } from './commands-parts.ts'
import { promotionDocument } from './promotion.ts'

type ReleaseKind =
  | 'preflight'
  | 'rehearseCanary'
  | 'startCanary'
  | 'abortCanary'
  | 'answerApproval'
  | 'promote'
  | 'rollback'
  | 'acknowledge'

/** From the shadow into charge, and back. What lowers risk waits for no moment of the timeline. */
export function releaseCommands({ core, release, inTurn, openDesk }: RoomParts): Handles<ReleaseKind> {
  return {
    preflight: ({ symbol }) => inTurn(() => preflight(core, openDesk(symbol))),
    rehearseCanary: ({ symbol, plan, profile }) =>
      inTurn(() => runDryRun(core, openDesk(symbol).symbol, { plan, profile })),
    startCanary: ({ symbol, plan, profile, by }) =>
      inTurn(() => release.requestCanary({ symbol: openDesk(symbol).symbol, plan, profile }, by)),
    abortCanary: ({ symbol, by, reason }) => release.abortCanary(symbol, by, reason ?? NO_REASON),
    answerApproval: ({ id, decision, phrase, reason, by }) =>
      inTurn(() => {
        // Nobody approves without a reason: what is missing must not be filled in here.
        const said = decision === 'reject' ? (reason ?? NO_REASON) : reason
        return release.answer(id, { decision, phrase, reason: said }, by)
      }),
    promote: ({ symbol, version, by }) => inTurn(() => release.requestPromotion(symbol, version, by)),
    rollback: ({ symbol, by, reason }) => {
      release.rollback(symbol, by, reason ?? NO_REASON)
      return promotionDocument(core.station(symbol).desk)
    },
    acknowledge: ({ symbol, rule, by, reason }) => ({
      said: acknowledge(core.station(symbol).desk, core.evidence, rule, { by, reason }),
    }),
  }
}
