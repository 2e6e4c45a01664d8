/**
 * Keys read from the terminal as names that the key table knows. Ink's own hook is not used: in Ink 6.8 an unknown key with
 * Ctrl, Ctrl+F1 for one, throws and would take the room down.
 */
import type { EventEmitter } from 'node:events'

const CHARACTERS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x1b': 'esc',
  ' ': 'space',
}

/** What follows Esc, as xterm, rxvt, the Linux console and PuTTY send it. */
const SEQUENCES: Readonly<Record<string, string>> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[C': 'right',
  OC: 'right',
  '[D': 'left',
  OD: 'left',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[7~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[8~': 'end',
  '[5~': 'pageup',
  '[[5~': 'pageup',
  '[6~': 'pagedown',
  '[[6~': 'pagedown',
  '[Z': 'shift-tab',
  OM: 'enter',
}

// Escape sequences begin with a control character: that is what both look for.
// oxlint-disable-next-line no-control-regex
const WHOLE = /^\x1b(?:\[\[?[0-?]*[ -/]*[@-Z\\^-~]|O[ -~])/
// oxlint-disable-next-line no-control-regex
const BEGUN = /^\x1b(?:\[\[?[0-?]*[ -/]*|O)?$/

/** Esc alone and the first byte of a sequence look the same; what belongs together comes within this time. */
const ESC_WAIT_MS = 40
/** A sequence longer than this is none. */
const MAX_PENDING = 32

function nameOf(char: string): string {
  const named = CHARACTERS[char]
  if (named !== undefined) return named
  const code = char.charCodeAt(0)
  return code < 0x1b ? `ctrl-${String.fromCharCode(code + 96)}` : char
}

/**
 * The keys in what came from the terminal, in order. Keys that are pressed quickly come together (`aa`) and are told apart.
 * A sequence that is not known is no key at all, or its letters would act; a sequence that has only begun is the rest.
 */
export function parseKeys(text: string): { readonly names: readonly string[]; readonly rest: string } {
  const names: string[] = []
  let at = 0
  while (at < text.length) {
    const left = text.slice(at)
    const whole = WHOLE.exec(left)?.[0]
    if (whole !== undefined) {
      const name = SEQUENCES[whole.slice(1)]
      if (name !== undefined) names.push(name)
      at += whole.length
      continue
    }
    if (BEGUN.test(left) && left.length <= MAX_PENDING) return { names, rest: left }
    const char = String.fromCodePoint(left.codePointAt(0) ?? 0)
    names.push(nameOf(char))
    at += char.length
  }
  return { names, rest: '' }
}

/** What a terminal's input must be able to do. */
interface KeySource extends Pick<EventEmitter, 'on' | 'off'> {
  setRawMode?(on: boolean): unknown
  setEncoding(encoding: 'utf8'): unknown
  resume(): unknown
  pause(): unknown
}

/** Reads keys from `start` to `stop`. Ctrl+C comes as a key, since the terminal is in raw mode meanwhile. */
export class KeyReader {
  private pending = ''
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly source: KeySource,
    private readonly onKeys: (names: readonly string[]) => void,
  ) {}

  start(): void {
    this.source.setRawMode?.(true)
    this.source.setEncoding('utf8')
    this.source.on('data', this.read)
    this.source.resume()
  }

  stop(): void {
    clearTimeout(this.timer)
    this.source.off('data', this.read)
    this.source.pause()
  }

  private readonly read = (chunk: string | Buffer): void => {
    clearTimeout(this.timer)
    const { names, rest } = parseKeys(this.pending + String(chunk))
    this.pending = rest
    if (rest !== '') this.timer = setTimeout(this.flush, ESC_WAIT_MS)
    if (names.length > 0) this.onKeys(names)
  }

  /** Nothing followed: it was the Esc key. */
  private readonly flush = (): void => {
    this.pending = ''
    this.onKeys(['esc'])
  }
}
