import type { Command } from 'commander'
import { roomAnswer } from '../api/client.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type {
  ApprovalDocument,
  CanaryDocument,
  CanaryRunDocument,
  PreflightDocument,
  PromotionDocument,
} from '../evidence/release-documents.ts'
import { runDryRun } from '../room/release/canary-dryrun.ts'
import { preflight } from '../room/release/canary-preflight.ts'
import { judgingOf } from '../room/assemble.ts'
import type { Desks } from '../room/desk/desks.ts'
import { promotionDocument } from '../room/release/promotion.ts'
import type { Release } from '../room/release/release.ts'
import { contextOf, readHere, withCommon, type CommonOptions, type Context } from './context.ts'
import { approvalText, canaryRunText, canaryText, preflightText } from './release-texts.ts'
import { profileOf } from './validate.ts'
import { asWriter } from './writing.ts'
import type { Io } from './io.ts'

/** Taking a model live, and back. */
export function addRelease(program: Command, io: Io): void {
  addCanary(program, io)
  addApprovals(program, io)
  addPromotion(program, io)
}

function addCanary(program: Command, io: Io): void {
  const canary = program.command('canary').description('a staged roll-out that stops itself')
  withCommon(canary.command('preflight'))
    .description('look at everything that a canary rests on; exit 1 when something fails')
    .action(async (options: CommonOptions) => {
      const context = contextOf(options, io)
      const document = await ask<PreflightDocument>(context, '/canary/preflight', { symbol: context.symbol }, (desks) =>
        preflight(desks, desks.of(context.symbol)),
      )
      context.print(document, () => preflightText(document))
      io.exit(document.pass ? 0 : 1)
    })
  withCommon(canary.command('start'))
    .description('a dry run over what is recorded; with --live a real run, which waits for ONAY')
    .option('--plan <name>', 'full, mini, or one of the configuration', 'full')
    .option('--profile <profile>', 'equivalent: meant to agree; improve: meant to differ')
    .option('--mode <mode>', 'observe: callers keep what they have')
    .option('--live', 'a real run')
    .action(async (options: CommonOptions & { plan: string; profile?: string; mode?: string; live?: boolean }) => {
      await startCanary(contextOf(options, io), options)
    })
  withCommon(canary.command('status'))
    .description('state, phase, share, and the last word of the judge')
    .action(async (options: CommonOptions) => {
      const context = contextOf(options, io)
      const query = context.symbol === undefined ? '' : `?symbol=${encodeURIComponent(context.symbol)}`
      const document =
        (await roomAnswer<CanaryDocument>(context.dataDir, 'GET', `/canary${query}`)) ??
        readHere(context, (desks) => releaseOf(desks).status(context.symbol))
      context.print(document, () => canaryText(document))
    })
  withCommon(canary.command('abort'))
    .description('everything at 0 %, at once; needs no approval')
    .option('--reason <text>', 'why')
    .action(async (options: CommonOptions & { reason?: string }) => {
      const context = contextOf(options, io)
      const body = { symbol: context.symbol, reason: options.reason }
      const document = await ask<CanaryDocument>(context, '/canary/abort', body, (desks) =>
        releaseOf(desks).abortCanary(context.symbol, 'command line', options.reason ?? ''),
      )
      context.print(document, () => canaryText(document))
    })
}

async function startCanary(
  context: Context,
  options: { plan: string; profile?: string; mode?: string; live?: boolean },
): Promise<void> {
  const profile = profileOf(options.profile)
  if (options.mode !== undefined && options.mode !== 'observe') {
    throw new OperatorError(
      `mode ${options.mode} is not in this version`,
      'callers keep the answers of the model in charge',
      'leave --mode out',
      'mode',
    )
  }
  const body = { symbol: context.symbol, plan: options.plan, profile, live: options.live === true }
  if (options.live === true) {
    const approval = await roomAnswer<ApprovalDocument>(context.dataDir, 'POST', '/canary/start', body)
    if (approval === null) throw noRoom('a live canary needs a room that serves')
    context.print(approval, () => approvalText(approval))
    return
  }
  const run = await ask<CanaryRunDocument>(context, '/canary/start', body, (desks) =>
    runDryRun(desks, context.symbol, { plan: options.plan, profile }),
  )
  context.print(run, () => canaryRunText(run))
  context.io.exit(run.status === 'SUCCESS' ? 0 : 1)
}

function addApprovals(program: Command, io: Io): void {
  withCommon(program.command('approvals'))
    .description('prompts that wait for a person')
    .action(async (options: CommonOptions) => {
      const context = contextOf(options, io)
      const list =
        (await roomAnswer<{ items: ApprovalDocument[] }>(context.dataDir, 'GET', '/approvals')) ??
        readHere(context, (desks) => ({
          items: releaseOf(desks)
            .approvals.all()
            .filter((item) => item.state === 'waiting'),
        }))
      context.print(list, () => (list.items.length === 0 ? 'nothing waits' : list.items.map(approvalText).join('\n\n')))
    })
  const answers = (name: 'approve' | 'reject', description: string): void => {
    withCommon(program.command(`${name} <id>`))
      .description(description)
      .option('--phrase <phrase>', 'the word ONAY')
      .option('--reason <text>', 'why, for the record')
      .action(async (id: string, options: CommonOptions & { phrase?: string; reason?: string }) => {
        const context = contextOf(options, io)
        const body = { decision: name, phrase: options.phrase, reason: options.reason }
        try {
          const approval = await roomAnswer<ApprovalDocument>(
            context.dataDir,
            'POST',
            `/approvals/${encodeURIComponent(id)}`,
            body,
          )
          if (approval === null) throw noRoom('an approval is carried out by a room')
          context.print(approval, () => approvalText(approval))
        } catch (error) {
          if (!(error instanceof OperatorError) || error.code !== 'refused') throw error
          context.print(
            { id, refused: true, why: saidBy(error), next: error.next },
            () => `refused: ${saidBy(error)}; ${error.next}`,
          )
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
    .action(async (version: string | undefined, options: CommonOptions) => {
      const context = contextOf(options, io)
      try {
        const approval = await roomAnswer<ApprovalDocument>(context.dataDir, 'POST', '/promote', {
          symbol: context.symbol,
          version,
        })
        if (approval === null) throw noRoom('a promotion takes effect in a room')
        context.print(approval, () => approvalText(approval))
      } catch (error) {
        if (!(error instanceof OperatorError) || error.code !== 'blocked') throw error
        const why = saidBy(error)
        context.print({ verdict: 'BLOCKED', why, next: error.next }, () => `${why}; ${error.next}`)
        io.exit(1)
      }
    })
  withCommon(program.command('rollback'))
    .description('the former model answers at once; needs no approval')
    .option('--reason <text>', 'why, for the record')
    .action(async (options: CommonOptions & { reason?: string }) => {
      const context = contextOf(options, io)
      const document = await ask<PromotionDocument>(
        context,
        '/rollback',
        { symbol: context.symbol, reason: options.reason },
        (desks) => {
          releaseOf(desks).rollback(context.symbol, 'command line', options.reason ?? 'asked for')
          return promotionDocument(desks.of(context.symbol))
        },
      )
      context.print(
        document,
        () => `${document.baseline} is in charge${document.former === null ? '' : `, ${document.former} is kept`}`,
      )
    })
}

function releaseOf(desks: Desks): Release {
  return judgingOf(desks).release
}

function saidBy({ what, why }: OperatorError): string {
  return `${what}: ${why}`
}

function noRoom(why: string): OperatorError {
  return new OperatorError('no room runs on this data directory', why, 'start it with: onay serve', 'no_room')
}

/** Asks the running room, or does it here as the directory's one writer. */
async function ask<T>(
  context: Context,
  path: string,
  body: object,
  here: (desks: Desks) => T | Promise<T>,
): Promise<T> {
  return (await roomAnswer<T>(context.dataDir, 'POST', path, body)) ?? asWriter(context, { what: path.slice(1) }, here)
}
