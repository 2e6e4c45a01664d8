import type { RoomView } from '../../control/view.ts'
import { cutText } from '../cells.ts'

const MAX_HOST_CELLS = 40
/** Of a host without a port, where there is hardly any place. */
const LEAST_HOST_CELLS = 12

/** Where the room is that is looked at from elsewhere. */
export interface Place {
  /** Without `http://`. */
  readonly host: string
  readonly readOnly: boolean
}

export function placeOf(view: RoomView): Place | null {
  const { attached } = view
  if (attached === undefined) return null
  return {
    host: cutText(attached.url.replace(/^https?:\/\//, ''), MAX_HOST_CELLS),
    readOnly: attached.readOnly !== null,
  }
}

/** In words, with a sign, and the least that must not be overlooked. */
export const longPlace = ({ host, readOnly }: Place): string => `attached to ${host}${readOnly ? ', READ-ONLY' : ''}`
export const shortPlace = ({ host, readOnly }: Place): string => `@${host}${readOnly ? ' READ-ONLY' : ''}`
export const leastPlace = ({ host, readOnly }: Place): string => {
  const port = /:\d+$/.exec(host)?.[0] ?? ''
  return readOnly ? `READ-ONLY ${port}`.trimEnd() : `@${port || cutText(host, LEAST_HOST_CELLS)}`
}
