/** What the books of a desk hold, as plain data: two desks that stand at the same place have the same. */
import { isDeepStrictEqual } from 'node:util'
import { FeatureStream } from '../../src/engine/features/stream.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import { LatencyHistogram } from '../../src/db/latency-histogram.ts'
import { addLatencies, Latencies } from '../../src/serving/histogram.ts'
import { shape } from './desk.ts'
import { HOUR } from './moments.ts'

/** What a book works with and does not remember, and what it only keeps to save time. */
const APART = new Set(['store', 'parts', 'events', 'limits', 'listener', 'spec', 'heuristic', 'fallback', 'model'])
const CACHES = new Set(['ranked', 'measured', 'hours', 'counted', 'dirty', 'oldestMs', 'dayFromMs'])
/** What a process counts for itself: rows that wait for a log, tries of the breaker, levels for the metrics, an alert's wording, answers
 * that left, how long its feed has been still. */
const OF_THE_PROCESS = new Set(['rowsToLog', 'recent', 'reached', 'text', 'abstentions', 'otherMs', 'staleness'])

/** Where the books of two desks differ, each place with both values; empty when they stand at the same place. */
export function differingBooks(a: Desk, b: Desk): string[] {
  return differences('', bookContents(a), bookContents(b))
}

function differences(path: string, a: unknown, b: unknown): string[] {
  if (isDeepStrictEqual(a, b)) return []
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
    const names = new Set([...left.keys(), ...right.keys()])
    return [...names].flatMap((name) => differences(`${path}/${name}`, left.get(name), right.get(name)))
  }
  return [`${path}: ${JSON.stringify(a)} instead of ${JSON.stringify(b)}`]
}

export function bookContents(desk: Desk): Readonly<Record<string, unknown>> {
  const { tape, kill, models, drift, alerts, jobs, canary, rollups, settlement } = desk
  return {
    kill: plain(kill),
    tape: plain(tape),
    models: plain(models),
    drift: plain(drift),
    // In the order of their names: that of the list says nothing, whoever shows them sorts them.
    alerts: { ...recordOf(plain(alerts)), alerts: plain(byRule(alerts.active)), changes: recentChanges(desk) },
    jobs: plain(jobs),
    canary: plain(canary),
    rollups: plain(rollups),
    settlement: plain(settlement),
  }
}

function byRule<T extends { readonly rule: string }>(alerts: readonly T[]): readonly T[] {
  return alerts.toSorted((a, b) => a.rule.localeCompare(b.rule))
}

/** Of the last hour: what is older counts for nothing and goes when it is next looked at. */
function recentChanges({ alerts, tape }: Desk): object {
  const sinceMs = tape.feed.clockMs - HOUR
  const recent = [...alerts.changed].map(([rule, times]) => [rule, times.filter((ms) => ms > sinceMs)] as const)
  return Object.fromEntries(recent.filter(([, times]) => times.length > 0))
}

function recordOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return withoutNothing([...value].map(([key, of]) => [String(key), plain(of)]))
  if (value instanceof Set) return [...value].map(plain)
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, (x) => (Number.isNaN(x) ? 'NaN' : x))
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof FeatureStream) return plain(value.state())
  if (value instanceof Latencies) return [value.some, shape(addedTo(value))]
  // A book that was asked for and holds nothing is the same as none.
  if (value instanceof LatencyHistogram && value.count === 0) return undefined
  if (value instanceof LatencyHistogram) return shape(value)
  if (typeof value === 'number' && Number.isNaN(value)) return 'NaN'
  if (typeof value === 'function') return 'function'
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(
    ([name]) => !APART.has(name) && !CACHES.has(name) && !OF_THE_PROCESS.has(name),
  )
  return withoutNothing(fields.map(([name, of]) => [name, plain(of)]))
}

function withoutNothing(fields: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}

function addedTo(latencies: Latencies): LatencyHistogram {
  const sum = LatencyHistogram.empty()
  addLatencies(sum, latencies)
  return sum
}
