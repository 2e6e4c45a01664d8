/** The lines of a feature log: how a row is written, and where a log that was cut off ends. */
import { isRecord, tryJson } from '../engine/kernel/json.ts'
import type { UnixMs } from '../engine/kernel/units.ts'

/** Where the whole lines of a log end. */
interface LogEnd {
  /** Bytes up to there; what follows is torn. 0 when not even the header is whole. */
  readonly bytes: number
  /** Null without a row. */
  readonly lastTsMs: UnixMs | null
  readonly header: Readonly<Record<string, unknown>> | null
}

const LINE_FEED = 10

/** What comes before each value of a row, made once for a log. */
export function rowPrefixes(columns: readonly string[]): readonly string[] {
  return columns.map((name) => `,${JSON.stringify(name)}:`)
}

/** One line with its line feed. JSON has no NaN and no infinity: both are written as null. */
export function rowLine(tsMs: UnixMs, values: Float64Array, prefixes: readonly string[]): string {
  let line = `{"ts_ms":${tsMs}`
  for (let i = 0; i < prefixes.length; i++) {
    const value = values[i] ?? Number.NaN
    line += `${prefixes[i]}${Number.isFinite(value) ? value : 'null'}`
  }
  return `${line}}\n`
}

/** Looks for the last whole row from the end: a kill tears a line, a loss of power can leave several that are not JSON. */
export function logEnd(content: Buffer): LogEnd {
  const header = fieldsOf(content, 0, Math.max(0, content.indexOf(LINE_FEED)))
  if (typeof header?.schema !== 'string') return { bytes: 0, lastTsMs: null, header: null }
  const headerEnd = content.indexOf(LINE_FEED) + 1
  let end = content.lastIndexOf(LINE_FEED) + 1
  while (end > headerEnd) {
    const start = content.lastIndexOf(LINE_FEED, end - 2) + 1
    const tsMs = fieldsOf(content, start, end)?.ts_ms
    if (typeof tsMs === 'number') return { bytes: end, lastTsMs: tsMs, header }
    end = start
  }
  return { bytes: headerEnd, lastTsMs: null, header }
}

function fieldsOf(content: Buffer, from: number, until: number): Readonly<Record<string, unknown>> | null {
  const parsed = tryJson(content.toString('utf8', from, until))
  return isRecord(parsed) ? parsed : null
}
