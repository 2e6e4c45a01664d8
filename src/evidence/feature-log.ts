/**
 * `features_raw.log`: every row that the features yielded, as JSON lines under a header line, one file a UTC day. The
 * database is the authority; what a crash cost this log is appended again from there.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { conflict, OperatorError } from '../engine/kernel/errors.ts'
import { DAY_MS, floorTo, isoDate, type UnixMs } from '../engine/kernel/units.ts'
import { logEnd, rowLine, rowPrefixes } from './feature-log-lines.ts'
import { fileSha256, syncDirectory, writeFault } from './files.ts'

export const FEATURE_LOG_NAME = 'features_raw.log'
const SCHEMA = 'features_raw/1'
const ROTATED = /^features_raw_(\d{4}-\d{2}-\d{2})\.log$/

export interface LoggedRow {
  readonly tsMs: UnixMs
  /** One number a column, in the order of the log's columns; NaN is missing. */
  readonly values: Float64Array
}

interface RotatedLog {
  readonly path: string
  readonly sha256: string
}

interface FeatureLogOptions {
  readonly dir: string
  /** Fields of the header line beside `schema`, `columns` and `date`, the symbol among them. */
  readonly header: object
  readonly columns: readonly string[]
}

/** The file being written, and how much of it is known to be whole. */
interface OpenLog {
  readonly fd: number
  readonly dayMs: UnixMs
  bytes: number
}

/** The one writer of a directory's feature log. Rows go in by time; what is there already is passed over. */
export class FeatureLog {
  private readonly path: string
  private readonly prefixes: readonly string[]
  private current: OpenLog | null = null
  private last: UnixMs | null = null
  /** Kept until an append returns them: one that failed after a rotation must not lose its hash. */
  private rotated: RotatedLog[] = []

  /** Opens the log where it was left: a torn end is cut off. @throws OperatorError when the log is another symbol's */
  constructor(private readonly options: FeatureLogOptions) {
    this.path = join(options.dir, FEATURE_LOG_NAME)
    this.prefixes = rowPrefixes(options.columns)
    try {
      mkdirSync(options.dir, { recursive: true })
      this.recover()
    } catch (thrown) {
      throw writeFault(this.path, thrown)
    }
  }

  /** The newest row logged, in this file or the newest rotated one; null when there is none. */
  lastTsMs(): UnixMs | null {
    return this.last
  }

  /**
   * Appends the rows that are later than `lastTsMs`, in one write a day. A failed write is taken back, so that the same rows
   * may be given again.
   * @param rows ascending in time
   * @returns the files that were complete with this, under their final name with their final hash
   * @throws OperatorError when the disk is full or writing is not allowed
   */
  append(rows: readonly LoggedRow[]): readonly RotatedLog[] {
    try {
      let text = ''
      let newest = this.last ?? Number.NEGATIVE_INFINITY
      for (const row of rows) {
        if (row.tsMs <= newest) continue
        const dayMs = floorTo(row.tsMs, DAY_MS)
        if (this.current?.dayMs !== dayMs) {
          this.commit(text, newest)
          text = ''
          this.rotate()
          this.begin(dayMs)
        }
        text += rowLine(row.tsMs, row.values, this.prefixes)
        newest = row.tsMs
      }
      this.commit(text, newest)
    } catch (thrown) {
      throw writeFault(this.path, thrown)
    }
    return this.rotated.splice(0)
  }

  close(): void {
    if (this.current !== null) closeSync(this.current.fd)
    this.current = null
  }

  private recover(): void {
    const end = existsSync(this.path) ? endOf(this.path) : null
    if (end !== null && end.lastTsMs !== null) {
      this.refuseOther(end.header)
      truncateSync(this.path, end.bytes)
      this.last = end.lastTsMs
      this.current = openLog(this.path, floorTo(end.lastTsMs, DAY_MS))
      return
    }
    // A log without a row is started again: its first row may be of another day than its header says.
    rmSync(this.path, { force: true })
    const newest = rotatedLogs(this.options.dir).at(-1)
    if (newest !== undefined) this.last = endOf(join(this.options.dir, newest)).lastTsMs
  }

  private begin(dayMs: UnixMs): void {
    const log = openLog(this.path, dayMs)
    const { header, columns } = this.options
    try {
      if (log.bytes === 0)
        write(log, `${JSON.stringify({ schema: SCHEMA, columns, ...header, date: isoDate(dayMs) })}\n`)
    } catch (thrown) {
      closeSync(log.fd)
      throw thrown
    }
    this.current = log
  }

  private commit(text: string, newest: UnixMs): void {
    if (text === '' || this.current === null) return
    write(this.current, text)
    this.last = newest
  }

  private rotate(): void {
    if (this.current === null) return
    const path = join(this.options.dir, `features_raw_${isoDate(this.current.dayMs)}.log`)
    if (existsSync(path)) {
      throw new OperatorError(
        `${this.path} cannot be rotated`,
        `${path} is there already`,
        'move that file away',
        'in_the_way',
      )
    }
    fsyncSync(this.current.fd)
    renameSync(this.path, path)
    closeSync(this.current.fd)
    this.current = null
    syncDirectory(this.options.dir)
    this.rotated.push({ path, sha256: fileSha256(path) ?? '' })
  }

  private refuseOther(header: Readonly<Record<string, unknown>> | null): void {
    const mine: Record<string, unknown> = { ...this.options.header }
    // Columns may have been declared since: the file goes on, and each of its lines names its columns.
    const hasOthers = !isStrings(header?.columns) || header.columns.some((name) => !this.options.columns.includes(name))
    const other = header?.symbol !== mine.symbol ? 'symbol' : hasOthers ? 'columns' : null
    if (other === null) return
    const next = 'move it away, or name another evidence directory'
    throw conflict(
      `${this.path} belongs to another room`,
      other === 'columns' ? 'it has other columns' : `it is of another ${other}`,
      next,
      'other_log',
    )
  }
}

/** `2025-05-19` of `features_raw_2025-05-19.log`; null for any other name. */
export function rotatedDate(name: string): string | null {
  return ROTATED.exec(name)?.[1] ?? null
}

/** Names of a directory's rotated logs, oldest first. */
export function rotatedLogs(directory: string): readonly string[] {
  return existsSync(directory)
    ? readdirSync(directory)
        .filter((name) => ROTATED.test(name))
        .sort()
    : []
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function endOf(path: string): ReturnType<typeof logEnd> {
  return logEnd(readFileSync(path))
}

function openLog(path: string, dayMs: UnixMs): OpenLog {
  const fd = openSync(path, 'a')
  return { fd, dayMs, bytes: fstatSync(fd).size }
}

/** All of the text or none of it: the next try must not start behind half a line. */
function write(log: OpenLog, text: string): void {
  try {
    writeFileSync(log.fd, text)
    log.bytes += Buffer.byteLength(text)
  } catch (thrown) {
    ftruncateSync(log.fd, log.bytes)
    throw thrown
  }
}
