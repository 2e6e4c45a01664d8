/** What a recording holds as a whole, found in one reading before any of it is taken in: its unit of time, and its bad rows. */
import { OperatorError } from '../engine/kernel/errors.ts'
import { DAY_MS, isoTime, type UnixMs } from '../engine/kernel/units.ts'
import { faultOf, type BarFault } from '../engine/market/bar.ts'
import { refuseUnlessFile } from './bars-bytes.ts'
import { openBars } from './bars-parquet.ts'
import { barOf, TIME_UNITS, UNIT_NAMES, unitOf, type TimeUnit } from './bars-time.ts'
import { clusterOf, Stretches } from './time-clusters.ts'

/** Rows that share a fault, the first of them as an example. */
interface RowFault {
  readonly fault: BarFault
  readonly rows: number
  readonly line: number
  readonly text: string
}

/** Immutable facts about a file; those of another file are others, whatever it is called. */
export interface Survey {
  readonly path: string
  /** Blank lines and the header left out. */
  readonly rows: number
  readonly sound: number
  readonly unit: TimeUnit
  /** The first and the last bar; times outside are wild. Null where no row is sound. */
  readonly span: { readonly firstMs: UnixMs; readonly lastMs: UnixMs } | null
  /** What is wrong with rows in themselves, the most frequent first. */
  readonly faults: readonly RowFault[]
}

/** Times in a second unit are strays up to this many, and up to this share of the rows; more make a file of two units. */
const STRAY_ROWS = 10
const STRAY_SHARE = 0.01
/** A recording may end so far ahead of the machine's clock: clocks differ, and days end at different times. */
export const AHEAD_MS = DAY_MS

/**
 * @throws OperatorError as the reader, and where no row is sound or the times are in two units; what comes before a break in the
 *   file's compressed data is surveyed, the break itself is for the reader to meet. The signal's reason when it is aborted
 */
export async function surveyOf(path: string, signal?: AbortSignal): Promise<Survey> {
  const survey = await surveyUnjudged(path, signal)
  if (survey.rows === 0)
    throw new OperatorError(
      `${path} has no rows`,
      'its first line is all there is',
      'name a recording of bars',
      'empty',
    )
  if (survey.span === null)
    throw new OperatorError(
      `${path} has no sound row`,
      `${survey.rows} rows were read: ${survey.faults.map(faultText).join('; ')}`,
      'mend the file: ts_ms is the start of a minute, prices are above 0, volume is not negative',
      'no_sound_row',
    )
  return survey
}

/**
 * A recording that ends in the future: either its times are wrong, or the machine's clock. Nobody can tell which from here, so
 * that nothing is dropped on the clock's word: whoever knows says so.
 * @param untilMs bars from here on are not asked for; a named end is an answer
 * @throws OperatorError
 */
export function refuseFuture({ path, span }: Survey, wallMs: UnixMs, untilMs: UnixMs): void {
  if (span === null || Number.isFinite(untilMs) || span.lastMs <= wallMs + AHEAD_MS) return
  throw new OperatorError(
    `${path} goes on to ${isoTime(span.lastMs)}`,
    `this machine's clock says ${isoTime(wallMs)}`,
    'set the clock right, mend the times, or name the end that you want with --until',
    'future',
  )
}

/** Lines for people: what was converted, and what is wrong with how many rows. */
export function surveyLines({ unit, faults }: Survey): string[] {
  return [...(unit === 'ms' ? [] : [`times are in ${UNIT_NAMES[unit]} and were converted`]), ...faults.map(faultText)]
}

function faultText({ fault, rows, line, text }: RowFault): string {
  return `${fault.replaceAll('_', ' ')}: ${rows} ${rows === 1 ? 'row' : 'rows'}, ${rows === 1 ? '' : 'first '}on line ${line} (${text})`
}

/** What rows with times in one unit are. */
class RowsOfUnit {
  readonly times = new Stretches()
  readonly faults = new Map<BarFault, RowFault>()

  get rows(): number {
    return [...this.faults.values()].reduce((sum, { rows }) => sum + rows, this.times.rows)
  }
}

async function surveyUnjudged(path: string, signal: AbortSignal | undefined): Promise<Survey> {
  const units = { ms: new RowsOfUnit(), s: new RowsOfUnit(), us: new RowsOfUnit(), ns: new RowsOfUnit() }
  const unparsable = new Map<BarFault, RowFault>()
  let rows = 0
  await refuseUnlessFile(path)
  try {
    for await (const chunk of openBars(path, { skipLines: 0, signal })) {
      for (const row of chunk.rows) {
        rows++
        if (!('bar' in row)) {
          count(unparsable, row)
          continue
        }
        const unit = unitOf(row.bar.time)
        const bar = barOf(row.bar, unit)
        const fault = faultOf(bar)
        if (fault === null) units[unit].times.add(bar.tsMs, row.line, row.bar.time)
        else count(units[unit].faults, { line: row.line, fault, text: Object.values(row.bar).join(',') })
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof OperatorError) || thrown.code !== 'cut_short' || rows === 0) throw thrown
  }
  return { path, rows, ...judged(path, units, unparsable) }
}

function judged(
  path: string,
  units: Readonly<Record<TimeUnit, RowsOfUnit>>,
  unparsable: ReadonlyMap<BarFault, RowFault>,
): Omit<Survey, 'path' | 'rows'> {
  const [most, ...others] = TIME_UNITS.map((unit): UnitRows => [unit, units[unit]]).sort(
    ([, a], [, b]) => b.times.rows - a.times.rows || b.rows - a.rows,
  )
  if (most === undefined) throw new Error('no unit of time was counted')
  const [unit, { times, faults: ownFaults }] = most
  refuseMixed(path, most, others)
  const { span, wild } = clusterOf(times)
  const faults = new Map([...unparsable, ...ownFaults])
  for (const stretch of [...wild, ...others.flatMap(([, other]) => other.times.all())])
    count(faults, { line: stretch.line, fault: 'wild_time', text: `${stretch.written}` }, stretch.rows)
  for (const { line, text, rows } of others.flatMap(([, other]) => [...other.faults.values()]))
    count(faults, { line, fault: 'wild_time', text: text.split(',', 1).join('') }, rows)
  const sound = times.rows - wild.reduce((sum, stretch) => sum + stretch.rows, 0)
  return { sound, unit, span, faults: [...faults.values()].sort((a, b) => b.rows - a.rows) }
}

function count(faults: Map<BarFault, RowFault>, row: Omit<RowFault, 'rows'>, rows = 1): void {
  const known = faults.get(row.fault)
  const first = known === undefined || row.line < known.line ? row : known
  faults.set(row.fault, { fault: row.fault, rows: rows + (known?.rows ?? 0), line: first.line, text: first.text })
}

type UnitRows = readonly [TimeUnit, RowsOfUnit]

/** @throws OperatorError where rows in a second unit are more than strays */
function refuseMixed(path: string, most: UnitRows, others: readonly UnitRows[]): void {
  const strays = Math.max(STRAY_ROWS, most[1].times.rows * STRAY_SHARE)
  const mixed = others.filter(([, { times }]) => times.rows > strays)
  if (mixed.length === 0) return
  const named = [most, ...mixed].map(([unit, { times }]) => {
    const line = Math.min(...times.all().map((stretch) => stretch.line))
    return `${times.rows} in ${UNIT_NAMES[unit]} (first on line ${line})`
  })
  throw new OperatorError(
    `${path} mixes units of time`,
    `of its rows, ${named.join(' and ')}`,
    'write all of its times in one unit',
    'mixed_units',
  )
}
