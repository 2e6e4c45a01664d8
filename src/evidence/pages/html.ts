/** Text that is markup already. Everything else is escaped when it is put into a page. */
export class Html {
  constructor(readonly text: string) {}
}

type HtmlValue = string | number | Html | readonly Html[] | null

/** A piece of a page: what is filled in is escaped, unless it is such a piece itself; null is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, i) => `${text}${textOf(values[i - 1] ?? null)}${part}`))
}

function textOf(value: HtmlValue): string {
  if (value === null) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value))
  return value.map(({ text }) => text).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

interface Column {
  readonly title: string
  /** Figures are aligned to the right. */
  readonly figures?: boolean
}

/** @param kind `words`: on a phone each row becomes a list, so that sentences have the width of the page */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly HtmlValue[])[],
  kind: 'figures' | 'words' = 'figures',
): Html {
  const place = (i: number): string => (columns[i]?.figures === true ? 'n' : 't')
  const heads = columns.map(({ title }, i) => html`<th scope="col" class="${place(i)}">${title}</th>`)
  const cell = (value: HtmlValue, i: number): Html =>
    html`<td class="${place(i)}" data-title="${columns[i]?.title ?? ''}">${value}</td>`
  const lines = rows.map((row) => html`<tr>${row.map(cell)}</tr>`)
  return html`<div class="wide"><table class="${kind}"><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table></div>`
}

/** A chart with what it shows in words; without one, why there is none. */
export function chart(title: string, svg: string | null, note: string, why: string): Html {
  if (svg === null) return html`<figure class="none"><figcaption><b>${title}</b></figcaption><p>${why}</p></figure>`
  return html`<figure><figcaption><b>${title}</b></figcaption>${named(svg, title, note)}<p class="note">${note}</p></figure>`
}

/** A chart as wide as the page, which has a drawing of its own for a phone. */
export function wideChart(
  title: string,
  drawn: { readonly wide: string; readonly narrow: string },
  note: string,
): Html {
  return html`<figure class="across"><figcaption><b>${title}</b></figcaption><div class="desk">${named(drawn.wide, title, note)}</div><div class="phone">${named(drawn.narrow, title, note)}</div><p class="note">${note}</p></figure>`
}

/** A drawing that scales, and says what it shows to a reader who cannot see it. */
function named(svg: string, title: string, note: string): Html {
  const label = escapeHtml(`${title}. ${note}`)
  return new Html(svg.replace(/^<svg width="\d+" height="\d+"/, `<svg role="img" aria-label="${label}"`))
}

/** One page that needs nothing from elsewhere. */
export function page(title: string, style: string, body: Html): string {
  const head = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title><link rel="icon" href="data:,"><style>${new Html(style)}</style></head>
<body>${body}</body></html>
`
  return head.text
}
