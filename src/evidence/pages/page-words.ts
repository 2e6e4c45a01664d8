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

/** Where the page says what to do about an alert. */
export function stepsId(rule: string): string {
  return `do-${rule}`
}

/** The name of an alert, leading to what to do about it. */
export function ruleLink(rule: string): Html {
  return html`<a href="#${stepsId(rule)}">${rule}</a>`
}

/** The UTC day as people write it: Monday, 2 June 2025. @param date as in `2025-06-02` */
export function longDate(date: string): string {
  return LONG.format(Date.parse(date))
}

const LONG = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})
