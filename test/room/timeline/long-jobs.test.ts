import { afterEach, describe, expect, it } from 'vitest'
import { conflict, OperatorError } from '../../../src/engine/kernel/errors.ts'
import type { JobName } from '../../../src/jobs/schedule.ts'
import { type Config, defaultConfig } from '../../../src/room/config/config.ts'
import { Release } from '../../../src/room/release/release.ts'
import { Background } from '../../../src/room/timeline/background.ts'
import { nextWait, runLongJobs } from '../../../src/room/timeline/long-jobs.ts'
import type { MomentKind } from '../../../src/room/timeline/moment.ts'
import { NO_SCORING } from '../../../src/room/timeline/scoring.ts'
import { Bootstrap } from '../../../src/room/training/bootstrap.ts'
import { SetTraining } from '../../../src/room/training/set-training.ts'
import { ArmComparison } from '../../../src/room/trading/compare-arms.ts'
import { RuleInputs } from '../../../src/room/watch/rule-inputs.ts'
import { Turns } from '../../../src/work/turns.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { COMMAND_ANSWERS } from '../../kit/answers.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { standSets } from '../../kit/stored-sets.ts'

const fresh = freshDirectories()
const TICKS_AT = START + DAY + 20 * MINUTE
const COMPARES_AT = START + DAY + HOUR
const TRAINS_AT = START + DAY + 13 * HOUR

let kit: DeskKit
afterEach(() => kit.desks.close())

interface Said {
  readonly config?: Config
  readonly kind?: MomentKind
  readonly turns?: Turns
  /** How the training of a set ends. */
  readonly trained?: () => ReturnType<SetTraining['run']>
  /** How the comparison of two arms ends. */
  readonly compared?: () => ReturnType<ArmComparison['compare']>
}

function open(models: 'a model' | 'no model', config = defaultConfig(), clockKind: 'replay' | 'real' = 'replay'): void {
  kit = aDesk(fresh(), { config, clockKind })
  if (models === 'a model') registerModel(kit.desk, 'baseline', 'v1')
}

/** Goes through the long jobs of a moment, and says which swaps were offered. */
async function at(atMs: number, said: Said = {}): Promise<readonly string[]> {
  const { desks, desk, judging } = kit
  const { config } = desks.options
  const { signal } = new AbortController()
  const offered: string[] = []
  const sets = new (class extends SetTraining {
    override run(): ReturnType<SetTraining['run']> {
      if (said.trained === undefined) throw new Error('nobody asked for a training')
      return said.trained()
    }
  })(desks, null, signal)
  const arms = new (class extends ArmComparison {
    override compare(): ReturnType<ArmComparison['compare']> {
      if (said.compared === undefined) throw new Error('nobody asked for a comparison')
      return said.compared()
    }
  })(desks, signal)
  const release = new (class extends Release {
    override offerSwap(...[of, document, asked]: Parameters<Release['offerSwap']>): ReturnType<Release['offerSwap']> {
      offered.push(`${of.symbol} ${document.verdict} by ${asked.by}${asked.isForced ? ', forced' : ''}`)
      return { approval: null, swapped: false }
    }
  })(desks, judging, judging.bake, kit.wall)
  desk.tape.enterMoment(atMs)
  await runLongJobs(
    {
      ...judging,
      desks,
      evidence: desks.evidence,
      config,
      inputs: new RuleInputs(null),
      release,
      sets,
      arms,
      background: new Background(said.turns ?? null, desks.troubles),
      bootstrap: new Bootstrap(desks, signal),
      scoring: NO_SCORING,
      pages: null,
      busyDays: null,
      signal,
    },
    { kind: said.kind ?? 'live', desk, atMs, knownMs: atMs, rows: [], taken: [], reported: false },
  )
  return offered
}

const job = (name: JobName) => kit.desk.jobs.of(name)
const events = (): string[] =>
  kit.desks.store.journal
    .events(SYMBOL, 20)
    .filter(({ kind }) => kind === 'job')
    .map(({ severity, text }) => `${severity}: ${text}`)
const twoSets = (): void => standSets(kit.desk, { v1_backtest: 'set-1', v2_paper: 'set-2' })
const { compareArms, trainSet } = COMMAND_ANSWERS
const asCompared = () => Promise.resolve({ keep: () => compareArms })

describe('a job that takes seconds', () => {
  it('is waited for by history at its time, as midnight is', () => {
    kit = aDesk(fresh())
    const waits = [
      START + MINUTE,
      START + DAY,
      START + DAY + MINUTE,
      COMPARES_AT - MINUTE,
      COMPARES_AT,
      COMPARES_AT + MINUTE,
    ]
    expect(waits.map(nextWait)).toEqual([
      START + 20 * MINUTE,
      START + DAY,
      TICKS_AT,
      COMPARES_AT,
      COMPARES_AT,
      TRAINS_AT,
    ])
  })

  it('has nothing to do where no model is in charge, or nothing is to be trained on paper trades', async () => {
    open('no model')
    await at(COMPARES_AT)
    expect(job('ab eval')).toMatchObject({ ok: 1, lastMs: COMPARES_AT, result: 'no model yet' })
    kit.desks.close()
    const config = defaultConfig()
    open('a model', { ...config, paper: { ...config.paper, sets: false } })
    twoSets()
    await at(COMPARES_AT)
    await at(TRAINS_AT)
    expect((['ab eval', 'paper retrain'] as const).map((name) => job(name)?.result)).toEqual(['off', 'off'])
  })

  it('ends with what it came to, its row stored with it', async () => {
    open('a model')
    const ending = (change: Partial<typeof trainSet>) => ({
      trained: () => Promise.resolve({ keep: () => ({ ...trainSet, ...change }) }),
    })
    await at(TRAINS_AT, ending({ outcome: 'waits', set: null }))
    expect(job('paper retrain')).toMatchObject({ ok: 1, result: 'waits', lastOkMs: TRAINS_AT })
    await at(TRAINS_AT + DAY, ending({}))
    const result = `${trainSet.set?.version} as ${trainSet.set?.name}`
    expect(job('paper retrain')).toMatchObject({ ok: 1, result })
    await at(TRAINS_AT + 2 * DAY, ending({ outcome: 'failed', set: null }))
    const failed = { ok: 0, result: 'failed', lastMs: TRAINS_AT + 2 * DAY, lastOkMs: TRAINS_AT + DAY }
    expect(kit.desks.store.jobs.list(SYMBOL).find(({ name }) => name === 'paper retrain')).toMatchObject(failed)
  })

  it.each([
    ['an error of its own', new Error('the disk has a bad sector'), 'failed: the disk has a bad sector'],
    [
      'an error with words',
      conflict('the arms cannot be compared', 'one was changed', 'wait', 'no_arm'),
      'failed: the arms cannot be compared: one was changed',
    ],
  ])('that ends with %s is told, and counts as failed', async (_, error, result) => {
    open('a model')
    twoSets()
    await at(COMPARES_AT, { compared: () => Promise.reject(error) })
    expect(job('ab eval')).toMatchObject({ ok: 0, lastOkMs: null, result, nextMs: COMPARES_AT + DAY })
    expect(events()).toContain(`warning: ab eval ${result}`)
  })

  it('that the end of the room has cancelled is due still', async () => {
    open('a model')
    twoSets()
    const cancelled = new OperatorError('the comparison ended', 'the room closes', 'open it again', 'cancelled')
    await expect(at(COMPARES_AT, { compared: () => Promise.reject(cancelled) })).rejects.toThrow('the comparison ended')
    expect([job('ab eval'), events()]).toEqual([undefined, []])
    await at(COMPARES_AT, { compared: asCompared })
    expect(job('ab eval')).toMatchObject({ ok: 1 })
  })

  it('says how many runs were missed, and is not run before its time', async () => {
    open('no model')
    await at(COMPARES_AT)
    await at(COMPARES_AT + DAY - MINUTE)
    expect(job('ab eval')?.lastMs).toBe(COMPARES_AT)
    await at(COMPARES_AT + 3 * DAY + HOUR)
    expect(events()).toContain('info: ab eval: 3 runs were missed while the room was down; ran once to catch up')
  })

  it('is waited for by a recording, and not by a real feed', async () => {
    for (const [clockKind, waited] of [
      ['replay', true],
      ['real', false],
    ] as const) {
      open('a model', defaultConfig(), clockKind)
      twoSets()
      let end: (look: { keep: () => typeof compareArms }) => void = () => undefined
      const compared = () => new Promise<{ keep: () => typeof compareArms }>((resolve) => (end = resolve))
      let passed = false
      const moment = at(COMPARES_AT, { compared, turns: new Turns() }).then(() => (passed = true))
      await new Promise(setImmediate)
      expect(passed, clockKind).toBe(!waited)
      end(await asCompared())
      await moment
      await new Promise(setImmediate)
      expect(job('ab eval')?.ok, clockKind).toBe(1)
      if (waited) kit.desks.close()
    }
  })
})

describe('the daily comparison of two arms', () => {
  it('needs two sets', async () => {
    open('a model')
    standSets(kit.desk, { v1_backtest: 'set-1' })
    expect(await at(COMPARES_AT)).toEqual([])
    expect(job('ab eval')).toMatchObject({ ok: 1, result: 'one set so far' })
  })

  it.each([
    ['live', 'ask', true],
    ['waiting', 'ask', false],
    ['waiting', 'auto', true],
  ] as const)('offers a swap: of a %s moment, where swaps are to %s: %s', async (kind, swap, offers) => {
    const config = defaultConfig()
    open('a model', { ...config, ab: { ...config.ab, swap } })
    twoSets()
    const offered = await at(COMPARES_AT, { kind, compared: asCompared })
    expect(offered).toEqual(offers ? [`${SYMBOL} ${compareArms.verdict} by onay`] : [])
    expect(job('ab eval')).toMatchObject({ ok: 1, result: compareArms.verdict })
  })
})

describe('the removal of ticks', () => {
  it('takes those that are older than they are kept for, and counts them', async () => {
    open('a model')
    const { ticks } = kit.desks.store
    const { tick_days: days } = kit.desks.options.config.retention
    const oldest = TICKS_AT - days * DAY
    const tsMs = [oldest - HOUR, oldest - 1, oldest, TICKS_AT]
    const side = { price: tsMs.map(() => 1), qty: tsMs.map(() => 1), buyerMaker: tsMs.map(() => null) }
    kit.desk.transaction(() => ticks.insert(SYMBOL, { tsMs, seq: tsMs.map((_, i) => i), ...side }))
    await at(TICKS_AT)
    expect(job('tick retention')).toMatchObject({ ok: 1, result: '2 rows' })
    expect(ticks.first(SYMBOL, 0, TICKS_AT + 1)?.tsMs).toBe(oldest)
  })
})
