/** Plays the story's acts through a room: what a person at the command line would do, and what they would see. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { z } from 'zod'
import { Gates, type GatesSeen } from './documents.ts'
import { type CommandEnd, command, commandJson } from './command.ts'
import { type Room } from './program.ts'
import { until } from './until.ts'

export const Canary = z.object({
  state: z.enum(['idle', 'awaiting_onay', 'ramping', 'holding', 'succeeded', 'aborted', 'inconclusive']),
  run_id: z.string().nullable(),
  phase: z.number().nullable(),
  share: z.number(),
  until: z.string().nullable(),
  match_rate: z.number().nullable(),
  reason: z.string().nullable(),
  candidate: z.string().nullable(),
  profile: z.string(),
  validation: z.object({ needed_h: z.number(), counted_h: z.number(), until: z.string().nullable() }).nullable(),
  bake: z.object({ former: z.string(), until: z.string() }).nullable(),
})
export type CanarySeen = z.infer<typeof Canary>

export const Approval = z.object({
  id: z.string(),
  action: z.string(),
  subject: z.string(),
  against: z.array(z.string()),
  sentence: z.string(),
  given: z.array(z.object({ by: z.string(), reason: z.string() })),
  state: z.enum(['waiting', 'approved', 'refused', 'expired', 'stale']),
})
export type ApprovalSeen = z.infer<typeof Approval>

export const CanaryRun = z.object({
  run_id: z.string(),
  dry_run: z.boolean(),
  candidate: z.string(),
  baseline: z.string(),
  status: z.enum(['SUCCESS', 'ABORTED', 'INCONCLUSIVE']),
  aborted: z.boolean(),
  abort_reason: z.string().nullable(),
  approvals: z.array(z.object({ by: z.string(), reason: z.string() })),
  phases: z.array(
    z.object({ phase: z.number(), decision: z.string(), requests: z.number(), match_rate: z.number().nullable() }),
  ),
})
export type CanaryRunSeen = z.infer<typeof CanaryRun>

export const Refused = z.object({ refused: z.literal(true), why: z.string() })
const Moved = z.object({ market_time: z.string(), until: z.string().nullable() })
/** The part of the state that is about the room itself. */
const State = z.object({
  clock: z.object({ paused: z.boolean() }),
  events: z.array(z.object({ kind: z.string(), severity: z.string(), text: z.string() })),
})
const Slots = z.object({ items: z.array(z.object({ version: z.string(), slot: z.string().nullable() })) })

/** One room and the command line beside it. */
export class Play {
  constructor(readonly room: Room) {}

  json(args: readonly string[], codes?: readonly number[]): Promise<unknown> {
    return commandJson([...args, '--data-dir', this.room.dataDir], codes)
  }

  run(args: readonly string[]): Promise<CommandEnd> {
    return command([...args, '--data-dir', this.room.dataDir])
  }

  async canary(): Promise<CanarySeen> {
    return Canary.parse((await this.room.get('/canary')).json)
  }

  async state(): Promise<z.infer<typeof State>> {
    return z.object({ room: State }).parse((await this.room.get('/state')).json).room
  }

  /** @throws unless the exit code says what the verdict does */
  async gates(): Promise<GatesSeen> {
    const { code, stdout } = await this.run(['gates', '--json'])
    const gates = Gates.parse(JSON.parse(stdout))
    expect(code).toBe(gates.verdict === 'ELIGIBLE' ? 0 : 1)
    return gates
  }

  /** Version by slot. */
  async slots(): Promise<Record<string, string>> {
    return slotsOf(await this.json(['models']))
  }

  async approve(id: string, reason: string): Promise<ApprovalSeen> {
    return Approval.parse(await this.json(['approve', id, '--phrase', 'ONAY', '--reason', reason]))
  }

  async next(): Promise<z.infer<typeof Moved>> {
    return Moved.parse(await this.json(['speed', 'next']))
  }

  /** A live canary, approved. */
  async startCanary(plan: string, profile: 'equivalent' | 'improve'): Promise<ApprovalSeen> {
    const asked = await this.json(['canary', 'start', '--plan', plan, '--profile', profile, '--live'])
    return this.approve(Approval.parse(asked).id, 'the preflight and the dry run are fine')
  }

  /** Plays on until the canary has ended, however it ends. */
  async canaryEnded(): Promise<CanarySeen> {
    await this.json(['speed', '600'])
    return until('the end of the canary', async () => {
      const seen = await this.canary()
      return ['awaiting_onay', 'ramping', 'holding'].includes(seen.state) ? null : seen
    })
  }

  /** At full speed to a moment, where the room pauses: `2025-06-02T00:00`. */
  async playTo(moment: string): Promise<void> {
    await this.json(['speed', 'max', '--until', moment])
    await until(
      `the market clock at ${moment}, paused`,
      async () => (await this.room.health()).market_time === `${moment}:00.000Z` && (await this.state()).clock.paused,
    )
  }

  async stop(): Promise<void> {
    expect(await this.room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
  }
}

export function slotsOf(models: unknown): Record<string, string> {
  const taken = Slots.parse(models).items.filter(({ slot }) => slot !== null && slot !== 'retired')
  return Object.fromEntries(taken.map(({ slot, version }) => [String(slot), version]))
}

/** Every canary run that ended, by its file, oldest first. */
export function canaryRuns(dataDir: string): CanaryRunSeen[] {
  const dir = join(dataDir, 'evidence/ml')
  const names = readdirSync(dir).filter((name) => /^canary_run_.*\.json$/.test(name))
  return names.sort().map((name) => CanaryRun.parse(JSON.parse(readFileSync(join(dir, name), 'utf8'))))
}
