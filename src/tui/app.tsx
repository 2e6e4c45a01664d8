/** The little that React and Ink do: lay out a composed screen. Everything that decides is plain functions. */
import { Box, Text, Transform } from 'ink'
import { useLayoutEffect, useMemo, type PropsWithChildren, type ReactNode } from 'react'
import { denseTable } from './dense-table.ts'
import type { Screen } from './frame.ts'
import type { TableWindow } from './large/page.ts'
import { styled, type Theme } from './theme.ts'

interface ScreenProps {
  readonly screen: Screen
  readonly theme: Theme
  /** Called when Ink takes the screen down, also when the process is being killed. */
  readonly onGone: () => void
}

/**
 * Lines that Ink lays out by their count alone: it measures a blank for each and puts the line in when it draws. Ink keeps
 * every text that it has ever measured, so that frames given to it as text would fill the memory within days; and measuring
 * them would be half the cost of a frame.
 */
function Lines({ lines }: { readonly lines: readonly string[] }): ReactNode {
  const blanks = Array.from(lines, () => ' ').join('\n')
  return (
    <Transform transform={(_, y) => lines[y] ?? ''}>
      <Text>{blanks}</Text>
    </Transform>
  )
}

/** A piece of a table row, measured as blanks too: the cells were made so that each unit is one cell. */
function Piece({ text, shown }: { readonly text: string; readonly shown: string }): ReactNode {
  return (
    <Transform transform={() => shown}>
      <Text>{' '.repeat(text.length)}</Text>
    </Transform>
  )
}

function DrawnTable({ table, theme }: { readonly table: TableWindow; readonly theme: Theme }): ReactNode {
  const Table = denseTable()
  const parts = useMemo(() => {
    const part = (tone: 'plain' | 'strong' | 'dim') =>
      function Part({ children }: PropsWithChildren): ReactNode {
        const text = typeof children === 'string' ? children : ''
        return <Piece text={text} shown={styled(text, tone, theme)} />
      }
    return { header: part('strong'), cell: part('plain'), skeleton: part('dim') }
  }, [theme])
  return (
    <Box height={table.height} flexDirection="column" overflow="hidden">
      <Table data={table.rows} columns={table.columns} {...parts} />
    </Box>
  )
}

/** Few elements: each costs layout time, and a render blocks the room's event loop. */
export function ScreenView({ screen, theme, onGone }: ScreenProps): ReactNode {
  useLayoutEffect(() => onGone, [onGone])
  const { lines, table } = screen
  if (table === null) return <Lines lines={lines} />
  return (
    <Box flexDirection="column">
      <Lines lines={lines.slice(0, table.at)} />
      <DrawnTable table={table} theme={theme} />
      <Lines lines={lines.slice(table.at + table.height)} />
    </Box>
  )
}
