import { isoTime, type UnixMs } from '../engine/kernel/units.ts'
import { html, type Html } from './html.ts'

/** 0.9512 is `95.12 %`. */
export function share(value: number): string {
  return `${Number((value * 100).toFixed(2))} %`
}

/** `2025-05-26 00:00` */
export function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

/** `14:05`, of a day that the page names. */
export function clockOf(atMs: UnixMs): string {
  return isoTime(atMs).slice(11, 16)
}

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
