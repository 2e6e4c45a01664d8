import { describe, expect, it } from 'vitest'
import { GATE_NAMES } from '../../src/engine/gates/catalogue.ts'
import { ChainStory } from '../../src/evidence/bundle/chain-story.ts'
import { releaseFiles, releasesOf } from '../../src/evidence/bundle/release-files.ts'
import { releaseRecord } from '../../src/evidence/bundle/release-record.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'
import { recordPage } from '../../src/evidence/pages/record-page.ts'
import { refusal } from '../kit/directories.ts'
import { DAY, START } from '../kit/moments.ts'
import { offlineReport } from '../kit/stored.ts'

const OFFLINE = { ...offlineReport({ version: 'v2' }), timestamp: '2025-05-05T00:00:00.000Z' }
const HEADER = { schema: 'offline_report/1', generated_at: OFFLINE.timestamp, clock: 'replay', onay_version: '1.0.0' }
const WEIGHTS = canonicalJson({ kind: 'logistic', features: ['mid', 'rsi_14'] })
const SHA = sha256Hex(WEIGHTS)
const WINDOW = { from: '2025-04-20T00:00:00.000Z', until: '2025-05-04T00:00:00.000Z' }
const GATES = GATE_NAMES.map((name, i) => ({
  gate: i + 1,
  name,
  verdict: 'PASS',
  value: 0.1,
  threshold: 0.3,
  reason: 'within',
}))
const FIGURES = {
  gates: GATES,
  outcome: { verdict: 'worse', n: 2_000, logLoss: { candidate: 0.68, baseline: 0.67, fallback: 0.66 } },
}

type Fact = readonly [kind: string, subject: string, detail: object]

const about = { model: 'v2', model_sha256: SHA }
const REGISTERED: readonly Fact[] = [
  ['registration', 'AAAUSDT/v1', { model: 'v1', model_sha256: 'x', slot: 'baseline', profile: 'equivalent' }],
  [
    'registration',
    'AAAUSDT/v2',
    { ...about, slot: 'candidate', profile: 'improve', offline_sha256: sha256Hex(canonicalJson(OFFLINE)) },
  ],
  ...['ml-artifacts/v2/model_weights_v2.json', 'ml-artifacts/v2/training_manifest_v2.json'].map(
    (subject): Fact => ['file', subject, about],
  ),
  ['file', 'ml/offline_report_v2.json', about],
  ...GATE_NAMES.map((name): Fact => ['gate', `AAAUSDT/${name}`, { model: 'v2', to: 'PASS', reason: 'it is fine' }]),
]
const PROMOTED: readonly Fact[] = [
  [
    'approval',
    'AAAUSDT/promote-1',
    {
      step: 'asked',
      action: 'promote',
      subject: 'v2',
      sentence: 'ONAY: Promote v2 to production',
      by: 'bob',
      needs: 1,
      figures: FIGURES,
      against: ['the fallback ranks better'],
    },
  ],
  // The minute's log went on while the prompt waited.
  ['gate', 'AAAUSDT/p95', { model: 'v2', to: 'WAIT', reason: 'too few requests' }],
  [
    'approval',
    'AAAUSDT/promote-1',
    {
      step: 'approved',
      action: 'promote',
      subject: 'v2',
      given: [{ by: 'ada', reason: 'the <outcome> is understood', at: '2026-01-02T03:04:05.000Z' }],
    },
  ],
  ['promotion', 'AAAUSDT/v2', { ...about, former: 'v1', approval: 'promote-1', reason: 'the <outcome> is understood' }],
]

function storyOf(facts: readonly Fact[]): ChainStory {
  const story = new ChainStory()
  facts.forEach(([kind, subject, detail], i) => {
    const text = canonicalJson(detail)
    const place = { seq: i + 1, prev: '', hash: '', tsMs: START + DAY, wallMs: 0 }
    story.take({ ...place, kind, subject, sha256: sha256Hex(text), detail: text })
  })
  return story
}

function pageFor(facts: readonly Fact[], offline: object = OFFLINE): string {
  const story = storyOf(facts)
  const [release] = releasesOf(story, 'v2')
  if (release === undefined) throw new Error('there is no registration')
  const { gone } = releaseFiles(story, release)
  const files = new Map(
    Object.entries({
      'ml-artifacts/v2/model_weights_v2.json': WEIGHTS,
      'ml-artifacts/v2/training_manifest_v2.json': canonicalJson({ data: WINDOW }),
      'ml/offline_report_v2.json': canonicalJson({ ...HEADER, ...offline, config: {} }),
    }).map(([name, text]) => [name, Buffer.from(text)] as const),
  )
  const head = { seq: facts.length, hash: 'ab' }
  return recordPage(releaseRecord({ story, release, files, gone, head, madeBy: '1.0.0' }))
}

describe('the page of a release', () => {
  it('says on top who promoted it, when and why, how it did, and what spoke against it', () => {
    const lines = pageFor([...REGISTERED, ...PROMOTED]).split('\n')
    expect(lines.slice(0, 5)).toEqual([
      '# v2 of AAAUSDT',
      '',
      '- **Promoted:** 2025-05-06 00:00 UTC by ada: "the \\<outcome\\> is understood"',
      '- **Outcome:** worse on 2000 settled minutes; log loss 0.6800, that of the model in charge 0.6700, of the fallback 0.6600',
      '- **Against it:** the fallback ranks better',
    ])
  })

  it('tells the gates that the approval rested on, whatever the minute said while the prompt waited', () => {
    const page = pageFor([...REGISTERED, ...PROMOTED])
    expect(page).toContain('## The six gates at its promotion, as `promote-1` showed them')
    expect(page).toContain('6 of 6 pass')
    expect(page).toContain('| 2 p95 | PASS | 0.1000 | 0.3000 | within |')
  })

  it('tells the newest verdict of each gate where nobody was asked', () => {
    const page = pageFor([...REGISTERED, ['gate', 'AAAUSDT/p95', { model: 'v2', to: 'FAIL', reason: 'too slow' }]])
    expect(page).toContain('- **Promoted:** never\n- **Outcome:** none was shown to anybody\n')
    expect(page).toContain('5 of 6 pass')
    expect(page).toContain('| 2 p95 | FAIL | - | - | too slow |')
    expect(page).toContain('it is in the shadow')
    expect(page).toContain('profile improve')
  })

  it('tells what became of it: promoted, put back, retired', () => {
    const facts: readonly Fact[] = [
      ...REGISTERED,
      ...PROMOTED,
      ['rollback', 'AAAUSDT/v1', { model: 'v1', model_sha256: 'x', retired: 'v2', by: 'ada', reason: 'it loses' }],
    ]
    const page = pageFor(facts)
    expect(page).toContain('promoted in place of v1: the \\<outcome\\> is understood')
    expect(page).toContain('rolled back to v1: it loses')
    expect(page).toContain('in no slot: retired')
  })

  it('cannot be made of offline figures that are not those that were registered', () => {
    expect(refusal(() => pageFor(REGISTERED, { ...OFFLINE, auc: 0.91 }))).toMatchObject({
      code: 'no_record',
      why: 'offline_report_v2.json does not have the figures that were registered',
    })
  })
})

describe('the files of a release', () => {
  it('are the first symbol’s in the folders themselves, and each further one’s in a folder of its own', () => {
    const story = storyOf([
      ...REGISTERED,
      ['registration', 'BBBUSDT/v2', { model: 'v2', model_sha256: 'other', slot: 'baseline' }],
      ['file', 'ml-artifacts/BBBUSDT/v2/model_weights_v2.json', { model: 'v2', model_sha256: 'other' }],
    ])
    expect(releasesOf(story, 'v2').map(({ symbol, folder, artifacts }) => [symbol, folder, artifacts])).toEqual([
      ['AAAUSDT', 'ml/', 'ml-artifacts/v2/'],
      ['BBBUSDT', 'ml/BBBUSDT/', 'ml-artifacts/BBBUSDT/v2/'],
    ])
  })

  it.each([
    [
      'its own where it has one, not the copy',
      [['file', 'ml/canary_preflight_v2.json', about]],
      'canary_preflight_v2.json',
    ],
    ['the only one that rooms of earlier versions wrote', [], 'canary_preflight.json'],
  ] as const)('have of its preflight %s', (_, own: readonly Fact[], name) => {
    const other = { model: 'v3', model_sha256: 'other' }
    const files = (later: readonly Fact[]) => {
      const story = storyOf([...REGISTERED, ...own, ['file', 'ml/canary_preflight.json', about], ...later])
      const [release] = releasesOf(story, 'v2')
      if (release === undefined) throw new Error('there is no registration')
      const { words, gone } = releaseFiles(story, release)
      return [words.map(({ entry }) => entry.subject).filter((subject) => subject.includes('preflight')), gone]
    }
    expect(files([])).toEqual([[`ml/${name}`], []])
    const later = files([['file', 'ml/canary_preflight.json', other]])
    if (own.length > 0) expect(later).toEqual([[`ml/${name}`], []])
    else expect(later).toEqual([[], [`ml/${name}: written again since, for another model`]])
  })

  it('are not those that were written again for another model, or that retention removed: those are named', () => {
    const story = storyOf([
      ...REGISTERED,
      ['file', 'ml/smoke_1k.json', about],
      ['file', 'ml/smoke_1k.json', { model: 'v3', model_sha256: 'other' }],
      ['file', 'ml/eval_result_v2.txt', about],
      ['pruned', 'ml/eval_result_v2.txt', { entry: 1, sha256: 'x', why: 'retention' }],
    ])
    const [release] = releasesOf(story, 'v2')
    if (release === undefined) throw new Error('there is no registration')
    const { words, gone } = releaseFiles(story, release)
    expect(words.map(({ entry }) => entry.subject)).not.toContain('ml/smoke_1k.json')
    expect(gone).toEqual([
      'ml/eval_result_v2.txt: removed by retention',
      'ml/smoke_1k.json: written again since, for another model',
    ])
  })
})
