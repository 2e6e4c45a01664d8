import * as fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { composeScreen, type Screen } from '../../src/tui/frame.ts'
import { type DetailView, type Panel, PANELS } from '../../src/control/panels.ts'
import { firstState, type Page, type UiState } from '../../src/tui/state.ts'
import type { RoomView } from '../../src/control/view.ts'
import type { Size } from '../../src/tui/size.ts'
import type { Theme } from '../../src/tui/theme.ts'
import { CANARY_VIEWS } from './canary-views.ts'
import { approval, START_PROMPT } from '../kit/canary-documents.ts'
import { promptMode } from './modes.ts'
import { BLOCKED, CHART, HISTORY, HOSTILE, NO_MODELS, SHADOW, TABLE, TROUBLED, VIEWS, changed } from '../kit/views.ts'

const PLAIN: Theme = { colour: false, unicode: true }
const COLOUR: Theme = { colour: true, unicode: true }
const ASCII: Theme = { colour: false, unicode: false }
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 100, rows: 36 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
]
const UI = firstState(undefined)
const CHOICES = [
  { features: 'v1.8.1', version: 'v1.8.1', refused: null },
  { features: '特徴'.repeat(40), version: 'v'.repeat(90), refused: 'no\nway '.repeat(40) },
]

const PAGES: readonly Page[] = [
  { kind: 'panels' },
  { kind: 'help', scroll: 0 },
  { kind: 'help', scroll: 999 },
  { kind: 'form', choices: null, index: 0, profile: 'equivalent' },
  { kind: 'form', choices: [], index: 0, profile: 'equivalent' },
  { kind: 'form', choices: CHOICES, index: 1, profile: 'improve' },
  { kind: 'large', panel: 'gates', detail: null, scroll: 0 },
  { kind: 'large', panel: 'gates', detail: TABLE, scroll: 999 },
  { kind: 'large', panel: 'gates', detail: { ...TABLE, kind: 'table', rows: [] }, scroll: 0 },
  { kind: 'large', panel: 'drift', detail: CHART, scroll: 0 },
  { kind: 'canaryForm', choice: { plan: 'full', profile: 'improve', live: true }, field: 2 },
  {
    kind: 'canaryForm',
    choice: { plan: HOSTILE.models.plans[0]?.name ?? '', profile: 'equivalent', live: false },
    field: 0,
  },
  { kind: 'prompts', chosen: 'start-2' },
  { kind: 'prompts', chosen: 'gone' },
  { kind: 'ack', rule: 'MLPSICritical', reason: '' },
  { kind: 'ack', rule: HOSTILE.watch.alerts[0]?.rule ?? '', reason: '日本語'.repeat(60) },
  promptMode({}),
  promptMode({ shown: START_PROMPT, field: 'phrase', reason: 'quiet week '.repeat(30), phrase: 'ONA', scroll: 99 }),
  promptMode({ shown: HOSTILE.models.approvals[0] ?? approval({}), reason: '日本語'.repeat(60), sent: true }),
]
const ALL: Readonly<Record<string, RoomView>> = { ...VIEWS, ...CANARY_VIEWS }

function withPage(mode: Page): UiState {
  return { ...UI, mode }
}

function expectFits(lines: readonly string[], size: { columns: number; rows: number }): void {
  expect(lines).toHaveLength(size.rows)
  expect(lines.filter((line) => widthOf(line) > size.columns)).toEqual([])
}

const widths = new Map<string, number>()

/** Most lines are those of the frame before. */
function widthOf(line: string): number {
  const width = widths.get(line) ?? stringWidth(line)
  widths.set(line, width)
  return width
}

function text(view: RoomView, columns: number, rows: number, theme = PLAIN): string {
  return composeScreen(view, UI, { columns, rows }, theme).lines.join('\n')
}

describe('a frame', () => {
  for (const [name, view] of Object.entries(ALL)) {
    for (const size of SIZES) {
      it(`fills ${size.columns}x${size.rows} exactly and never overflows it: ${name}`, () => {
        for (const page of PAGES) {
          for (const theme of [PLAIN, COLOUR, ASCII])
            expectFits(composeScreen(view, withPage(page), size, theme).lines, size)
        }
      })
    }
  }

  it('fits into a window of any size, whatever is open', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(ALL)),
        fc.constantFrom(...PAGES),
        fc.constantFrom(...PANELS),
        fc.integer({ min: 1, max: 240 }),
        fc.integer({ min: 1, max: 80 }),
        fc.constantFrom(PLAIN, COLOUR, ASCII),
        (view, page, focus, columns, rows, theme) => {
          expectFits(composeScreen(view, { ...withPage(page), focus }, { columns, rows }, theme).lines, {
            columns,
            rows,
          })
        },
      ),
      { numRuns: 300 },
    )
  })

  it('fits whatever characters the room tells', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 60, max: 130 }), (told, columns) => {
        const view = changed(BLOCKED, {
          room: {
            symbol: told,
            troubles: [told],
            events: BLOCKED.room.events.map((event) => ({ ...event, text: told })),
          },
        })
        const lines = composeScreen(view, UI, { columns, rows: 24 }, PLAIN).lines
        expectFits(lines, { columns, rows: 24 })
        expect(lines.join('')).not.toMatch(/\p{Cc}/u)
      }),
      { numRuns: 300 },
    )
  })

  it('shows all six gates with verdict in words, value and limit at every size from 80x24', () => {
    for (const { columns, rows } of SIZES) {
      const shown = text(BLOCKED, columns, rows)
      expect(shown).toContain('BLOCKED 1/6')
      expect(shown).toMatch(/1 psi +FAIL +1\.391 +< 0\.2/)
      expect(shown).toMatch(/2 p95 +WAIT/)
      expect(shown).toMatch(/3 alerts +PASS +0 += 0/)
      expect(shown).toMatch(/4 offline +FAIL +\.613 +>= \.620/)
      expect(shown).toMatch(/5 delta +WAIT/)
      expect(shown).toMatch(/6 evidence +ERROR +5\/13/)
      expect(shown).toMatch(/outcome +too early/)
    }
  })

  it('says who serves, who is in the shadow, the kill switch, the speed and the alerts in its first line', () => {
    expect(text(SHADOW, 120, 40).split('\n')[0]).toMatch(
      /onay +BTCUSDT +2025-05-26 02:41 UTC +> 60x +v1\.8-b0 serves +v1\.8\.1 in the shadow +kill off +1 alert/,
    )
    expect(text(SHADOW, 80, 24).split('\n')[0]).toMatch(
      /BTCUSDT 05-26 02:41 UTC > 60x +v1\.8-b0 serves +v1\.8\.1 shadow +kill off +1 alert/,
    )
    const troubled = text(TROUBLED, 120, 40).split('\n')[0]
    expect(troubled).toContain('[] recording ended')
    expect(troubled).toContain('fallback serves')
    expect(troubled).toContain('KILL ON')
  })

  it.each([
    [{ ...BLOCKED.room.clock, paused: true }, '|| paused'],
    [{ ...BLOCKED.room.clock, speed: 'max' as const }, '>> max'],
    [{ ...BLOCKED.room.clock, kind: 'real' as const }, 'live'],
    [{ ...BLOCKED.room.clock, stop: { atMs: Date.UTC(2025, 5, 2), why: 'gate 1' } }, '> 60x to 06-02 00:00'],
  ])('says how time passes', (clock, words) => {
    expect(text(changed(BLOCKED, { room: { clock } }), 120, 40)).toContain(words)
  })

  it('shows how far history is, where, and how long it still takes', () => {
    expect(text(HISTORY, 80, 24)).toMatch(/history +=+-+ 45 % +2025-05-14 07:21, 21,300 bars\/s +0:02 to go/)
  })

  it('says that no canary has run and how one is started', () => {
    expect(text(SHADOW, 120, 40)).toContain('none has run')
    expect(text(SHADOW, 120, 40)).toContain('onay canary start')
    expect(text(BLOCKED, 80, 24)).toContain('r retrains one')
  })

  it('marks the thresholds of PSI beside the sparklines, and the level in words', () => {
    const shown = text(BLOCKED, 120, 40)
    expect(shown).toContain('▁ 0  ▃ .1  ▅ .2  ▇ .3')
    expect(shown).toMatch(/mid +5\.340 critical/)
    expect(shown).toMatch(/vol1m +0\.194 warning/)
    expect(text(BLOCKED, 120, 40, ASCII)).toContain('. 0  - .1  + .2  # .3')
  })

  it('says what it had to leave out', () => {
    expect(text(TROUBLED, 80, 24)).toMatch(/not shown: events \(3 lines\)/)
    expect(text(TROUBLED, 80, 24)).toMatch(/ALERTS .* more/)
    expect(text(BLOCKED, 120, 40)).toMatch(/pending \d\d:\d\d  MLPSIWarning  PSI is above 0\.2$/m)
  })

  it('shows troubles and running work under the header, whatever is open', () => {
    const shown = composeScreen(TROUBLED, withPage({ kind: 'help', scroll: 0 }), { columns: 80, rows: 24 }, PLAIN).lines
    expect(shown[1]).toContain('TROUBLE the disk is full')
  })

  it('says how old the features are, and when they lie ahead of a clock that was set back', () => {
    const aged = (stalenessSec: number): string =>
      text(changed(SHADOW, { watch: { serving: { ...SHADOW.watch.serving, stalenessSec } } }), 200, 60)
    expect(aged(61)).toContain(', features 61 s old')
    expect(aged(-10_800)).toContain(', features 10,800 s ahead of the clock')
  })

  it('has a word for nothing measured', () => {
    const shown = text(NO_MODELS, 80, 24)
    for (const words of ['not measured yet', 'no model has a reference', 'no minute scored yet', 'fallback serves']) {
      expect(shown).toContain(words)
    }
  })

  it('has no escape code without colour, and nothing but ASCII without Unicode', () => {
    for (const view of Object.values(ALL)) {
      for (const page of PAGES) {
        expect(composeScreen(view, withPage(page), { columns: 120, rows: 40 }, PLAIN).lines.join('')).not.toContain(
          '\x1b',
        )
        expect(composeScreen(view, withPage(page), { columns: 120, rows: 40 }, ASCII).lines.join('')).toMatch(
          /^[\x20-\x7e]*$/,
        )
      }
    }
    expect(text(BLOCKED, 80, 24, COLOUR)).toContain('\x1b[')
  })

  it('says the same with colour as without', () => {
    for (const view of Object.values(ALL)) {
      // oxlint-disable-next-line no-control-regex
      const bare = text(view, 120, 40, COLOUR).replaceAll(/\x1b\[[0-9;]*m/g, '')
      expect(bare).toBe(text(view, 120, 40, PLAIN))
    }
  })

  it('says in one short line that the window is too small', () => {
    const lines = composeScreen(BLOCKED, UI, { columns: 50, rows: 5 }, PLAIN).lines
    expect(lines).toEqual(['terminal too small: 50x5, needs 60x15', '', '', '', ''])
    expect(composeScreen(BLOCKED, UI, { columns: 20, rows: 5 }, PLAIN).lines.join(' ')).toContain('too small')
  })

  it('says that the room does not answer, and that the figures are out of date', () => {
    const ui = { ...UI, lost: 'connection refused' }
    expect(composeScreen(BLOCKED, ui, { columns: 80, rows: 24 }, PLAIN).lines[1]).toMatch(
      /NO ANSWER the figures below are out of date: connection refused/,
    )
    expect(composeScreen(null, ui, { columns: 80, rows: 24 }, PLAIN).lines[0]).toContain(
      'does not answer: connection refused',
    )
  })
})

describe('a panel opened large', () => {
  const opened = (panel: Panel, detail: DetailView, size: Size, scroll = 0): Screen =>
    composeScreen(BLOCKED, withPage({ kind: 'large', panel, detail, scroll }), size, PLAIN)

  it('draws the series with their limit named, told apart by letters', () => {
    const shown = opened('drift', CHART, { columns: 120, rows: 40 }).lines.join('\n')
    expect(shown).toContain('a overall')
    expect(shown).toContain('b mid')
    expect(shown).toContain('limit 0.2')
    expect(shown).toContain('05-19 02:41')
    expect(shown).toContain('┼')
  })

  it.each([
    ['without a value', [null, null]],
    ['of one value', [0.3]],
    ['that stands still', [2, 2, 2]],
    ['below zero', [-3, -1, -2]],
    ['with gaps and infinities', [null, 1, null, Infinity, 2, Number.NaN]],
    ['longer than the window', Array.from({ length: 5000 }, (_, i) => Math.sin(i / 100))],
  ])('draws a series %s', (_, points) => {
    const detail = { ...CHART, series: [{ name: 'x', points }], limit: null }
    const size = { columns: 80, rows: 24 }
    expectFits(opened('drift', detail, size).lines, size)
  })

  it('leaves room for the rows that fit, and says which ones they are', () => {
    const screen = opened('gates', TABLE, { columns: 80, rows: 24 }, 10)
    expect(screen.lines[1]).toContain(`rows 11 to ${10 + screen.pageRows} of 57`)
    expect(screen.table?.rows).toHaveLength(screen.pageRows)
    expect(screen.table?.rows[0]?.['gate']?.trim()).toBe('11')
    const { at, height } = screen.table ?? { at: 0, height: 0 }
    expect(screen.lines.slice(at, at + height).every((line) => line === '')).toBe(true)
    expect(at + height).toBeLessThanOrEqual(22)
  })
})
