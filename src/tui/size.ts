/** The window. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

const MIN_COLUMNS = 60
const MIN_ROWS = 15
/** From here on there are two columns. */
export const WIDE_COLUMNS = 110
/** And from here on three. */
export const THREE_COLUMNS = 170

export function isTooSmall(size: Size): boolean {
  return size.columns < MIN_COLUMNS || size.rows < MIN_ROWS
}

/** `terminal too small: 20x5, needs 60x15` */
export function tooSmallText(size: Size): string {
  return `terminal too small: ${size.columns}x${size.rows}, needs ${MIN_COLUMNS}x${MIN_ROWS}`
}
