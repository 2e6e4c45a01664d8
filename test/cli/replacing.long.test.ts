import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { freshDirectories } from '../kit/directories.ts'
import { expectTrouble } from '../kit/command.ts'
import { BTC } from '../kit/samples.ts'
import { type SmallRoom, smallRoom } from '../kit/small-room.ts'

const fresh = freshDirectories()
const Models = z.object({ items: z.array(z.object({ version: z.string(), slot: z.string().nullable() })) })
const Retrained = z.object({
  version: z.string(),
  slot: z.string().nullable(),
  replaced: z.object({ version: z.string(), since: z.string(), comparisons: z.number() }).nullable(),
})
const RETRAIN = ['retrain', '--features', 'v1.8.1', '--version'] as const
const LOSS =
  /^v1\.8\.1 is in the shadow, it would be replaced: 6 h in the shadow and 3[56]\d comparisons end\. Replace it\?$/

let room: SmallRoom

beforeAll(async () => {
  room = await smallRoom(`${fresh()}/room`)
  await room.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', '2025-05-07T18:00'])
})

async function candidate(): Promise<string | undefined> {
  return Models.parse(await room.json(['models'])).items.find(({ slot }) => slot === 'candidate')?.version
}

/** Runs it at a terminal where somebody gives that answer. */
async function asked(answer: boolean, args: readonly string[]) {
  const questions: string[] = []
  const confirm = (question: string): Promise<boolean> => {
    questions.push(question)
    return Promise.resolve(answer)
  }
  return { ...(await room.run(args, { confirm })), questions }
}

describe('a candidate that has been compared', () => {
  it('is not replaced where --no-replace says so, and what would be lost is named', async () => {
    expectTrouble(await room.run([...RETRAIN, 'v2', '--no-replace']), 'v1.8.1 is in the shadow', 'comparisons end')
    expect(await candidate()).toBe('v1.8.1')
  })

  it('stays where whoever sits there says no', async () => {
    const said = await asked(false, [...RETRAIN, 'v2'])
    expect(said.questions).toEqual([expect.stringMatching(LOSS)])
    expectTrouble(said, 'the candidate stays')
    expect(await candidate()).toBe('v1.8.1')
  })

  it('is lost by no dry run, which asks nothing', async () => {
    const { code, questions } = await asked(false, [...RETRAIN, 'v2', '--dry-run'])
    expect([code, questions, await candidate()]).toEqual([0, [], 'v1.8.1'])
  })

  it('is replaced after a yes, and that is told, an event and in the chain', async () => {
    const { code, stdout, questions } = await asked(true, [...RETRAIN, 'v2'])
    expect([code, questions.length]).toEqual([0, 1])
    expect(stdout).toMatch(/v1\.8\.1 left the shadow, where it had 3[56]\d comparisons since 2025-05-07 12:00 UTC/)
    expect(await candidate()).toBe('v2')
    expect((await room.run(['events', '--last', '10'])).stdout).toMatch(/v1\.8\.1 left the shadow, replaced by v2/)
    expect((await room.run(['evidence', 'verify'])).code).toBe(0)
  })

  it('is replaced by a script, whose document names it, and without a question by --replace', async () => {
    const replaced = Retrained.parse(await room.json([...RETRAIN, 'v3']))
    expect(replaced).toMatchObject({ version: 'v3', slot: 'candidate', replaced: { version: 'v2', comparisons: 0 } })
    const { code, questions } = await asked(false, [...RETRAIN, 'v4', '--replace'])
    expect([code, questions, await candidate()]).toEqual([0, [], 'v4'])
  })

  it('is retired by its name alone, with the reason in the record', async () => {
    expectTrouble(await room.run(['models', 'retire', 'v3']), 'v3 is not in the shadow', 'no role')
    expectTrouble(await room.run(['models', 'retire', 'v1.8-b0']), 'it is in charge')
    expectTrouble(await room.run(['models', 'retire', 'v9']), 'no model of this name')
    const retired = await room.json(['models', 'retire', 'v4', '--reason', 'worse by far\u001b[31m\u0007'])
    expect(retired).toMatchObject({
      symbol: 'BTCUSDT',
      version: 'v4',
      slot: 'retired',
      reason: 'worse by far\u001b[31m\u0007',
    })
    expect(await candidate()).toBe(undefined)
    const { stdout } = await room.run(['events', '--last', '3'])
    expect(stdout).toMatch(/v4 left the shadow, retired by .*: worse by far;/)
    // What somebody typed is shown, and not carried out by the terminal.
    expect(['\u001b', '\u0007'].filter((code) => stdout.includes(code))).toEqual([])
    expect((await room.run(['evidence', 'verify'])).code).toBe(0)
    expect(Retrained.parse(await room.json([...RETRAIN, 'v5', '--no-replace'])).replaced).toBe(null)
  })
})
