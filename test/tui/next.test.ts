import { describe, expect, it } from 'vitest'
import type { AlertView, RoomView } from '../../src/control/view.ts'
import type { GatesDocument } from '../../src/evidence/documents/documents.ts'
import { composeScreen } from '../../src/tui/frame.ts'
import { firstState } from '../../src/tui/state.ts'
import { nextStep } from '../../src/tui/top/next.ts'
import { model } from '../kit/screen-documents.ts'
import { BLOCKED, HISTORY, NO_MODELS, RETRAINING, SHADOW, TROUBLED, changed, type Changes } from '../kit/views.ts'
import {
  ABORTED,
  ASKED,
  AWAITING,
  BAKING,
  CANARY_VIEWS,
  HOLDING,
  INCONCLUSIVE,
  RAMPING,
  READY,
  SUCCEEDED,
} from './canary-views.ts'

/** Gates of which none fails; those that are named do not pass yet. */
function passing(view: RoomView, waiting: readonly string[] = []): GatesDocument {
  const { gates } = view.models
  if (gates === null) throw new RangeError('no gates')
  const judged = gates.gates.map((gate) => ({
    ...gate,
    verdict: waiting.includes(gate.name) ? ('WAIT' as const) : ('PASS' as const),
    value: gate.name === 'evidence' ? { present: 14, required: 14, missing: [] } : gate.value,
  }))
  return { ...gates, gates: judged }
}

const needs = (make: string): GatesDocument => {
  const gates = passing(SHADOW, ['evidence'])
  const value = { present: 13, required: 14, missing: [{ file: 'a.json', make }] }
  return { ...gates, gates: gates.gates.map((gate) => (gate.name === 'evidence' ? { ...gate, value } : gate)) }
}

const alert = (given: Partial<AlertView>): AlertView => ({
  rule: 'MLDataGap',
  severity: 'warning',
  state: 'firing',
  sinceMs: 0,
  firedMs: 0,
  flapping: false,
  acknowledged: null,
  text: '12 minutes are missing',
  next: '',
  ...given,
})

/** Nothing wrong, nothing waiting: a model in charge alone. */
const CALM = changed(BLOCKED, { models: { gates: passing(BLOCKED) }, watch: { alerts: [] } })
/** A candidate that lacks nothing but time. */
const CANDIDATE = changed(SHADOW, { models: { gates: passing(SHADOW, ['psi']) }, watch: { alerts: [] } })
const calmWith = (changes: Changes): RoomView => changed(CALM, changes)
const candidateWith = (changes: Changes): RoomView => changed(CANDIDATE, changes)

const said = (view: RoomView, lost: string | null = null): string =>
  nextStep(view, lost)
    .words.map(({ text }) => text)
    .join('')

describe('what to do next', () => {
  it.each<[string, RoomView, string]>([
    ['history runs', HISTORY, 'nothing to do: the recorded history runs first'],
    ['a room that closes', calmWith({ room: { phase: 'closing' } }), 'the room is closing'],
    ['trouble', calmWith({ room: { troubles: ['the disk is full'] } }), 'mend this first: the disk is full'],
    ['the kill switch', calmWith({ models: { killSwitch: true } }), 'the kill switch is on'],
    [
      'a model in charge that fails, with nothing to go back to',
      calmWith({ watch: { serving: { ...CALM.watch.serving, modelErrors: 1 } } }),
      'v1.8-b0 failed once in 15 minutes, and the fallback answered instead. r retrains it',
    ],
    [
      'a model in charge that fails after its promotion',
      calmWith({
        models: { former: model('v1.7', 0.61) },
        watch: { serving: { ...CALM.watch.serving, modelErrors: 3 } },
      }),
      'v1.8-b0 failed 3 times in 15 minutes, and the fallback answered instead. b b puts v1.7 back.',
    ],
    ['a canary that holds', HOLDING, 'the canary holds'],
    [
      'a critical alert',
      calmWith({ watch: { alerts: [alert({ severity: 'critical' })] } }),
      'MLDataGap: 12 minutes are missing. 6 says what to do, x acknowledges it.',
    ],
    [
      'an open breaker',
      candidateWith({ watch: { serving: { ...CANDIDATE.watch.serving, breaker: 'open' } } }),
      'v1.8.1 fails in the shadow',
    ],
    ['a prompt', ASKED, 'promotion of v1.8.1 waits for a person, for another 14:31: o opens the prompt.'],
    ['the prompt of a canary', AWAITING, 'start of a canary with v1.8.1 waits for a person'],
    ['a canary', RAMPING, 'phase 2 of 3 of the canary ends in 18:20 (0:18 from now); n goes there, a a stops it.'],
    ['work', calmWith({ room: { work: [RETRAINING] } }), 'retrain v1.8.1 runs, 0:42 to go. c cancels it.'],
    ['no model', NO_MODELS, 'no model yet, the fallback answers'],
    ['drift', BLOCKED, 'v1.8-b0 has drifted, mid most of all. r trains a model on features that drift less.'],
    ['a model that may go', READY, 'v1.8.1: nothing blocks it. p shows what speaks for and against it'],
    ['a canary that was aborted', ABORTED, 'the canary was aborted: '],
    ['a canary without a result', INCONCLUSIVE, 'the canary was inconclusive: still 48 comparisons too few'],
    ['a gate that fails', SUCCEEDED, 'v1.8.1 fails at gate 4 (AUC 0.613 is below 0.62). r trains another model.'],
    [
      'checks',
      candidateWith({ models: { gates: needs('onay validate v1.8.1') } }),
      'v checks v1.8.1 offline: it makes 1 file',
    ],
    ['a dry run', candidateWith({ models: { gates: needs('onay canary start') } }), 'C rehearses the canary of v1.8.1'],
    ['the canary', CANDIDATE, 'C starts the canary of v1.8.1; run live, it asks for ONAY.'],
    [
      'a feed that has stalled before drift',
      changed(BLOCKED, { watch: { alerts: [alert({})] } }),
      'MLDataGap: 12 minutes are missing',
    ],
    ['a warning', calmWith({ watch: { alerts: [alert({})] } }), 'MLDataGap: 12 minutes are missing'],
    ['a pause', calmWith({ room: { clock: { ...CALM.room.clock, paused: true } } }), 'space plays on'],
    ['the end', calmWith({ room: { clock: { ...CALM.room.clock, ended: true } } }), 'the recording has ended'],
    [
      'time',
      changed(SUCCEEDED, { models: { gates: passing(SHADOW, ['psi']) }, watch: { alerts: [] } }),
      'v1.8.1 waits: nothing to do until 05-27 00:00, the next midnight; n goes there.',
    ],
    [
      'a bake',
      changed(BAKING, { models: { gates: passing(BAKING) }, watch: { alerts: [] } }),
      'all well: nothing to do until 05-28 00:41, when the bake ends (b b puts v1.8-b0 back).',
    ],
    ['nothing', CALM, 'all well: nothing to do until 05-27 00:00, the next midnight; n goes there.'],
    [
      'nothing on a live feed',
      calmWith({ room: { clock: { ...CALM.room.clock, kind: 'real', nextMoment: null } } }),
      'all well: nothing to do until 05-26 03:00, psi hourly.',
    ],
  ])('%s', (_, view, words) => expect(said(view)).toContain(words))

  it('is that the room does not answer, whatever it said last', () => {
    expect(said(TROUBLED, 'connection refused')).toContain('the room does not answer')
  })

  it('names what is at risk before what waits, what waits before what runs, what runs before what blocks', () => {
    const everything = changed(ASKED, {
      room: { troubles: ['the disk is full'], work: [RETRAINING] },
      watch: { alerts: [alert({ severity: 'critical' })] },
    })
    const without: readonly [Changes, string][] = [
      [{}, 'mend this first'],
      [{ room: { troubles: [] } }, 'MLDataGap'],
      [{ watch: { alerts: [] } }, 'waits for a person'],
      [{ models: { approvals: [] } }, 'retrain v1.8.1 runs'],
      [{ room: { work: [] } }, 'nothing blocks it'],
    ]
    let view = everything
    for (const [less, words] of without) {
      view = changed(view, less)
      expect(said(view)).toContain(words)
    }
  })

  it('does not ask for what is done: drift is answered once a model is in the shadow, an alert once it is seen', () => {
    const drifting = alert({ rule: 'MLPSICritical', severity: 'critical' })
    expect(said(candidateWith({ watch: { alerts: [drifting] } }))).toContain('C starts')
    const seen = { by: 'mia', reason: 'known' }
    expect(said(calmWith({ watch: { alerts: [alert({ acknowledged: seen })] } }))).toContain('all well')
  })

  it('says of a model that nothing blocks that its outcome is worse', () => {
    const { gates } = READY.models
    if (gates === null) throw new RangeError('no gates')
    const worse = changed(READY, { models: { gates: { ...gates, outcome: { ...gates.outcome, verdict: 'worse' } } } })
    expect(said(worse)).toContain('nothing blocks it, but its outcome is worse')
  })

  it('stands whole on every page of panels, at every size, and with its keys in their tone', () => {
    const views = { ...CANARY_VIEWS, BLOCKED, SHADOW, HISTORY, NO_MODELS, CALM, CANDIDATE }
    for (const [name, view] of Object.entries(views)) {
      for (const size of [
        { columns: 80, rows: 24 },
        { columns: 120, rows: 40 },
        { columns: 200, rows: 60 },
      ]) {
        const { lines } = composeScreen(view, firstState(undefined), size, { colour: false, unicode: true })
        const at = lines.findIndex((line) => line.startsWith(' NEXT  '))
        const shown = lines.slice(at, -1).map((line) => line.slice(7).trim())
        if (!name.includes('HOSTILE')) expect(shown.join(' '), name).toBe(said(view).replace(/\s+/g, ' ').trim())
      }
    }
    expect(nextStep(RAMPING, null).words).toContainEqual({ text: 'a a', tone: 'key' })
  })
})
