/** The acts of the story, each handing on its data directory and what was seen on the way. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Gates, type GatesSeen } from './documents.ts'
import { DAY, HOUR } from './moments.ts'
import { directoryOnce } from './once.ts'
import { Approval, Canary, CanaryRun, canaryRuns, Play, Refused, type CanaryRunSeen, type CanarySeen } from './play.ts'
import { prepare } from './prepared.ts'
import { linesOf, typed } from './readme.ts'
import { type Stage } from './program.ts'
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
    const day = new Play(await shell.open(dataDir, ['--speed', '1']))
    await day.playTo('2025-06-01T23:00')
    await day.stop()
    shell.copy(dataDir, join(at, 'eve'))
    const play = new Play(await shell.open(dataDir, ['--speed', '1']))
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
  const play = new Play(await shell.open(dataDir, ['--speed', '600']))
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

const Promotion = z.object({
  status: z.number(),
  approval: Approval,
  before: z.record(z.string(), z.string()),
  after: z.record(z.string(), z.string()),
  canary: Canary,
})

/** `promote` asked for over HTTP, approved on the command line. */
async function promoted(play: Play, version: string): Promise<z.infer<typeof Promotion>> {
  const { status, text, json } = await play.room.change('/promote', { version })
  if (status !== 202) throw new Error(`promote answered ${status}: ${text}`)
  const approval = Approval.parse(json)
  const before = await play.slots()
  await play.approve(approval.id, 'what speaks against it is understood')
  const after = await play.slots()
  return { status, approval, before, after, canary: Canary.parse(await play.json(['canary', 'status'])) }
}

export interface ActOneEnd extends z.infer<typeof Promotion> {
  /** Nobody may change it. */
  readonly dataDir: string
}

/** The promotion of act 1, once in a run of the tests. */
export async function actOneEnd(shell: Stage): Promise<ActOneEnd> {
  const made = await directoryOnce('act-one-end', async () => {
    const at = shell.fresh()
    mkdirSync(at)
    const dataDir = shell.copy((await actOne(shell)).promotable, join(at, 'data'))
    const play = new Play(await shell.open(dataDir, ['--speed', '1']))
    const promotion = await promoted(play, 'v1.8.1')
    await play.stop()
    writeFileSync(join(at, 'seen.json'), JSON.stringify(promotion))
    return at
  })
  return { ...Promotion.parse(JSON.parse(readFileSync(join(made, 'seen.json'), 'utf8'))), dataDir: join(made, 'data') }
}

/** History: what is asked of these days is where they end. */
async function replayed(shell: Stage, dataDir: string, until: string): Promise<void> {
  await shell.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', until, '--data-dir', dataDir])
}

export interface Baked {
  readonly slots: Readonly<Record<string, string>>
  readonly canary: CanarySeen
}

/** The 48 hours of the bake with v1.8.1 in charge, of which the last is played live, and an hour more. */
export async function bake(shell: Stage, dataDir: string): Promise<Baked> {
  await replayed(shell, dataDir, '2025-06-03T23:00')
  const play = new Play(await shell.open(dataDir, ['--speed', '1']))
  await play.playTo('2025-06-04T01:00')
  const baked = { slots: await play.slots(), canary: await play.canary() }
  await play.stop()
  return baked
}

/** Looks at the room before a line of the README is typed. */
type Before = (line: string, play: Play) => Promise<void>

interface AsWritten {
  /** The room, which still runs. */
  readonly play: Play
  /** What each line has said. */
  readonly said: ReadonlyMap<string, string>
}

interface Told {
  readonly before?: Before
  readonly shortened?: (line: string) => string
  /** Of the time until a later day, the end that is played. */
  readonly playedMs?: number
}

/**
 * Types the lines of an act of the README, one after the other. Where one waits for a later day, most of the time until then is
 * history, so that no test plays a week.
 */
async function asWritten(
  shell: Stage,
  dataDir: string,
  act: Parameters<typeof linesOf>[0],
  { before = async () => {}, shortened = (line) => line, playedMs = HOUR }: Told = {},
): Promise<AsWritten> {
  const said = new Map<string, string>()
  let open: Play | null = null
  const room = async (): Promise<Play> => (open ??= new Play(await shell.open(dataDir, ['--speed', '1'])))
  for (const line of linesOf(act)) {
    const until = / speed max --until (\S+) --wait/.exec(line)?.[1]
    if (until !== undefined) {
      await (open as Play | null)?.stop()
      open = null
      await replayed(shell, dataDir, new Date(Date.parse(until) - playedMs).toISOString().slice(0, 16))
    }
    await before(line, await room())
    said.set(line, await typed(shortened(line), dataDir))
  }
  return { play: await room(), said }
}

export interface Aborted {
  readonly canary: CanarySeen
  readonly run: CanaryRunSeen | undefined
  readonly events: readonly { readonly kind: string; readonly severity: string; readonly text: string }[]
  readonly slots: Readonly<Record<string, string>>
}

async function abortedIn(play: Play): Promise<Aborted> {
  const { events } = await play.state()
  const [canary, slots] = [await play.canary(), await play.slots()]
  return { canary, run: canaryRuns(play.room.dataDir).at(-1), events, slots }
}

export async function actTwo(shell: Stage, dataDir: string): Promise<Aborted> {
  const { play } = await asWritten(shell, dataDir, 'Act 2')
  const aborted = await abortedIn(play)
  await play.stop()
  return aborted
}

/** v1.9 rolled out as if it were meant to agree. */
export async function actThreeAsEquivalent(shell: Stage, dataDir: string): Promise<Aborted> {
  const play = new Play(await shell.open(dataDir, ['--speed', '1']))
  await play.json(['retrain', '--version', 'v1.9', '--replace'])
  await play.startCanary('mini', 'equivalent')
  await play.canaryEnded()
  await play.json(['speed', 'pause'])
  const aborted = await abortedIn(play)
  await play.stop()
  return aborted
}

export interface ActThree {
  /** What `canary start --live` said. */
  readonly started: string
  readonly canary: CanarySeen
  readonly gates: GatesSeen
  readonly slots: Readonly<Record<string, string>>
}

/** v1.9, meant to differ, judged by outcomes as an improvement. */
export async function actThree(shell: Stage, dataDir: string): Promise<ActThree> {
  let seen: Pick<ActThree, 'canary' | 'gates'> | undefined
  const before: Before = async (line, room) => {
    // Some minutes pass while a person types, in which the two are compared; at real speed hardly one would.
    if (line.includes(' --live')) await room.playTo('2025-06-09T00:40')
    if (line.startsWith('npx onay promote')) seen = { canary: await room.canary(), gates: await room.gates() }
  }
  // Gates judge latencies of a day.
  const { play, said } = await asWritten(shell, dataDir, 'Act 3', { before, playedMs: DAY })
  if (seen === undefined) throw new Error('the README promotes nothing in act 3')
  const started = [...said].find(([line]) => line.includes(' --live'))?.[1] ?? ''
  const slots = await play.slots()
  await play.stop()
  return { ...seen, started, slots }
}

/** The canary of two days is played for twenty minutes of them: nothing plays one faster than at 600 times. */
const FOR_MINUTES = ['--until 2025-06-18T00:10', '--until 2025-06-16T00:20'] as const

export interface ActFive {
  /** What each line has said, by how the line begins after `npx onay`. */
  readonly said: (line: string) => string
  readonly slots: Readonly<Record<string, string>>
  readonly drills: readonly string[]
  /** Beside the room's. */
  readonly restoredDir: string
}

/** On from the end of act 3: drill, drift, rehearsal, a canary of days, a backup restored, the checklist. */
export async function actFive(shell: Stage, dataDir: string): Promise<ActFive> {
  const { play, said } = await asWritten(shell, dataDir, 'Act 5', {
    shortened: (line) => line.replace(...FOR_MINUTES),
  })
  const slots = await play.slots()
  await play.stop()
  const lines = [...said]
  return {
    said: (begins) => {
      const found = lines.findLast(([line]) => line.startsWith(`npx onay ${begins}`))
      if (found === undefined) throw new Error(`act 5 has no line: ${begins}`)
      return found[1]
    },
    slots,
    drills: readdirSync(join(dataDir, 'evidence/ml')).filter((name) => name.startsWith('kill_drill_')),
    restoredDir: join(dirname(dataDir), 'restored'),
  }
}
