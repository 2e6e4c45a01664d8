/** Whether paper trading works from one end to the other, tried on a room whose data nobody needs. */
import type { ChecklistDocument, CheckResult } from '../../control/checklist.ts'
import type { ControlRoom } from '../../control/control-room.ts'
import { messageOf, OperatorError } from '../../engine/kernel/errors.ts'
import { SET_TARGETS } from '../../engine/models/tree-set.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

type Room = Pick<ControlRoom, 'ask' | 'read'>
type Tried = Omit<CheckResult, 'check'>

const BY = 'checklist'

/** @param room over a scratch copy: a set is trained in it, past the gates */
export async function paperChecklist(
  room: Room,
  desk: Desk,
  evidence: EvidenceWriter,
): Promise<Omit<ChecklistDocument, 'schema'>> {
  const { symbol } = desk
  const before = desk.parts.store.journal.lastEntry()?.seq ?? 0
  const checks: CheckResult[] = []
  const tries: readonly (readonly [check: string, tried: () => Promise<Tried>])[] = [
    ['gates', () => gates(room, symbol)],
    ['features and training', () => training(room, symbol)],
    ['A/B', () => arms(room, symbol)],
    ['calibration', () => calibration(room, symbol)],
    ['tables', () => tables(room, symbol)],
    ['files', () => Promise.resolve(files(desk, evidence, before))],
  ]
  for (const [check, tried] of tries) checks.push({ check, ...(await withReason(tried)) })
  return { symbol, checks, passed: checks.filter(({ pass }) => pass).length, of: checks.length }
}

async function withReason(tried: () => Promise<Tried>): Promise<Tried> {
  try {
    return await tried()
  } catch (error) {
    const said = error instanceof OperatorError ? `${error.what}: ${error.why}` : messageOf(error)
    return { pass: false, said }
  }
}

async function gates(room: Room, symbol: string): Promise<Tried> {
  const { gates: judged } = await room.ask({ kind: 'trainSet', by: BY, symbol, mode: 'check' })
  const verdicts = (judged?.gates ?? []).map(({ gate_name: name, verdict }) => `${name} ${verdict}`)
  return { pass: verdicts.length === 3 && !verdicts.some((one) => one.endsWith('ERROR')), said: verdicts.join(', ') }
}

async function training(room: Room, symbol: string): Promise<Tried> {
  const { outcome, set, error } = await room.ask({ kind: 'trainSet', by: BY, symbol, mode: 'force' })
  if (set === null) return { pass: false, said: error ?? outcome }
  const { train_rows: rows, features, models } = set.report
  const grown = SET_TARGETS.filter((target) => models[target].trees > 0)
  return {
    pass: grown.length === SET_TARGETS.length,
    said: `${grown.length} models on ${rows} rows of ${features.length} features`,
  }
}

async function arms(room: Room, symbol: string): Promise<Tried> {
  const { arm_a: a, arm_b: b, reason } = await room.ask({ kind: 'compareArms', by: BY, symbol, dryRun: true })
  return { pass: true, said: `${a.arm} against ${b.arm}: ${reason}` }
}

async function calibration(room: Room, symbol: string): Promise<Tried> {
  const { arm, trades, placeholder, ema_slippage_per_side_pct: pct } = await room.read({ kind: 'execution', symbol })
  if (placeholder) return { pass: false, said: `${trades} closed trades of ${arm} are too few` }
  return { pass: true, said: `${pct.toFixed(4)} % a side over ${trades} trades of ${arm}` }
}

/** Every row of paper trading can be read back. */
async function tables(room: Room, symbol: string): Promise<Tried> {
  const { arms: all } = await room.read({ kind: 'paper', symbol })
  const { items: trades } = await room.read({ kind: 'paperTrades', symbol, limit: 10_000 })
  const { items: sets } = await room.read({ kind: 'sets', symbol })
  const { active } = await room.read({ kind: 'abStatus', symbol })
  const said = `${all.length} arms, ${trades.length} trades, ${sets.length} sets, active: ${active ?? 'none'}`
  return { pass: all.length > 0 && trades.length > 0 && sets.length > 0, said }
}

/** What was written on the way stands on the disk as the chain says. */
function files(desk: Desk, evidence: EvidenceWriter, sinceSeq: number): Tried {
  const written = desk.parts.store.journal
    .entries()
    .filter(({ seq, kind }) => seq > sinceSeq && kind === 'file')
    .map(({ subject }) => subject)
  const subjects = [...new Set(written)]
  const lacking = subjects.filter((subject) => evidence.standing(subject) !== 'whole')
  if (lacking.length > 0) return { pass: false, said: `not as the chain has them: ${lacking.join(', ')}` }
  return { pass: subjects.length > 0, said: `${subjects.length} files stand as the chain has them` }
}
