import { ACTIVE_ARM, setName, setRow } from '../../kit/stored-sets.ts'
import { describe, expect, it } from 'vitest'
import type { DecisionRows } from '../../../src/db/decisions.ts'
import { Findings } from '../../../src/evidence/audit.ts'
import { canonicalJson, sha256Hex } from '../../../src/evidence/canonical.ts'
import { type ChainEntry, linkEntry } from '../../../src/evidence/chain.ts'
import { Coverage } from '../../../src/evidence/coverage.ts'
import { DecisionAudit } from '../../../src/room/record/decision-audit.ts'
import { endMark, runMarks } from '../../../src/room/record/marks.ts'
import { shownMark } from '../../../src/room/record/marks.ts'

const SYMBOL = 'BTCUSDT'
const SHA = sha256Hex('weights')
const FIGURES = { match: 0.99 }
const GIVEN = [{ by: 'ada', reason: 'looked at the delta' }]
const AGAINST = ['the fallback ranks better']

const JUDGED = { profile: 'equivalent', offline_sha256: sha256Hex('{}') }
const SENTENCE = 'ONAY: Promote v2 to production'
const SHOWN = { whatHappens: 'v2 answers', speaksFor: ['six gates pass'], stopsIt: 'errors' }
const ASKED = { needs: 1, openedBy: 'ada', verdictsKey: 'v1/closed' }

const run: DecisionRows['runs'][number] = {
  symbol: SYMBOL,
  runId: 'r1',
  state: JSON.stringify({ kind: 'succeeded', atMs: 7 }),
  plan: '{}',
  mode: 'observe',
  profile: 'equivalent',
  candidate: 'v2',
  sha256: SHA,
  baseline: 'v1',
  salt: 's',
  approvalId: 'c1',
  phases: '[]',
  lastLook: null,
  probesSent: 0,
  tsMs: 7,
  endedMs: 7,
  wallMs: 8,
}

type Fact = readonly [kind: string, subject: string, detail: object]

const FACTS: readonly Fact[] = [
  ['registration', `${SYMBOL}/v1`, { model: 'v1', model_sha256: SHA, slot: 'baseline', ...JUDGED }],
  ['registration', `${SYMBOL}/v2`, { model: 'v2', model_sha256: SHA, slot: 'candidate', ...JUDGED }],
  [
    'approval',
    `${SYMBOL}/p1`,
    {
      step: 'asked',
      action: 'promote',
      subject: 'v2',
      sha256: SHA,
      figures_sha256: sha256Hex(canonicalJson(FIGURES)),
      against: AGAINST,
      sentence: SENTENCE,
      shown_sha256: shownMark(ASKED, SHOWN, {}),
    },
  ],
  [
    'approval',
    `${SYMBOL}/p1`,
    { step: 'approved', action: 'promote', subject: 'v2', sha256: SHA, given: GIVEN, sentence: SENTENCE, why: null },
  ],
  ['canary', `${SYMBOL}/r1`, { step: 'phase', phase: 1, model_sha256: SHA, ...runMarks(run) }],
  [
    'canary',
    `${SYMBOL}/r1`,
    { step: 'ended', status: 'SUCCESS', model_sha256: SHA, ...runMarks(run), ...endMark(run) },
  ],
  ['promotion', `${SYMBOL}/v2`, { model: 'v2', model_sha256: SHA, former: 'v1', approval: 'p1' }],
]

function chain(facts: readonly Fact[]): ChainEntry[] {
  const entries: ChainEntry[] = []
  for (const [kind, subject, detail] of facts) {
    const text = canonicalJson(detail)
    const draft = { kind, subject, sha256: sha256Hex(text), detail: text, tsMs: 7, wallMs: 8 }
    entries.push(linkEntry(entries.at(-1) ?? null, draft))
  }
  return entries
}

const model = (version: string): DecisionRows['models'][number] => ({
  symbol: SYMBOL,
  version,
  kind: 'logistic',
  featureSet: 'v1.8.1',
  sha256: SHA,
  windowFromMs: 0,
  windowUntilMs: 1,
  weights: 'weights',
  reference: '{}',
  scaler: '{}',
  manifest: '{}',
  offline: '{}',
  seconds: 1,
  tsMs: 7,
  wallMs: 8,
})

const shown = {
  ...ASKED,
  subject: 'v2',
  sha256: SHA,
  given: GIVEN,
  figures: FIGURES,
  against: AGAINST,
  sentence: SENTENCE,
}
const approval: DecisionRows['approvals'][number] = {
  symbol: SYMBOL,
  id: 'p1',
  state: 'approved',
  action: 'promote',
  document: JSON.stringify({ approval: shown, shown: SHOWN, why: null }),
  request: '{}',
  tsMs: 7,
  wallMs: 8,
}
const promotion: DecisionRows['promotions'][number] = {
  symbol: SYMBOL,
  tsMs: 7,
  kind: 'promotion',
  version: 'v2',
  former: 'v1',
  profile: 'equivalent',
  approvalId: 'p1',
  reason: 'looked at the delta',
  wallMs: 8,
}
const slot = (
  version: string,
  where: DecisionRows['slots'][number]['slot'] = 'baseline',
): DecisionRows['slots'][number] => ({
  symbol: SYMBOL,
  slot: where,
  version,
  profile: 'equivalent',
  sinceMs: 7,
  wallMs: 8,
})

const ROWS: DecisionRows = {
  kills: [],
  approvals: [approval],
  promotions: [promotion],
  runs: [run],
  models: [model('v1'), model('v2')],
  slots: [slot('v2'), slot('v1', 'former')],
  reports: [],
  tokens: [],
  modelSets: [],
  setNames: [],
  activeArms: [],
  challengers: [],
}

function found(rows: Partial<DecisionRows>, facts: readonly Fact[] = FACTS, coverage = new Coverage()): string[] {
  const findings = new Findings()
  const audit = new DecisionAudit(findings, coverage)
  for (const entry of chain(facts)) audit.take(entry)
  audit.end({ ...ROWS, ...rows }, (symbol, version, name) => `ml-artifacts/${symbol}/${version}/${name}`)
  return findings.kept.map(({ what, where, why }) => `${what} [${where}] ${why}`)
}

const answered = (change: object): DecisionRows['approvals'] => [
  { ...approval, document: JSON.stringify({ approval: { ...shown, ...change }, shown: SHOWN, why: null }) },
]
const without = (kind: string): readonly Fact[] => FACTS.filter(([of]) => of !== kind)

describe('what the tables say was decided, against the chain', () => {
  it('agrees where nothing was touched', () => {
    expect(found({})).toEqual([])
  })

  it('takes a canary that runs, and a prompt that waits, for what they are', () => {
    const facts = FACTS.filter(([, , detail]) => !('status' in detail) && !('given' in detail))
    const running = { ...run, state: JSON.stringify({ kind: 'ramping' }) }
    const waiting: typeof approval = {
      ...approval,
      state: 'waiting',
      document: JSON.stringify({ approval: { ...shown, given: [] }, shown: SHOWN, why: 'that is not ONAY' }),
    }
    expect(found({ runs: [running], approvals: [waiting] }, facts)).toEqual([])
  })

  const cases: readonly (readonly [string, Partial<DecisionRows>, RegExp])[] = [
    [
      'an approval of another state',
      { approvals: [{ ...approval, state: 'refused' }] },
      /^approval BTCUSDT\/p1 .*it is refused, there approved/,
    ],
    [
      'an approval of another action',
      { approvals: [{ ...approval, action: 'kill_off' }] },
      /^approval BTCUSDT\/p1 .*kill_off v2, there promote/,
    ],
    [
      'another name under an approval',
      { approvals: answered({ given: [{ by: 'bob', reason: 'x' }] }) },
      /given by bob: "x", there ada/,
    ],
    ['an approval for another artifact', { approvals: answered({ sha256: 'other' }) }, /it is about promote v2/],
    [
      'other figures than were shown',
      { approvals: answered({ figures: { match: 1 } }) },
      /figures are not those that were shown/,
    ],
    [
      'something that spoke against it, taken out',
      { approvals: answered({ against: [] }) },
      /spoke against it is not what was shown/,
    ],
    ['an approval that is no document', { approvals: [{ ...approval, document: '{' }] }, /its document is not one/],
    [
      'an approval that was removed',
      { approvals: [] },
      /^entry 4 \(approval BTCUSDT\/p1\) \[table approvals\] .*no row/,
    ],
    [
      'a canary that ended otherwise',
      { runs: [{ ...run, state: JSON.stringify({ kind: 'aborted' }) }] },
      /ended ABORTED, there SUCCESS/,
    ],
    [
      'a canary that has not ended',
      { runs: [{ ...run, state: JSON.stringify({ kind: 'ramping' }) }] },
      /has not ended, there SUCCESS/,
    ],
    ['a canary of another artifact', { runs: [{ ...run, sha256: 'other' }] }, /another artifact/],
    ['a canary that was removed', { runs: [] }, /^entry 6 \(canary BTCUSDT\/r1\)/],
    ['a promotion at another time', { promotions: [{ ...promotion, tsMs: 9 }] }, /^promotion BTCUSDT\/v2 .*no entry/],
    [
      'a promotion under another approval',
      { promotions: [{ ...promotion, approvalId: 'p9' }] },
      /its approval is p9, there p1/,
    ],
    [
      'a promotion over another model',
      { promotions: [{ ...promotion, former: 'v0' }] },
      /took the place of v0, there v1/,
    ],
    ['a promotion that was removed', { promotions: [] }, /^entry 7 \(promotion BTCUSDT\/v2\)/],
    ['a model of another hash', { models: [model('v1'), { ...model('v2'), sha256: 'other' }] }, /its SHA-256 is other/],
    [
      'a model whose weights are others',
      { models: [model('v1'), { ...model('v2'), weights: 'w' }] },
      /weights do not give/,
    ],
    [
      'another model in charge',
      { slots: [slot('v1'), slot('v1', 'former')] },
      /v1 is in charge there, the chain put v2 in charge/,
    ],
    [
      'a slot that was emptied',
      { slots: [slot('v2')] },
      /^slot former of BTCUSDT \[table slots\] it is empty, the chain has v1/,
    ],
    [
      'a slot that was filled',
      { slots: [slot('v2'), slot('v1', 'former'), slot('v1', 'candidate')] },
      /^slot candidate of BTCUSDT .*v1 is there, the chain has nobody/,
    ],
    [
      'another profile of the model in charge',
      { slots: [{ ...slot('v2'), profile: 'improve' }, slot('v1', 'former')] },
      /judged under improve there, under equivalent in the chain/,
    ],
    [
      'another time since when a model is in charge',
      { slots: [{ ...slot('v2'), sinceMs: 60_000 }, slot('v1', 'former')] },
      /since 1970-01-01T00:01:00\.000Z, in the chain since 1970-01-01T00:00:00\.007Z/,
    ],
    [
      'better offline figures',
      { models: [model('v1'), { ...model('v2'), offline: '{"auc":0.91}' }] },
      /^model BTCUSDT\/v2 .*its offline figures do not give/,
    ],
    ['an earlier registration', { models: [model('v1'), { ...model('v2'), tsMs: 1 }] }, /registered at another time/],
    [
      'another reason of a promotion',
      { promotions: [{ ...promotion, reason: 'the committee agreed' }] },
      /its reason is "the committee agreed", there "looked at the delta"/,
    ],
    [
      'another sentence of an approval',
      { approvals: answered({ sentence: 'ONAY: Promote v3 to production' }) },
      /its sentence is "ONAY: Promote v3 to production", there "ONAY: Promote v2/,
    ],
    [
      'another thing that speaks for it',
      {
        approvals: [
          {
            ...approval,
            document: JSON.stringify({ approval: shown, shown: { ...SHOWN, speaksFor: ['all is well'] }, why: null }),
          },
        ],
      },
      /what spoke for it, what it does or what stops it is not what was shown/,
    ],
    [
      'a prompt that more people had to answer',
      { approvals: answered({ needs: 2 }) },
      /what spoke for it, what it does or what stops it/,
    ],
    [
      'better phases of a canary',
      { runs: [{ ...run, phases: '[{"phase":0}]' }] },
      /what its phases came to is not what was recorded/,
    ],
    [
      'a canary under another plan',
      { runs: [{ ...run, plan: '{"name":"mini"}' }] },
      /what it was asked for with is not what was recorded/,
    ],
    [
      'another word of the judge at the end',
      { runs: [{ ...run, lastLook: '{"decision":"advance"}' }] },
      /how it ended, or what the judge said last/,
    ],
  ]
  it.each(cases)('names %s', (_, rows, said) => {
    expect(found(rows)[0]).toMatch(said)
  })

  it('says what entries of an earlier version do not tell', () => {
    const later = /^(profile|offline_sha256|sentence|shown_sha256|(terms|phases|end)_sha256)$/
    const earlier = FACTS.map(([kind, subject, detail]): Fact => {
      const told = Object.entries(detail).filter(([name]) => !later.test(name))
      return [kind, subject, Object.fromEntries(told)]
    })
    const coverage = new Coverage()
    expect(found({}, earlier, coverage)).toEqual([])
    expect(coverage.gaps.slice(0, 3)).toEqual([
      'what spoke for an approval that an earlier version asked for',
      'phases of a canary that an earlier version ran',
      'offline figures of a model that an earlier version registered (2)',
    ])
  })

  it('follows a candidate out of the shadow, and names a slot that was emptied or filled without an entry', () => {
    const came: Fact = [
      'registration',
      `${SYMBOL}/v3`,
      { model: 'v3', model_sha256: SHA, slot: 'candidate', ...JUDGED },
    ]
    const left: Fact = ['retirement', `${SYMBOL}/v3`, { model: 'v3', model_sha256: SHA, by: 'ada', reason: 'x' }]
    const slots = (facts: readonly Fact[], rows: DecisionRows['slots']): string[] =>
      found({ models: [model('v1'), model('v2'), model('v3')], slots: rows }, [...FACTS, ...facts]).filter((line) =>
        line.startsWith('slot'),
      )
    const before = ROWS.slots
    const candidate = { ...slot('v3', 'candidate'), sinceMs: 9 }
    expect(slots([came, left], before)).toEqual([])
    expect(slots([came], before)).toEqual([expect.stringContaining('it is empty, the chain has v3 there')])
    expect(slots([came, left], [...before, candidate])).toEqual([expect.stringContaining('the chain has nobody')])
  })

  it.each([
    ['approval', /^approval BTCUSDT\/p1 \[table approvals\] no entry/],
    ['canary', /^canary run BTCUSDT\/r1 \[table canary_runs\] no entry/],
    ['promotion', /^promotion BTCUSDT\/v2 \[table promotions\] no entry/],
    ['registration', /^model BTCUSDT\/v1 \[table models\] no entry/],
  ])('names a row whose entry of kind %s is gone', (kind, said) => {
    expect(found({}, without(kind))[0]).toMatch(said)
  })

  it('names an artifact in the registry that is not the file of the chain', () => {
    const file = `ml-artifacts/${SYMBOL}/v2/reference_distributions_v2.json`
    const entries = chain([...FACTS, ['file', file, {}]])
    const findings = new Findings()
    const audit = new DecisionAudit(findings, new Coverage())
    for (const entry of entries)
      audit.take({ ...entry, sha256: entry.kind === 'file' ? sha256Hex('[]') : entry.sha256 })
    audit.end(ROWS, (symbol, version, name) => `ml-artifacts/${symbol}/${version}/${name}`)
    expect(findings.kept.map(({ why }) => why)).toEqual([`its reference is not what the chain has as ${file}`])
  })
})

describe('sets, arms and challengers', () => {
  const set = (version: string): DecisionRows['modelSets'][number] => setRow(SYMBOL, version)
  const registered = (version: string, name: string, before: string | null): Fact => [
    'set',
    `${SYMBOL}/${version}`,
    { set: version, set_sha256: set(version).sha256, name, before },
  ]
  const facts: readonly Fact[] = [
    ...FACTS,
    registered('set-1', 'v1_backtest', null),
    registered('set-2', 'v2_paper', null),
    registered('set-3', 'v2_paper', 'set-2'),
    ['swap', `${SYMBOL}/v2_paper`, { from: 'v1_backtest', to: 'v2_paper', run: 7 }],
    ['challenger', `${SYMBOL}/c1`, { step: 'begins', model: 'c1' }],
    ['challenger', `${SYMBOL}/c2`, { step: 'begins', model: 'c2' }],
    ['challenger', `${SYMBOL}/c1`, { step: 'ends', model: 'c1' }],
  ]
  const rows = {
    modelSets: [set('set-1'), set('set-2'), set('set-3')],
    setNames: [
      setName(SYMBOL, 'v1_backtest', 'set-1'),
      setName(SYMBOL, 'v2_paper', 'set-3'),
      setName(SYMBOL, 'v2_paper_prev', 'set-2'),
    ],
    activeArms: [{ ...ACTIVE_ARM, symbol: SYMBOL }],
    challengers: [{ symbol: SYMBOL, version: 'c2', sinceMs: 7, wallMs: 8 }],
  }

  it('agree where nothing was touched', () => {
    expect(found(rows, facts)).toEqual([])
  })

  it.each<[string, Partial<typeof rows>, RegExp]>([
    [
      'models that are others',
      { modelSets: [{ ...set('set-1'), models: '{}' }, set('set-2'), set('set-3')] },
      /^set .*set-1 \[table model_sets\] .*do not give the SHA-256/,
    ],
    [
      'a set that is another',
      { modelSets: [{ ...set('set-1'), sha256: 'x' }, set('set-2'), set('set-3')] },
      /its SHA-256 is x/,
    ],
    [
      'a set that nobody registered',
      { modelSets: [...rows.modelSets, set('set-4')] },
      /set-4 \[table model_sets\] no entry/,
    ],
    ['a set that is gone', { modelSets: rows.modelSets.slice(1) }, /the table has no row of it/],
    [
      'a name that points elsewhere',
      { setNames: [...rows.setNames.slice(0, 2), setName(SYMBOL, 'v2_paper_prev', 'set-1')] },
      /v2_paper_prev \[table set_names\] it is set-1, the chain has set-2/,
    ],
    ['a name that is gone', { setNames: rows.setNames.slice(1) }, /v1_backtest \[table set_names\] it is gone/],
    [
      'another active arm',
      { activeArms: [{ ...ACTIVE_ARM, symbol: SYMBOL, activeArm: 'v1_backtest' }] },
      /\[table ab_active_model\] it is v1_backtest, the chain has v2_paper/,
    ],
    [
      'an arm that became active without anybody',
      { activeArms: [...rows.activeArms, { ...ACTIVE_ARM, symbol: 'OTHER' }] },
      /^OTHER \[table ab_active_model\] no entry/,
    ],
    [
      'a challenger without an entry',
      { challengers: [...rows.challengers, { symbol: SYMBOL, version: 'c3', sinceMs: 7, wallMs: 8 }] },
      /c3 \[table challengers\] no entry/,
    ],
    ['a challenger that is gone', { challengers: [] }, /c2 \[table challengers\] it is gone/],
  ])('are named when they were changed: %s', (_, change, names) => {
    const [first, ...further] = found({ ...rows, ...change }, facts)
    expect(first).toMatch(names)
    expect(further).toEqual([])
  })
})
