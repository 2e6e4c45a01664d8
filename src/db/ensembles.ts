import { and, desc, eq, sql } from 'drizzle-orm'
import type { EnsembleDocument } from '../evidence/documents/ensemble-document.ts'
import type { Database } from './connect.ts'
import { ensembleWeights } from './schema-market.ts'
import { EnsembleShape } from './shapes-live.ts'
import { rowWriter } from './statements.ts'
import { jsonColumn, rowCheck } from './stored.ts'

/** The daily looks at the weights of a mix; the newest holds. Reads throw an OperatorError where a row is not one. */
export interface EnsembleRepo {
  /** Inside the caller's transaction. */
  put(document: EnsembleDocument, wallMs: number): void
  /** Newest first, of one mix where it is named; null is what stands where no mix has a role. */
  newest(symbol: string, count: number, model?: string | null): EnsembleDocument[]
}

export function ensembleRepo(db: Database): EnsembleRepo {
  const { orm } = db
  const write = rowWriter(db, ensembleWeights, 'replace')
  const check = rowCheck(ensembleWeights)
  const document = jsonColumn(ensembleWeights, 'document', EnsembleShape)
  return {
    put: (value, wallMs) =>
      write({ symbol: value.symbol, tsMs: Date.parse(value.at), document: document.text(value), wallMs }),
    newest: (symbol, count, model) =>
      orm
        .select()
        .from(ensembleWeights)
        .where(
          and(
            eq(ensembleWeights.symbol, symbol),
            model === undefined ? undefined : sql`json_extract(${ensembleWeights.document}, '$.model') IS ${model}`,
          ),
        )
        .orderBy(desc(ensembleWeights.tsMs))
        .limit(count)
        .all()
        .map((row) => {
          check(row)
          return document.value(row)
        }),
  }
}
