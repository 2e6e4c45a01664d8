import type { GoLiveCheck } from '../engine/approval/go-live.ts'

/** A line a check, and below it what to do where it does not pass. */
export function checksText(checks: readonly GoLiveCheck[]): readonly string[] {
  return checks.flatMap(({ check, verdict, said, next }) => [
    `  ${verdict.padEnd(9)}  ${check.padEnd(12)}  ${said}`,
    ...(next === null ? [] : [`${' '.repeat(27)}${next}`]),
  ])
}
