/** Who gets how many rows. Pure: wants and a height in, grants out. */

export interface Want {
  /** Rows wanted at each density, title included, ascending densities. */
  readonly rows: readonly number[]
  /** Up to this density it may be given fewer rows than it wants, and be cut. 0 when it is never cut by choice. */
  readonly cutUpTo: number
}

/** A block cut to fewer rows than these says less than its lower density. */
const MIN_CUT_ROWS = 3

export interface Grant {
  /** Index of the density to compose with. */
  readonly density: number
  /** Rows to fill; 0 hides the block, fewer than wanted cuts it. */
  readonly rows: number
}

/**
 * Shares `height` rows among blocks that stand in order of importance. Every block first gets its lowest density, the
 * important ones before the others; then, density by density and in the same order, each is raised as long as it fits.
 */
export function allocate(wants: readonly Want[], height: number): readonly Grant[] {
  let left = Math.max(0, height)
  const grants = wants.map((want) => {
    const rows = Math.min(want.rows[0] ?? 0, left)
    left -= rows
    return { density: 0, rows }
  })
  const steps = Math.max(0, ...wants.map((want) => want.rows.length - 1))
  for (let density = 1; density <= steps; density++) {
    for (const [i, want] of wants.entries()) {
      const grant = grants[i]
      const wanted = want.rows[density]
      if (grant === undefined || wanted === undefined || grant.density !== density - 1) continue
      if (grant.rows < (want.rows[grant.density] ?? 0)) continue
      const more = wanted - grant.rows
      if (more > left && (density > want.cutUpTo || grant.rows + left < MIN_CUT_ROWS)) continue
      const given = Math.min(Math.max(more, 0), left)
      grant.density = density
      grant.rows += given
      left -= given
    }
  }
  return grants
}
