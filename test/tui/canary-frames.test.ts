import { describe, expect, it } from 'vitest'
import type { RoomView } from '../../src/control/view.ts'
import { composeScreen } from '../../src/tui/frame.ts'
import { firstState, type Page } from '../../src/tui/state.ts'
import { approval, canary, LIVE_CANARY, RAMPING_CANARY, START_PROMPT } from '../kit/canary-documents.ts'
import {
  ABORTED,
  ASKED,
  AWAITING,
  BAKING,
  BOTH,
  HOLDING,
  IMPROVING,
  INCONCLUSIVE,
  RAMPING,
  READY,
  ROLLED_BACK,
  SUCCEEDED,
  TWO_PROMPTS,
} from './canary-views.ts'
import { promptMode } from './modes.ts'
import { BLOCKED, SHADOW, changed } from '../kit/views.ts'

const PLAIN = { colour: false, unicode: true }
const COLOUR = { colour: true, unicode: true }
const WIDE = { columns: 120, rows: 40 }
const SMALL = { columns: 80, rows: 24 }

function shown(view: RoomView, size = WIDE, mode: Page = { kind: 'panels' }, theme = PLAIN): string {
  return composeScreen(view, { ...firstState(undefined), mode }, size, theme).lines.join('\n')
}

describe('the canary panel', () => {
  it('shows where in its plan a canary is, the share as planned and as realised, and the time left on both clocks', () => {
    const text = shown(RAMPING)
    expect(text).toMatch(/CANARY mini, observe, equivalent ─+ ramping 2 of 3/)
    expect(text).toContain('5 % ██████████ │ 25 % ████░░░░░░ │ 100 % ░░░░░░░░░░')
    expect(text).toMatch(/share 25 %, realised 24\.6 % +next in 18:20 \(18 s\)/)
    expect(text).toContain('26 live + 214 of 300 probes')
  })

  it("shows the limits beside the figures, and the judge's last word", () => {
    const text = shown(RAMPING)
    expect(text).toMatch(/match +99\.7 % +>= 95 +< 90 +240/)
    expect(text).toMatch(/errors +0\.0 % +< 1 +> 2 +240/)
    expect(text).toMatch(/p95 +1\.8 ms +< 80 +> 120 +240/)
    expect(text).toContain('judge    go on: match 99.7 %')
    expect(text).not.toContain('go on: go on')
  })

  it('says in observe mode that no caller is exposed, and in serve mode that callers are', () => {
    expect(shown(RAMPING)).toContain('no caller is exposed: callers get v1.8-b0')
    const serving = changed(RAMPING, { models: { canary: canary({ ...RAMPING_CANARY, mode: 'serve' }) } })
    expect(shown(serving)).toContain("callers are exposed: their share gets v1.8.1's answers")
  })

  it('shows what came of a canary of days on both sides, the log loss paired and with its interval', () => {
    const days = canary({ ...RAMPING_CANARY, mode: 'serve', live_canary: LIVE_CANARY })
    const text = shown(changed(RAMPING, { models: { canary: days } }))
    expect(text).toContain('day 3 of 7: Sharpe 1.20 / 1.00, drawdown 9.00 / 10.00')
    expect(text).toContain('ECE 0.020, 36 / 35 trades on paper, 10 / 30 of callers')
    expect(text).toContain('log loss -0.0100 (95 % -0.0201 to -0.0005), paired')
    const young = canary({ ...days, live_canary: { ...LIVE_CANARY, log_loss_difference: null } })
    expect(shown(changed(RAMPING, { models: { canary: young } }))).toContain('log loss too few minutes, paired')
  })

  it('has three lines at 80x24', () => {
    const lines = shown(RAMPING, SMALL).split('\n')
    const at = lines.findIndex((line) => line.includes('2 CANARY'))
    expect(lines[at]).toMatch(/ramping 2 of 3 ─$/)
    expect(lines[at + 1]).toMatch(/ 5 % █+ │ 25 % █+░+ │ 100 % ░+ +next in 18:20 +n 26 live \+ 214$/)
    expect(lines[at + 2]).toMatch(/match 99\.7 \(95\/90\) +errors 0\.0 \(1\/2\) +p95 1\.8 \(80\/120\) +judge: go on$/)
    expect(lines[1]).toContain('shadow v1.8.1 canary 2/3')
  })

  it.each<[string, Partial<RoomView['room']['clock']>, string]>([
    ['at another speed', { speed: 600 }, 'next in 18:20 (2 s)'],
    ['at real speed', { speed: 1 }, 'next in 18:20 (18:20)'],
    ['while it is paused', { paused: true }, 'next in 18:20 (paused)'],
    ["at the recording's end", { ended: true }, 'next in 18:20 (the recording has ended)'],
  ])('counts down %s', (_, clock, words) => {
    expect(shown(changed(RAMPING, { room: { clock: { ...RAMPING.room.clock, ...clock } } }))).toContain(words)
  })

  it('counts down on one clock on a live feed', () => {
    const text = shown(changed(RAMPING, { room: { clock: { ...RAMPING.room.clock, kind: 'real' } } }))
    expect(text).toMatch(/ next in 18:20$/m)
  })

  it('counts down at 1x while a prompt waits, whatever speed is set', () => {
    expect(shown(changed(RAMPING, { models: { approvals: ASKED.models.approvals } }))).toContain(
      'next in 18:20 (18:20)',
    )
  })

  it('says that it holds, and how many comparisons are missing', () => {
    const text = shown(HOLDING)
    expect(text).toMatch(/HOLDING 2 of 3/)
    expect(text).toContain('25 % ████████░░')
    expect(text).toContain('12 live + 40 of 300 probes, 48 more needed')
    expect(text).toContain('hold ends in 15:00 (15 s)')
    expect(text.split('\n')[1]).toContain('shadow v1.8.1 HOLD 2/3')
  })

  it('lets an aborted canary stand out, with its reason, at every size', () => {
    for (const size of [SMALL, WIDE]) {
      expect(shown(ABORTED, size)).toContain('ABORTED in phase 1 of 3')
      expect(shown(ABORTED, size)).toContain('stopped by the judge: match 9.9 % of 134')
      expect(shown(ABORTED, size, { kind: 'panels' }, COLOUR)).toContain('\x1b[1;31mABORTED in phase 1 of 3')
    }
    expect(shown(ABORTED)).toContain('5 % xxxxxxxxxx │ 25 % ░░░░░░░░░░')
    expect(shown(ABORTED)).toContain('everything at 0 %: v1.8.2 stays in the shadow')
  })

  it('says that a canary ended inconclusive, which is no success', () => {
    expect(shown(INCONCLUSIVE)).toContain('INCONCLUSIVE in phase 2 of 3')
    expect(shown(INCONCLUSIVE)).toContain('25 % ??????????')
    expect(shown(INCONCLUSIVE)).toContain('still 48 comparisons too few after the hold')
  })

  it('shows match without a limit where the candidate is meant to differ', () => {
    expect(shown(IMPROVING)).toMatch(/match +21\.0 % +- +- +240, shown only/)
    expect(shown(IMPROVING, SMALL)).toContain('match 21.0 (shown)')
  })

  it('shows the hours of validation that are counted, and what is still missing', () => {
    expect(shown(SUCCEEDED)).toContain('validation 14 of 24 h counted, done 05-26 12:41')
    expect(shown(SUCCEEDED)).toContain('missing    10 more full hours of at least 59 comparisons')
    expect(shown(SUCCEEDED)).toContain('promotion  waits: gate 1 waits for seven days')
    expect(shown(SUCCEEDED, SMALL)).toContain('14 of 24 h counted')
    expect(shown(READY)).toContain('p asks for ONAY to promote')
  })

  it('shows until when a promotion bakes, the last look, and what would take it back', () => {
    const text = shown(BAKING, { columns: 200, rows: 60 })
    expect(text).toMatch(/v1\.8\.1 is watched against v1\.8-b0 until 05-28 00:41,.*\n.* 46 h 00 min left/)
    expect(text).toContain('last look  no limit is broken')
    expect(text).toMatch(/errors > 2 %, p95 > 120 ms, match < 90 %, or outcome .*\n.* worse, each with certainty/)
    expect(shown(BAKING, SMALL)).toContain(
      'bake until 05-28 00:41: watched against v1.8-b0; last look: no limit is broken',
    )
  })

  it('does not let the success of a model that has left the shadow stand for what serves', () => {
    for (const size of [SMALL, WIDE]) {
      expect(shown(ROLLED_BACK, size)).toMatch(/CANARY ─+ none runs/)
    }
    expect(shown(ROLLED_BACK)).toContain('the mini canary of v1.8.1 succeeded')
    const aborted = changed(ROLLED_BACK, { models: { canary: ABORTED.models.canary } })
    expect(shown(aborted)).toContain('the mini canary of v1.8.2 was aborted')
    expect(shown(aborted)).not.toContain('stays in the shadow')
  })

  it('shows a canary and the bake of the promotion before it', () => {
    expect(shown(BOTH)).toContain('ramping 2 of 3')
    expect(shown(BOTH)).toContain('bake until 05-28 00:41')
  })

  it('says what a canary that waits for ONAY needs', () => {
    expect(shown(AWAITING)).toContain('awaiting ONAY')
    expect(shown(AWAITING)).toContain('it starts when a person types ONAY: o opens the prompt')
  })
})

describe('the canary form', () => {
  const form = (plan: string, size = WIDE): string =>
    shown(SHADOW, size, {
      kind: 'canaryForm',
      choice: { plan, profile: 'equivalent', mode: 'observe', live: false },
      field: 0,
    })

  it('says the phases of the chosen plan in words, and how long it takes', () => {
    expect(form('mini')).toMatch(/plan +mini +3 phases, 1 h 30 min in all; plan 2 of 4/)
    expect(form('mini')).toContain('5, 25, 100 % of the requests, 30 min each')
    expect(form('full')).toContain('5, 10, 25, 50, 100 % of the requests, 30 min each')
  })

  it('tells the phases of an own plan one by one where their lengths differ', () => {
    for (const size of [SMALL, WIDE]) {
      expect(form('careful', size)).toMatch(/plan +careful +3 phases, 3 h 35 min in all; plan 3 of 4/)
      expect(form('careful', size)).toContain('1 % for 5 min, then 12.5 % for 2 h, then 100 % for 1 h 30 min')
    }
  })

  it('says of a plan that cannot run what is wrong with it', () => {
    expect(form('broken')).toContain('50 % of the requests, 30 min\n')
    expect(form('broken')).toContain('it cannot run: the last split is 1, not 0.5')
  })
})

describe('a waiting prompt', () => {
  it('is told in a line that stands out, with its key, whatever is open', () => {
    for (const mode of [{ kind: 'panels' }, { kind: 'help', scroll: 0, glossary: false }] as const) {
      const lines = shown(ASKED, SMALL, mode).split('\n')
      expect(lines[2]).toMatch(/^ ONAY promotion of v1\.8\.1 waits for a person, expires in 14:31 +o opens it$/)
    }
    expect(shown(TWO_PROMPTS, SMALL)).toMatch(/ONAY promotion of v1\.8\.1 \(BTCUSDT\) and 1 more, expires in 14:31/)
    expect(shown(BLOCKED)).not.toContain(' ONAY ')
  })

  it('is counted in the header', () => {
    expect(shown(ASKED).split('\n')[0]).toContain('1 prompt ')
    expect(shown(TWO_PROMPTS, SMALL).split('\n')[0]).toContain('2 prompts')
    expect(shown(BLOCKED).split('\n')[0]).not.toContain('prompt')
  })

  it('shows what happens, what speaks for and against it, what stops it, the hashes, who asks and until when', () => {
    for (const size of [SMALL, { columns: 100, rows: 36 }, WIDE, { columns: 200, rows: 60 }]) {
      const text = shown(ASKED, size, promptMode({ reason: 'six gates' }))
      expect(text).toContain('ONAY: Promote v1.8.1 to production')
      expect(text).toContain('asked by operator, expires in 14:31')
      expect(text).toMatch(/What happens +v1\.8\.1 answers every caller at once/)
      expect(text).toMatch(/For it +six gates pass/)
      expect(text).toMatch(/Against it +settled log loss 0\.6732 against 0\.6708/)
      expect(text).toContain('the plain fallback ranks better than both: AUC .637 against')
      expect(text).toMatch(/Stops it +match < 90 %/)
      expect(text).toContain('sha256 3fa9 ... 71c0, figures 9b22 ... 04ee')
      expect(text).toContain('gates.psi 0.03512, log_loss.0 0.6732')
      expect(text).toMatch(/▸ Reason +six gates_ +Esc leaves it waiting {3}Ctrl\+R refuses/)
      expect(text).toContain('Type ONAY and Enter')
    }
    expect(shown(ASKED, WIDE, promptMode({}), COLOUR)).toContain('\x1b[1;31m  Against it')
  })

  it('tells figures that have a name by it, and not by their place in a list', () => {
    const figures = { gates: [{ name: 'psi', verdict: 'PASS', value: 0.03495 }, { name: 'p95' }], n: [{ name: 7 }] }
    const told = shown(ASKED, WIDE, promptMode({ shown: { ...START_PROMPT, figures }, whole: true })).replace(
      /\s+/g,
      ' ',
    )
    expect(told).toContain('Figures gates.psi.verdict PASS, gates.psi.value 0.03495, n.0.name 7')
  })

  it('sets the three models beside each other on their settled minutes, and the gates with their verdicts', () => {
    const figures = {
      gates: [
        { name: 'psi', verdict: 'PASS', value: 0.03495 },
        { name: 'alert_silence', verdict: 'PASS', value: 0 },
        { name: 'offline', verdict: 'PASS', value: { auc: 0.6226, precision_at_20: 0.672 } },
        { name: 'evidence', verdict: 'WAIT', value: { present: 13, required: 14, missing: [] } },
      ],
      outcome: {
        n: 10075,
        logLoss: { candidate: 0.6732, baseline: 0.6708, fallback: 0.6746 },
        auc: { candidate: 0.613, baseline: null, fallback: 0.637 },
      },
      match: { rate: 0.999, n: 1440 },
    }
    for (const size of [SMALL, WIDE]) {
      const text = shown(ASKED, size, promptMode({ shown: approval({ figures }), scroll: 99 }))
      expect(text).toMatch(/settled 10,075 min +shadow +in charge +fallback/)
      expect(text).toMatch(/log loss +\.6732 +\.6708 +\.6746/)
      expect(text).toMatch(/AUC +\.613 +- +\.637/)
      expect(text).toMatch(/psi \.035 PASS {3}alerts 0 PASS {3}offline \.623 PASS/)
      expect(text).toMatch(/evidence 13\/14 WAIT/)
      expect(text).toContain('match 99.9 % of 1,440 in 24 h')
      expect(text).not.toContain('outcome.logLoss')
    }
    const whole = shown(ASKED, WIDE, promptMode({ shown: approval({ figures }), whole: true }))
    expect(whole.replace(/\s+/g, ' ')).toContain('outcome.logLoss.candidate 0.6732')
  })

  it('scrolls facts that do not fit, says so, and keeps the place for what is typed', () => {
    const tiny = { columns: 60, rows: 15 }
    const text = shown(ASKED, tiny, promptMode({ scroll: 99 }))
    expect(text).toMatch(/rows \d+ to 16 of 16: PgUp and PgDn show the others/)
    expect(text).toContain('Type ONAY and Enter')
  })

  it('shows the end of a reason that is longer than its line', () => {
    const text = shown(ASKED, SMALL, promptMode({ reason: `${'long '.repeat(60)}END` }))
    expect(text).toMatch(/Reason +….*END_ +Esc leaves it waiting/)
  })

  it('shows who has approved already where two persons are needed, and lists several prompts', () => {
    const second = TWO_PROMPTS.models.approvals[1] ?? START_PROMPT
    const text = shown(TWO_PROMPTS, WIDE, promptMode({ shown: second }))
    expect(text).toContain('1 of 2 given')
    expect(text).toContain('ayse: "quiet weekend"')
    const list = shown(TWO_PROMPTS, SMALL, { kind: 'prompts', chosen: second.id })
    expect(list).toMatch(/ {3}promotion of v1\.8\.1 \(BTCUSDT\) +expires in 14:31/)
    expect(list).toMatch(/▸ start of a canary with v1\.8\.1 \(ETHUSDT\) +expires in 0:42/)
  })
})
