import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gateChanges } from '../../../src/db/report-reads.ts'
import { verdictOf } from '../../../src/engine/kernel/verdict.ts'
import { isoTime } from '../../../src/engine/kernel/units.ts'
import { logGates, saveGates } from '../../../src/room/watch/gate-documents.ts'
import type { Judgement } from '../../../src/room/watch/judge-gates.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { judgement } from '../../kit/release-desk.ts'
import { SYMBOL } from '../../kit/room.ts'
import { SaidJudge } from '../../kit/said-judge.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR

/** What the judge says of the model that stands on the desk: a letter a gate. */
function saying({ desk }: DeskKit, letters: string): Judgement {
  const gates = Object.fromEntries(letters.split('').map((letter, i) => [i + 1, { verdict: verdictOf(letter) }]))
  return { ...judgement({ gates }), model: desk.judged }
}

function chainOf({ desks }: DeskKit, ...kinds: readonly string[]) {
  const entries = desks.store.journal.entries().filter(({ kind }) => kinds.includes(kind))
  return entries.map(({ subject, detail }): [string, unknown] => [subject, JSON.parse(detail)])
}

describe('the gates of a moment that somebody keeps', () => {
  let kit: DeskKit
  let judge: SaidJudge
  let sha256 = ''
  beforeAll(() => {
    kit = aDesk(fresh())
    registerModel(kit.desk, 'baseline', 'v1')
    sha256 = registerModel(kit.desk, 'candidate', 'v2')
    kit.desk.tape.finishMoment(NOON)
    judge = new SaidJudge(kit.desks.evidence, saying(kit, 'PPPPPP'))
  })
  afterAll(() => kit.desks.close())

  it('say of each gate what it says and when it will be ready, and of the evidence which files are missing', () => {
    const missing = [{ file: 'smoke.json', make: 'onay validate', why: 'it was never made', made: false }]
    judge.said = {
      ...saying(kit, 'PPPPPP'),
      ...judgement({
        gates: {
          1: { verdict: 'WAIT', value: null, reason: 'no snapshot yet', readyAtMs: NOON + HOUR },
          6: { verdict: 'WAIT', value: null },
        },
      }),
      model: kit.desk.judged,
      evidence: { present: 13, required: 14, missing },
    }
    const document = saveGates(kit.desks, judge, SYMBOL, 'now')
    expect(document).toMatchObject({ model: 'v2', at: isoTime(NOON), verdict: 'BLOCKED', passed: 4, of: 6 })
    expect(document.gates.map(({ name, value, ready_at }) => ({ name, value, ready_at }))).toEqual([
      { name: 'psi', value: null, ready_at: isoTime(NOON + HOUR) },
      ...['p95', 'alert_silence', 'offline', 'delta'].map((name) => ({ name, value: 0, ready_at: null })),
      {
        name: 'evidence',
        value: { present: 13, required: 14, missing: [{ file: 'smoke.json', make: 'onay validate' }] },
        ready_at: null,
      },
    ])
  })

  it.each([
    ['PPPPPP', 'ELIGIBLE', 6],
    ['PPPFPP', 'BLOCKED', 5],
    ['WWWWWW', 'BLOCKED', 0],
  ])('let a candidate through only when all six pass: %s is %s', (letters, verdict, passed) => {
    judge.said = saying(kit, letters)
    expect(saveGates(kit.desks, judge, undefined, 'now')).toMatchObject({ verdict, passed })
  })

  it('stand on the disk as they were answered, and in the chain by the artifact that was judged', () => {
    judge.said = saying(kit, 'PPPPPP')
    const document = saveGates(kit.desks, judge, undefined, 'before-canary')
    const { evidence, store } = kit.desks
    const subject = evidence.subject(SYMBOL, 'gates_before-canary.json')
    expect(JSON.parse(readFileSync(evidence.pathOf(subject), 'utf8'))).toEqual({ ...document })
    expect(JSON.parse(store.journal.entryOf(subject)?.detail ?? '')).toEqual({ model: 'v2', model_sha256: sha256 })
  })

  it('say in figures what the settled minutes say of the candidate', () => {
    judge.said = saying(kit, 'PPPPPP')
    expect(saveGates(kit.desks, judge, undefined, 'now').outcome.text).toBe(
      'log loss 0.6500 against 0.6700, fallback 0.6800, on 2000 settled minutes',
    )
  })

  it.each(['', '.hidden', '../up', 'a/b', 'two words', 'a'.repeat(41)])(
    'are not kept under a label that is no file name: "%s"',
    (label) => {
      const before = kit.desks.store.journal.entries().length
      expect(refusal(() => saveGates(kit.desks, judge, SYMBOL, label)).what).toBe(`"${label}" is not a valid label`)
      expect(kit.desks.store.journal.entries()).toHaveLength(before)
    },
  )

  it.each(['v1.8-rc_2', 'a'.repeat(40)])('are kept under any other: "%s"', (label) => {
    expect(saveGates(kit.desks, judge, SYMBOL, label).label).toBe(label)
  })
})

describe('the gates of a room without a candidate', () => {
  it('are kept with no artifact and no word on an outcome while there is no model, and log nothing', () => {
    const kit = aDesk(fresh())
    const { desk, desks, judging } = kit
    expect(saveGates(desks, judging.judge, SYMBOL, 'now')).toMatchObject({
      model: null,
      verdict: 'BLOCKED',
      outcome: { text: 'no candidate in the shadow' },
    })
    expect(chainOf(kit, 'file')).toEqual([[desks.evidence.subject(SYMBOL, 'gates_now.json'), {}]])
    const logged = desk.transaction(() => logGates(desk, desks.evidence, judging.judge, NOON, 0))
    expect(logged).toEqual({ ok: true, result: 'no model yet' })
    expect(desks.store.watch.newestGates(SYMBOL)).toBeNull()
    desks.close()
  })
})

describe('the log of the gates', () => {
  /** Logs one verdict after the other, a minute apart. @returns what each came to */
  function logged(kit: DeskKit, ...verdicts: readonly string[]): string[] {
    const { desk, desks } = kit
    return verdicts.map((letters, i) => {
      const judge = new SaidJudge(desks.evidence, saying(kit, letters))
      const atMs = NOON + i * MINUTE
      desk.tape.enterMoment(atMs)
      const { ok, result } = desk.transaction(() => logGates(desk, desks.evidence, judge, atMs, 0))
      return `${ok} ${result}`
    })
  }
  function withCandidate(): DeskKit {
    const kit = aDesk(fresh())
    registerModel(kit.desk, 'candidate', 'v2')
    return kit
  }
  const events = ({ desks }: DeskKit): [string, string][] =>
    desks.store.journal
      .events(SYMBOL, 50)
      .map(({ severity, text }): [string, string] => [severity, text])
      .toReversed()

  it('begins with every gate in the chain, and one event: nothing has changed', () => {
    const kit = withCandidate()
    expect(logged(kit, 'PWFEPP')).toEqual(['true blocked 3/6'])
    const seen = [
      ['psi', 'PASS'],
      ['p95', 'WAIT'],
      ['alert_silence', 'FAIL'],
      ['offline', 'ERROR'],
      ['delta', 'PASS'],
      ['evidence', 'PASS'],
    ]
    expect(chainOf(kit, 'gate')).toEqual(
      seen.map(([name, to]) => [`${SYMBOL}/${name}`, { model: 'v2', from: null, to, reason: 'within' }]),
    )
    expect(events(kit)).toEqual([['info', 'the gates judge v2 from now on: blocked 3/6']])
    kit.desks.close()
  })

  it('begins anew with another model, which is told as that and not as changes of the gates', () => {
    const kit = withCandidate()
    logged(kit, 'PWFPPP')
    registerModel(kit.desk, 'candidate', 'v3')
    expect(logged(kit, 'WPFPPP', 'PPFPPP')).toEqual(['true blocked 4/6', 'true blocked 5/6'])
    expect(events(kit).slice(1)).toEqual([
      ['info', 'the gates judge v3 from now on (before: v2): blocked 4/6'],
      ['info', 'gate 1 psi of v3: WAIT to PASS, within'],
    ])
    const facts = chainOf(kit, 'gate').map(([, detail]) => detail)
    expect(facts.slice(6, 12)).toMatchObject(Array(6).fill({ model: 'v3', from: null }))
    expect(gateChanges(kit.desks.store.db, SYMBOL, 0, NOON + DAY)).toMatchObject([
      { gate: 'psi', model: 'v3', from: 'WAIT', to: 'PASS' },
    ])
    kit.desks.close()
  })

  it('warns of a gate that fails or cannot be measured any more', () => {
    const kit = withCandidate()
    logged(kit, 'PPPPPP', 'FPPEPP')
    expect(events(kit).slice(1)).toEqual([
      ['warning', 'gate 1 psi of v2: PASS to FAIL, within'],
      ['warning', 'gate 4 offline of v2: PASS to ERROR, within'],
    ])
    kit.desks.close()
  })

  it('goes on with the gates that change, and says from what', () => {
    const kit = withCandidate()
    expect(logged(kit, 'PPPPPW', 'PPPPPP', 'FPPPPP')).toEqual(['true blocked 5/6', 'true eligible', 'true blocked 5/6'])
    expect(chainOf(kit, 'gate').slice(6)).toEqual([
      [`${SYMBOL}/evidence`, { model: 'v2', from: 'WAIT', to: 'PASS', reason: 'within' }],
      [`${SYMBOL}/psi`, { model: 'v2', from: 'PASS', to: 'FAIL', reason: 'within' }],
    ])
    expect(events(kit).slice(1)).toEqual([
      ['info', 'gate 6 evidence of v2: WAIT to PASS, within'],
      ['warning', 'gate 1 psi of v2: PASS to FAIL, within'],
    ])
    kit.desks.close()
  })

  it('has a row a minute with the figures, the reasons only where a verdict has changed', () => {
    const kit = withCandidate()
    logged(kit, 'PPPPPW', 'PPPPPW', 'PPPPPP')
    const rows = kit.desks.store.watch.evaluationsOf(SYMBOL, 'v2', NOON, NOON + 3 * MINUTE)
    expect(rows.map((row) => [row.verdicts, row.detail?.map(({ reason }) => reason) ?? null])).toEqual([
      ['PPPPPW', Array(6).fill('within')],
      ['PPPPPW', null],
      ['PPPPPP', Array(6).fill('within')],
    ])
    expect(rows[1]).toMatchObject({ figures: Array(6).fill(0), outcome: 'better', round: 0 })
    expect(chainOf(kit, 'gate')).toHaveLength(7)
    kit.desks.close()
  })
})
