/** Rooms whose model in charge was promoted a moment ago, and turns out to be worse than the one before it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import type { AnyModel } from '../../../src/engine/models/contract.ts'
import { canonicalJson, sha256Hex } from '../../../src/evidence/canonical.ts'
import type { Desk } from '../../../src/room/desk/desk.ts'
import { promote } from '../../../src/room/release/promotion.ts'
import { judgingOf } from '../../../src/room/timeline/assemble.ts'
import { ModelServer } from '../../kit/model-server.ts'
import { openDesks } from '../../kit/room.ts'
import { type SmallRoom, smallRoom } from '../../kit/small-room.ts'

export const FORMER = 'v1.8-b0'
export const PROMOTED = 'book-7'

/** A model on a server: it speaks after the one that it replaces, until it is told to turn that into something else. */
export class PromotedServer {
  turn: (score: number) => number = (score) => score
  readonly server = new ModelServer((row) => this.turn(this.scoreOf(row)))
  private former: AnyModel | null = null

  /** @param dir where nothing stands yet. @returns the data directory, for the caller alone, its market clock at the promotion */
  async promotedIn(dir: string): Promise<string> {
    const room = await smallRoom(dir)
    const url = await this.server.listen()
    this.former = onDesk(room, ({ lineUp }) => lineUp.inCharge?.model ?? null)
    const path = join(dir, 'model.json')
    const features = this.former?.features
    writeFileSync(path, JSON.stringify({ version: PROMOTED, kind: 'http', url, model: 'book', features }))
    await room.json(['models', 'add', path])
    onDesk(room, () => undefined, true)
    return room.dataDir
  }

  private scoreOf(row: readonly number[]): number {
    const { former } = this
    if (former === null || former.kind === 'http') throw new Error('there is no model to speak after')
    const values = new Float64Array(builtInCatalogue.names.length).fill(Number.NaN)
    former.places.forEach((place, i) => (values[place] = row[i] ?? Number.NaN))
    return former.score(values)
  }
}

/** The same with a model of the room's own that was meant to improve on the former one, and is sure that every minute moves. */
export async function loserPromotedIn(dir: string): Promise<string> {
  const room = await smallRoom(dir)
  onDesk(
    room,
    (desk) => {
      const { store, wallNow } = desk.parts
      const { symbol } = desk
      const former = store.models.get(symbol, FORMER)
      if (former?.weights.kind !== 'logistic') throw new Error('there is no model to make it of')
      const weights = canonicalJson({ ...former.weights, version: PROMOTED, platt: { a: 0, b: 4 } })
      const reference = canonicalJson(former.reference)
      const offline = canonicalJson(former.offline)
      const sha256 = sha256Hex(weights)
      const artifacts = { weights, sha256, reference, offline, scaler: '{}', manifest: '{}' }
      const slot = { slot: 'candidate', profile: 'improve', sinceMs: desk.nowMs(), wallMs: wallNow() } as const
      desk.transaction(() => {
        store.models.register({ ...former, version: PROMOTED, ...artifacts })
        store.models.putSlot({ symbol, version: PROMOTED, ...slot })
      })
      desk.reloadSlots()
    },
    true,
  )
  return room.dataDir
}

/** A room whose own candidate was promoted. */
export async function candidatePromotedIn(dir: string): Promise<SmallRoom> {
  const room = await smallRoom(dir)
  onDesk(room, () => undefined, true)
  return room
}

/** @param promotes whether the candidate goes into charge, in the product's own transaction, when `act` has been done */
function onDesk<T>({ dir, dataDir }: SmallRoom, act: (desk: Desk) => T, promotes = false): T {
  const desks = openDesks(dir, { evidenceDir: join(dataDir, 'evidence'), symbols: [] })
  try {
    const desk = desks.of(undefined)
    const result = act(desk)
    if (promotes) {
      const { judge, live } = judgingOf(desks)
      const parts = { evidence: desks.evidence, config: desks.options.config, judge, live }
      const atMs = desk.nowMs()
      desk.transaction(() => promote(parts, desk, { approvalId: 'promote-1', reason: 'it is time', atMs }))
    }
    return result
  } finally {
    desks.close()
  }
}
