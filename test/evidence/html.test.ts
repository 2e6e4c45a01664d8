import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chart, escapeHtml, html, table } from '../../src/evidence/pages/html.ts'

describe('a page', () => {
  it('escapes whatever is filled in, so that no text becomes markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", 'a', ' ', '/') }), (text) => {
        const made = html`<p title="${text}">${text}</p>`.text
        const inner = made.slice('<p title="'.length, -'</p>'.length)
        expect(inner).not.toMatch(/<|'|&(?!(?:amp|lt|gt|quot|#39);)/)
        expect(inner.split('"')).toHaveLength(2)
        expect(unescaped(escapeHtml(text))).toBe(text)
      }),
    )
  })

  it('keeps pieces of a page as they are, in lists too, and leaves out what is null', () => {
    expect(html`<ul>${['a<b', 'c'].map((text) => html`<li>${text}</li>`)}</ul>${null}${3}`.text).toBe(
      '<ul><li>a&lt;b</li><li>c</li></ul>3',
    )
  })

  it('escapes the cells of a table and the words of a chart', () => {
    const [title, evil] = ['<i>', '<script>alert(1)</script>']
    const made = html`${table(evil, [{ title }], [[evil]])}${chart(evil, '<svg width="1" height="2" viewBox="0 0 1 2"></svg>', evil, '')}${chart(evil, null, '', evil)}`
    expect(made.text).not.toMatch(/<script|<i>/)
    expect(made.text).toContain('<svg role="img" aria-label="&lt;script&gt;')
  })
})

function unescaped(text: string): string {
  const back: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return text.replace(/&(#?\w+);/g, (whole, name: string) => back[name] ?? whole)
}
