import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Caller } from '../../../src/control/commands.ts'
import { OperatorError } from '../../../src/engine/kernel/errors.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { accessCommands } from '../../../src/room/handlers/access-commands.ts'
import { REAL_PAUSES } from '../../../src/room/drivers/pace.ts'
import { KillDrills } from '../../../src/room/safety/kill-drill.ts'
import { releaseCommands } from '../../../src/room/handlers/release-commands.ts'
import { Access } from '../../../src/room/safety/access.ts'
import { Turns } from '../../../src/work/turns.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
const LOGIN = 'mia'
/** Somebody at the terminal, or on the command line where no room runs. */
const TERMINAL: Caller = { by: LOGIN }
const COMMAND_LINE: Caller = { by: 'command line' }

let stand: ReleaseDesk
let access: Access
let tokens: Readonly<Record<string, string>>

beforeEach(async () => {
  stand = new ReleaseDesk(fresh(), { config: { approvals: { ...defaultConfig().approvals, promote: 2 } } })
  access = new Access(stand.desks.store, join(stand.dir, 'data'), () => stand.wall.now(), LOGIN)
  access.ensureOwn()
  const { addToken } = accessCommands({ desks: stand.desks, access, notify: undefined })
  const made = async (name: string, person?: string) =>
    (await addToken({ kind: 'addToken', ...TERMINAL, name, person })).token
  tokens = {
    operator: readFileSync(join(stand.dir, 'data', 'token'), 'utf8').trim(),
    laptop: await made('laptop', 'Mia'),
    desk: await made('desk', 'operator'),
    grace: await made('grace'),
    phone: await made('phone', 'grace'),
  }
})

afterEach(() => stand.close())

function bearer(name: string): Caller {
  const caller = access.callerOf(`Bearer ${tokens[name]}`)
  if (caller === null) throw new Error(`the token of ${name} is not accepted`)
  return caller
}

/** What becomes of a promotion that each of them approves in turn: its state, and why an answer was refused. */
async function approvedBy(...callers: readonly Caller[]): Promise<readonly (readonly [string, string])[]> {
  stand.succeed()
  const { desks, desk, release } = stand
  const { answerApproval } = releaseCommands({
    desks,
    release,
    access,
    turns: new Turns(),
    openDesk: () => desk,
    drills: new KillDrills(desks, REAL_PAUSES, new AbortController().signal),
  })
  const { id } = release.requestPromotion(SYMBOL, undefined, 'ada')
  const outcomes: (readonly [string, string])[] = []
  for (const caller of callers) {
    try {
      const answer = { id, decision: 'approve', phrase: 'ONAY', reason: 'it is time' } as const
      const { state } = await answerApproval({ kind: 'answerApproval', ...caller, ...answer })
      outcomes.push([state, ''])
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error
      outcomes.push([release.approvals.get(id).state, error.why])
    }
  }
  return outcomes
}

describe('a promotion that needs two persons', () => {
  it.each([
    ["the terminal and the directory's own token", () => TERMINAL, () => bearer('operator')],
    ["the command line and the directory's own token", () => COMMAND_LINE, () => bearer('operator')],
    ['the terminal and a token of the same person', () => TERMINAL, () => bearer('laptop')],
    ["the directory's own token and one that is the operator's", () => bearer('operator'), () => bearer('desk')],
    ['two tokens of one person', () => bearer('grace'), () => bearer('phone')],
  ])('is not approved by %s', async (_, first, second) => {
    const [one, two] = await approvedBy(first(), second())
    expect(one).toEqual(['waiting', ''])
    expect(two).toEqual(['waiting', expect.stringMatching(/, who has approved it as .+; another person is needed$/)])
    expect(stand.desk.lineUp.inCharge?.version).toBe('v1')
  })

  it('is approved by two persons, and each word is kept with the person behind it', async () => {
    expect(await approvedBy(bearer('operator'), bearer('phone'))).toEqual([
      ['waiting', ''],
      ['approved', ''],
    ])
    expect(stand.desk.lineUp.inCharge?.version).toBe('v2')
    const [prompt] = stand.release.approvals.all().filter(({ action }) => action === 'promote')
    const said = [
      { by: 'operator', person: LOGIN },
      { by: 'phone', person: 'grace' },
    ]
    expect(prompt?.given).toMatchObject(said)
    const entry = stand.desks.store.journal.entries().findLast(({ kind }) => kind === 'approval')
    expect(JSON.parse(entry?.detail ?? '')).toMatchObject({ step: 'approved', given: said })
  })
})

describe('a token', () => {
  it('is listed with whose it is', () => {
    expect(access.list().map(({ name, person }) => [name, person])).toEqual([
      ['operator', LOGIN],
      ['laptop', 'Mia'],
      ['desk', LOGIN],
      ['grace', 'grace'],
      ['phone', 'grace'],
    ])
  })

  it('belongs to somebody who has a name', () => {
    for (const person of ['', ' ', '<b>']) expect(refusal(() => access.add('other', person)).code).toBe('name')
  })
})
