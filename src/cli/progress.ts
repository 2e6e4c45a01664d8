/** One line on stderr that is written over, where it is a terminal; nothing where it is not, or with --json. */
export function progressLine(quiet: boolean): { say(text: string): void; end(): void } {
  const shown = !quiet && process.stderr.isTTY
  return {
    say: (text) => {
      if (shown) process.stderr.write(`\r\u001b[K${text}`)
    },
    end: () => {
      if (shown) process.stderr.write('\r\u001b[K')
    },
  }
}
