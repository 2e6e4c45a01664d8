/**
 * Frames onto the terminal, changed lines only. Ink gets a stand-in for stdout and, in debug mode, hands it every frame
 * whole; drawn by itself, a frame as tall as the window would clear the screen each time.
 */
import { EventEmitter } from 'node:events'
import type { Size } from './size.ts'

/** Terminals that know synchronised updates show a frame at once; others ignore the two marks. */
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'

export class FrameWriter {
  private shown: readonly string[] = []
  private open = true

  constructor(private readonly out: { write(text: string): unknown }) {}

  /** Writes the lines that differ from those of the last frame, in one piece. */
  draw(frame: string): void {
    if (!this.open) return
    const lines = frame.split('\n')
    let bytes = ''
    for (let y = 0; y < Math.max(lines.length, this.shown.length); y++) {
      const line = lines[y] ?? ''
      // Cleared before it is written: clearing after a line that fills the window would take its last cell.
      if (line !== this.shown[y]) bytes += `\x1b[${y + 1};1H\x1b[0m\x1b[2K${line}`
    }
    this.shown = lines
    if (bytes !== '') this.out.write(`${BEGIN}${bytes}\x1b[0m${END}`)
  }

  /** The terminal shows something else now, for instance after a resize: the next frame is written whole. */
  forget(): void {
    this.shown = []
    if (this.open) this.out.write('\x1b[0m\x1b[2J')
  }

  /** From here on nothing is written. */
  close(): void {
    this.open = false
  }
}

/** What Ink takes for stdout. It keeps Ink's own escape codes (showing the cursor) off the terminal. */
export function standInStdout(writer: FrameWriter, size: () => Size): NodeJS.WriteStream {
  const stream = Object.defineProperties(new EventEmitter(), {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
    isTTY: { value: true },
    write: {
      value: (text: string): boolean => {
        if (text !== '' && !text.startsWith('\x1b[?')) writer.draw(text)
        return true
      },
    },
  })
  // Ink asks no more of its stdout than this; a whole tty stream cannot be made without a terminal.
  return stream as unknown as NodeJS.WriteStream
}
