/** The acts of the story, each handing on its data directory and what was seen on the way. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Gates, type GatesSeen } from './documents.ts'
import { directoryOnce } from './once.ts'
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
import { type Answer, type Stage } from './program.ts'
import { BTC } from './samples.ts'

const Ended = z.object({ code: z.number(), stderr: z.string() })

const ActOne = z.object({
  dry: CanaryRun,
  asked: Approval,
  refusals: z.array(z.string()),
  /** `speed max` while the approval waits, and while the canary runs. */
  tooFast: z.array(Ended),
  phaseEnd: z.string().nullable(),
  nextStop: z.string().nullable(),
  canary: Canary,
  runs: z.array(CanaryRun),
  gates: Gates,
})
export type ActOneSeen = z.infer<typeof ActOne>

/** Three phases that are over soon: for whoever is not about the plan. */
export const BRIEF_PLAN = {
  min_live: 2,
  plans: { brief: [0.05, 0.25, 1].map((split) => ({ split, duration_min: 3 })) },
}

/** Where the act is kept that one test of a run has played for all. */
interface ActOneKept {
  readonly seen: ActOneSeen
  /** An hour before all gates pass. Nobody may change it. */
  readonly eve: string
  /** All that is missing is the promotion. Nobody may change it. */
  readonly promotable: string
}

/**
 * From 26 May to the morning of 2 June: retrained, validated, rolled out, once in a run of the tests. The canary and the last
 * day are played live, since gates judge latencies of a day; the days between are history.
 */
export async function actOne(shell: Stage): Promise<ActOneKept> {
  const made = await directoryOnce('act-one', async () => {
    const at = shell.fresh()
    mkdirSync(at)
    const dataDir = await prepare(shell, 'candidate')
    const canary = await playCanary(shell, dataDir)
    await replayed(shell, dataDir, '2025-06-01')
    const day = new Play(await shell.serve(dataDir, ['--speed', '1']))
    await day.playTo('2025-06-01T23:00')
    await day.stop()
    shell.copy(dataDir, join(at, 'eve'))
    const play = new Play(await shell.serve(dataDir, ['--speed', '1']))
    await play.playTo('2025-06-02T00:00')
    const gates = await play.gates()
    await play.stop()
    shell.copy(dataDir, join(at, 'promotable'))
    const seen: ActOneSeen = { ...canary, runs: canaryRuns(dataDir), gates }
    writeFileSync(join(at, 'seen.json'), JSON.stringify(seen))
    return at
  })
  return {
    seen: ActOne.parse(JSON.parse(readFileSync(join(made, 'seen.json'), 'utf8'))),
    eve: join(made, 'eve'),
    promotable: join(made, 'promotable'),
  }
}

/** The canary of act 1. Its commands are processes, as a person's are. */
async function playCanary(shell: Stage, dataDir: string): Promise<Omit<ActOneSeen, 'runs' | 'gates'>> {
  const play = new Play(await shell.serve(dataDir, ['--speed', '600']))
  const at = ['--data-dir', dataDir]
  const json = async (args: readonly string[], code = 0): Promise<unknown> => {
    const ended = await shell.process([...args, '--json', ...at])
    if (ended.code !== code) throw new Error(`onay ${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`)
    return JSON.parse(ended.stdout)
  }
  await json(['validate'])
  const dry = CanaryRun.parse(await json(['canary', 'start', '--plan', 'mini']))
  const asked = Approval.parse(await json(['canary', 'start', '--plan', 'mini', '--live']))
  const refusals = []
  for (const answer of [
    ['--phrase', 'onay', '--reason', 'fine'],
    ['--phrase', 'ONAY', '--reason', ''],
  ])
    refusals.push(Refused.parse(await json(['approve', asked.id, ...answer], 1)).why)
  const tooFast = [await play.run(['speed', 'max', '--until', '2025-06-02'])]
  await play.approve(asked.id, 'the dry run and the preflight are fine')
  tooFast.push(await play.run(['speed', 'max', '--until', '2025-06-02']))
  const phaseEnd = (await play.canary()).until
  const nextStop = (await play.next()).until
  const canary = await play.canaryEnded()
  await play.stop()
  return { dry, asked, refusals, tooFast, phaseEnd, nextStop, canary }
}

export interface Promotion {
  readonly answer: Answer
  readonly approval: ApprovalSeen
  readonly before: Readonly<Record<string, string>>
  readonly after: Readonly<Record<string, string>>
  readonly canary: CanarySeen
}

/** `promote` asked for over HTTP, approved on the command line. */
async function promoted(play: Play, version: string): Promise<Promotion> {
  const answer = await play.room.change('/promote', { version })
  if (answer.status !== 202) throw new Error(`promote answered ${answer.status}: ${answer.text}`)
  const approval = Approval.parse(answer.json)
  const before = await play.slots()
  await play.approve(approval.id, 'what speaks against it is understood')
  const after = await play.slots()
  return { answer, approval, before, after, canary: Canary.parse(await play.json(['canary', 'status'])) }
}

export interface ActOneEnd extends Promotion {
  readonly dataDir: string
  readonly rolledBack: Readonly<Record<string, string>>
}

/** The promotion of act 1; and, in a copy of the directory, its rollback. */
export async function actOneEnd(shell: Stage, promotable: string): Promise<ActOneEnd> {
  const dataDir = shell.copy(promotable)
  const play = new Play(await shell.serve(dataDir, ['--speed', '1']))
  const promotion = await promoted(play, 'v1.8.1')
  await play.stop()
  const at = ['--data-dir', shell.copy(dataDir)]
  await shell.json(['rollback', '--reason', 'the settled outcome is worse', ...at])
  return { ...promotion, dataDir, rolledBack: slotsOf(await shell.json(['models', ...at])) }
}

/** History: what is asked of these days is where they end. */
async function replayed(shell: Stage, dataDir: string, until: string): Promise<void> {
  await shell.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', until, '--data-dir', dataDir])
}

export interface Baked {
  readonly slots: Readonly<Record<string, string>>
  readonly canary: CanarySeen
}

/** The 48 hours of the bake with v1.8.1 in charge, of which the last is played live, and an hour more; then on to 9 June. */
export async function toNinthOfJune(shell: Stage, dataDir: string): Promise<Baked> {
  await replayed(shell, dataDir, '2025-06-03T23:00')
  const play = new Play(await shell.serve(dataDir, ['--speed', '1']))
  await play.playTo('2025-06-04T01:00')
  const baked = { slots: await play.slots(), canary: await play.canary() }
  await play.stop()
  await replayed(shell, dataDir, '2025-06-09')
  return baked
}

export interface Aborted {
  readonly canary: CanarySeen
  readonly run: CanaryRunSeen | undefined
  readonly events: readonly { readonly kind: string; readonly severity: string; readonly text: string }[]
  readonly slots: Readonly<Record<string, string>>
}

/** A candidate that is retrained on 9 June and rolled out as if it were meant to agree. */
async function rolledOutAsEquivalent(play: Play, retrain: readonly string[]): Promise<Aborted> {
  await play.json(['retrain', ...retrain])
  await play.startCanary('mini', 'equivalent')
  const canary = await play.canaryEnded()
  await play.json(['speed', 'pause'])
  const { events } = await play.state()
  return { canary, run: canaryRuns(play.room.dataDir).at(-1), events, slots: await play.slots() }
}

export async function actTwo(shell: Stage, dataDir: string): Promise<Aborted> {
  const play = new Play(await shell.serve(dataDir, ['--speed', '1']))
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

/** v1.9, meant to differ: aborted as an equivalent, judged by outcomes as an improvement. Its last day is played live. */
export async function actThree(shell: Stage, dataDir: string): Promise<ActThree> {
  const config = shell.configured({ canary: BRIEF_PLAN })
  const play = new Play(await shell.serve(dataDir, ['--speed', '1', ...config]))
  const aborted = await rolledOutAsEquivalent(play, ['--version', 'v1.9'])
  await play.json(['validate', 'v1.9', '--profile', 'improve'])
  await play.json(['canary', 'start', '--plan', 'mini', '--profile', 'improve'])
  const started = await play.startCanary('brief', 'improve')
  const canary = await play.canaryEnded()
  await play.stop()
  await replayed(shell, dataDir, '2025-06-15')
  const last = new Play(await shell.serve(dataDir, ['--speed', '1']))
  await last.playTo('2025-06-16T00:00')
  const gates = await last.gates()
  return { aborted, started, canary, gates, promotion: await promoted(last, 'v1.9') }
}
