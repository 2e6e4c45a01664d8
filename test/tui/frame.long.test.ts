import * as fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { composeScreen, type Screen } from '../../src/tui/frame.ts'
import { type DetailView, type Panel, PANELS } from '../../src/control/panels.ts'
import { firstState, type LargePage, type Page, type UiState } from '../../src/tui/state.ts'
import type { RoomView } from '../../src/control/view.ts'
import type { Size } from '../../src/tui/size.ts'
import type { Theme } from '../../src/tui/theme.ts'
import { CANARY_VIEWS } from './canary-views.ts'
import { approval, START_PROMPT } from '../kit/canary-documents.ts'
import { largeMode, promptMode } from './modes.ts'
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
  {
    features: 'v1.8.1',
    version: 'v1.8.1',
    refused: null,
    replaces: 'v1.8.3: 148 h in the shadow and 8940 comparisons end',
  },
  { features: '特徴'.repeat(40), version: 'v'.repeat(90), refused: 'no\nway '.repeat(40), replaces: 'v'.repeat(200) },
]

const PAGES: readonly Page[] = [
  { kind: 'panels' },
  { kind: 'help', scroll: 0, glossary: false },
  { kind: 'help', scroll: 999, glossary: false },
  { kind: 'help', scroll: 0, glossary: true },
  { kind: 'symbols', chosen: 'ETHUSDT' },
  { kind: 'form', choices: null, index: 0, profile: 'equivalent' },
  { kind: 'form', choices: [], index: 0, profile: 'equivalent' },
  { kind: 'form', choices: CHOICES, index: 1, profile: 'improve' },
  largeMode({ panel: 'gates', detail: null, selected: 0 }),
  largeMode({ panel: 'gates', detail: TABLE, selected: 999 }),
  largeMode({ panel: 'gates', detail: { ...TABLE, kind: 'table', rows: [] }, selected: 0 }),
  largeMode({ panel: 'drift', detail: CHART, selected: 0 }),
  { kind: 'canaryForm', choice: { plan: 'full', profile: 'improve', mode: 'observe', live: true }, field: 2 },
  {
    kind: 'canaryForm',
    choice: { plan: HOSTILE.models.plans[0]?.name ?? '', profile: 'equivalent', mode: 'observe', live: false },
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
/** Any character that there may be; fast-check's own `binary` first makes a table of them all. */
const CHARACTER = fc
  .integer({ min: 0, max: 0x10_ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800))
const ALL: Readonly<Record<string, RoomView>> = { ...VIEWS, ...CANARY_VIEWS }

function withPage(mode: Page): UiState {
  return { ...UI, mode }
}

function expectFits(lines: readonly string[], size: Size): void {
  expect(misfits(lines, size)).toEqual([])
}

function misfits(lines: readonly string[], { columns, rows }: Size): string[] {
  const wide = lines.filter((line) => widthOf(line) > columns)
  return lines.length === rows ? wide : [`${lines.length} lines`, ...wide]
}

/** What a terminal of that theme would not show as it is. */
function unshowable(lines: readonly string[], { colour, unicode }: Theme): string[] {
  if (!unicode) return lines.filter((line) => !ASCII_ALONE.test(line))
  return colour ? [] : lines.filter((line) => line.includes('\x1b'))
}

const ASCII_ALONE = /^[\x20-\x7e]*$/
/** Rules, bars and sparklines beside ASCII. */
const NARROW_ALONE = /^[\x20-\x7e\u2500-\u259f\u2026]*$/
const widths = new Map<string, number>()

/** Most lines are those of the frame before, or have colours apart no character of another width than one. */
function widthOf(line: string): number {
  const bare = uncoloured(line)
  if (NARROW_ALONE.test(bare)) return bare.length
  const width = widths.get(line) ?? stringWidth(line)
  widths.set(line, width)
  return width
}

function uncoloured(shown: string): string {
  // oxlint-disable-next-line no-control-regex
  return shown.includes('\x1b') ? shown.replaceAll(/\x1b\[[0-9;]*m/g, '') : shown
}

function text(view: RoomView, columns: number, rows: number, theme = PLAIN): string {
  return composeScreen(view, UI, { columns, rows }, theme).lines.join('\n')
}

describe('a frame', () => {
  for (const [name, view] of Object.entries(ALL)) {
    for (const size of SIZES) {
      it(`fills ${size.columns}x${size.rows} exactly, with no escape code without colour and nothing but ASCII without Unicode: ${name}`, () => {
        // Of thousands of frames only what is wrong is handed on.
        const wrong = PAGES.flatMap((page) =>
          [PLAIN, COLOUR, ASCII].flatMap((theme) => {
            const { lines } = composeScreen(view, withPage(page), size, theme)
            return [...misfits(lines, size), ...unshowable(lines, theme)].map((line) => ({ page, theme, line }))
          }),
        )
        expect(wrong).toEqual([])
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
      { numRuns: 100 },
    )
  })

  it('fits whatever characters the room tells', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: CHARACTER, maxLength: 300 }),
        fc.integer({ min: 60, max: 130 }),
        (told, columns) => {
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
        },
      ),
      { numRuns: 100 },
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
      expect(text(SHADOW, columns, rows)).toMatch(/outcome +too early/)
    }
  })

  it.each([
    [{ ...BLOCKED.room.clock, paused: true }, '|| paused'],
    [{ ...BLOCKED.room.clock, speed: 'max' as const }, '>> max'],
    [{ ...BLOCKED.room.clock, kind: 'real' as const }, 'live'],
    [{ ...BLOCKED.room.clock, stop: { atMs: Date.UTC(2025, 5, 2), why: 'gate 1' } }, '> 60x to 06-02 00:00'],
  ])('says how time passes', (clock, words) => {
    expect(text(changed(BLOCKED, { room: { clock } }), 120, 40)).toContain(words)
  })

  it('says that the kill switch is on at every size and on every page, however long the names are', () => {
    for (const calm of [BLOCKED, HOSTILE, SHADOW, NO_MODELS]) {
      const view = changed(calm, { models: { killSwitch: true } })
      for (const size of SIZES)
        for (const page of PAGES)
          expect(composeScreen(view, withPage(page), size, PLAIN).lines.slice(0, 2).join('\n')).toContain('KILL ON')
    }
  })

  it('shows how far history is, where, and how long it still takes', () => {
    expect(text(HISTORY, 80, 24)).toMatch(/history +█+░+ 45 % +2025-05-14 07:21, 21,300 bars\/s +0:02 to go/)
  })

  it('says that no canary has run and how one is started', () => {
    expect(text(SHADOW, 120, 40)).toMatch(/CANARY ─+ none yet/)
    expect(text(SHADOW, 120, 40)).toContain('C starts a canary of v1.8.1')
  })

  it('marks the thresholds of PSI beside the sparklines, and the level in words', () => {
    const shown = text(BLOCKED, 120, 40)
    expect(shown).toContain('▁ 0  ▃ .1  ▅ .2  ▇ .3')
    expect(shown).toMatch(/mid +5\.340 critical/)
    expect(shown).toMatch(/vol1m +0\.194 warning/)
    expect(text(BLOCKED, 120, 40, ASCII)).toContain('. 0  - .1  + .2  # .3')
  })

  it('says what it had to leave out', () => {
    expect(text(TROUBLED, 60, 15)).toMatch(/not shown: panels 2 6 4 5 3 7; the number opens it/)
    expect(text(BLOCKED, 80, 24)).toMatch(/7 EVENTS ─.* more ─$/m)
    expect(text(BLOCKED, 120, 40)).toMatch(/\d\d:\d\d  MLPSIWarning  pending  PSI is above 0\.2$/m)
  })

  it('shows troubles and running work under the header, whatever is open', () => {
    const shown = composeScreen(
      TROUBLED,
      withPage({ kind: 'help', scroll: 0, glossary: false }),
      { columns: 80, rows: 24 },
      PLAIN,
    ).lines
    expect(shown[2]).toContain('TROUBLE the disk is full')
  })

  it('says how old the features are, and when they lie ahead of a clock that was set back', () => {
    const aged = (stalenessSec: number): string =>
      text(changed(SHADOW, { watch: { serving: { ...SHADOW.watch.serving, stalenessSec } } }), 200, 60)
    expect(aged(61)).toContain('features 61 s old')
    expect(aged(-10_800)).toContain('features 10,800 s ahead of the clock')
  })

  it('says how many outcomes should have come, where the user brings them', () => {
    const lacking = (overdueOutcomes: number | null): string =>
      text(changed(BLOCKED, { models: { overdueOutcomes } }), 120, 40)
    expect(lacking(1_234)).toMatch(/MODELS ─+ on 1,512 settled minutes {2}1,234 overdue/)
    for (const none of [0, null]) expect(lacking(none)).not.toContain('overdue')
  })

  it('has a word for nothing measured', () => {
    const shown = text(NO_MODELS, 80, 24)
    for (const words of ['no model yet', 'no model has a reference', 'no score yet', 'none, the fallback answers']) {
      expect(shown).toContain(words)
    }
  })

  it('has escape codes where there is colour', () => {
    expect(text(BLOCKED, 80, 24, COLOUR)).toContain('\x1b[')
  })

  it('says the same with colour as without', () => {
    for (const view of Object.values(ALL)) {
      expect(uncoloured(text(view, 120, 40, COLOUR))).toBe(text(view, 120, 40, PLAIN))
    }
  })

  it('says in one short line that the window is too small', () => {
    const lines = composeScreen(BLOCKED, UI, { columns: 50, rows: 5 }, PLAIN).lines
    expect(lines).toEqual(['terminal too small: 50x5, needs 60x15', '', '', '', ''])
    expect(composeScreen(BLOCKED, UI, { columns: 20, rows: 5 }, PLAIN).lines.join(' ')).toContain('too small')
  })

  it('says that the room does not answer, and that the figures are out of date', () => {
    const ui = { ...UI, lost: 'connection refused' }
    expect(composeScreen(BLOCKED, ui, { columns: 80, rows: 24 }, PLAIN).lines[2]).toMatch(
      /NO ANSWER the figures below are out of date: connection refused/,
    )
    expect(composeScreen(null, ui, { columns: 80, rows: 24 }, PLAIN).lines[0]).toContain(
      'does not answer: connection refused',
    )
  })
})

describe('the list of all symbols', () => {
  it('has market, roles, gates, drift and alerts of each, and the header counts the alerts of the others', () => {
    const page = withPage({ kind: 'symbols', chosen: 'ETHUSDT' })
    for (const size of SIZES.slice(1)) {
      const shown = composeScreen(TROUBLED, page, size, PLAIN).lines.join('\n')
      expect(shown).toMatch(/symbol +price +24 h +in charge +shadow +gates +alerts +worst +PSI +canary/)
      expect(shown).toMatch(/BTCUSDT +109,214\.0 +-0\.31 % +v1\.8-b0 +none +2\/6 +1 +critical +1\.391 +-/)
      expect(shown).toMatch(/ETHUSDT +2,514\.30 +-0\.31 % +v1\.8-b0 +v1\.8\.1 +2\/6/)
    }
    // Where there is no room for all of it, what matters less is left out and nothing is cut.
    const narrow = composeScreen(TROUBLED, page, { columns: 80, rows: 24 }, PLAIN)
      .lines.filter((line) => /^ (symbol|BTCUSDT|ETHUSDT) {2}/.test(line))
      .join('\n')
    expect(narrow).toMatch(/BTCUSDT +109,214\.0 +-0\.31 % +v1\.8-b0 +none +2\/6 +1 +critical/)
    expect(narrow).not.toContain('…')
    expect(text(TROUBLED, 200, 60).split('\n')[0]).toContain('(ETHUSDT 2)')
    expect(text(TROUBLED, 80, 24).split('\n')[0]).toContain('(S 2)')
    expect(text(BLOCKED, 200, 60).split('\n')[0]).not.toContain('(')
  })
})

describe('a panel opened large', () => {
  const opened = (panel: Panel, detail: DetailView, size: Size, given: Partial<LargePage> = {}): Screen =>
    composeScreen(BLOCKED, withPage(largeMode({ panel, detail, ...given })), size, PLAIN)

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

  it('shows the rows that fit, which ones they are, and everything of the selected one', () => {
    for (const size of SIZES) {
      const { lines, pageRows, listRows } = opened('gates', TABLE, size, { selected: 10 })
      const shown = lines.join('\n')
      expect(listRows).toBe(57)
      if (pageRows < 57) expect(lines[2]).toMatch(/rows \d+ to \d+ of 57/)
      expect(lines.filter((line) => /row \d+: within/.test(line)).length).toBeGreaterThanOrEqual(Math.min(4, pageRows))
      expect(shown).toMatch(/reason +row 11: within the limits/)
    }
  })

  it('wraps what is too long for a column into the detail of its row, whole', () => {
    const reason = `it begins, ${'goes on and '.repeat(30)}ends`
    const detail: DetailView = {
      kind: 'table',
      title: 'T',
      rows: [
        { gate: '1', reason },
        { gate: '2', reason: 'no' },
      ],
      note: '',
    }
    for (const size of SIZES) {
      const shown = opened('gates', detail, size)
        .lines.join(' ')
        .replace(/[│\s]+/g, ' ')
      expect(shown).toContain(reason.slice(0, 60))
      expect(shown).toMatch(/goes on and ends/)
    }
  })

  it('keeps columns for the detail, puts figures to the right, and colours verdicts alone', () => {
    const detail: DetailView = {
      kind: 'table',
      title: 'T',
      rows: [
        { name: 'a', n: '7', verdict: 'PASS', 'to do': 'nothing' },
        { name: 'b', n: '1,204', verdict: 'FAIL', 'to do': 'look' },
      ],
      note: '',
      inDetail: ['to do'],
    }
    const { lines } = opened('gates', detail, { columns: 80, rows: 24 }, { selected: 1 })
    expect(lines[3]).toMatch(/^ name +n +verdict$/)
    expect(lines[4]).toMatch(/^ a +7 +PASS/)
    expect(lines[5]).toMatch(/^ b +1,204 +FAIL/)
    expect(lines.join('\n')).toMatch(/to do +look/)
    expect(lines.join('\n')).not.toContain('nothing')
    const coloured = composeScreen(BLOCKED, withPage(largeMode({ detail })), { columns: 80, rows: 24 }, COLOUR).lines
    expect(coloured[5]).toContain('\x1b[1;31mFAIL')
    expect(coloured[4]).toContain('\x1b[1;7m')
  })

  it('cuts sentences, and no time, name or figure: what has no room stands in the detail of a row', () => {
    const row = (day: number) => ({
      at: `2025-06-2${day} 01:00`,
      verdict: 'KEEP',
      reason: 'v2_paper does not earn: -1.185 a trade',
      trades: '1844 and 1844',
      Sharpe: '-1024.53 and -1045.06',
    })
    const detail: DetailView = { kind: 'table', title: 'T', rows: [row(4), row(3)], note: '' }
    const { lines } = opened('gates', detail, { columns: 64, rows: 24 }, { selected: 1 })
    expect(lines[2]).toContain('without Sharpe')
    expect(lines[4]).toMatch(/^ 2025-06-24 01:00 {2}KEEP {5}v2_paper does.*… {2}1844 and 1844 *$/)
    expect(lines.join('\n')).toMatch(/Sharpe +-1024\.53 and -1045\.06/)
  })

  it('shows rows that have the word, or are grave enough, and says so; nothing left says how to see all again', () => {
    const size = { columns: 100, rows: 40 }
    const found = opened('gates', TABLE, size, { find: 'OFFline' })
    expect(found.listRows).toBe(28)
    expect(found.lines[2]).toContain('find "OFFline", ')
    expect(opened('gates', TABLE, size, { least: 'critical' }).listRows).toBe(19)
    expect(opened('gates', TABLE, size, { least: 'warning' }).lines[2]).toContain('warning and above')
    expect(opened('gates', TABLE, size, { find: 'zzz' }).lines.join('\n')).toContain(
      'no row: find "zzz"; Esc shows all again',
    )
  })

  it('draws marks and a table below a chart, and what follows from them', () => {
    const detail: DetailView = {
      ...CHART,
      kind: 'chart',
      note: 'The shadow is worse.',
      marks: [{ atMs: CHART.kind === 'chart' ? CHART.untilMs - 3_600_000 : 0, text: 'psi passes' }],
      table: [{ model: 'shadow', 'log loss': '0.6732' }],
    } as DetailView
    const shown = opened('outcome', detail, { columns: 120, rows: 40 }).lines.join('\n')
    for (const words of ['1 psi passes', 'log loss', '0.6732', 'The shadow is worse.']) expect(shown).toContain(words)
  })

  it('has a logarithmic axis where small values matter beside large ones', () => {
    const series = [{ name: 'x', points: [0.01, 0.1, 1, 10] }]
    const detail = { ...CHART, series, limit: null, logarithmic: true }
    const lines = opened('drift', detail, { columns: 80, rows: 24 }).lines
    const rowOf = (label: RegExp): number => lines.findIndex((line) => label.test(line))
    const [top, bottom] = [rowOf(/^ +10\.0/), rowOf(/^ +0\.010/)]
    expect(top).toBeGreaterThanOrEqual(0)
    expect(bottom - top).toBeGreaterThan(8)
  })
})
