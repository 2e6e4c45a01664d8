/** The header that every document of a room carries: what it is, when it was made, by which clock and version. */
import type { CommandKind } from '../../control/commands.ts'
import type { QueryKind } from '../../control/queries.ts'
import { SCHEMAS } from '../../control/schemas.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import type { DocumentHeader } from '../../evidence/documents/documents.ts'
import type { Desks } from '../desk/desks.ts'

/** An answer with its header; one that has its own, as evidence does, keeps it. */
export function headed<T>(
  desks: Desks,
  { kind, symbol }: { readonly kind: CommandKind | QueryKind; readonly symbol?: string | undefined },
  answer: T,
): T {
  const all = desks.all()
  // What is about no market is dated with the market clock that is furthest.
  const furthest = all.reduce<(typeof all)[number] | undefined>(
    (newest, desk) => (newest === undefined || desk.nowMs() > newest.nowMs() ? desk : newest),
    undefined,
  )
  const desk = all.find((own) => own.symbol === symbol) ?? furthest
  const header: DocumentHeader = {
    schema: SCHEMAS[kind],
    generated_at: isoTime(desk?.nowMs() ?? desks.evidence.parts.wallNow()),
    clock: desk?.tape.feed.clockKind ?? 'real',
    onay_version: desks.options.version,
  }
  return { ...header, ...answer }
}
