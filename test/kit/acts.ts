/** The acts of the story, each handing on its data directory and what was seen on the way. */
import { z } from 'zod'
import { gateOf, Gates, ModelCard, type GatesSeen } from './documents.ts'
import {
  Approval,
  Canary,
  CanaryRun,
  canaryRuns,
  Play,
  Refused,
  slotsOf,
  type ApprovalSeen,
  type CanaryRunSeen,
  type CanarySeen,
} from './play.ts'
import { prepare } from './prepared.ts'
import { ETH, type Answer, type Ended, type Stage } from './program.ts'

export interface ActOne {
  readonly dataDir: string
  readonly dry: CanaryRunSeen
  readonly asked: ApprovalSeen
  readonly refusals: readonly string[]
  /** `speed max` while the approval waits, and while the canary runs. */
  readonly tooFast: readonly Ended[]
  readonly phaseEnd: string | null
  readonly nextStop: string | null
  readonly canary: CanarySeen
  readonly runs: readonly CanaryRunSeen[]
  readonly gates: GatesSeen
}

/** The answer of `validate`, and `eval_result_<version>.json`. */
const Validation = z.object({ checks: z.array(z.object({ pass: z.boolean(), said: z.string() })) })
export const VALIDATIONS = 5
const SLOW = /^[^;]*(; (p95 [\d.]+ ms, below \d+ ms needed|shadow errors [\d.]+ %))+$/

/** Whether a validation passed. @throws where it fell short by more than the latency of a machine busy with other tests */
export function passed(validation: unknown): boolean {
  const failed = Validation.parse(validation).checks.filter((check) => !check.pass)
  if (failed.every(({ said }) => SLOW.test(said))) return failed.length === 0
  throw new Error(`the validation failed: ${failed.map(({ said }) => said).join('; ')}`)
}

/** As a person does it: a smoke that fell short by its latency alone, on a machine busy with other tests, is fired again. */
async function validated(play: Play, ...args: string[]): Promise<void> {
  for (let left = VALIDATIONS; left > 0; left--) if (passed(await play.json(['validate', ...args], [0, 1]))) return
  throw new Error(`the machine was too slow for ${VALIDATIONS} validations`)
}

/** From 26 May to the morning of 2 June: retrained, validated, rolled out; all that is missing is the promotion. */
export async function actOne(shell: Stage): Promise<ActOne> {
  const dataDir = await prepare(shell, { candidate: true })
  const play = new Play(shell, await shell.serve(dataDir, ['--speed', '600']))
  await validated(play)
  const dry = CanaryRun.parse(await play.json(['canary', 'start', '--plan', 'mini']))
  const asked = Approval.parse(await play.json(['canary', 'start', '--plan', 'mini', '--live']))
  const refusals = []
  for (const answer of [
    ['--phrase', 'onay', '--reason', 'fine'],
    ['--phrase', 'ONAY', '--reason', ''],
  ])
    refusals.push(Refused.parse(await play.json(['approve', asked.id, ...answer], [1])).why)
  const tooFast = [await play.run(['speed', 'max', '--until', '2025-06-02'])]
  await play.approve(asked.id, 'the dry run and the preflight are fine')
  tooFast.push(await play.run(['speed', 'max', '--until', '2025-06-02']))
  const phaseEnd = (await play.canary()).until
  const nextStop = (await play.next()).until
  const canary = await play.canaryEnded()
  await play.playTo('2025-06-02')
  const gates = await play.gates()
  await play.stop()
  return { dataDir, dry, asked, refusals, tooFast, phaseEnd, nextStop, canary, runs: canaryRuns(dataDir), gates }
}

export interface Promotion {
  readonly answer: Answer
  readonly approval: ApprovalSeen
  readonly before: Readonly<Record<string, string>>
  readonly after: Readonly<Record<string, string>>
  readonly canary: CanarySeen
}

/** `promote` asked for over HTTP, approved on the command line. */
export async function promoted(play: Play, version: string): Promise<Promotion> {
  const answer = await play.room.change('/promote', { version })
  if (answer.status !== 202) throw new Error(`promote answered ${answer.status}: ${answer.text}`)
  const approval = Approval.parse(answer.json)
  const before = await play.slots()
  await play.approve(approval.id, 'what speaks against it is understood')
  const after = await play.slots()
  return { answer, approval, before, after, canary: Canary.parse(await play.json(['canary', 'status'])) }
}

export interface ActOneEnd extends Promotion {
  readonly rolledBack: Readonly<Record<string, string>>
}

/** The promotion of act 1; and, in a copy of the directory, its rollback. */
export async function actOneEnd(shell: Stage, dataDir: string): Promise<ActOneEnd> {
  const play = new Play(shell, await shell.serve(dataDir, ['--speed', '1']))
  const promotion = await promoted(play, 'v1.8.1')
  await play.stop()
  const at = ['--data-dir', shell.copy(dataDir)]
  await shell.json(['rollback', '--reason', 'the settled outcome is worse', ...at])
  return { ...promotion, rolledBack: slotsOf(await shell.json(['models', ...at])) }
}

/** On to 9 June with v1.8.1 in charge. */
export async function toNinthOfJune(shell: Stage, dataDir: string): Promise<Record<string, string>> {
  const play = new Play(shell, await shell.serve(dataDir, ['--speed', '1']))
  await play.playTo('2025-06-09')
  const slots = await play.slots()
  await play.stop()
  return slots
}

export interface Aborted {
  readonly canary: CanarySeen
  readonly run: CanaryRunSeen | undefined
  readonly events: readonly { readonly kind: string; readonly severity: string; readonly text: string }[]
  readonly slots: Readonly<Record<string, string>>
}

/** A candidate that is retrained on 9 June and rolled out as if it were meant to agree. */
export async function rolledOutAsEquivalent(play: Play, retrain: readonly string[]): Promise<Aborted> {
  await play.json(['retrain', ...retrain])
  await play.startCanary('equivalent')
  const canary = await play.canaryEnded()
  await play.json(['speed', 'pause'])
  const { events } = await play.state()
  return { canary, run: canaryRuns(play.room.dataDir).at(-1), events, slots: await play.slots() }
}

export async function actTwo(shell: Stage, dataDir: string): Promise<Aborted> {
  const play = new Play(shell, await shell.serve(dataDir, ['--speed', '1']))
  const aborted = await rolledOutAsEquivalent(play, ['--version', 'v1.8.2', '--features', 'v1.8.1'])
  await play.stop()
  return aborted
}

export interface ActThree {
  readonly aborted: Aborted
  readonly started: ApprovalSeen
  readonly canary: CanarySeen
  readonly gates: GatesSeen
  readonly promotion: Promotion
}

/** v1.9, meant to differ: aborted as an equivalent, judged by outcomes as an improvement. */
export async function actThree(shell: Stage, dataDir: string): Promise<ActThree> {
  const play = new Play(shell, await shell.serve(dataDir, ['--speed', '1']))
  const aborted = await rolledOutAsEquivalent(play, ['--version', 'v1.9'])
  await validated(play, 'v1.9', '--profile', 'improve')
  await play.json(['canary', 'start', '--plan', 'mini', '--profile', 'improve'])
  const started = await play.startCanary('improve')
  const canary = await play.canaryEnded()
  await play.playTo('2025-06-16')
  const gates = await play.gates()
  return { aborted, started, canary, gates, promotion: await promoted(play, 'v1.9') }
}

/** The other sample's v1.8.1: its offline AUC and what gate 4 says of it. */
export async function otherSymbol(shell: Stage): Promise<{ auc: number; verdict: string; reason: string }> {
  const at = ['--data-dir', shell.fresh()]
  await shell.json(['replay', ETH, '--symbol', 'ETHUSDT', '--until', '2025-05-26', ...at])
  await shell.json(['retrain', '--version', 'v1.8.1', ...at])
  const { offline } = ModelCard.parse(await shell.json(['models', 'show', 'v1.8.1', ...at]))
  const { verdict, reason } = gateOf(Gates.parse(await shell.json(['gates', ...at], [1])), 'offline')
  return { auc: offline.auc, verdict, reason }
}
