/** The kill switch of one market: thrown at once by anybody who may change things, taken back by ONAY alone. */
import { randomUUID } from 'node:crypto'
import type { KillDocument } from '../../control/answers.ts'
import { changesSince, DRILL_SEC, type KillMoment, type KillState } from '../../engine/approval/kill-switch.ts'
import { wholeCharacters } from '../../engine/kernel/characters.ts'
import { OperatorError } from '../../engine/kernel/errors.ts'
import { isoTime, minuteText, type UnixMs } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { PromptOpening } from './approvals.ts'

/** What the room looks like now, to be compared with when it was switched on. */
function momentOf(desk: Desk): KillMoment {
  const { inCharge } = desk.lineUp
  return {
    inCharge: inCharge?.version ?? null,
    psi: inCharge === null ? null : (desk.drift.snapshotOf(inCharge.version)?.overall_psi ?? null),
    // That of the switch itself says nothing of why it was thrown.
    firing: desk.alerts.active
      .filter(({ state, rule }) => state === 'firing' && rule !== 'MLKillSwitchOn')
      .map(({ rule }) => rule),
  }
}

/** Longer reasons are cut: the switch is thrown all the same. */
const MAX_REASON = 400

/** One line of whole characters, whatever was sent: nothing in a reason may keep the switch from being thrown or stored. */
function plainReason(text: string): string {
  const line = wholeCharacters(text, '\u{fffd}')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  const characters = Array.from(line)
  return characters.length <= MAX_REASON ? line : `${characters.slice(0, MAX_REASON - 1).join('')}…`
}

/**
 * Answers abstain from this call on, those that have been worked out and not yet sent among them. It holds in memory at once, then
 * in its file, then in the database; what cannot be written is written later. Thrown while it is on, that is written down as well,
 * and an approval that waits to take it back is stale.
 */
export function switchOn(
  evidence: EvidenceWriter,
  desk: Desk,
  { by, reason, cause = 'person' }: Pick<KillState, 'by' | 'reason'> & Partial<Pick<KillState, 'cause'>>,
): KillDocument {
  const { wallNow, troubles } = desk.parts
  const state: KillState = {
    on: true,
    sinceMs: desk.tape.momentMs,
    sinceWallMs: wallNow(),
    by: plainReason(by),
    reason: plainReason(reason),
    cause,
    seen: momentOf(desk),
  }
  desk.kill.hold(state)
  const fault = desk.kill.writeFile(state)
  if (fault !== null) troubles.report(fileTrouble(desk), `the file of the kill switch cannot be written: ${fault}`)
  record(evidence, desk, state, fault)
  return killDocument(desk)
}

/** After a start: a switch that is on by its file alone is recorded; files that are missing are made while there is room. */
export function resumeKillSwitch(evidence: EvidenceWriter, desk: Desk): void {
  const { kill, parts } = desk
  const fault = kill.makeFile()
  if (fault === null) parts.troubles.clear(fileTrouble(desk))
  else parts.troubles.report(fileTrouble(desk), `the file of the kill switch cannot be written: ${fault}`)
  if (kill.isUnrecorded) record(evidence, desk, kill.state, fault)
  if (kill.on && kill.state.cause === 'drill')
    desk.transaction(() =>
      desk.events.log(
        'kill',
        'critical',
        'the room ended in a drill: its kill switch is on until onay kill off',
        'always',
      ),
    )
}

function record(evidence: EvidenceWriter, desk: Desk, state: KillState, fault: string | null): void {
  const { symbol, kill } = desk
  const { by, reason } = state
  desk.unsaved.writeOrKeep({
    what: `the kill switch of ${symbol}${fault === null ? '' : ' (in memory alone)'}`,
    hold: () => kill.hold(state),
    write: () => {
      kill.persist(state)
      recordSwitch(evidence, desk, { on: true, by, reason }, state.sinceMs)
      desk.events.log('kill', 'critical', `the kill switch is on, by ${by}: ${reason}`, 'always')
    },
  })
}

function recordSwitch(
  evidence: EvidenceWriter,
  { symbol, lineUp: { inCharge } }: Desk,
  said: { readonly on: boolean; readonly by: string; readonly reason: string; readonly approval?: string },
  atMs: UnixMs,
): void {
  const detail = { ...said, step: said.on ? 'on' : 'off', model: inCharge?.version ?? null }
  evidence.recordFact('kill_switch', symbol, atMs, detail)
}

/** What must not change while the prompt waits: that it is the same switch that is to be taken back. */
export function killKey({ kill: { state } }: Desk): string {
  return `${state.on ? 'on' : 'off'}/${state.sinceWallMs}`
}

/** What an approval to switch it off is bound to, beside `killKey`: the model that will answer. */
export function answersWith({ lineUp: { inCharge } }: Desk): string {
  return inCharge?.sha256 ?? 'the fallback'
}

const UNKNOWN_THEN = { over: [], changed: ['what held when it was thrown is not known'] }

interface Asked {
  readonly by: string
  readonly openedWallMs: UnixMs
  readonly expiresWallMs: UnixMs
}

/** The prompt that takes it back. @throws OperatorError when it is off */
export function offPrompt(desk: Desk, asked: Asked): PromptOpening {
  const { state } = desk.kill
  if (!state.on)
    throw new OperatorError(
      `the kill switch of ${desk.symbol} is off`,
      'there is nothing to take back',
      'see it with: onay kill',
      'kill_off',
      409,
    )
  const { by, reason, sinceMs, seen } = state
  const now = momentOf(desk)
  const { over, changed } = seen === null ? UNKNOWN_THEN : changesSince(seen, now)
  const who = now.inCharge ?? 'the fallback'
  return {
    id: `kill-${randomUUID().slice(0, 8)}`,
    subject: { action: 'kill_off', candidate: desk.symbol },
    symbol: desk.symbol,
    sha256: answersWith(desk),
    figures: { since: isoTime(sinceMs), by, reason, seen, now },
    verdictsKey: killKey(desk),
    against: [
      sinceMs === 0 ? reason : `${by} switched it on at ${minuteText(sinceMs)} UTC: ${reason}`,
      ...changed,
      ...(changed.length + over.length === 0 ? ['nothing that is watched has changed since'] : []),
    ],
    needs: 1,
    ...asked,
    shown: {
      whatHappens: `${who} answers callers again, a canary's share comes back, and arms may open trades`,
      speaksFor: over,
      stopsIt: 'onay kill on at any time, or Ctrl+X Ctrl+X, or K K outside of a prompt',
    },
    request: {},
  }
}

/** The prompt of a drill. @throws OperatorError when it is on */
export function drillPrompt(desk: Desk, asked: Asked): PromptOpening {
  if (desk.kill.on)
    throw new OperatorError(
      `the kill switch of ${desk.symbol} is on`,
      'a drill throws one that is off, and takes it back',
      'take it back first: onay kill off',
      'kill_on',
      409,
    )
  return {
    id: `drill-${randomUUID().slice(0, 8)}`,
    subject: { action: 'kill_drill', candidate: desk.symbol },
    symbol: desk.symbol,
    sha256: answersWith(desk),
    figures: { now: momentOf(desk), held_sec: DRILL_SEC },
    verdictsKey: killKey(desk),
    against: [`for ${DRILL_SEC} s every answer abstains`],
    needs: 1,
    ...asked,
    shown: {
      whatHappens: `the kill switch is thrown for ${DRILL_SEC} s and taken back; how long it took is measured and kept as evidence`,
      speaksFor: [],
      stopsIt: 'onay kill on: then it stays on',
    },
    request: {},
  }
}

/** Takes it back, inside the caller's transaction, which fails where the file cannot be written: it then stays on. */
export function switchOff(
  evidence: EvidenceWriter,
  desk: Desk,
  { by, reason, approval, atMs }: { by: string; reason: string; approval: string; atMs: UnixMs },
): KillState {
  const { kill, parts } = desk
  const state: KillState = { ...kill.state, on: false, sinceMs: atMs, sinceWallMs: parts.wallNow(), by, reason }
  kill.persist(state)
  recordSwitch(evidence, desk, { on: false, by, reason, approval }, atMs)
  desk.events.log('kill', 'warning', `the kill switch is off, by ${by}: ${reason}`, 'always')
  const fault = kill.writeFile(state)
  if (fault !== null)
    throw new OperatorError(
      `the kill switch of ${desk.symbol} stays on`,
      `its file cannot be written: ${fault}`,
      'mend that, then ask again: onay kill off',
      'kill_file',
      507,
    )
  return state
}

export function killDocument({ symbol, tape, kill: { state, isStored } }: Desk): KillDocument {
  // The market's clock stands while a real feed is silent.
  const sinceMs = tape.feed.clockKind === 'real' || state.sinceMs === 0 ? state.sinceWallMs : state.sinceMs
  return {
    symbol,
    enabled: state.on,
    // Before a market's first bar it has no time of its own.
    since: sinceMs === 0 ? null : isoTime(sinceMs),
    by: state.by,
    reason: state.reason,
    stored: isStored,
  }
}

function fileTrouble({ symbol }: Desk): string {
  return `kill switch ${symbol}`
}
