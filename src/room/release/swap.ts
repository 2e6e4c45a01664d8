/** One arm takes the place of the active one: asked for, and carried out. */
import { randomUUID } from 'node:crypto'
import type { AbDocument } from '../../control/paper-answers.ts'
import type { SetName } from '../../db/sets.ts'
import { SET_NAMES } from '../../db/schema-sets.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { percent, signed } from '../../engine/kernel/figures.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import type { Desk } from '../desk/desk.ts'
import type { NamedSet } from '../books/set-book.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { PromptOpening } from '../safety/approvals.ts'
import type { ReleaseParts } from './contenders.ts'
import { approvalLifetimeMs, openPrompt } from '../safety/open-prompt.ts'

/** Who asks for a swap, and whether whatever the figures say. */
export interface SwapRequest {
  readonly by: string
  readonly isForced: boolean
}

interface SwapOffer extends SwapRequest {
  readonly waiting: readonly ApprovalDocument[]
  readonly openedWallMs: UnixMs
}

/**
 * Opens the prompt of a swap, or carries it out where the configuration asks for that; inside the caller's transaction. Nothing
 * happens unless the evaluation recommends it, or it is forced. @throws OperatorError where it is forced and cannot be
 */
export function offerSwap(
  parts: ReleaseParts,
  desk: Desk,
  document: AbDocument,
  { by, isForced, waiting, openedWallMs }: SwapOffer,
): Pick<AbDocument, 'approval' | 'swapped'> {
  const { evidence, config } = parts
  const challenger = challengerOf(desk, document)
  if (challenger === null && isForced) throw noSwap(desk, document)
  const isWanted = isForced || (document.swap_recommended && !document.dry_run)
  if (challenger === null || !isWanted) return { approval: null, swapped: false }
  if (config.ab.swap === 'auto' && !isForced) {
    const why = { by: 'onay, as ab.swap: auto asks', reason: document.reason }
    swapArms(evidence, desk, { to: challenger.name, run: document.run, ...why, atMs: desk.tape.momentMs })
    return { approval: null, swapped: true }
  }
  const open = waitingSwap(waiting, desk)
  if (open !== null) return { approval: open.id, swapped: false }
  const expiresWallMs = openedWallMs + approvalLifetimeMs(config)
  const opening = swapOpening(desk, { challenger, document, by, openedWallMs, expiresWallMs })
  return { approval: openPrompt(parts.evidence, desk, opening).id, swapped: false }
}

/** The set that an evaluation is about, where it compares the active one with the other. */
function challengerOf({ sets }: Desk, { arm_a: a, arm_b: b }: AbDocument): NamedSet | null {
  if (a.arm !== sets.active) return null
  return sets.trading.find(({ name }) => name === b.arm) ?? null
}

/** What must not change while the prompt of a swap waits: the active arm, and whether the newest evaluation recommends it. */
export function swapKey(desk: Desk): string {
  const [newest] = desk.parts.store.trading.newestAbRuns(desk.symbol, 1)
  return `${desk.sets.active ?? 'none'}/${newest?.swapRecommended ?? 0}/${desk.killSwitch ? 'on' : 'off'}`
}

interface SwapPrompt {
  readonly challenger: NamedSet
  readonly document: AbDocument
  readonly by: string
  readonly openedWallMs: UnixMs
  readonly expiresWallMs: UnixMs
}

/** The prompt of a swap; what the evaluation says against it stands first. */
function swapOpening(desk: Desk, prompt: SwapPrompt): PromptOpening {
  const { challenger, document, by, openedWallMs, expiresWallMs } = prompt
  const { arm_a: a, arm_b: b, difference, rule, certain, look, level } = document
  const against = document.swap_recommended ? [] : [document.reason]
  const earns = `${signed(difference.value ?? 0)} a day and unit of exposure`
  return {
    id: `swap-${randomUUID().slice(0, 8)}`,
    subject: { action: 'ab_swap', candidate: challenger.name, former: a.arm },
    symbol: desk.symbol,
    sha256: challenger.sha256,
    figures: { arm_a: a, arm_b: b, difference, rule, certain, look, level },
    verdictsKey: swapKey(desk),
    against: certain ? against : [...against, `the difference is not certain at look ${look}, ${percent(level, 2)}`],
    needs: 1,
    by,
    openedWallMs,
    expiresWallMs,
    shown: {
      whatHappens: `${b.arm} (${challenger.set.version}) answers POST /ml/signal in place of ${a.arm}; both go on trading on paper`,
      speaksFor: rule ? [`${b.arm} earns, with a Sharpe ratio at least that of ${a.arm}: ${earns}`] : [],
      stopsIt: 'onay ab --force-swap takes it back, by ONAY as well',
    },
    request: { run: document.run },
  }
}

interface Swap {
  readonly to: SetName
  /** The evaluation that it rests on. */
  readonly run: number
  readonly by: string
  readonly reason: string
  readonly atMs: UnixMs
}

/** Makes an arm the active one; inside the caller's transaction. @throws OperatorError where no set goes by the name */
export function swapArms(evidence: EvidenceWriter, desk: Desk, { to, run, by, reason, atMs }: Swap): void {
  const { symbol, sets } = desk
  const { store, wallNow } = desk.parts
  const named = sets.of(to)
  const from = sets.active
  if (named === null || from === null)
    throw conflict(
      `${to} cannot be the active arm`,
      'no set goes by this name',
      'see them with: onay ab --status',
      'no_set',
    )
  const row = { symbol, id: 1, activeArm: to, swappedAt: isoTime(atMs), swapRunId: run, wallMs: wallNow() }
  store.sets.activate(row)
  store.trading.swapExecuted(symbol, run)
  const { version } = named.set
  evidence.recordFact('swap', `${symbol}/${to}`, atMs, {
    from,
    to,
    set: version,
    set_sha256: named.sha256,
    run,
    by,
    reason,
  })
  desk.events.log(
    'ab',
    'warning',
    `${to} (${version}) is the active arm in place of ${from}, by ${by}: ${reason}`,
    'always',
  )
  sets.restore()
}

/** The prompt that waits for such a swap already, so that there is one at a time. */
function waitingSwap(waiting: readonly ApprovalDocument[], { symbol }: Desk): ApprovalDocument | null {
  return waiting.find((prompt) => prompt.symbol === symbol && prompt.action === 'ab_swap') ?? null
}

/** @throws OperatorError for a name that sets do not have */
export function setNamed(text: string): SetName {
  const name = SET_NAMES.find((one) => one === text)
  if (name !== undefined) return name
  throw conflict(
    `${text} is not the name of a set`,
    `the names are ${SET_NAMES.join(', ')}`,
    'see them with: onay ab --status',
    'no_set',
  )
}

/** The error where there is nothing to swap. */
function noSwap({ sets, symbol }: Desk, { arm_a: a, arm_b: b }: AbDocument): Error {
  const why =
    sets.active === null
      ? `no set has been trained on ${symbol} yet`
      : `the active arm is ${sets.active}; ${a.arm} and ${b.arm} are not it and another set`
  return conflict('there is nothing to swap', why, 'see the arms with: onay ab --status', 'no_swap')
}
