/** A line that a person types into: what a key makes of its text. */
import { unreachable } from '../engine/kernel/unreachable.ts'

type FieldEdit = 'type' | 'erase' | 'clear'

/** @param typed what the key types. @param maxChars beyond which typing changes nothing */
export function edited(text: string, edit: FieldEdit, typed: string | null, maxChars: number): string {
  switch (edit) {
    case 'type': {
      const longer = text + (typed ?? '')
      return longer.length > maxChars ? text : longer
    }
    case 'erase':
      return Array.from(text).slice(0, -1).join('')
    case 'clear':
      return ''
    default:
      return unreachable(edit)
  }
}
