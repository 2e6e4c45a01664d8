/** Which version stands in which slot, as the decisions of a chain come to one after the other. */
import { SLOT_NAMES, type SlotName } from '../engine/models/roles.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { ChainEntry } from './chain.ts'

export interface Standing {
  readonly version: string
  /** Undefined where an entry of an earlier version does not say. */
  readonly profile: string | undefined
  readonly sinceMs: UnixMs
}

type Slots = Map<SlotName, Standing>

export class SlotReplay {
  private readonly bySymbol = new Map<string, Slots>()

  /** @param said what the entry's detail says of a slot and a profile, where it does */
  take(
    { kind, subject, tsMs: sinceMs }: Pick<ChainEntry, 'kind' | 'subject' | 'tsMs'>,
    said: { readonly slot?: string | undefined; readonly profile?: string | undefined },
  ): void {
    const [symbol, version] = splitSubject(subject)
    const slots = this.of(symbol)
    switch (kind) {
      case 'registration': {
        const slot = SLOT_NAMES.find((name) => name === said.slot)
        if (slot !== undefined) slots.set(slot, { version, profile: said.profile, sinceMs })
        break
      }
      case 'profile':
        for (const [slot, standing] of slots)
          if (standing.version === version) slots.set(slot, { ...standing, profile: said.profile })
        break
      case 'promotion': {
        const before = slots.get('baseline')
        if (before !== undefined) slots.set('former', { ...before, sinceMs })
        slots.set('baseline', { version, profile: slots.get('candidate')?.profile, sinceMs })
        slots.delete('candidate')
        break
      }
      case 'retirement':
        if (slots.get('candidate')?.version === version) slots.delete('candidate')
        break
      case 'rollback':
        slots.set('baseline', { version, profile: slots.get('former')?.profile, sinceMs })
        slots.delete('former')
        break
    }
  }

  of(symbol: string): Slots {
    let slots = this.bySymbol.get(symbol)
    if (slots === undefined) {
      slots = new Map()
      this.bySymbol.set(symbol, slots)
    }
    return slots
  }

  get symbols(): readonly string[] {
    return [...this.bySymbol.keys()]
  }
}

/** The symbol of `BTCUSDT/v1.8.1`, and the rest of it. */
export function splitSubject(subject: string): [string, string] {
  const at = subject.indexOf('/')
  return [subject.slice(0, at), subject.slice(at + 1)]
}
