import * as z from 'zod'

const SYMBOL = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,29}$/

/** A symbol that may be new to the room. */
export const SYMBOL_TEXT = z.string().regex(SYMBOL, 'letters, digits, dot, colon and dash only, at most 30')
