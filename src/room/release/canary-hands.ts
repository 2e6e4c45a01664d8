import { rowOfRun } from '../../db/canary-runs.ts'
import type { Effect } from '../../engine/canary/event.ts'
import type { CanaryRun } from '../../engine/canary/run.ts'
import { type UnixMs, clockText } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import { endMark, runMarks } from '../record/marks.ts'
import { Approvals } from '../safety/approvals.ts'
import { runDocument, runName } from '../canary/canary-document.ts'
import type { ReleaseParts } from './contenders.ts'
import { openCanaryPrompt } from './prompts.ts'

/** Where a hand works: inside the transaction that stores the step. */
interface Workplace {
  readonly parts: ReleaseParts
  readonly desk: Desk
  /** After the step. */
  readonly run: CanaryRun
  readonly atMs: UnixMs
}

type Kind = Effect['kind']
type Hand<K extends Kind> = (effect: Extract<Effect, { kind: K }>, place: Workplace) => void

/** What a step of the canary does to the world: one hand for each effect, in the transaction that stores the step. */
const HANDS: { readonly [K in Kind]: Hand<K> } = {
  openPrompt: ({ promptId, by, expiresAtWallMs }, { parts, desk, run }) =>
    openCanaryPrompt(parts, desk, { run, id: promptId, by, expiresWallMs: expiresAtWallMs }),

  closePrompt: ({ promptId, as, why }, { parts, atMs }) => new Approvals(parts.evidence).close(promptId, as, why, atMs),

  phaseStarted: ({ phase, split, untilMs }, place) => {
    record(place, { step: 'phase', phase: phase + 1, split })
    const until = clockText(untilMs)
    place.desk.events.log(
      'canary',
      'info',
      `canary phase ${phase + 1}: ${Math.round(split * 100)} %, until ${until} UTC`,
    )
  },

  phaseExtended: ({ phase, reason }, place) => {
    record(place, { step: 'held', phase: phase + 1, reason })
    place.desk.events.log('canary', 'warning', `canary phase ${phase + 1} is held: ${reason}`)
  },

  phaseEnded: ({ phase, decision, reason }, place) => {
    record(place, { step: 'phase end', phase: phase + 1, decision, reason })
    if (decision === 'advance') place.desk.events.log('canary', 'info', `canary phase ${phase + 1} passed: ${reason}`)
  },

  measuringFailed: ({ inARow, why }, place) => {
    record(place, { step: 'not measured', in_a_row: inARow, reason: why })
    place.desk.events.log('canary', 'warning', `canary: ${inARow} measurements in a row have failed: ${why}`)
  },

  resumed: ({ phase }, place) => record(place, { step: 'resumed', phase: phase + 1 }),

  ended: ({ status, reason }, place) => {
    const { desk, run, parts, atMs } = place
    record(place, { step: 'ended', status, reason, ...endMark(rowOfRun(run)) })
    const severity = status === 'SUCCESS' ? 'info' : 'critical'
    desk.events.log('canary', severity, `canary of ${run.candidate} ${status}: ${reason}`, 'always')
    const { evidence } = parts
    const approvals = new Approvals(evidence).givenTo(run.approvalId)
    const document = evidence.stamp(
      'canary_run/1',
      atMs,
      runDocument(
        run,
        { status, reason, approvals, dryRun: false, liveCanary: parts.live.document(desk) },
        desk.parts.limits.judge,
      ),
    )
    evidence.writeDocument(evidence.subject(desk.symbol, runName(atMs)), document, atMs, { ...modelOf(run), status })
  },
}

/** Carries out what a step asks for; inside the transaction that stores it. */
export function carryOut(effects: readonly Effect[], place: Workplace): void {
  for (const effect of effects) handOf(effect)(effect, place)
}

function handOf<K extends Kind>(effect: Extract<Effect, { kind: K }>): Hand<K> {
  return HANDS[effect.kind]
}

function record({ parts, desk, run, atMs }: Workplace, detail: object): void {
  parts.evidence.recordFact('canary', `${desk.symbol}/${run.runId}`, atMs, {
    ...detail,
    ...modelOf(run),
    ...runMarks(rowOfRun(run)),
  })
}

function modelOf({ candidate, sha256 }: CanaryRun): { model: string; model_sha256: string } {
  return { model: candidate, model_sha256: sha256 }
}
