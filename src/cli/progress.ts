import type { Context } from './context.ts'

/** One line on stderr that is written over, where it is a terminal; nothing where it is not, or with --json. */
export function progressLine({ json, io }: Context): {
  readonly isShown: boolean
  say(text: string): void
  end(): void
} {
  const shown = !json && io.isTerminal.err
  return {
    isShown: shown,
    say: (text) => {
      if (shown) io.err(`\r\u001b[K${text}`)
    },
    end: () => {
      if (shown) io.err('\r\u001b[K')
    },
  }
}
