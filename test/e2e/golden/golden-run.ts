/** The golden figures that the whole pipeline must come to, and the run that makes them. */
import { z } from 'zod'
import { commandJson } from '../../kit/command.ts'
import { Daily, Gates, ModelCard, Psi, type GatesSeen, type ReplayedSeen } from '../../kit/documents.ts'
import { type GoldenSymbol, readGolden, type SymbolFigures } from '../../kit/golden/golden-figures.ts'
import { readTrainingFigures, type TrainingFigures } from '../../kit/golden/trained-figures.ts'
import { prepare, replayed, replayOf, retrained } from '../../kit/prepared.ts'
import { type Stage } from '../../kit/program.ts'
import { BTC, ETH } from '../../kit/samples.ts'

const Weekly = z.object({ metrics: z.object({ auc_live: z.number(), log_loss_live: z.number() }) })

/** @throws when the golden file lacks a figure that the schemas name */
export function pipelineFigures(): Record<GoldenSymbol, SymbolFigures & TrainingFigures> {
  const { btcusdt, ethusdt } = readGolden()
  return {
    btcusdt: { ...btcusdt, ...readTrainingFigures('btcusdt') },
    ethusdt: { ...ethusdt, ...readTrainingFigures('ethusdt') },
  }
}

/** The first of a list that must have one. */
export function firstOf<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined) throw new Error('the golden file has an empty list')
  return first
}

export interface PipelineRun {
  readonly first: ReplayedSeen
  readonly second: ReplayedSeen
  readonly psiBefore: z.infer<typeof Psi>
  readonly psiAfter: z.infer<typeof Psi>
  readonly gatesBefore: GatesSeen
  readonly gatesTrained: GatesSeen
  readonly gatesAfter: GatesSeen
  readonly models: Readonly<Record<'v1.8-b0' | 'v1.8.1', z.infer<typeof ModelCard>>>
  readonly week: z.infer<typeof Weekly>
  readonly days: Readonly<Record<string, z.infer<typeof Daily>>>
  /** The trades that the arms of the golden figures decided before 2 June, oldest first. */
  readonly paper: Readonly<Record<GoldenArm, readonly PaperTradeSeen[]>>
}

type GoldenArm = 'plain' | 'stop_30_target_45'

const PaperTrades = z.object({
  items: z.array(
    z.object({
      row_at: z.string(),
      opened_at: z.string(),
      closed_at: z.string(),
      side: z.enum(['long', 'short']),
      filled_entry: z.number(),
      filled_exit: z.number(),
      fees: z.number(),
      pnl: z.number(),
      exit: z.string(),
      rv_60m_log: z.number(),
    }),
  ),
})
export type PaperTradeSeen = z.infer<typeof PaperTrades>['items'][number]

export const SHADOW_DAYS = ['2025-05-26', '2025-05-27', '2025-06-01'] as const

/** A recording at the moments that are looked at: each a directory of the caller's own, the first with what `replay` said. */
interface Recording {
  readonly opening: string
  readonly candidate: string
  readonly secondOfJune: string
}

/** Replay to 26 May, retrain, replay on to 2 June, reading what each step shows. */
export async function runPipeline(shell: Stage, symbol: 'BTCUSDT' | 'ETHUSDT'): Promise<PipelineRun> {
  const { opening, candidate, secondOfJune } = symbol === 'BTCUSDT' ? await shared(shell) : await ofEth(shell)
  const gates = async (dir: string): Promise<GatesSeen> => Gates.parse(await commandJson(['gates', ...at(dir)], [1]))
  const model = async (version: string): Promise<z.infer<typeof ModelCard>> =>
    ModelCard.parse(await commandJson(['models', 'show', version, ...at(secondOfJune)]))
  const days: Record<string, z.infer<typeof Daily>> = {}
  for (const day of SHADOW_DAYS)
    days[day] = Daily.parse(await commandJson(['report', 'daily', '--date', day, ...at(secondOfJune)]))
  return {
    first: replayOf(opening),
    second: replayOf(secondOfJune),
    psiBefore: Psi.parse(await commandJson(['psi', ...at(opening)], [1])),
    psiAfter: Psi.parse(await commandJson(['psi', '--model', 'v1.8.1', ...at(secondOfJune)])),
    gatesBefore: await gates(opening),
    gatesTrained: await gates(candidate),
    gatesAfter: await gates(secondOfJune),
    models: { 'v1.8-b0': await model('v1.8-b0'), 'v1.8.1': await model('v1.8.1') },
    week: Weekly.parse(await commandJson(['report', 'weekly', '--date', '2025-06-01', ...at(secondOfJune)])),
    days,
    paper: await paperOf(shell, symbol, secondOfJune),
  }
}

/** The last of them are closed a little after midnight. */
async function paperOf(
  shell: Stage,
  symbol: 'BTCUSDT' | 'ETHUSDT',
  secondOfJune: string,
): Promise<Readonly<Record<GoldenArm, readonly PaperTradeSeen[]>>> {
  const file = symbol === 'BTCUSDT' ? BTC : ETH
  const dataDir = await replayed(shell, file, symbol, shell.copy(secondOfJune), '2025-06-02T00:20')
  const tradesOf = async (arm: string): Promise<readonly PaperTradeSeen[]> => {
    const args = ['paper', 'trades', '--arm', arm, '--limit', '10000', ...at(dataDir)]
    const { items } = PaperTrades.parse(await commandJson(args))
    return items.filter((trade) => trade.row_at < '2025-06-02').reverse()
  }
  return { plain: await tradesOf('f60'), stop_30_target_45: await tradesOf('f60-levels') }
}

const at = (dataDir: string): string[] => ['--data-dir', dataDir]

async function shared(shell: Stage): Promise<Recording> {
  return {
    opening: await prepare(shell, 'opening'),
    candidate: await prepare(shell, 'candidate'),
    secondOfJune: await prepare(shell, 'secondOfJune'),
  }
}

async function ofEth(shell: Stage): Promise<Recording> {
  const opening = await replayed(shell, ETH, 'ETHUSDT', shell.fresh(), '2025-05-26')
  const candidate = await retrained(shell, shell.copy(opening))
  return {
    opening,
    candidate,
    secondOfJune: await replayed(shell, ETH, 'ETHUSDT', shell.copy(candidate), '2025-06-02'),
  }
}
