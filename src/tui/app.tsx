/** The little that React and Ink do: put a composed screen up. Everything that decides is plain functions. */
import { Text, Transform } from 'ink'
import { useLayoutEffect, type ReactNode } from 'react'
import type { Screen } from './frame.ts'

interface ScreenProps {
  readonly screen: Screen
  /** Called when Ink takes the screen down, also when the process is being killed. */
  readonly onGone: () => void
}

/**
 * Lines that Ink lays out by their count alone: it measures a blank for each and puts the line in when it draws. Ink keeps
 * every text that it has ever measured, so that frames given to it as text would fill the memory within days; and measuring
 * them would be half the cost of a frame.
 */
export function ScreenView({ screen, onGone }: ScreenProps): ReactNode {
  useLayoutEffect(() => onGone, [onGone])
  const { lines } = screen
  const blanks = Array.from(lines, () => ' ').join('\n')
  return (
    <Transform transform={(_, y) => lines[y] ?? ''}>
      <Text>{blanks}</Text>
    </Transform>
  )
}
