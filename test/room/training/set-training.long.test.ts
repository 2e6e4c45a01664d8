import { afterEach, describe, expect, it } from 'vitest'
import { parseSet, SET_TARGETS } from '../../../src/engine/models/tree-set.ts'
import type { RetrainRunDocument } from '../../../src/control/set-answers.ts'
import { keepSet } from '../../../src/room/training/keep-set.ts'
import { SetTraining } from '../../../src/room/training/set-training.ts'
import { WorkBoard } from '../../../src/work/board.ts'
import type { SetOutcome } from '../../../src/work/task.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY } from '../../kit/moments.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL, type DeskOptions } from '../../kit/release-desk.ts'
import { until } from '../../kit/until.ts'
import { constantModels, setRow, standSets } from '../../kit/stored-sets.ts'

const fresh = freshDirectories()
let stand: ReleaseDesk

afterEach(() => stand.close())

type Mode = Parameters<SetTraining['run']>[1]['mode']

async function run(mode: Mode, by = 'ada', signal = new AbortController().signal): Promise<RetrainRunDocument> {
  const { desk, desks } = stand
  const ended = await new SetTraining(desks, null, signal).run(desk, { mode, by })
  return desk.transaction(() => ended.keep())
}

const runs = () => stand.desks.store.sets.newestRuns(SYMBOL, 9)
const checks = (): unknown[] =>
  stand.desks.store.db.raw.prepare('SELECT gate_name, passed FROM phase2_gate_log ORDER BY check_no, gate_name').all()

/** What a training would have brought, without one. */
function outcomeOf(version: string): SetOutcome {
  const { catalogue } = stand.desk
  const { report } = setRow(SYMBOL, version)
  return {
    weights: parseSet(JSON.parse(constantModels(version)), catalogue),
    report: JSON.parse(report) as SetOutcome['report'],
    seconds: 1,
  }
}

function keep(name: 'v1_backtest' | 'v2_paper', version: string): void {
  const { desk, desks } = stand
  const window = { fromMs: BEGAN_MS - DAY, untilMs: BEGAN_MS }
  desk.transaction(() => keepSet(desks.evidence, desk, name, { outcome: outcomeOf(version), window, atMs: BEGAN_MS }))
}

describe('a set that is asked for', () => {
  it('waits while the gates say no: a row, what each gate said, evidence and an event, and no set', async () => {
    stand = new ReleaseDesk(fresh())
    standSets(stand.desk, { v1_backtest: 'set-1' })
    const document = await run('ask')
    expect(document).toMatchObject({ outcome: 'waits', trigger: 'asked', by: 'ada', set: null, error: null })
    expect(runs()).toMatchObject([{ run: 1, success: 0, gatePass: 0, modelsTrained: 0, modelDir: null, byWhom: 'ada' }])
    expect(checks()).toEqual([
      { gate_name: 'paper_age', passed: 0 },
      { gate_name: 'regime_diversity', passed: 0 },
      { gate_name: 'trade_count', passed: 0 },
    ])
    expect(stand.desks.store.journal.entries().map(({ subject }) => subject)).toContainEqual(
      expect.stringMatching(/paper_retrain_\d{4}-\d\d-\d\dT\d{6}Z\.json$/) as string,
    )
    expect(stand.desks.store.journal.events(SYMBOL, 1)[0]?.text).toContain(
      'no retraining on paper trades yet: paper_age',
    )
  })

  it('leaves what the gates said and nothing else when it is a dry run', async () => {
    stand = new ReleaseDesk(fresh())
    standSets(stand.desk, { v1_backtest: 'set-1' })
    const entries = stand.desks.store.journal.entries().length
    expect(await run('check')).toMatchObject({ outcome: 'checked', gates: { arm: 'v1_backtest', passed: false } })
    expect(runs()).toEqual([])
    expect(checks()).toHaveLength(3)
    expect(stand.desks.store.journal.entries()).toHaveLength(entries)
  })

  it('is not trained on too few rows, and says how many there are: the first waits for no trades', async () => {
    stand = new ReleaseDesk(fresh())
    expect(await run('daily', 'onay')).toMatchObject({
      outcome: 'waits',
      trigger: 'first set',
      gates: null,
      error: expect.stringContaining('rows have every feature and target') as string,
    })
    expect(runs()).toMatchObject([{ triggerReason: 'first set', success: 0 }])
    expect(stand.desk.sets.active).toBeNull()
  })

  it('is begun early when it is the first and its rows are there, and is then not trained a second time', async () => {
    stand = new ReleaseDesk(fresh())
    const { desk, desks } = stand
    const board = new WorkBoard()
    const sets = new SetTraining(desks, board, new AbortController().signal)
    sets.beginFirst(desk, BEGAN_MS)
    expect(board.has(`set-${SYMBOL}`)).toBe(false)
    const bar = { tsMs: BEGAN_MS - 30 * DAY, open: 100, high: 100, low: 100, close: 100, volume: 1 }
    desk.transaction(() => desks.store.bars.insert(SYMBOL, bar, 0, false))
    sets.beginFirst(desk, BEGAN_MS)
    expect(board.has(`set-${SYMBOL}`)).toBe(true)
    sets.forgetFirst(desk)
    await until('the process is gone', () => !board.has(`set-${SYMBOL}`))
    sets.beginFirst(desk, BEGAN_MS)
    // A second training beside it would be refused: one at a time.
    const ended = await sets.run(desk, { mode: 'daily', by: 'onay' })
    expect(desk.transaction(() => ended.keep())).toMatchObject({ outcome: 'waits', trigger: 'first set' })
    expect(board.has(`set-${SYMBOL}`)).toBe(false)
  })

  it('is trained on past the gates when it is forced, and the record says by whom', async () => {
    stand = new ReleaseDesk(fresh())
    standSets(stand.desk, { v1_backtest: 'set-1' })
    // The gates do not stop it: it is the rows that are missing.
    expect(await run('force', 'risk')).toMatchObject({
      outcome: 'waits',
      trigger: 'forced',
      by: 'risk',
      error: expect.any(String) as string,
    })
  })

  it('is cancelled without a trace', async () => {
    stand = new ReleaseDesk(fresh())
    await expect(run('daily', 'onay', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
    expect(runs()).toEqual([])
  })

  it('is refused while no model is in charge', async () => {
    const none: DeskOptions = { baseline: null, candidate: null }
    stand = new ReleaseDesk(fresh(), none)
    await expect(run('ask')).rejects.toMatchObject({ code: 'no_arm' })
  })
})

describe('a set that was trained', () => {
  it('is registered with five artifacts and one SHA-256, and its name points at it', () => {
    stand = new ReleaseDesk(fresh())
    keep('v1_backtest', 'set-1')
    const { store } = stand.desks
    const set = store.sets.get(SYMBOL, 'set-1')
    expect(stand.desk.sets.of('v1_backtest')).toMatchObject({ sha256: set?.sha256, sinceMs: BEGAN_MS })
    const subjects = store.journal.entries().map(({ subject }) => subject)
    for (const target of SET_TARGETS) expect(subjects).toContain(`ml-artifacts/set-1/${target}_set-1.json`)
    expect(stand.chain('set')).toEqual(['set'])
  })

  it('keeps what went by the name before', () => {
    stand = new ReleaseDesk(fresh())
    keep('v1_backtest', 'set-1')
    keep('v2_paper', 'set-2')
    expect(stand.desk.sets.of('v2_paper_prev')).toBeNull()
    keep('v2_paper', 'set-3')
    stand = stand.reopened()
    const { sets } = stand.desk
    expect(
      [sets.of('v1_backtest'), sets.of('v2_paper'), sets.of('v2_paper_prev')].map((one) => one?.set.version),
    ).toEqual(['set-1', 'set-3', 'set-2'])
    expect(sets.trading.map(({ name }) => name)).toEqual(['v1_backtest', 'v2_paper'])
  })

  it('is never overwritten', () => {
    stand = new ReleaseDesk(fresh())
    keep('v1_backtest', 'set-1')
    expect(() => keep('v2_paper', 'set-1')).toThrow(/UNIQUE/)
    expect(stand.desk.sets.of('v2_paper')).toBeNull()
  })

  it('is not taken up when its models are not those that were registered', () => {
    stand = new ReleaseDesk(fresh())
    keep('v1_backtest', 'set-1')
    stand.desks.store.db.raw.exec(
      'UPDATE model_sets SET models = replace(models, \'"useful":false\', \'"useful":true\')',
    )
    expect(() => stand.desks.store.sets.get(SYMBOL, 'set-1')).toThrow(/not those that were registered/)
  })
})
