/** Values that a program of the user's own brings for the columns that they have declared. */
import type { OutcomesDocument, OwnValuesDocument } from '../../control/own-answers.ts'
import type { PushedValues, SaidOutcome } from '../../control/own-commands.ts'
import type { OwnValues } from '../../engine/features/own-columns.ts'
import { conflict, invalid } from '../../engine/kernel/errors.ts'
import { isoTime, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { labelText } from '../../engine/models/contract.ts'
import { digestLate } from '../record/day-digests.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { noColumn } from '../desk/declarations.ts'
import type { Desk } from '../desk/desk.ts'
import { ownValuesOf, type OwnValuesChunk } from '../../feeds/own-values-file.ts'

const MAX_NAMED = 20
/** A time before it is one in seconds, or none. */
const OLDEST_MS = Date.UTC(2000)

/**
 * Takes values in; the same ones twice change nothing, and the first value of a moment stays.
 * @throws OperatorError for a column that nobody has declared, or a time in the future; then none is taken
 */
export function takeValues(desk: Desk, rows: readonly PushedValues[]): OwnValuesDocument {
  const { parts, catalogue } = desk
  const wallMs = parts.wallNow()
  const places = new Map(catalogue.own.map(({ name }, i) => [name, i]))
  const read = rows.map(({ tsMs, values }) => {
    refuseTime(tsMs, wallMs, 'a value')
    const known = new Float64Array(catalogue.own.length).fill(Number.NaN)
    for (const [name, value] of Object.entries(values)) {
      const place = places.get(name)
      if (place === undefined) throw noColumn(name, desk.symbol)
      if (value !== null) known[place] = value
    }
    return { tsMs, values: known }
  })
  return storeValues(desk, read)
}

/** @param rows by the order in which columns were declared; written into where a value was there already, otherwise */
function storeValues(desk: Desk, rows: readonly OwnValues[]): OwnValuesDocument {
  const { symbol, parts, catalogue } = desk
  const wallMs = parts.wallNow()
  const answer = { added: 0, known: 0, late: 0, different: 0 }
  const named: { ts_ms: number; name: string }[] = []
  desk.transaction(() => {
    for (const row of rows) {
      const { added, known, different } = parts.store.own.put(symbol, row, wallMs)
      answer.added += added
      answer.known += known
      answer.different += different.length
      for (const place of different) {
        row.values[place] = Number.NaN
        if (named.length < MAX_NAMED) named.push({ ts_ms: row.tsMs, name: catalogue.own[place]?.name ?? '' })
      }
      if (desk.own.stored(row)) answer.late += added
    }
  })
  return { symbol, ...answer, different_named: named }
}

/**
 * Takes what the user says came of minutes: each is settled once its horizon has ended; the same again changes nothing.
 * @throws OperatorError for one that cannot be taken; then none is
 */
export function takeOutcomes(desk: Desk, evidence: EvidenceWriter, said: readonly SaidOutcome[]): OutcomesDocument {
  const { symbol, parts, tape } = desk
  const { name, labels, known } = newOutcomes(desk, said)
  let late = false
  desk.transaction(() => {
    const at = { newestMs: tape.newestBar?.tsMs ?? Number.NEGATIVE_INFINITY, atMs: tape.momentMs }
    for (const [tsMs, label] of [...labels].toSorted(([a], [b]) => a - b)) {
      parts.store.ownLabels.put(symbol, name, tsMs, label, parts.wallNow())
      if (desk.settlement.said(tsMs, label, desk.lineUp, at)) late = true
    }
    digestLate(evidence, symbol, labels.keys(), 'outcomes came late', at.atMs)
  })
  if (late) desk.takeUpSlots()
  return { symbol, name, added: labels.size, known }
}

/** What taking them would come to; takes none. @throws OperatorError for one that could not be taken */
export function foreseenOutcomes(desk: Desk, said: readonly SaidOutcome[]): OutcomesDocument {
  const { name, labels, known } = newOutcomes(desk, said)
  return { symbol: desk.symbol, name, added: labels.size, known, ts_ms: said.map(({ tsMs }) => tsMs) }
}

interface NewOutcomes {
  /** Of what is predicted. */
  readonly name: string
  /** Those that are not known yet, by minute. */
  readonly labels: ReadonlyMap<UnixMs, 0 | 1>
  readonly known: number
}

/** @throws OperatorError for one that cannot be taken */
function newOutcomes({ symbol, parts }: Desk, said: readonly SaidOutcome[]): NewOutcomes {
  const { kind, name = '' } = parts.limits.label
  if (kind !== 'pushed')
    throw conflict(
      'the room does not wait for outcomes',
      `it works out by itself what came of each minute: ${labelText(parts.limits.label)}`,
      'set label.kind to "pushed" in the configuration, and start it again',
      'label',
    )
  const labels = new Map<number, 0 | 1>()
  let known = 0
  for (const { tsMs, label } of said) {
    refuseTime(tsMs, parts.wallNow(), 'an outcome')
    if (tsMs % MINUTE_MS !== 0)
      throw invalid(
        `${tsMs} is not the start of a minute`,
        'an outcome is of the row of a minute',
        'send its ts_ms',
        'ts_ms',
      )
    const before = labels.get(tsMs) ?? parts.store.ownLabels.at(symbol, name, tsMs)
    if (before === null) labels.set(tsMs, label)
    else if (before === label) known++
    else
      throw conflict(
        `the outcome of ${isoTime(tsMs)} is given twice`,
        `it was ${before}, and now it is ${label}`,
        'what was settled stays as it was: correct the one that you send',
        'outcome',
      )
  }
  return { name, labels, known }
}

/** @param what `a value`, say */
function refuseTime(tsMs: number, wallMs: number, what: string): void {
  const isFuture = tsMs > wallMs + MINUTE_MS
  if (!isFuture && tsMs >= OLDEST_MS) return
  throw invalid(
    `${what} is of ${isoTime(tsMs)}`,
    isFuture ? `that is in the future: it is ${isoTime(wallMs)}` : 'nothing of that time is known here',
    'send ts_ms in milliseconds since 1970, not in seconds',
    isFuture ? 'future' : 'past',
  )
}

interface Importing {
  readonly wallMs: number
  readonly signal: AbortSignal
}

/**
 * Reads a whole file of features before any of it is taken.
 * @param declared names of the columns of the user's own
 * @throws OperatorError for a row that cannot be taken, and for a column that nobody has declared
 */
export async function surveyValues(
  path: string,
  symbol: string,
  declared: readonly string[],
  { wallMs, signal }: Importing,
): Promise<number> {
  let rows = 0
  for await (const chunk of ownValuesOf(path, wallMs + MINUTE_MS, signal)) {
    const unknown = chunk.names.find((name) => !declared.includes(name))
    if (unknown !== undefined) throw noColumn(unknown, symbol)
    rows += chunk.rows.length
  }
  return rows
}

/** As a program sends them. */
export function pushedOf({ names, rows }: OwnValuesChunk): PushedValues[] {
  return rows.map(({ tsMs, values }) => ({
    tsMs,
    values: Object.fromEntries(
      names.flatMap((name, i) => (Number.isNaN(values[i] ?? Number.NaN) ? [] : [[name, values[i] ?? null]])),
    ),
  }))
}

/** Takes a file of features in, after it was read once; a thousand rows a transaction. */
export async function importValues(desk: Desk, path: string, how: Importing): Promise<OwnValuesDocument> {
  const declared = desk.catalogue.own.map(({ name }) => name)
  await surveyValues(path, desk.symbol, declared, how)
  const sum = { added: 0, known: 0, late: 0, different: 0 }
  const named: OwnValuesDocument['different_named'][number][] = []
  for await (const { names, rows } of ownValuesOf(path, how.wallMs + MINUTE_MS, how.signal)) {
    const places = names.map((name) => declared.indexOf(name))
    const known = rows.map(({ tsMs, values }) => {
      const placed = new Float64Array(declared.length).fill(Number.NaN)
      for (let i = 0; i < places.length; i++) placed[places[i] ?? 0] = values[i] ?? Number.NaN
      return { tsMs, values: placed }
    })
    addTo(sum, named, storeValues(desk, known))
  }
  return { symbol: desk.symbol, ...sum, different_named: named }
}

/** Adds what came of a piece to what came of those before it. */
export function addTo(
  sum: { added: number; known: number; late: number; different: number },
  named: OwnValuesDocument['different_named'][number][],
  piece: OwnValuesDocument,
): void {
  sum.added += piece.added
  sum.known += piece.known
  sum.late += piece.late
  sum.different += piece.different
  named.push(...piece.different_named.slice(0, MAX_NAMED - named.length))
}
