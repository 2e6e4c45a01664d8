import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { KillFile } from '../../../src/db/kill-file.ts'
import { NEVER_SWITCHED } from '../../../src/engine/approval/kill-switch.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { KillDrills } from '../../../src/room/safety/kill-drill.ts'
import { KillSwitches } from '../../../src/room/safety/kill-switches.ts'
import type { Answer } from '../../../src/serving/contract.ts'
import { aDesk, type DeskKit, play } from '../../kit/a-desk.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { FullDisk } from '../../kit/full-disk.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const bars = Array.from({ length: 120 }, (_, i) => wanderingBar(START + i * MINUTE))

/** A desk with a model in charge that signals at every minute. */
async function aRoom(dir = fresh()): Promise<DeskKit & { switches: KillSwitches; dir: string }> {
  const kit = aDesk(dir, { serves: true })
  // All but the last minutes are run through, which costs less than living through them.
  const moments = bars.slice(0, 50).map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE }))
  kit.timeline.history(kit.desk, moments)
  await play(kit, bars.slice(50, 61))
  registerModel(kit.desk, 'baseline', 'v1', { sinceMs: START + 61 * MINUTE, bias: 5 })
  return { ...kit, switches: new KillSwitches(kit.desks), dir }
}

function again({ dir, desks }: { dir: string; desks: DeskKit['desks'] }) {
  desks.close()
  const kit = aDesk(dir, { serves: true })
  kit.judging.release.resume()
  return { ...kit, switches: new KillSwitches(kit.desks), dir }
}

const ask = ({ service, desk }: DeskKit): Promise<Answer> => service.predict(desk, { source: 'caller', acceptedMs: 0 })
const fileOf = (dir: string) => new KillFile(join(dir, 'data'), SYMBOL)
const entries = ({ desks }: DeskKit) => desks.store.journal.entries().filter(({ kind }) => kind === 'kill_switch')

/** Asks for it to be taken back, and approves. */
function takeBack({ switches, judging }: DeskKit & { switches: KillSwitches }, reason = 'it was a broken feed'): void {
  const [prompt] = switches.askOff(undefined, 'mia').approvals
  judging.release.answer(prompt?.id ?? '', { decision: 'approve', phrase: 'ONAY', reason }, 'mia')
}

describe('the kill switch', () => {
  it('lets every answer abstain from the call on, those that were worked out and had not left among them', async () => {
    const room = await aRoom()
    expect(await ask(room)).toMatchObject({ decision: 'signal', served_by: 'baseline' })
    const waiting = [ask(room), ask(room)]
    expect(room.switches.on(undefined, 'mia', 'fills look wrong').items).toMatchObject([
      { symbol: SYMBOL, enabled: true },
    ])
    for (const answer of [...(await Promise.all(waiting)), await ask(room)])
      expect(answer).toMatchObject({ decision: 'abstain', served_by: 'fallback', reason: 'the kill switch is on' })
    room.desks.close()
  })

  it('is an entry of the chain and an event each time that it is thrown, and what waits to take it back is stale', async () => {
    const room = await aRoom()
    room.switches.on(SYMBOL, 'mia', 'fills look wrong')
    const [prompt] = room.switches.askOff(undefined, 'mia').approvals
    room.wall.set(room.wall.now() + 1_000)
    room.switches.on(SYMBOL, 'ada', 'spreads too')
    expect(entries(room)).toHaveLength(2)
    expect(room.switches.look(SYMBOL).items).toMatchObject([{ by: 'ada', reason: 'spreads too', stored: true }])
    const told = room.desks.store.journal.events(SYMBOL, 50).filter(({ kind }) => kind === 'kill')
    expect(told.map(({ text }) => text).toSorted()).toEqual([
      'the kill switch is on, by ada: spreads too',
      'the kill switch is on, by mia: fills look wrong',
    ])
    const given = { decision: 'approve', phrase: 'ONAY', reason: 'it is over' } as const
    expect(refusal(() => room.judging.release.answer(prompt?.id ?? '', given, 'mia')).code).toBe('refused')
    expect(room.desk.killSwitch).toBe(true)
    room.desks.close()
  })

  it.each([
    ['half of a character', 'a \ud83d b', 'a \ufffd b'],
    ['several lines and codes', 'one\nBTCUSDT: off\u001b[2J', 'one BTCUSDT: off [2J'],
    ['a book', 'b'.repeat(70_000), `${'b'.repeat(399)}…`],
    ['nothing', '', ''],
  ])('is thrown and stored whatever its reason is: %s', async (_, said, kept) => {
    const room = await aRoom()
    expect(room.switches.on(undefined, 'mia', said).items).toMatchObject([
      { enabled: true, stored: true, reason: kept },
    ])
    expect(fileOf(room.dir).read()).toMatchObject({ on: true, reason: kept })
    const later = again(room)
    expect(later.desk.killSwitch).toBe(true)
    expect(entries(later)).toHaveLength(1)
    later.desks.close()
  })

  it('follows no link of its file, and says that it holds in memory alone while nothing can be written', async () => {
    const room = await aRoom()
    const path = join(room.dir, 'data', 'kill-switch', `${SYMBOL}.json`)
    const victim = join(room.dir, 'victim')
    writeFileSync(victim, 'mine')
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(victim, path)
    const disk = new FullDisk(room.desks.store.db.raw)
    disk.fill()
    // What the link leads to is no such file: it may have been on.
    expect(room.switches.on(undefined, 'mia', 'fills look wrong').items).toMatchObject([{ enabled: true }])
    expect(readFileSync(victim, 'utf8')).toBe('mine')
    rmSync(path)
    symlinkSync(path, path)
    room.desk.kill.restore()
    expect(room.desk.killSwitch).toBe(true)
    room.desks.close()
  })

  it('holds and says so where the database cannot be read any more', async () => {
    const room = await aRoom()
    const { raw } = room.desks.store.db
    for (const table of ['meta', 'outbox', 'events', 'chain']) raw.exec(`ALTER TABLE ${table} RENAME TO lost_${table}`)
    expect(room.switches.on(undefined, 'mia', 'fills look wrong').items).toMatchObject([
      { enabled: true, stored: true, reason: 'fills look wrong' },
    ])
    expect(room.desk.killSwitch).toBe(true)
    expect(fileOf(room.dir).read()).toMatchObject({ on: true })
    expect(room.desks.troubles.lines.join()).toContain('evidence cannot be written')
    room.desks.close()
  })

  it('holds after a restart', async () => {
    const room = await aRoom()
    room.switches.on(undefined, 'mia', 'fills look wrong')
    const later = again(room)
    expect(await ask(later)).toMatchObject({ decision: 'abstain' })
    expect(entries(later)).toHaveLength(1)
    later.desks.close()
  })

  it('holds while the database cannot be written, over a restart too, and is recorded once it can', async () => {
    const room = await aRoom()
    const disk = new FullDisk(room.desks.store.db.raw)
    disk.fill()
    room.switches.on(undefined, 'mia', 'fills look wrong')
    expect(room.desk.killSwitch).toBe(true)
    expect(room.desks.troubles.lines.join()).toContain('the kill switch of')
    // Memory is taken back to the database: what is kept there holds all the same.
    expect(() =>
      room.desk.transaction(() => {
        throw new Error('undone')
      }),
    ).toThrow('undone')
    expect(room.desk.killSwitch).toBe(true)
    expect(entries(room)).toEqual([])
    const later = again(room)
    expect(await ask(later)).toMatchObject({ decision: 'abstain' })
    expect(entries(later)).toHaveLength(1)
    later.desks.close()
  })

  it('is on where its file cannot be read, and where the database alone says so', async () => {
    const room = await aRoom()
    room.desks.close()
    fileOf(room.dir).write(NEVER_SWITCHED)
    writeFileSync(join(room.dir, 'data', 'kill-switch', `${SYMBOL}.json`), '{"on":')
    const later = again({ ...room, desks: aDesk(room.dir).desks })
    expect(later.switches.look(undefined).items).toMatchObject([
      { enabled: true, reason: 'the file of the kill switch cannot be read, and it may have been on' },
    ])
    rmSync(join(room.dir, 'data', 'kill-switch'), { recursive: true })
    const once = again(later)
    expect(once.desk.killSwitch).toBe(true)
    expect(fileOf(room.dir).read()).toMatchObject({ on: true })
    once.desks.close()
  })

  it('is taken back by ONAY alone, which shows why it was on and what has changed', async () => {
    const room = await aRoom()
    room.switches.on(undefined, 'ada', 'fills look wrong')
    const { approvals } = room.switches.askOff(undefined, 'mia')
    expect(room.switches.askOff(undefined, 'mia').approvals).toEqual(approvals)
    expect(approvals).toMatchObject([
      {
        action: 'kill_off',
        sentence: `ONAY: Switch the kill switch of ${SYMBOL} off`,
        against: [
          expect.stringMatching(/^ada switched it on at .* UTC: fills look wrong$/),
          'nothing that is watched has changed since',
        ],
      },
    ])
    expect(room.desk.killSwitch).toBe(true)
    takeBack(room)
    expect(await ask(room)).toMatchObject({ decision: 'signal', served_by: 'baseline' })
    expect(entries(room)).toHaveLength(2)
    const later = again(room)
    expect(await ask(later)).toMatchObject({ decision: 'signal' })
    later.desks.close()
  })

  it('is not taken back by an approval of another moment: it was thrown anew, or another model would answer', async () => {
    const room = await aRoom()
    room.switches.on(undefined, 'ada', 'fills look wrong')
    const [prompt] = room.switches.askOff(undefined, 'mia').approvals
    registerModel(room.desk, 'baseline', 'v2', { sinceMs: START + 61 * MINUTE })
    const given = { decision: 'approve', phrase: 'ONAY', reason: 'it is over' } as const
    expect(refusal(() => room.judging.release.answer(prompt?.id ?? '', given, 'mia')).code).toBe('refused')
    expect(room.desk.killSwitch).toBe(true)
    room.desks.close()
  })

  it('stays on, here and after a restart, where its file cannot be written when it is to be taken back', async () => {
    const room = await aRoom()
    room.switches.on(undefined, 'ada', 'fills look wrong')
    const path = join(room.dir, 'data', 'kill-switch', `${SYMBOL}.json`)
    rmSync(path)
    mkdirSync(path)
    expect(refusal(() => takeBack(room)).code).toBe('kill_file')
    expect(room.desk.killSwitch).toBe(true)
    expect(entries(room)).toHaveLength(1)
    const later = again(room)
    expect(later.desk.killSwitch).toBe(true)
    later.desks.close()
  })

  it('cannot be taken back where it is off', async () => {
    const room = await aRoom()
    expect(refusal(() => room.switches.askOff(undefined, 'mia')).code).toBe('kill_off')
    room.desks.close()
  })
})

describe('a drill of the kill switch', () => {
  /** A pause that ends when the test says so. */
  function handPause() {
    let end = (): void => undefined
    const wait = (): Promise<void> =>
      new Promise((resolve) => {
        end = resolve
      })
    return { wait, end: () => end() }
  }

  async function drilling() {
    const room = await aRoom()
    const pause = handPause()
    const drills = new KillDrills(room.desks, pause, new AbortController().signal)
    const prompt = room.switches.askDrill(undefined, 'mia')
    const given = { decision: 'approve', phrase: 'ONAY', reason: 'monthly' } as const
    room.judging.release.answer(prompt.id, given, 'mia')
    drills.begin(SYMBOL, { by: 'mia', reason: 'monthly', approval: prompt.id })
    return { ...room, pause, drills }
  }

  function document({ desks }: DeskKit): unknown {
    const found = desks.store.journal.entries().find(({ subject }) => subject.includes('kill_drill_'))
    if (found === undefined) throw new Error('there is no document')
    return JSON.parse(readFileSync(desks.evidence.pathOf(found.subject), 'utf8'))
  }

  it('lets answers abstain while it lasts, takes itself back, and leaves what it measured', async () => {
    const room = await drilling()
    expect(await ask(room)).toMatchObject({ decision: 'abstain' })
    room.pause.end()
    await room.drills.settled()
    expect(await ask(room)).toMatchObject({ decision: 'signal' })
    expect(document(room)).toMatchObject({
      schema: 'kill_drill/1',
      abstained: 1,
      last_other_answer_ms: 0,
      ended: 'off',
    })
    expect(entries(room)).toHaveLength(2)
    room.desks.close()
  })

  it('takes itself back although a transaction was undone meanwhile, and stays on where it was thrown in earnest', async () => {
    for (const [earnest, ended] of [
      [false, 'off'],
      [true, 'on'],
    ] as const) {
      const room = await drilling()
      expect(() =>
        room.desk.transaction(() => {
          throw new Error('undone')
        }),
      ).toThrow('undone')
      if (earnest) room.switches.on(undefined, 'ada', 'fills look wrong')
      room.pause.end()
      await room.drills.settled()
      expect(document(room)).toMatchObject({ ended })
      expect(room.desk.killSwitch).toBe(earnest)
      room.desks.close()
    }
  })

  it('that nobody asked during says that it showed nothing', async () => {
    const room = await drilling()
    room.pause.end()
    await room.drills.settled()
    expect(document(room)).toMatchObject({ abstained: 0 })
    expect(room.desks.store.journal.events(SYMBOL, 50).map(({ text }) => text)).toContain(
      'the drill of the kill switch showed nothing: nobody asked for a prediction',
    )
    room.desks.close()
  })

  it('stays on where it is thrown in earnest meanwhile, and after a restart in the middle of it', async () => {
    const room = await drilling()
    room.switches.on(undefined, 'ada', 'fills look wrong')
    room.pause.end()
    await room.drills.settled()
    expect(document(room)).toMatchObject({ ended: 'on' })
    expect(room.switches.look(undefined).items).toMatchObject([{ enabled: true, by: 'ada' }])
    room.desks.close()
    const killed = again(await drilling())
    expect(killed.switches.look(undefined).items).toMatchObject([{ enabled: true, reason: 'drill: monthly' }])
    killed.desks.close()
  })

  it('is refused while the switch is on', async () => {
    const room = await aRoom()
    room.switches.on(undefined, 'ada', 'fills look wrong')
    expect(refusal(() => room.switches.askDrill(undefined, 'mia')).code).toBe('kill_on')
    room.desks.close()
  })
})

describe('a thousand tries under load', () => {
  it('let nothing but abstentions leave once the switch has said that it is on', async () => {
    const room = await aRoom()
    const { desk, service, switches } = room
    const late: string[] = []
    let isOn = false
    let left = 0
    const asked = (): void =>
      service.ask(
        desk,
        { source: 'caller', acceptedMs: 0 },
        {
          answered: ({ decision }) => {
            left++
            if (isOn && decision !== 'abstain') late.push(decision)
          },
          refused: (error) => late.push(String(error)),
        },
      )
    const random = seededRandom(11)
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
    for (let i = 0; i < 1_000; i++) {
      for (let n = Math.floor(random.next() * 6); n > 0; n--) {
        asked()
        if (random.next() < 0.3) await turn()
      }
      if (i % 100 === 0) switches.on(undefined, 'mia', `try ${i}`)
      // The others in memory alone: what is written down is the same each time.
      else desk.kill.hold({ ...NEVER_SWITCHED, on: true })
      isOn = true
      asked()
      await turn()
      await turn()
      isOn = false
      desk.kill.hold(NEVER_SWITCHED)
    }
    await service.drain()
    expect(late).toEqual([])
    expect(left).toBeGreaterThan(2_000)
    room.desks.close()
  })
})
