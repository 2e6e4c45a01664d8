/** Every transition between candidate and charge: where it begins, what causes it, and how the directory stands after it. */
import {
  abort,
  goOn,
  no,
  promotion,
  rollback,
  wish,
  yes,
  type Cause,
  type Left,
  type Origin,
} from './canary-directories.ts'
import type { Standing } from './canary-standing.ts'
import type { ChainMark } from './kill-points.ts'

type Shape = Standing['shape']

export interface Transition {
  readonly name: string
  readonly from: Origin
  /** What others begin at: this one, killed after its commit. */
  readonly leaves?: Left
  /** Null where it happens as soon as a room is started. */
  readonly cause: Cause | null
  /** `played`: what the room does a while after it was asked to go on. */
  readonly how: 'asked' | 'played'
  readonly mark: ChainMark
  /** What the same transaction has recorded before the mark: killed there, nothing of it stands either. */
  readonly sooner?: ChainMark
  readonly after: (begun: Shape) => Shape
}

function approval(step: string, action: string): ChainMark {
  return { kind: 'approval', detail: { step, action } }
}

function canary(step: string, detail: ChainMark['detail'] = {}): ChainMark {
  return { kind: 'canary', detail: { step, ...detail } }
}

/** The prompt asked for last, as it was answered. */
function answered({ prompts }: Shape, state: string): readonly string[] {
  return [...prompts.slice(0, -1), `${prompts.at(-1)?.split(' ')[0]} ${state}`]
}

const withdrawn = (state: string) => (begun: Shape) => ({
  ...begun,
  canary: 'idle',
  ended: true,
  prompts: answered(begun, state),
})
const started = (begun: Shape): Shape => ({
  ...begun,
  canary: 'ramping',
  phase: 0,
  prompts: answered(begun, 'approved'),
})
const inPhase = (phase: number) => (begun: Shape) => ({ ...begun, phase, phasesEnded: phase })
const held = (begun: Shape): Shape => ({ ...begun, canary: 'holding' })
const aborted = (begun: Shape): Shape => ({ ...begun, canary: 'aborted', phasesEnded: 1, ended: true })
const rolledBack = (begun: Shape): Shape => {
  const { former = '', candidate } = begun.slots
  return {
    ...begun,
    slots: { baseline: former, ...(candidate === undefined ? {} : { candidate }) },
    changes: [...begun.changes, `rollback ${former}`],
  }
}
const ABORTED = canary('ended', { status: 'ABORTED' })

export const TRANSITIONS: readonly Transition[] = [
  {
    name: 'a canary is asked for',
    from: 'candidate',
    leaves: 'waiting',
    cause: wish,
    how: 'asked',
    mark: approval('asked', 'canary_start'),
    after: (begun) => ({ ...begun, canary: 'awaitingOnay', prompts: ['canary_start waiting'] }),
  },
  {
    name: 'its approval and, of the same transaction, its start',
    from: 'waiting',
    leaves: 'running',
    cause: yes,
    how: 'asked',
    sooner: approval('approved', 'canary_start'),
    mark: canary('phase', { phase: 1 }),
    after: started,
  },
  {
    name: 'its refusal',
    from: 'waiting',
    cause: no,
    how: 'asked',
    mark: approval('refused', 'canary_start'),
    after: withdrawn('refused'),
  },
  {
    name: 'an abort while it waits',
    from: 'waiting',
    cause: abort,
    how: 'asked',
    mark: approval('refused', 'canary_start'),
    after: withdrawn('refused'),
  },
  {
    name: 'an approval of what has changed meanwhile',
    from: 'stale',
    cause: yes,
    how: 'asked',
    mark: approval('stale', 'canary_start'),
    after: withdrawn('stale'),
  },
  {
    name: 'the expiry of its prompt',
    from: 'expired',
    cause: null,
    how: 'played',
    mark: approval('expired', 'canary_start'),
    after: withdrawn('expired'),
  },
  {
    name: 'phase 1 passes',
    from: 'running',
    leaves: 'second',
    cause: goOn,
    how: 'played',
    mark: canary('phase', { phase: 2 }),
    after: inPhase(1),
  },
  {
    name: 'phase 2 passes',
    from: 'second',
    leaves: 'third',
    cause: goOn,
    how: 'played',
    mark: canary('phase', { phase: 3 }),
    after: inPhase(2),
  },
  {
    name: 'a phase is held',
    from: 'between',
    leaves: 'held',
    cause: goOn,
    how: 'played',
    mark: canary('held', { phase: 1 }),
    after: held,
  },
  {
    name: 'a phase that was held ends inconclusive',
    from: 'held',
    cause: goOn,
    how: 'played',
    mark: canary('ended', { status: 'INCONCLUSIVE' }),
    after: (begun) => ({ ...begun, canary: 'inconclusive', phasesEnded: 1, ended: true }),
  },
  {
    name: 'success',
    from: 'third',
    cause: goOn,
    how: 'played',
    mark: canary('ended', { status: 'SUCCESS' }),
    after: (begun) => ({ ...begun, canary: 'succeeded', phase: null, phasesEnded: 3, ended: true }),
  },
  { name: 'an abort by a person', from: 'running', cause: abort, how: 'asked', mark: ABORTED, after: aborted },
  { name: 'an abort by the judge', from: 'failing', cause: goOn, how: 'played', mark: ABORTED, after: aborted },
  {
    name: 'an abort after three failed measurements',
    from: 'impossible',
    cause: goOn,
    how: 'played',
    mark: ABORTED,
    after: aborted,
  },
  {
    name: 'a promotion is asked for',
    from: 'promotable',
    leaves: 'approvable',
    cause: promotion,
    how: 'asked',
    mark: approval('asked', 'promote'),
    after: (begun) => ({ ...begun, prompts: [...begun.prompts, 'promote waiting'] }),
  },
  {
    name: 'the promotion',
    from: 'approvable',
    leaves: 'promoted',
    cause: yes,
    how: 'asked',
    mark: { kind: 'promotion', detail: {} },
    after: (begun) => {
      const { candidate = '', baseline = '' } = begun.slots
      return {
        ...begun,
        prompts: answered(begun, 'approved'),
        slots: { baseline: candidate, former: baseline },
        changes: [...begun.changes, `promotion ${candidate}`],
      }
    },
  },
  {
    name: 'a rollback',
    from: 'promoted',
    cause: rollback,
    how: 'asked',
    mark: { kind: 'rollback', detail: {} },
    after: rolledBack,
  },
  {
    name: 'a rollback that ends a canary',
    from: 'rolling',
    cause: rollback,
    how: 'asked',
    mark: ABORTED,
    after: (begun) => rolledBack(aborted(begun)),
  },
]
