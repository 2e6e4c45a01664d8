/** The golden figures that the whole pipeline must come to, and the run that makes them. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Daily, Gates, ModelCard, Psi, Replayed, type GatesSeen } from '../../kit/documents.ts'
import type { Stage } from '../../kit/program.ts'

const byName = z.record(z.string(), z.number())

const ModelFigures = z.object({
  rows: z.number(),
  base_rate: z.number(),
  auc: z.number(),
  precision_at_20: z.number(),
  recall_at_20: z.number(),
  log_loss: z.number(),
  ece_equal_mass_10: z.number(),
  platt: z.object({ a: z.number(), b: z.number() }),
  folds: z.array(z.object({ train_rows: z.number(), test_rows: z.number() })),
  final: z.object({ bias: z.number(), weights: byName }),
})
export type ModelFigures = z.infer<typeof ModelFigures>

const lossOnly = z.object({ log_loss: z.number() })

const SymbolFigures = z.object({
  psi: z.array(z.object({ per_feature: byName, overall_b0: z.number() })),
  psi_v181_own_reference: z.array(z.object({ overall: z.number(), per_feature: byName })),
  'v1.8-b0': ModelFigures,
  'v1.8.1': ModelFigures,
  shadow: z.array(z.object({ day: z.string(), match_rate: z.number(), mean_abs_delta: z.number() })),
  settled: z.array(z.object({ rows: z.number(), 'v1.8-b0': lossOnly, 'v1.8.1': lossOnly, fallback: lossOnly })),
})

const everything = z.object({ btcusdt: SymbolFigures, ethusdt: SymbolFigures })

/** @throws when the golden file lacks a figure that the schema names */
export function pipelineFigures(): z.infer<typeof everything> {
  return everything.parse(JSON.parse(readFileSync(new URL('../../kit/golden/golden.json', import.meta.url), 'utf8')))
}

/** The first of a list that must have one. */
export function firstOf<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined) throw new Error('the golden file has an empty list')
  return first
}

export interface PipelineRun {
  readonly first: z.infer<typeof Replayed>
  readonly second: z.infer<typeof Replayed>
  readonly psiBefore: z.infer<typeof Psi>
  readonly psiAfter: z.infer<typeof Psi>
  readonly gatesBefore: GatesSeen
  readonly gatesTrained: GatesSeen
  readonly gatesAfter: GatesSeen
  readonly models: Readonly<Record<'v1.8-b0' | 'v1.8.1', z.infer<typeof ModelCard>>>
  readonly days: Readonly<Record<string, z.infer<typeof Daily>>>
}

export const SHADOW_DAYS = ['2025-05-26', '2025-05-27', '2025-06-01'] as const

/** Replay to 26 May, retrain, replay on to 2 June, reading what each step shows. */
export async function runPipeline(shell: Stage, file: string, symbol: string): Promise<PipelineRun> {
  const at = ['--data-dir', shell.fresh()]
  const replay = async (until: string): Promise<z.infer<typeof Replayed>> =>
    Replayed.parse(await shell.json(['replay', file, '--symbol', symbol, '--until', until, ...at]))
  const gates = async (): Promise<GatesSeen> => Gates.parse(await shell.json(['gates', ...at], [1]))
  const model = async (version: string): Promise<z.infer<typeof ModelCard>> =>
    ModelCard.parse(await shell.json(['models', 'show', version, ...at]))

  const first = await replay('2025-05-26')
  const psiBefore = Psi.parse(await shell.json(['psi', ...at], [1]))
  const gatesBefore = await gates()
  await shell.json(['retrain', '--version', 'v1.8.1', '--window', '14d', ...at])
  const gatesTrained = await gates()
  const second = await replay('2025-06-02')
  const psiAfter = Psi.parse(await shell.json(['psi', '--model', 'v1.8.1', ...at]))
  const gatesAfter = await gates()
  const days: Record<string, z.infer<typeof Daily>> = {}
  for (const day of SHADOW_DAYS) days[day] = Daily.parse(await shell.json(['report', 'daily', '--date', day, ...at]))
  const models = { 'v1.8-b0': await model('v1.8-b0'), 'v1.8.1': await model('v1.8.1') }
  return { first, second, psiBefore, psiAfter, gatesBefore, gatesTrained, gatesAfter, models, days }
}
