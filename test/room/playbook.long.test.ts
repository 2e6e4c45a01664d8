/** Each case of the playbook, step by step: what is seen, what is pressed or typed, how one knows that it is over. */
import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Command, CommandKind } from '../../src/control/commands.ts'
import { PANELS } from '../../src/control/panels.ts'
import type { RoomView } from '../../src/control/view.ts'
import { databasePath } from '../../src/db/store.ts'
import { PLAYBOOK } from '../../src/engine/alerts/playbook.ts'
import { FeatureStream } from '../../src/engine/features/stream.ts'
import { floorTo, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { type Config, defaultConfig } from '../../src/room/config/config.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import { liveTable } from '../../src/room/queries/live-tables.ts'
import { makeBackup, restoreBackup } from '../../src/room/readiness/backup.ts'
import { switchOn } from '../../src/room/safety/kill-switch.ts'
import { jobViews } from '../../src/room/views/job-views.ts'
import type { Context } from '../../src/tui/intents.ts'
import { reduce } from '../../src/tui/reducer.ts'
import { firstState, type Mode, type UiState } from '../../src/tui/state.ts'
import { aDesk, type DeskKit, play } from '../kit/a-desk.ts'
import { approval, RAMPING_CANARY } from '../kit/canary-documents.ts'
import { freshDirectories } from '../kit/directories.ts'
import { Market, OPENED, type OpenedRoom } from '../kit/exchange-room.ts'
import { FullDisk } from '../kit/full-disk.ts'
import { unthrottled } from '../kit/loopback-exchange.ts'
import { MINUTE, START } from '../kit/moments.ts'
import { registerModel } from '../kit/registered-models.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL as STAGED } from '../kit/release-desk.ts'
import { ROOT } from '../kit/samples.ts'
import { BLOCKED, changed, SHADOW } from '../kit/views.ts'
import { wanderingBar } from '../kit/wandering-bars.ts'

const fresh = freshDirectories()

const RAMPING = changed(SHADOW, { models: { canary: RAMPING_CANARY } })
/** A prompt with a reason that is half typed. */
const WITHIN: Mode = {
  kind: 'prompt',
  shown: approval({}),
  field: 'reason',
  reason: 'half a rea',
  phrase: '',
  scroll: 0,
  whole: false,
  sent: false,
  failed: null,
}

/** Where these keys lead, and what they ask of the room. */
function pressed(
  keys: readonly string[],
  view: RoomView,
  mode: Mode = { kind: 'panels' },
): { readonly ui: UiState; readonly asked: readonly Command[] } {
  const context: Context = { view, by: 'mia', wallMs: 1_000, pageRows: 10, listRows: 10, panels: PANELS }
  const asked: Command[] = []
  let ui: UiState = { ...firstState(undefined), mode }
  for (const name of keys) {
    const step = reduce(ui, { kind: 'key', name }, context)
    ui = step.ui
    asked.push(...step.intents.flatMap((intent) => (intent.kind === 'ask' ? [intent.command] : [])))
  }
  return { ui, asked }
}

function expectAsked({ asked }: ReturnType<typeof pressed>, kind: CommandKind): void {
  expect(asked.map((command) => command.kind)).toEqual([kind])
}

/** Presses the switch on the screen, and carries out on the desk what that asks for. */
function throwSwitch({ evidence }: DeskKit['desks'], desk: Desk): void {
  expectAsked(pressed(['K', 'K'], BLOCKED), 'switchKill')
  switchOn(evidence, desk, { by: 'mia', reason: 'pressed on the screen' })
}

const firing = (desk: Desk): string[] =>
  desk.alerts.active.flatMap(({ rule, state }) => (state === 'firing' ? [rule] : []))
const ask = ({ service, desk }: Pick<DeskKit, 'service' | 'desk'>) =>
  service.predict(desk, { source: 'caller', acceptedMs: 0 })

/** Minutes of history, each with its bar. */
function goOn({ timeline, desk }: DeskKit, fromMs: number, minutes: number): void {
  const bars = Array.from({ length: minutes }, (_, i) => wanderingBar(fromMs + i * MINUTE))
  timeline.history(
    desk,
    bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
}

describe('the feed has stalled, or the clock is off', () => {
  let market: Market
  let room: OpenedRoom
  beforeEach(async () => {
    await unthrottled()
    market = new Market()
    market.url = await market.server.listen()
  })
  afterEach(async () => {
    await room.close()
    await market.close()
  })

  it(PLAYBOOK.staleness.title, async () => {
    room = await market.open()
    const desk = room.desks.of('BTCUSDT')
    registerModel(desk, 'baseline', 'v9', { sinceMs: floorTo(OPENED, MINUTE_MS), bias: 5 })
    await room.pass(2 * MINUTE)
    const ofRows = (): string[] => firing(desk).filter((rule) => rule === 'MLFeatureStaleness' || rule === 'MLDataGap')
    expect(ofRows()).toEqual([])

    market.server.mood = ({ path }) => (path === '/api/v3/klines' ? { status: 500, body: 'oops' } : 'usual')
    const seen: string[][] = []
    for (let minute = 0; minute < 20; minute++) {
      await room.pass(MINUTE)
      seen.push(ofRows())
    }
    const order = seen.map((rules) => rules.join(' ')).filter((rules, i, all) => rules !== all[i - 1])
    expect(order).toEqual(['', 'MLDataGap', 'MLFeatureStaleness MLDataGap'])
    expect(room.troubles.join('\n')).toMatch(
      /binance answers with an error: .*oops|binance answers with an error: .*500/,
    )
    // Answers abstain by themselves; with the switch callers get nothing of the model's own either.
    throwSwitch(room.desks, desk)
    expect(desk.killSwitch).toBe(true)

    market.server.mood = () => 'usual'
    await room.pass(15 * MINUTE)
    expect(room.troubles).toEqual([])
    expect(ofRows()).toEqual([])
    expect(market.bars(OPENED).filter(({ backfilled }) => backfilled === 1).length).toBeGreaterThan(10)
  })

  it(PLAYBOOK.clock.title, async () => {
    market.offsetMs = 90_000
    room = await market.open()
    expect(room.troubles).toEqual([expect.stringMatching(/^clock: this machine's clock is 90\.0 s behind binance's/)])
    // The machine's clock is set; nothing is restarted.
    market.offsetMs = 0
    await room.minutes(11)
    expect(room.troubles).toEqual([])
  })
})

describe('answers on old rows', () => {
  it('abstain by themselves', async () => {
    const kit = aDesk(fresh(), { serves: true })
    await play(
      kit,
      Array.from({ length: 61 }, (_, i) => wanderingBar(START + i * MINUTE)),
    )
    registerModel(kit.desk, 'baseline', 'v1', { sinceMs: START + 61 * MINUTE, bias: 5 })
    expect(await ask(kit)).toMatchObject({ decision: 'signal' })
    await kit.timeline.live(kit.desk, [], START + 64 * MINUTE)
    expect(await ask(kit)).toMatchObject({ decision: 'abstain' })
    kit.desks.close()
  })
})

describe(PLAYBOOK.drift.title, () => {
  /** The first moment with two checks of 500 rows, and when a model that is retrained then has as many of its own. */
  const SEEN_MIN = 525
  const CALM_MIN = SEEN_MIN + 545

  /** How the rows of the feature lie in the bins of `registerModel` once a model would be retrained. */
  function laterCounts({ catalogue }: Desk): readonly number[] {
    const stream = new FeatureStream(catalogue)
    const place = catalogue.names.indexOf('rsi14_z')
    const rows = Array.from({ length: CALM_MIN }, (_, i) => stream.push(wanderingBar(START + i * MINUTE)))
    const values = rows.slice(SEEN_MIN).map((row) => row.values[place] ?? Number.NaN)
    const edges = [-0.3, 0, 0.3, Number.POSITIVE_INFINITY]
    const binOf = (value: number): number => edges.findIndex((edge) => value < edge)
    return [...edges.map((_, bin) => values.filter((value) => binOf(value) === bin).length), 0]
  }

  it('is named by feature, stopped by K K, retrained by r, and over two checks after its cause is gone', () => {
    const config: Config = { ...defaultConfig(), drift: { ...defaultConfig().drift, kill_psi: 0.15 } }
    const kit = aDesk(fresh(), { config })
    registerModel(kit.desk, 'baseline', 'v1')
    goOn(kit, START, SEEN_MIN + 1)
    const { desk, desks } = kit
    const drifts = (): string[] => firing(desk).filter((rule) => rule.startsWith('MLDrift'))
    expect(drifts().toSorted()).toEqual(['MLDriftAsksKill', 'MLDriftCritical'])
    const page = liveTable(desks, desk, 'driftDay', () => null)
    expect(JSON.stringify(page.rows)).toMatch(/rsi14_z.*critical/)
    expect(jobViews(desk).map(({ name }) => name)).toContain('retrain')
    throwSwitch(desks, desk)
    expect(desk.killSwitch).toBe(true)
    // The form of r offers the features; the training itself is another's test.
    expect(pressed(['r'], BLOCKED).ui.mode.kind).toBe('form')

    const sinceMs = START + (SEEN_MIN + 1) * MINUTE
    // Its reference is known by its bins alone: no row lies within its window.
    registerModel(desk, 'baseline', 'v2', { sinceMs, windowMs: 1, referenceCounts: laterCounts(desk) })
    goOn(kit, sinceMs, CALM_MIN - SEEN_MIN)
    // What `onay drift` exits with is made of this verdict.
    expect(desk.drift.days.newestOf('v2')).toMatchObject({ verdict: 'ok' })
    expect(drifts()).toEqual([])
    expect(desk.drift.days.plan).toBeNull()
    expect(jobViews(desk).map(({ name }) => name)).not.toContain('retrain')
    desks.close()
  })
})

describe(PLAYBOOK.canary.title, () => {
  it('stops at a a or Ctrl+K twice, within a prompt too: share 0, and the candidate stays in the shadow', () => {
    expectAsked(pressed(['a', 'a'], RAMPING), 'abortCanary')
    expectAsked(pressed(['ctrl-k', 'ctrl-k'], RAMPING, WITHIN), 'abortCanary')
    const stand = new ReleaseDesk(fresh())
    stand.ready()
    stand.approve(stand.release.requestCanary({ symbol: STAGED, plan: 'brief', mode: 'serve' }, 'ada').id)
    expect(stand.release.status(STAGED)).toMatchObject({ state: 'ramping', share: 0.05 })
    stand.release.abortCanary(STAGED, 'mia', 'its matches fall')
    expect(stand.release.status(STAGED)).toMatchObject({ state: 'aborted', share: 0 })
    expect(stand.desk.lineUp.candidate?.version).toBe('v2')
    stand.close()
  })

  it('is stopped by the judge itself where that is certain', () => {
    const stand = new ReleaseDesk(fresh())
    stand.start()
    stand.countInPhase({ tried: 400, errors: 60, comparisons: 340 })
    stand.look(30_000)
    expect(stand.desk.canary.newest?.state).toMatchObject({ kind: 'aborted' })
    stand.close()
  })
})

describe(PLAYBOOK.disk.title, () => {
  it('refuses with 507 and says so; the kill switch works; all is written once there is space', async () => {
    const kit = aDesk(fresh(), { serves: true })
    await play(
      kit,
      Array.from({ length: 61 }, (_, i) => wanderingBar(START + i * MINUTE)),
    )
    registerModel(kit.desk, 'baseline', 'v1', { sinceMs: START + 61 * MINUTE, bias: 5 })
    const { desk, desks } = kit
    const disk = new FullDisk(desks.store.db.raw)
    disk.fill()
    await expect(ask(kit)).rejects.toMatchObject({ status: 507 })
    expect(desks.troubles.of('predictions')).toMatch(/cannot be stored/)
    throwSwitch(desks, desk)
    expect(desk.killSwitch).toBe(true)
    disk.free()
    await play(kit, [wanderingBar(START + 61 * MINUTE)])
    expect(await ask(kit)).toMatchObject({ decision: 'abstain', reason: 'the kill switch is on' })
    expect(desks.troubles.lines).toEqual([])
    const thrown = desks.store.journal.entries().filter(({ kind }) => kind === 'kill_switch')
    expect(thrown).toHaveLength(1)
    desks.close()
  })
})

describe(PLAYBOOK.database.title, () => {
  it('is not opened and not touched; a backup is laid out in a new directory, and opens', async () => {
    const dir = fresh()
    const kit = aDesk(dir)
    goOn(kit, START, 60)
    kit.desks.drainOutbox()
    const places = { dataDir: join(dir, 'data'), evidenceDir: join(dir, 'evidence') }
    const made = await makeBackup(places, { version: '1.0.0', wall: kit.wall, stopwatch: () => 0 })
    kit.desks.close()
    const database = databasePath(places.dataDir)
    truncateSync(database, 6_000)
    const kept = readFileSync(database)
    expect(() => aDesk(dir)).toThrow(/damaged|cannot be (opened|read|used)/)
    expect(readFileSync(database).equals(kept)).toBe(true)

    const next = fresh()
    const restored = await restoreBackup(
      join(places.dataDir, 'backups', made.file),
      { dataDir: join(next, 'data'), evidenceDir: join(next, 'evidence') },
      () => 0,
    )
    expect(restored).toMatchObject({ ok: true, head: made.head })
    const again = aDesk(next)
    expect(again.desk.tape.feed.bars).toBe(60)
    goOn(again, START + 60 * MINUTE, 1)
    expect(again.desk.tape.feed.bars).toBe(61)
    again.desks.close()
  })
})

describe(PLAYBOOK.promotion.title, () => {
  it('is taken back by a rollback with a reason and no approval; both stay in the chain', () => {
    const stand = new ReleaseDesk(fresh())
    stand.succeed()
    stand.approve(stand.release.requestPromotion(STAGED, undefined, 'ada').id)
    expect(stand.desk.lineUp.inCharge?.version).toBe('v2')
    stand.release.rollback(STAGED, 'mia', 'its fills are worse')
    expect(stand.desk.lineUp.inCharge?.version).toBe('v1')
    expect(stand.desks.store.release.waiting()).toEqual([])
    const entries = stand.desks.store.journal
      .entries()
      .filter(({ kind }) => kind === 'promotion' || kind === 'rollback')
    expect(entries.map(({ kind }) => kind)).toEqual(['promotion', 'rollback'])
    expect(entries[1]?.detail).toContain('its fills are worse')
    expect(stand.nowMs).toBeGreaterThan(BEGAN_MS)
    stand.close()
  })
})

/** What the playbook says of processes and of the command line is tried where those are. */
const ELSEWHERE: readonly (readonly [says: string, file: string, title: string])[] = [
  ['its file was made at its full size', 'test/e2e/kills/kill-switch.test.ts', 'under load, over kill -9'],
  [
    '`onay restore FILE --data-dir NEW`',
    'test/room/readiness/backup.test.ts',
    'is a room that opens where it was taken',
  ],
  ['says `READY`', 'test/room/readiness/go-live.long.test.ts', 'is READY where all is well'],
  ['`onay evidence verify` matches', 'test/torture/full-disk.test.ts', "'evidence', 'verify'"],
]

describe('what the playbook says of commands', () => {
  it.each(ELSEWHERE)('%s: tried in %s', (says, file, title) => {
    const cases = Object.values(PLAYBOOK).map(({ see, press, over }) => `${see} ${press} ${over}`)
    expect(cases.join('\n')).toContain(says)
    expect(readFileSync(join(ROOT, file), 'utf8')).toContain(title)
  })
})
