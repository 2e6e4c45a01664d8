import { type FrameMin, FRAMES_MIN } from '../market/frame-bars.ts'
import { BUILT_IN } from './built-in.ts'

/** Where a column of a longer frame comes from. */
export interface FrameSource {
  readonly frameMin: FrameMin
  /** Its place in `BUILT_IN`. */
  readonly builtIn: number
}

/** A day of bars of an hour holds fewer values than a score over 24 h asks for: always missing, and left out. */
const NEVER: ReadonlySet<string> = new Set(['zscore_mid_24h@60m', 'vol1m_log_z_24h@60m'])

/**
 * The built-in columns on bars of 5, 15 and 60 minutes, by name: `rsi14_z@15m` is `rsi14_z` of the newest bar of 15 minutes that
 * has ended. What counts bars counts those of the frame; what spans 24 hours spans 24 hours.
 */
export const FRAME_COLUMNS: ReadonlyMap<string, FrameSource> = new Map(
  FRAMES_MIN.flatMap((frameMin) =>
    BUILT_IN.map(([name], builtIn): [string, FrameSource] => [`${name}@${frameMin}m`, { frameMin, builtIn }]),
  ).filter(([name]) => !NEVER.has(name)),
)

/** How long the shortest bar is that any of these columns is made of, in minutes; 1 for what is not of a longer frame. */
export function barMinOf(columns: readonly string[]): number {
  const frames = columns.map((name) => FRAME_COLUMNS.get(name)?.frameMin ?? 1)
  return frames.length === 0 ? 1 : Math.min(...frames)
}
