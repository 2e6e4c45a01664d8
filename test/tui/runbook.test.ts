import { describe, expect, it } from 'vitest'
import { PANELS } from '../../src/control/panels.ts'
import type { RoomView } from '../../src/control/view.ts'
import { PLAYBOOK, playbookCaseOf, playbookPage } from '../../src/engine/alerts/playbook.ts'
import { ruleNamed, RULES } from '../../src/engine/alerts/rules.ts'
import { composeScreen } from '../../src/tui/frame.ts'
import type { Context } from '../../src/tui/intents.ts'
import { firstState, type UiState } from '../../src/tui/state.ts'
import { BLOCKED, changed, NO_MODELS } from '../kit/views.ts'
import { largeMode } from './modes.ts'
import { pressKeys } from './pressing.ts'

const [FIRING, PENDING] = BLOCKED.watch.alerts

/** A room in which an alert of a rule fires, beside one that is only pending. */
function withAlert(rule: string): RoomView {
  if (FIRING === undefined || PENDING === undefined) throw new Error('the view has no alerts')
  const next = ruleNamed(rule)?.next.join(' ') ?? ''
  return changed(BLOCKED, {
    watch: {
      alerts: [
        { ...PENDING, rule: rule === PENDING.rule ? 'MLOther' : PENDING.rule },
        { ...FIRING, rule, next },
      ],
    },
  })
}

const ON_ALERTS: UiState = { ...firstState(undefined), focus: 'alerts' }

function context(view: RoomView): Context {
  return { view, by: 'mia', wallMs: 1000, pageRows: 10, listRows: 10, panels: PANELS }
}

function pressed(view: RoomView, ui: UiState, ...keys: readonly string[]): UiState {
  return pressKeys(
    ui,
    keys.map((key) => [key, context(view)]),
  ).ui
}

const linesOf = (view: RoomView, ui: UiState): readonly string[] =>
  composeScreen(view, ui, { columns: 80, rows: 24 }, { colour: false, unicode: true }).lines
/** Words alone: what was wrapped is put together again. */
const wordsOf = (text: string): string => text.replaceAll(/[`*]/g, '').split(/\s+/).join(' ')

describe('? on an alert', () => {
  it.each(RULES.map(({ name }) => [name]))(
    'shows what is seen, what to press and when it is over, at 80x24: %s',
    (rule) => {
      const view = withAlert(rule)
      const lines = linesOf(view, pressed(view, ON_ALERTS, '?'))
      const shown = wordsOf(lines.join(' '))
      const known = playbookCaseOf(rule)
      expect(shown).toContain(`${rule} critical firing since`)
      expect(shown).toContain('PSI 1.391 is above 0.3')
      expect(shown).toContain(wordsOf(ruleNamed(rule)?.next.join(' ') ?? 'nothing'))
      if (known === undefined) expect(shown).toContain('resolved by itself once its condition has ended')
      else for (const text of [known.see, known.press, known.over]) expect(shown).toContain(wordsOf(text))
      expect(shown).not.toMatch(/rows \d+ to/)
    },
  )

  it('is about the chosen row of the large panel, where that is active', () => {
    const view = withAlert('MLDriftCritical')
    const rows = [{ rule: 'MLPSIWarning' }, { rule: 'MLDriftCritical' }, { rule: 'MLDataGap' }]
    const detail = { kind: 'table', title: 'Alerts', rows, note: '' } as const
    const at = (selected: number): unknown =>
      pressed(view, { ...ON_ALERTS, mode: largeMode({ panel: 'alerts', detail, selected }) }, '?').mode
    expect(at(0)).toMatchObject({ kind: 'help', alert: 'MLPSIWarning' })
    expect(at(1)).toMatchObject({ kind: 'help', alert: 'MLDriftCritical' })
    expect(at(2)).not.toHaveProperty('alert')
  })

  it('is the help of the keys once more, then what the words mean', () => {
    const view = withAlert('MLDriftCritical')
    expect(pressed(view, ON_ALERTS, '?', '?').mode).toEqual({ kind: 'help', scroll: 0, glossary: false })
    expect(pressed(view, ON_ALERTS, '?', '?', '?').mode).toMatchObject({ glossary: true })
  })

  it('is the help of the keys on another panel, and where nothing fires', () => {
    const view = withAlert('MLDriftCritical')
    expect(pressed(view, firstState(undefined), '?').mode).not.toHaveProperty('alert')
    expect(pressed(NO_MODELS, ON_ALERTS, '?').mode).not.toHaveProperty('alert')
  })

  it('says so when the alert is resolved meanwhile', () => {
    const ui = pressed(withAlert('MLDriftCritical'), ON_ALERTS, '?')
    expect(linesOf(BLOCKED, ui).join('\n')).toContain('MLDriftCritical does not fire any more')
  })
})

describe('the playbook', () => {
  it('names rules that there are, each in one case alone', () => {
    const named = Object.values(PLAYBOOK).flatMap(({ rules }): readonly string[] => rules)
    expect(named.filter((rule) => ruleNamed(rule) === undefined)).toEqual([])
    expect(new Set(named).size).toBe(named.length)
    const said = [...playbookPage().matchAll(/`(ML\w+)`/g)].map(([, rule]) => rule ?? '')
    expect(said.filter((rule) => ruleNamed(rule) === undefined)).toEqual([])
  })
})
