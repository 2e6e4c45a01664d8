import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PANELS } from '../../src/control/panels.ts'
import type { RoomView } from '../../src/control/view.ts'
import { parseKeys } from '../../src/tui/keys/input.ts'
import { reduce } from '../../src/tui/reducer.ts'
import { COMING_MS, type Mode, type UiState } from '../../src/tui/state.ts'
import type { Context, Intent, Step } from '../../src/tui/intents.ts'
import { approval, START_PROMPT, WALL_MS } from '../kit/canary-documents.ts'
import { ASKED, RAMPING, READY, TWO_PROMPTS } from './canary-views.ts'
import { modeOf, MODES, promptMode } from './modes.ts'
import { keyNames, pressKeys, uiIn } from './pressing.ts'
import { BLOCKED, changed } from '../kit/views.ts'

function context(view: RoomView, wallMs = 1000): Context {
  return { view, by: 'mia', wallMs, pageRows: 5, listRows: 16, panels: PANELS }
}

function press(names: readonly string[], mode: Mode = promptMode({}), view: RoomView = ASKED): Step {
  return pressKeys(
    uiIn(mode),
    names.map((name) => [name, context(view)]),
  )
}

/** Typed, a key at a time. */
const typed = (text: string, mode?: Mode): Step => press(Array.from(text).flatMap(keyNames), mode)

/** What a terminal sends in one go. */
function sent(bytes: string, mode: Mode = promptMode({}), view: RoomView = ASKED): Step {
  let step: Step = { ui: uiIn(mode), intents: [] }
  const intents: Intent[] = []
  for (const input of parseKeys(bytes).inputs) {
    step = reduce(step.ui, input, context(view))
    intents.push(...step.intents)
  }
  return { ui: step.ui, intents }
}
const approved = (reason: string): Intent => ({
  kind: 'ask',
  command: { kind: 'answerApproval', by: 'mia', id: 'promote-1', decision: 'approve', phrase: 'ONAY', reason },
})
const refused = (reason: string | null): Intent => ({
  kind: 'ask',
  command: { kind: 'answerApproval', by: 'mia', id: 'promote-1', decision: 'reject', reason },
})

describe('typing into a prompt', () => {
  it.each<[string, string, readonly Intent[], RegExp | null]>([
    ['a reason, Tab, ONAY and Enter approve', 'six gates\tONAY\r', [approved('six gates')], null],
    ['a reason, Enter, ONAY and Enter too', 'six gates\rONAY\r', [approved('six gates')], null],
    ['the phrase first', '\tONAY\tsix gates\t\r', [approved('six gates')], null],
    ['a typing error put right', 'ok\tONAS\x7fY\r', [approved('ok')], null],
    ['a phrase typed anew', 'ok\tyes\x15ONAY\r', [approved('ok')], null],
    ['a reason with blanks around it', '  quiet week \tONAY\r', [approved('quiet week')], null],
    ['a reason in another script', 'onaylıyorum, 日本\tONAY\r', [approved('onaylıyorum, 日本')], null],
    ['Enter alone', '\r', [], /a reason is needed/],
    ['ONAY without a reason', '\tONAY\r', [], /a reason is needed/],
    ['ONAY with a blank reason', '   \tONAY\r', [], /a reason is needed/],
    ['a reason alone', 'six gates\r\r', [], /nothing is typed yet: type ONAY/],
    ['small letters', 'ok\tonay\r', [], /"onay" is not the phrase: type ONAY, letter for letter/],
    ['a blank behind it', 'ok\tONAY \r', [], /"ONAY " is not the phrase/],
    ['more than ONAY', 'ok\tONAYONAY\r', [], /is not the phrase/],
    ['letters of another alphabet that look alike', 'ok\tОNAY\r', [], /is not the phrase/],
    ['Ctrl+R refuses with the reason typed so far', 'not before Monday\x12', [refused('not before Monday')], null],
    ['the word y', 'y', [], null],
  ])('%s', (_, text, intents, why) => {
    const { ui, intents: asked } = typed(text)
    expect(asked).toEqual(intents)
    if (why !== null) expect(ui.message?.text).toMatch(why)
    expect(ui.mode).toMatchObject({ kind: 'prompt', sent: intents.length > 0 })
  })

  it('refuses without a reason where none was typed, and invents none', () => {
    expect(press(['ctrl-r']).intents).toEqual([refused(null)])
  })

  it('is not refused with the words that were typed on the way to ONAY: Ctrl+R asks for them first', () => {
    const typed = press(['f', 'i', 'n', 'e', 'enter', 'O', 'N', 'ctrl-r'])
    expect(typed.intents).toEqual([])
    expect(typed.ui.mode).toMatchObject({ field: 'reason', reason: 'fine', phrase: '' })
    expect(typed.ui.message?.text).toContain('why is it refused?')
    expect(press(['f', 'i', 'n', 'e', 'enter', 'ctrl-r', 'ctrl-u', 'n', 'o', 'ctrl-r']).intents).toEqual([
      refused('no'),
    ])
  })

  it('never approves without the phrase, a reason and Enter, whatever is pressed', () => {
    const key = fc.constantFrom('O', 'N', 'A', 'Y', 'y', 'a', 'enter', 'tab', 'space', 'backspace', 'ctrl-u', 'up', 'p')
    fc.assert(
      fc.property(fc.array(key, { maxLength: 30 }), (names) => {
        const { intents } = press(names)
        for (const intent of intents) {
          if (intent.kind !== 'ask' || intent.command.kind !== 'answerApproval') continue
          if (intent.command.decision !== 'approve') continue
          expect(intent.command.phrase).toBe('ONAY')
          expect(intent.command.reason?.trim()).toMatch(/./)
          expect(names.length).toBeGreaterThan(6)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('takes no second answer while the first is on its way, and Esc then only leaves', () => {
    const sent = typed('ok\tONAY\r').ui
    for (const name of ['enter', 'x', 'tab', 'backspace']) {
      expect(press([name], sent.mode)).toMatchObject({ ui: { mode: sent.mode }, intents: [] })
    }
    expect(press(['esc'], sent.mode)).toMatchObject({ ui: { mode: { kind: 'panels' } }, intents: [] })
  })

  it('holds a reason of bounded length', () => {
    const { ui } = typed('x'.repeat(2000))
    expect(ui.mode).toMatchObject({ reason: 'x'.repeat(400) })
  })

  it('drops what is no text, and erases a character at a time', () => {
    expect(press(['a', '\x1c', '\u0085', 'home', '𝛑', 'backspace', 'b']).ui.mode).toMatchObject({ reason: 'ab' })
  })

  it('leaves a prompt waiting with Esc, which refuses nothing', () => {
    const { ui, intents } = press(['x', 'esc'])
    expect(intents).toEqual([])
    expect(ui.mode.kind).toBe('panels')
    expect(ui.message?.text).toContain('o opens it again')
  })

  it('shows every figure with Ctrl+D, and those that a person reads again', () => {
    expect(press(['ctrl-d']).ui.mode).toMatchObject({ whole: true, reason: '' })
    expect(press(['ctrl-d', 'ctrl-d']).ui.mode).toMatchObject({ whole: false })
  })

  it('scrolls its facts', () => {
    expect(press(['pagedown']).ui.mode).toMatchObject({ scroll: 5 })
    expect(press(['pagedown', 'pagedown', 'pagedown', 'pageup']).ui.mode).toMatchObject({ scroll: 6 })
  })
})

describe('a paste', () => {
  const APPROVAL = 'six gates\rONAY\r'
  const marked = (text: string): string => `\x1b[200~${text}\x1b[201~`

  it.each([
    ['marked', marked(APPROVAL)],
    ['not marked', APPROVAL],
    ['not marked, with line breaks of another system', 'six gates\r\nONAY\r\n'],
    ['marked, and Enter after it', `${marked(APPROVAL)}\r`],
    ['a reason and the phrase, each marked, with Enters between', `${marked('six gates')}\r${marked('ONAY')}\r`],
  ])('of a reason, Enter, ONAY and Enter approves nothing: %s', (_, bytes) => {
    const { intents, ui } = sent(bytes)
    expect(intents).toEqual([])
    expect(ui.mode).toMatchObject({ kind: 'prompt', sent: false, phrase: '' })
  })

  it('is text in the reason, on one line, and no phrase', () => {
    expect(sent(marked('six gates\r\nand\ta canary')).ui.mode).toMatchObject({ reason: 'six gates and a canary' })
    const { ui } = sent(marked('ONAY'), promptMode({ reason: 'ok', field: 'phrase' }))
    expect(ui.mode).toMatchObject({ phrase: '' })
    expect(ui.message?.text).toBe('ONAY is typed, not pasted: that is what makes it a decision')
    const ack = { kind: 'ack', rule: 'MLPSICritical', reason: 'see ' } as const
    expect(sent(marked('the runbook'), ack).ui.mode).toMatchObject({ reason: 'see the runbook' })
  })

  it.each(MODES.filter((mode) => !['prompt', 'ack', 'find'].includes(mode)))('presses no keys in %s', (mode) => {
    for (const bytes of [marked('bb'), marked('aaq\r'), 'rollback\rbb\raa'])
      expect(sent(bytes, modeOf(mode), RAMPING)).toMatchObject({ intents: [], ui: { mode: modeOf(mode), armed: null } })
  })
})

describe('what an answer comes to', () => {
  const sent = uiIn(promptMode({ reason: 'ok', phrase: 'ONAY', field: 'phrase', sent: true }))

  it('closes the prompt with its sentence', () => {
    const event = { kind: 'answered', id: 'promote-1', text: 'ONAY: Promote v1.8.1 to production', good: true } as const
    const { ui } = reduce(sent, event, context(ASKED))
    expect(ui.mode.kind).toBe('panels')
    expect(ui.message).toMatchObject({ text: 'ONAY: Promote v1.8.1 to production', good: true })
  })

  it('keeps the reason but not the phrase where it was not taken, and says why', () => {
    const event = { kind: 'answered', id: 'promote-1', text: 'another name is needed', good: false } as const
    const { ui } = reduce(sent, event, context(ASKED))
    expect(ui.mode).toMatchObject({ kind: 'prompt', reason: 'ok', phrase: '', sent: false })
    expect(ui.message?.text).toBe('another name is needed')
    const gone = reduce(ui, { kind: 'looked' }, context(READY)).ui
    expect(gone.mode.kind).toBe('panels')
    expect(gone.message?.text).toBe('another name is needed')
  })

  it('leaves another open prompt as it is', () => {
    const event = { kind: 'answered', id: 'other', text: 'done', good: true } as const
    expect(reduce(sent, event, context(ASKED)).ui.mode).toEqual(sent.mode)
  })
})

describe('a prompt that ends while it is open', () => {
  const later = changed(READY, { room: { clock: { ...READY.room.clock, wallMs: WALL_MS + 900_000 } } })
  const withPrompt = (given: Parameters<typeof approval>[0]): RoomView =>
    changed(READY, { models: { approvals: [approval(given)] } })

  it.each<[string, RoomView, RegExp]>([
    ['gone after its time', later, /has expired; nothing was approved/],
    ['there after its time', changed(later, { models: { approvals: [approval({})] } }), /has expired/],
    ['gone before its time', READY, /is no longer waiting: it was answered elsewhere, or what it showed has changed/],
    ['approved', withPrompt({ state: 'approved', why: 'by ayse' }), /was approved elsewhere: by ayse/],
    ['refused', withPrompt({ state: 'refused' }), /was refused elsewhere$/],
    ['expired', withPrompt({ state: 'expired' }), /has expired/],
    ['stale', withPrompt({ state: 'stale', why: 'gate 1 fails now' }), /is stale: gate 1 fails now; ask again/],
    ['other figures', withPrompt({ figures_sha256: 'x' }), /is stale: its figures have changed/],
    ['another artifact', withPrompt({ sha256: 'x' }), /is stale/],
  ])('says so and closes: %s', (_, view, why) => {
    const { ui } = reduce(uiIn(promptMode({ reason: 'half' })), { kind: 'looked' }, context(view))
    expect(ui.mode.kind).toBe('panels')
    expect(ui.message?.text).toMatch(why)
    expect(ui.message?.good).toBe(false)
  })

  it('stays open while it waits, with who has approved meanwhile', () => {
    const given = [{ by: 'ayse', reason: 'ok', at: '2026-01-01T00:00:00.000Z' }]
    const open = uiIn(promptMode({ reason: 'half' }))
    const { ui } = reduce(open, { kind: 'looked' }, context(withPrompt({ needs: 2, given })))
    expect(ui.mode).toMatchObject({ kind: 'prompt', reason: 'half', shown: { given } })
  })

  it('waits for the sentence of an answer that was given here', () => {
    const sent = uiIn(promptMode({ sent: true }))
    expect(reduce(sent, { kind: 'looked' }, context(READY)).ui).toEqual(sent)
  })
})

describe('opening prompts', () => {
  it('opens the one that waits, and lists several with the oldest chosen', () => {
    const panels = { kind: 'panels' } as const
    expect(press(['o'], panels).ui.mode).toEqual(promptMode({}))
    expect(press(['o'], panels, TWO_PROMPTS).ui.mode).toEqual({ kind: 'prompts', chosen: 'promote-1' })
    expect(press(['o', 'down', 'enter'], panels, TWO_PROMPTS).ui.mode).toMatchObject({ shown: { id: 'start-2' } })
    expect(press(['o', 'up', 'up', 'enter'], panels, TWO_PROMPTS).ui.mode).toMatchObject({ shown: { id: 'promote-1' } })
    expect(press(['o', 'esc'], panels, TWO_PROMPTS)).toMatchObject({ ui: { mode: panels }, intents: [] })
  })

  it('closes the list when none waits any more', () => {
    const { ui } = reduce(uiIn({ kind: 'prompts', chosen: 'promote-1' }), { kind: 'looked' }, context(BLOCKED))
    expect(ui.mode.kind).toBe('panels')
  })

  const coming = (mode: Mode): UiState =>
    reduce(uiIn(mode), { kind: 'coming', action: 'canary_start', symbol: 'BTCUSDT' }, context(READY)).ui
  const withStart = changed(READY, { models: { approvals: [approval({}), START_PROMPT] } })

  it('opens by itself what was asked for from this screen, once it is there', () => {
    const asked = coming({ kind: 'panels' })
    expect(reduce(asked, { kind: 'looked' }, context(ASKED)).ui.mode.kind).toBe('panels')
    const { ui } = reduce(asked, { kind: 'looked' }, context(withStart))
    expect(ui).toMatchObject({ mode: { kind: 'prompt', shown: { id: 'start-1' } }, coming: null })
  })

  it('takes no typing away, and does not wait for ever', () => {
    const typing = coming(promptMode({ reason: 'half' }))
    expect(reduce(typing, { kind: 'looked' }, context(withStart)).ui.mode).toMatchObject({ shown: { id: 'promote-1' } })
    const late = reduce(coming({ kind: 'panels' }), { kind: 'looked' }, context(withStart, 1000 + COMING_MS)).ui
    expect(late).toMatchObject({ mode: { kind: 'panels' }, coming: null })
  })

  it('never opens by itself what others asked for', () => {
    expect(reduce(uiIn({ kind: 'panels' }), { kind: 'looked' }, context(withStart)).ui.mode.kind).toBe('panels')
  })
})
