import { html, type Html } from './html.ts'

const TONES: Readonly<Record<string, string>> = {
  PASS: 'good',
  FAIL: 'bad',
  ERROR: 'bad',
  WAIT: 'mid',
  stable: 'good',
  warning: 'mid',
  critical: 'bad',
}

/** A word with a colour that says the same. */
export function verdict(word: string): Html {
  return html`<span class="verdict ${TONES[word] ?? ''}">${word}</span>`
}
