import { EventEmitter } from 'node:events'
import * as fc from 'fast-check'
import { render } from 'ink-testing-library'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { ScreenView } from '../../src/tui/app.tsx'
import { cellsOf, clean, cutText, padText, wrapText } from '../../src/tui/cells.ts'
import { composeScreen } from '../../src/tui/frame.ts'
import { KeyReader, parseKeys } from '../../src/tui/keys/input.ts'
import { allocate } from '../../src/tui/layout.ts'
import { columnsOf } from '../../src/tui/large/chart.ts'
import { sparkline } from '../../src/tui/spark.ts'
import { firstState } from '../../src/tui/state.ts'
import { sizeOf, terminalProblem } from '../../src/tui/terminal.ts'
import { themeFrom } from '../../src/tui/theme.ts'
import { FrameWriter, standInStdout } from '../../src/tui/writer.ts'
import { keyNames } from './pressing.ts'
import { SHADOW } from '../kit/views.ts'

/** Any code point but surrogates. The library's own unit for it keeps a table of all of them in memory from then on. */
const POINT = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }),
  fc.integer({ min: 0, max: 0xd7ff }),
  fc.integer({ min: 0xe000, max: 0x10ffff }),
)
const TEXT = fc.array(POINT, { maxLength: 60 }).map((points) => String.fromCodePoint(...points))
const THEME = { colour: false, unicode: true }

describe('text in cells', () => {
  it('never takes more cells than it was cut to, whatever it is made of', () => {
    fc.assert(
      fc.property(TEXT, fc.integer({ min: 0, max: 40 }), (text, width) => {
        expect(stringWidth(cutText(text, width))).toBeLessThanOrEqual(width)
        expect(cellsOf(padText(text, width))).toBe(width)
        for (const line of wrapText(text, width, 3)) expect(stringWidth(line)).toBeLessThanOrEqual(width)
      }),
    )
  })

  it('holds no control character, line break or escape code once it is clean, and cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(TEXT, (text) => {
        expect(clean(text)).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(clean(clean(text))).toBe(clean(text))
      }),
    )
  })
})

describe('rows among panels', () => {
  it('are never more than there are, and the important panel gets its least before the next one', () => {
    const wants = fc.array(
      fc.record({
        rows: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 3, maxLength: 3 }),
        cutUpTo: fc.integer({ min: 0, max: 2 }),
      }),
    )
    fc.assert(
      fc.property(wants, fc.integer({ min: 0, max: 80 }), (some, height) => {
        const sorted = some.map((want) => ({ ...want, rows: [...want.rows].sort((a, b) => a - b) }))
        const grants = allocate(sorted, height)
        expect(grants.reduce((sum, grant) => sum + grant.rows, 0)).toBeLessThanOrEqual(height)
        for (const [i, grant] of grants.entries()) {
          const before = sorted.slice(0, i + 1).reduce((sum, want) => sum + (want.rows[0] ?? 0), 0)
          if (before <= height) expect(grant.rows).toBeGreaterThanOrEqual(sorted[i]?.rows[0] ?? 0)
        }
      }),
    )
  })
})

const drawn = (course: readonly (number | null)[], width: number): string =>
  sparkline(course, width)
    .map((part) => part.text)
    .join('')

describe('a sparkline', () => {
  it('stands on a fixed scale: 0, 0.1, 0.2, 0.3 and from 0.35 always look the same', () => {
    for (const [value, glyph] of [
      [0, '▁'],
      [0.1, '▃'],
      [0.2, '▅'],
      [0.3, '▇'],
      [0.35, '█'],
      [99, '█'],
    ] as const) {
      expect(
        drawn(
          Array.from({ length: 168 }, () => value),
          4,
        ),
      ).toBe(glyph.repeat(4))
    }
  })

  it('keeps a peak of one hour, and shows nothing where nothing was measured', () => {
    const course = Array.from({ length: 84 }, (_, i) => (i === 50 ? 0.4 : 0))
    expect(drawn(course, 24)).toMatch(/^ {12}▁+█▁+$/)
    expect(drawn([], 10)).toBe(' '.repeat(10))
  })

  it('fills a chart column with the highest of its points', () => {
    expect(columnsOf([1, 3, null, null, 2, 5], 3)).toEqual([3, null, 5])
    expect(columnsOf([1, 2], 4)).toEqual([1, 1, 2, 2])
    expect(columnsOf([], 2)).toEqual([null, null])
  })
})

describe('the theme', () => {
  it.each([
    [{ LANG: 'en_US.UTF-8', TERM: 'xterm' }, true, true],
    [{ LANG: 'en_US.UTF-8', TERM: 'xterm', NO_COLOR: '1' }, false, true],
    [{ LANG: 'en_US.UTF-8', TERM: 'xterm', NO_COLOR: '' }, true, true],
    [{ LANG: 'en_US.utf8', LC_ALL: 'C' }, true, false],
    [{ LANG: '', LC_CTYPE: 'UTF-8', LC_ALL: '' }, true, true],
    [{}, true, false],
    [{ LANG: 'en_US.UTF-8', TERM: 'dumb' }, false, false],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, true, false],
  ])('%o: colour %s, Unicode %s', (env, colour, unicode) => {
    expect(themeFrom(env)).toEqual({ colour, unicode })
  })
})

describe('keys as they arrive', () => {
  it.each<[string, string, readonly string[], string]>([
    ['a letter', 'q', ['q'], ''],
    ['two at once', 'aa', ['a', 'a'], ''],
    ['Ctrl+K twice at once', '\x0b\x0b', ['ctrl-k', 'ctrl-k'], ''],
    ['a word and Enter', 'y\r', ['y', 'enter'], ''],
    ['Ctrl+C behind another key', 'q\x03', ['q', 'ctrl-c'], ''],
    ['space, Tab, Backspace', ' \t\x7f', ['space', 'tab', 'backspace'], ''],
    ['arrows in both modes', '\x1b[A\x1bOB\x1b[Z', ['up', 'down', 'shift-tab'], ''],
    ['paging', '\x1b[5~\x1b[6~\x1b[H\x1b[4~', ['pageup', 'pagedown', 'home', 'end'], ''],
    ['Esc and a letter in one', '\x1ba', ['esc', 'a'], ''],
    ['Esc twice, the second of which may begin something', '\x1b\x1b', ['esc'], '\x1b'],
    ['a sequence that has begun', 'n\x1b[1;', ['n'], '\x1b[1;'],
    ['Ctrl+F1, which nobody asked for', '\x1b[1;5P', [], ''],
    ['keys around a paste', 'a\x1b[200~x\r\x1b[201~b', ['a', 'x\r', 'b'], ''],
    ['a paste that has begun', 'a\x1b[200~x\r', ['a'], '\x1b[200~x\r'],
    ['a paste that nobody marked', 'six gates\rONAY\r', ['six gates\rONAY\r'], ''],
    ['a wide character', '日', ['日'], ''],
    ['nothing', '', [], ''],
  ])('%s', (_, text, names, rest) => {
    expect(keyNames(text)).toEqual(names)
    expect(parseKeys(text).rest).toBe(rest)
  })

  it('reads whatever comes, in whatever pieces, without throwing, and ends', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\x1b', '[', 'O', '1', ';', '~', 'A', 'q', '\x03', '日') }),
        (text) => {
          const { inputs, rest } = parseKeys(text)
          expect(inputs.every((input) => input.kind === 'paste' || input.name !== '')).toBe(true)
          if (!rest.startsWith('\x1b[200~')) expect(rest.length).toBeLessThanOrEqual(32)
        },
      ),
    )
  })

  it('takes a sequence that comes in two pieces for one key', () => {
    const got: string[] = []
    const source = Object.assign(new EventEmitter(), { setEncoding: () => {}, resume: () => {}, pause: () => {} })
    const reader = new KeyReader(source, (inputs) =>
      got.push(...inputs.map((one) => (one.kind === 'key' ? one.name : one.text))),
    )
    reader.start()
    source.emit('data', '\x1b')
    source.emit('data', '[A')
    reader.stop()
    source.emit('data', 'q')
    expect(got).toEqual(['up'])
  })
})

describe('the terminal', () => {
  it.each([
    [{ isTTY: true, columns: 80, rows: 24 }, { isTTY: true }, null],
    [{ columns: 80, rows: 24 }, { isTTY: true }, /standard output is not a terminal/],
    [{ isTTY: true, columns: 80, rows: 24 }, {}, /standard input is not a terminal/],
    [{ isTTY: true, columns: 20, rows: 5 }, { isTTY: true }, /terminal too small: 20x5, needs 60x15/],
    [{ isTTY: true, columns: 0, rows: 0 }, { isTTY: true }, null],
  ])('%o says whether a screen can be drawn', (stdout, stdin, problem) => {
    const said = terminalProblem({ ...stdout, write: () => true }, stdin)
    if (problem === null) expect(said).toBeNull()
    else expect(said).toMatch(problem)
  })

  it('has the usual size where it tells none', () => {
    expect(sizeOf({ write: () => true, columns: 0 })).toEqual({ columns: 80, rows: 24 })
  })
})

function recorder(): { written: string[]; writer: FrameWriter } {
  const written: string[] = []
  return { written, writer: new FrameWriter({ write: (text) => written.push(text) }) }
}

describe('the frame writer', () => {
  it('writes changed lines only, and nothing when none changed', () => {
    const { written, writer } = recorder()
    writer.draw('one\ntwo\nthree')
    writer.draw('one\nTWO\nthree')
    writer.draw('one\nTWO\nthree')
    expect(written).toHaveLength(2)
    expect(written[1]).toContain('\x1b[2;1H')
    expect(written[1]).toContain('TWO')
    expect(written[1]).not.toContain('three')
  })

  it('clears the lines that a shorter frame no longer has, and writes all after it was told to forget', () => {
    const { written, writer } = recorder()
    writer.draw('one\ntwo')
    writer.draw('one')
    expect(written[1]).toContain('\x1b[2;1H\x1b[0m\x1b[2K')
    writer.forget()
    writer.draw('one')
    expect(written.at(-1)).toContain('one')
  })

  it("keeps Ink's cursor codes off the terminal, and writes nothing once it is closed", () => {
    const { written, writer } = recorder()
    const stream = standInStdout(writer, () => ({ columns: 80, rows: 24 }))
    expect([stream.columns, stream.rows, stream.isTTY]).toEqual([80, 24, true])
    stream.write('\x1b[?25h')
    writer.close()
    stream.write('a frame')
    expect(written).toEqual([])
  })
})

describe('drawn by Ink', () => {
  it('is what was composed, line by line', () => {
    const screen = composeScreen(SHADOW, firstState(undefined), { columns: 100, rows: 30 }, THEME)
    let gone = 0
    const { lastFrame, unmount } = render(<ScreenView screen={screen} onGone={() => (gone += 1)} />)
    expect(lastFrame()?.split('\n')).toEqual(screen.lines)
    expect(gone).toBe(0)
    unmount()
    expect(gone).toBe(1)
  })
})
