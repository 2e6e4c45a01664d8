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
/** What is pasted comes in one go; a longer pause means that its end was lost. */
const PASTE_WAIT_MS = 1000
/** A sequence longer than this is none. */
const MAX_PENDING = 32

function nameOf(char: string): string {
  const named = CHARACTERS[char]
  if (named !== undefined) return named
  const code = char.charCodeAt(0)
  return code < 0x1b ? `ctrl-${String.fromCharCode(code + 96)}` : char
}

/** One thing that came from the terminal: a key by its name, or a text that was pasted, which presses no keys. */
export type Input = { readonly kind: 'key'; readonly name: string } | { readonly kind: 'paste'; readonly text: string }

const PASTE_BEGINS = '\x1b[200~'
const PASTE_ENDS = '\x1b[201~'
/** A paste whose end has not come after so much is taken as it is. */
const MAX_PASTE = 65_536

/** Nobody types so much at once with an Enter within: a terminal that does not mark pastes has sent one. */
// oxlint-disable-next-line no-control-regex
const UNMARKED_PASTE = /^[^\x1b]*[\r\n][^\x1b]*[^\x1b\r\n]/
const MIN_UNMARKED = 8

/**
 * What came from the terminal, in order. Keys that are pressed quickly come together (`aa`) and are told apart. A sequence that
 * is not known is no key at all, or its letters would act; a sequence or a paste that has only begun is the rest.
 */
export function parseKeys(text: string): { readonly inputs: readonly Input[]; readonly rest: string } {
  if (text.length >= MIN_UNMARKED && UNMARKED_PASTE.test(text)) return { inputs: [{ kind: 'paste', text }], rest: '' }
  const inputs: Input[] = []
  let at = 0
  while (at < text.length) {
    const left = text.slice(at)
    if (left.startsWith(PASTE_BEGINS)) {
      const ends = left.indexOf(PASTE_ENDS)
      if (ends < 0 && left.length < MAX_PASTE) return { inputs, rest: left }
      inputs.push({ kind: 'paste', text: left.slice(PASTE_BEGINS.length, ends < 0 ? undefined : ends) })
      at = ends < 0 ? text.length : at + ends + PASTE_ENDS.length
      continue
    }
    const whole = WHOLE.exec(left)?.[0]
    if (whole !== undefined) {
      const name = SEQUENCES[whole.slice(1)]
      if (name !== undefined) inputs.push({ kind: 'key', name })
      at += whole.length
      continue
    }
    if (BEGUN.test(left) && left.length <= MAX_PENDING) return { inputs, rest: left }
    const char = String.fromCodePoint(left.codePointAt(0) ?? 0)
    inputs.push({ kind: 'key', name: nameOf(char) })
    at += char.length
  }
  return { inputs, rest: '' }
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
    private readonly onInputs: (inputs: readonly Input[]) => void,
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
    const { inputs, rest } = parseKeys(this.pending + String(chunk))
    this.pending = rest
    const pasting = rest.startsWith(PASTE_BEGINS)
    if (rest !== '') this.timer = setTimeout(this.flush, pasting ? PASTE_WAIT_MS : ESC_WAIT_MS)
    if (inputs.length > 0) this.onInputs(inputs)
  }

  /** Nothing followed: it was the Esc key, or a paste of which the end was lost. */
  private readonly flush = (): void => {
    const { pending } = this
    this.pending = ''
    const lost = pending.startsWith(PASTE_BEGINS)
    this.onInputs([lost ? { kind: 'paste', text: pending.slice(PASTE_BEGINS.length) } : { kind: 'key', name: 'esc' }])
  }
}
