import type { AbRunRow } from '../../db/trading.ts'
import type { AbDocument } from '../../control/paper-answers.ts'
import type { Taken } from '../../control/commands.ts'
import { conflict, invalid } from '../../engine/kernel/errors.ts'
import { percent, signed } from '../../engine/kernel/figures.ts'
import { DAY_MS, floorTo, isoDate, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { type AbComparison, type AbMode, type AbSide, MIN_AB_TRADES } from '../../engine/trading/ab.ts'
import { compareStoredArms } from '../../work/ab-task.ts'
import { runTask } from '../../work/run.ts'
import type { AbTask } from '../../work/task.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import { requireArm } from './arms.ts'
import { writeCalibration } from './paper-costs.ts'

/** The draws of a look are the same whoever repeats it. */
const SEED = 20_250_601
/** A comparison draws some thousands of sums: minutes would mean that something is wrong. */
const TIME_LIMIT_MS = 30 * 60_000
const MEMORY_LIMIT_MB = 2_048

/** Of arms that trade at the same time: what they did longer ago says little of what they are now. */
const COMPARED_MS = 90 * DAY_MS

interface Pair {
  readonly armA: string
  readonly armB: string
  readonly mode: AbMode
  readonly splitMs: number | null
}

/** A comparison that was made; `keep` writes it down inside the caller's transaction. */
interface MadeLook {
  readonly keep: () => AbDocument
}

/** Compares arms by what they have closed so far. A look that is no dry run counts: the next day's asks for more certainty. */
export class ArmComparison {
  constructor(
    private readonly desks: Desks,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param isQuick in this process, where nobody waits for its event loop; otherwise in one of its own
   * @throws OperatorError for arms that are not there or cannot be compared so
   */
  async compare(desk: Desk, asked: Taken<'compareArms'>, isQuick: boolean): Promise<MadeLook> {
    const { desks, signal } = this
    const { symbol, parts } = desk
    const pair = pairOf(desk, asked)
    const { armA, armB, mode, splitMs } = pair
    const atMs = desk.tape.momentMs
    const labels = labelsOf(pair)
    const look = lookOf(parts.store.trading.abRuns(symbol, ...labels), atMs)
    const capital = parts.limits.paper.rule.notional
    const task: AbTask = {
      kind: 'ab',
      dataDir: desks.options.dataDir,
      symbol,
      armA,
      armB,
      mode,
      splitMs,
      untilMs: atMs,
      fromMs: atMs - COMPARED_MS,
      capital,
      look,
      seed: SEED,
    }
    const limits = { signal, timeLimitMs: TIME_LIMIT_MS, memoryLimitMb: MEMORY_LIMIT_MB }
    const compared = isQuick ? compareStoredArms(task) : await runTask(task, limits)
    const needsCertainty = desks.options.config.ab.require_certain
    const document = documentOf(symbol, compared, { mode, dryRun: asked.dryRun === true, atMs, needsCertainty })
    return { keep: () => keep(desks, desk, document, { atMs, labels }) }
  }
}

/** A row, and unless it is a dry run evidence and an event. */
function keep(
  { evidence }: Desks,
  desk: Desk,
  made: Omit<AbDocument, 'run'>,
  { atMs, labels }: { readonly atMs: UnixMs; readonly labels: readonly string[] },
): AbDocument {
  const { symbol, parts } = desk
  const document = { ...made, run: parts.store.trading.addAbRun(rowOf(made, atMs, parts.wallNow())) }
  if (document.dry_run) return document
  const subject = evidence.subject(symbol, `ab_${isoDate(atMs)}.json`)
  // What became of the recommendation is an entry of its own, of the prompt or of the swap.
  const { approval: _, swapped: __, ...figures } = document
  evidence.writeDocument(subject, evidence.stamp('ab/1', atMs, figures), atMs, { look: document.look })
  writeCalibration(evidence, desk, atMs)
  const { swap_recommended: recommended, reason } = document
  desk.events.log('ab', recommended ? 'warning' : 'info', `${labels.join(' against ')}: ${reason}`)
  return document
}

function pairOf(desk: Desk, { arms, mode: named, splitMs }: Taken<'compareArms'>): Pair {
  const standing = standingArms(desk)
  const [armA, armB] = arms ?? (splitMs === undefined ? standing : standing.slice(0, 1))
  if (armA === undefined || (armB === undefined && splitMs === undefined))
    throw conflict(
      'there are no two arms to compare',
      arms === undefined ? 'no model is in the shadow beside the one in charge' : 'one was named',
      'name two, for example: onay ab --arms A,B; or one and a moment: --arms A --split 2025-06-01',
      'no_arm',
    )
  for (const arm of armB === undefined ? [armA] : [armA, armB]) requireArm(desk, arm)
  if (armB !== undefined && splitMs !== undefined)
    throw invalid(
      'two arms are not split',
      'a moment splits the trades of one',
      'name one arm, or leave --split out',
      'arms',
    )
  if (armA === armB) throw invalid(`${armA} is compared with itself`, 'two arms are needed', 'name another one', 'arms')
  if (splitMs !== undefined) return { armA, armB: armA, mode: 'sequential', splitMs }
  const isOwn = [armA, armB ?? armA].some(
    (arm) => desk.parts.store.trading.newestTrades(desk.symbol, arm, 1)[0]?.source === 'own',
  )
  const mode = named ?? (isOwn ? 'labelled' : 'concurrent')
  if (mode === 'sequential')
    throw invalid(
      'a sequential comparison needs a moment',
      'it splits the trades of one arm',
      'name it with --split',
      'split',
    )
  return { armA, armB: armB ?? armA, mode, splitMs: null }
}

/** Who is compared where nobody is named: the active set and the other one, before there are two the model in charge and the candidate. */
function standingArms({ sets, lineUp }: Desk): readonly string[] {
  const { active, trading } = sets
  if (active !== null && trading.length > 1)
    return [active, ...trading.flatMap(({ name }) => (name === active ? [] : [name]))]
  return [lineUp.inCharge, lineUp.candidate].flatMap((loaded) => (loaded === null ? [] : [loaded.model.version]))
}

/** As the rows have them. */
function labelsOf({ armA, armB, splitMs }: Pair): readonly [string, string] {
  return splitMs === null ? [armA, armB] : [`${armA} before`, `${armA} after`]
}

/** A pair is looked at once a day: what is repeated on the same day is the same look. */
function lookOf(runs: readonly AbRunRow[], atMs: number): number {
  const today = floorTo(atMs, DAY_MS)
  const days = runs.flatMap(({ dryRun, tsMs }) => (dryRun === 0 ? [floorTo(tsMs, DAY_MS)] : []))
  return new Set(days.filter((day) => day < today)).size + 1
}

function documentOf(
  symbol: string,
  compared: AbComparison,
  {
    mode,
    dryRun,
    atMs,
    needsCertainty,
  }: { readonly mode: AbMode; readonly dryRun: boolean; readonly atMs: number; readonly needsCertainty: boolean },
): Omit<AbDocument, 'run'> {
  const { a, b, difference, missing, rule, certain, look, level, certainAbove } = compared
  const recommended = rule && (certain || !needsCertainty)
  return {
    symbol,
    at: isoTime(atMs),
    mode,
    dry_run: dryRun,
    verdict: missing > 0 ? 'WAIT' : recommended ? 'SWAP' : 'KEEP',
    swap_recommended: recommended,
    approval: null,
    swapped: false,
    rule,
    certain,
    look,
    level,
    missing,
    arm_a: sideOf(a),
    arm_b: sideOf(b),
    difference,
    certain_above: certainAbove,
    reason: reasonOf(compared),
  }
}

function sideOf(side: AbSide): AbDocument['arm_a'] {
  return {
    arm: side.label,
    trades: side.trades,
    days: side.days,
    sharpe: side.sharpe,
    expectancy: side.expectancy,
    win_rate: side.winRate,
    profit_factor: side.profitFactor,
    max_drawdown: side.maxDrawdown,
    daily_return_per_exposure: side.dailyReturnPerExposure,
  }
}

function reasonOf({ a, b, missing, rule, certain, look, level, certainAbove }: AbComparison): string {
  const at = `at look ${look}, ${percent(level, 2)}`
  if (missing > 0) return `${missing} more closed trades are needed, ${MIN_AB_TRADES} of each arm`
  if (rule && certain) return `${b.label} is better than ${a.label} and earns, with certainty ${at}`
  if ((b.expectancy.value ?? 0) <= 0) return `${b.label} does not earn: ${signed(b.expectancy.value ?? 0, 3)} a trade`
  if (!rule) return `the Sharpe ratio of ${b.label} is below that of ${a.label}`
  const { difference, expectancy } = certainAbove
  if (difference === null || expectancy === null) return `not certain ${at}: there are too few days`
  return difference <= 0
    ? `not certain ${at}: the difference may be as low as ${signed(difference, 4)} a day and unit of exposure`
    : `not certain ${at}: ${b.label} may earn as little as ${signed(expectancy, 3)} a trade`
}

function rowOf(document: Omit<AbDocument, 'run'>, tsMs: number, wallMs: number): Omit<AbRunRow, 'run'> {
  const { arm_a: a, arm_b: b } = document
  return {
    symbol: document.symbol,
    tsMs,
    tsIso: document.at,
    armALabel: a.arm,
    armBLabel: b.arm,
    mode: document.mode,
    armATrades: a.trades,
    armBTrades: b.trades,
    armASharpe: a.sharpe.value,
    armBSharpe: b.sharpe.value,
    armAExpectancy: a.expectancy.value,
    armBExpectancy: b.expectancy.value,
    armAWinRate: a.win_rate.value,
    armBWinRate: b.win_rate.value,
    armAPf: a.profit_factor.value,
    armBPf: b.profit_factor.value,
    k: document.look,
    level: document.level,
    swapRecommended: Number(document.swap_recommended),
    swapExecuted: 0,
    decisionReason: document.reason,
    dryRun: Number(document.dry_run),
    wallMs,
  }
}
