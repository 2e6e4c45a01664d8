import type { Command } from 'commander'
import * as z from 'zod'
import { GatesShape } from '../api/shapes/shape-evidence.ts'
import { ApprovalShape } from '../api/shapes/shape-release.ts'
import type { Taken } from '../control/commands.ts'
import { CANARY_MODES, type CanaryMode } from '../engine/canary/plan.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { ApprovalDocument, CanaryDocument } from '../evidence/documents/release-documents.ts'
import { ask, askRunning, read } from './ask-room.ts'
import { contextAsking, contextOf, withCommon, type CommonOptions, type Context } from './context.ts'
import { gatesText } from './document-texts.ts'
import { approvalText, canaryRunText, canaryText, preflightText } from './release-texts.ts'
import { profileOf } from './validate.ts'
import type { Io } from './io.ts'
import { canaryLook, promptLook, startedLook, waitFor } from './waiting.ts'

/** What a refusal carries; a room of an earlier version sends neither. */
const Refused = z.object({ gates: GatesShape.optional(), approval: ApprovalShape.optional() })

/** Taking a model live, and back. */
export function addRelease(program: Command, io: Io): void {
  addCanary(program, io)
  addApprovals(program, io)
  addPromotion(program, io)
}

function addCanary(program: Command, io: Io): void {
  const canary = program.command('canary').description('a staged roll-out that stops itself')
  withCommon(canary.command('preflight'))
    .description('check everything a canary depends on; exit 1 when something fails')
    .action(async (options: CommonOptions) => {
      const context = contextOf(options, io)
      const document = await ask(context, 'canary preflight', 'preflight', { symbol: context.symbol })
      context.print(document, () => preflightText(document))
      io.exit(document.pass ? 0 : 1)
    })
  withCommon(canary.command('start'))
    .description('a dry run over what is recorded; with --live a real run, which waits for ONAY')
    .option(
      '--plan <name>',
      'full, mini, live, or one from the configuration (default: full; where a policy is enabled and the mode is serve, live)',
    )
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ')
    .option(
      '--mode <mode>',
      "observe: callers keep the answers of the model in charge; serve: the share gets the candidate's",
    )
    .option('--live', 'a real run')
    .option('--wait', 'with --live: return once it has ended; exit 1 unless it succeeded')
    .action(async (options: CanaryStartOptions) => {
      await startCanary(contextOf(options, io), options)
    })
  withCommon(canary.command('status'))
    .description('state, phase, share, and the last decision of the judge')
    .option('--watch', 'follow it and return once it has ended; exit 1 unless it succeeded')
    .action(async (options: CommonOptions & { watch?: boolean }) => {
      const context = contextOf(options, io)
      if (options.watch === true) await watchCanary(context, null)
      else {
        const document = await read(context, 'canary', { symbol: context.symbol })
        context.print(document, () => canaryText(document))
      }
    })
  withReason(canary.command('abort'), 'everything at 0 %, at once; needs no approval', io, async (context, taken) => {
    const document = await ask(context, 'canary abort', 'abortCanary', taken)
    context.print(document, () => canaryText(document))
  })
}

interface CanaryStartOptions extends CommonOptions {
  readonly plan?: string
  readonly profile?: string
  readonly mode?: string
  readonly live?: boolean
  readonly wait?: boolean
}

/** An approval that was just asked for, and the run before it. */
interface Opened {
  readonly approvalId: string
  readonly beforeId: string | null
}

/** Follows the canary that runs, or the one that an approval was opened for, and prints how it has ended. */
async function watchCanary(context: Context, opened: Opened | null): Promise<void> {
  const { symbol } = context
  const ended: { canary: CanaryDocument | null } = { canary: null }
  const code = await waitFor(context, 'the canary goes on', async (room) => {
    // The approvals first: one that waits no more has done its work by the time that the canary is read.
    const { items } = opened === null ? { items: [] } : await room.read({ kind: 'approvals' })
    const canary = await room.read({ kind: 'canary', symbol })
    ended.canary = canary
    if (opened === null) return canaryLook(canary)
    const isOpen = items.some(({ id }) => id === opened.approvalId)
    return startedLook(canary, isOpen, opened.beforeId)
  })
  const document = ended.canary ?? (await read(context, 'canary', { symbol }))
  context.print(document, () => canaryText(document))
  context.io.exit(code)
}

/** Opens the approval, and with --wait returns once the canary has ended, or was refused. */
async function startLive(context: Context, taken: Taken<'startCanary'>, isWaiting: boolean): Promise<void> {
  const beforeId = isWaiting ? (await read(context, 'canary', { symbol: context.symbol })).run_id : null
  const approval = await askRunning(context, 'a live canary needs a room that serves', 'startCanary', taken)
  if (isWaiting) {
    context.io.err(`${approvalText(approval)}\n`)
    await watchCanary(context, { approvalId: approval.id, beforeId })
  } else context.print(approval, () => approvalText(approval))
}

async function startCanary(context: Context, options: CanaryStartOptions): Promise<void> {
  const profile = profileOf(options.profile)
  const taken = { symbol: context.symbol, plan: options.plan, profile, mode: modeOf(options.mode) }
  if (options.live === true) {
    await startLive(context, taken, options.wait === true)
    return
  }
  const run = await ask(context, 'canary start', 'rehearseCanary', taken)
  context.print(run, () => canaryRunText(run))
  context.io.exit(run.status === 'SUCCESS' ? 0 : 1)
}

/** @throws OperatorError for another word */
function modeOf(given: string | undefined): CanaryMode | undefined {
  const mode = CANARY_MODES.find((known) => known === given)
  if (mode !== undefined || given === undefined) return mode
  throw new OperatorError(
    `there is no mode ${given}`,
    `the modes are ${CANARY_MODES.join(' and ')}`,
    'name one with --mode',
    'mode',
  )
}

function addApprovals(program: Command, io: Io): void {
  withCommon(program.command('approvals'))
    .description('prompts that wait for a person')
    .option('-q, --quiet', 'their IDs alone, one a line')
    .action(async (options: CommonOptions & { quiet?: boolean }) => {
      const context = contextOf(options, io)
      const list = await read(context, 'approvals', {})
      context.print(list, () => {
        if (options.quiet === true) return list.items.map(({ id }) => id).join('\n')
        return list.items.length === 0 ? 'nothing waits' : list.items.map(approvalText).join('\n\n')
      })
    })
  const answers = (name: 'approve' | 'reject', description: string): void => {
    withCommon(program.command(`${name} <id>`))
      .description(description)
      .option('--phrase <phrase>', 'the word ONAY')
      .option('--reason <text>', 'why, for the record')
      .action(async (id: string, options: CommonOptions & { phrase?: string; reason?: string }) => {
        const context = contextOf(options, io)
        const taken = { id, decision: name, phrase: options.phrase, reason: options.reason ?? null }
        try {
          const why = 'a running room carries an approval out'
          const approval = await askRunning(context, why, 'answerApproval', taken)
          context.print(approval, () => approvalText(approval))
        } catch (error) {
          if (!(error instanceof OperatorError) || error.code !== 'refused') throw error
          const { next, documents } = error
          const { approval } = Refused.parse(documents)
          const why = saidBy(error)
          const state = approval === undefined ? 'refused' : `refused, and ${id} is ${approval.state}`
          context.print({ id, ...approval, refused: true, why, next }, () => `${state}: ${why}; ${next}`, 'approval/1')
          io.exit(1)
        }
      })
  }
  answers('approve', 'needs --phrase ONAY and --reason; exit 1 when it is refused')
  answers('reject', 'refuse what waits')
}

function addPromotion(program: Command, io: Io): void {
  withCommon(program.command('promote [version]'))
    .description('ask for the candidate to be promoted; exit 1 while it is BLOCKED')
    .option('--wait', 'return once the approval is answered; exit 1 unless it was promoted')
    .action(async (version: string | undefined, options: CommonOptions & { wait?: boolean }) => {
      const context = contextOf(options, io)
      try {
        const taken = { symbol: context.symbol, version }
        const approval = await askRunning(context, 'a promotion takes effect in a running room', 'promote', taken)
        if (options.wait === true) await watchPrompt(context, approval)
        else context.print(approval, () => approvalText(approval))
      } catch (error) {
        if (!(error instanceof OperatorError) || error.code !== 'blocked') throw error
        const { next, documents } = error
        const { gates } = Refused.parse(documents)
        const why = saidBy(error)
        const rows = gates === undefined ? [] : [gatesText(gates)]
        context.print(
          { ...gates, verdict: 'BLOCKED', why, next },
          () => [...rows, `${why}; ${next}`].join('\n'),
          'gates/1',
        )
        io.exit(1)
      }
    })
  const says = 'the former model answers at once; needs no approval'
  withReason(program.command('rollback'), says, io, async (context, taken) => {
    const document = await ask(context, 'rollback', 'rollback', taken)
    context.print(
      document,
      () => `${document.baseline} is in charge${document.former === null ? '' : `, ${document.former} is kept`}`,
    )
  })
}

/** Shows the prompt, returns once it is answered, and prints what became of it. */
async function watchPrompt(context: Context, asked: ApprovalDocument): Promise<void> {
  context.io.err(`${approvalText(asked)}\n`)
  let approval = asked
  const code = await waitFor(context, 'the approval waits', async (room) => {
    const { items } = await room.read({ kind: 'approvals', id: asked.id })
    approval = items[0] ?? approval
    return promptLook(approval)
  })
  context.print(approval, () => approvalText(approval))
  context.io.exit(code)
}

/** A command that lowers risk: it asks for a reason at most. */
function withReason(
  command: Command,
  description: string,
  io: Io,
  run: (context: Context, taken: { symbol: string | undefined; reason: string | null }) => Promise<void>,
): void {
  withCommon(command)
    .description(description)
    .option('--reason <text>', 'why, for the record')
    .action(async (options: CommonOptions & { reason?: string }) => {
      const context = contextAsking(options, io)
      await run(context, { symbol: context.symbol, reason: options.reason ?? null })
    })
}

function saidBy({ what, why }: OperatorError): string {
  return `${what}: ${why}`
}
