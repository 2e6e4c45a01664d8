import type { AbStatusDocument, SetDocument } from '../../control/set-answers.ts'
import type { SetNameRow } from '../../db/sets.ts'
import { isoTime } from '../../engine/kernel/units.ts'
import { SET_TARGETS } from '../../engine/models/tree-set.ts'
import type { ApprovalDocument } from '../../evidence/documents/release-documents.ts'
import type { Desk } from '../desk/desk.ts'

/** Which arm is active, the sets that names point at, and the newest evaluation. */
export function abStatus(desk: Desk, waiting: readonly ApprovalDocument[]): AbStatusDocument {
  const { symbol, sets, parts } = desk
  const swapped = parts.store.sets.active(symbol)
  const [newest] = parts.store.trading.newestAbRuns(symbol, 1)
  return {
    symbol,
    active: sets.active,
    swapped_at: swapped?.swappedAt ?? null,
    swap_run: swapped?.swapRunId ?? null,
    sets: named(desk).map(({ row, set }) => ({
      name: set.name,
      version: set.version,
      sha256: set.sha256,
      since: isoTime(row.sinceMs),
      useful: SET_TARGETS.filter((target) => set.report.models[target].useful),
    })),
    newest:
      newest === undefined
        ? null
        : {
            run: newest.run,
            at: newest.tsIso,
            arm_a: newest.armALabel,
            arm_b: newest.armBLabel,
            swap_recommended: newest.swapRecommended === 1,
            reason: newest.decisionReason,
          },
    waiting: waiting.find((prompt) => prompt.symbol === symbol && prompt.action === 'ab_swap')?.id ?? null,
  }
}

/** The sets that names point at, each with what it was worth on rows that it had not seen. */
export function setDocuments(desk: Desk): readonly SetDocument[] {
  return named(desk).map(({ set }) => set)
}

function named({ symbol, parts }: Desk): readonly { readonly row: SetNameRow; readonly set: SetDocument }[] {
  const { sets } = parts.store
  return sets
    .names(symbol)
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((row) => {
      const { name, version } = row
      const stored = sets.get(symbol, version)
      return stored === null ? [] : [{ row, set: { name, version, sha256: stored.sha256, report: stored.report } }]
    })
}
