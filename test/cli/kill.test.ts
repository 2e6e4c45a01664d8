import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { barAt } from '../kit/bars.ts'
import { command } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'
import { MINUTE, START } from '../kit/moments.ts'
import { openDesks, timelineFor } from '../kit/room.ts'
import { type SmallRoom, smallRoom } from '../kit/small-room.ts'

const fresh = freshDirectories()
let room: SmallRoom

beforeAll(async () => {
  room = await smallRoom(fresh())
})

describe('onay kill, where no room runs', () => {
  it('says that it is off, throws it for the next start, and says by whom, when and why', async () => {
    expect(await room.run(['kill'])).toMatchObject({ code: 0, stdout: 'BTCUSDT: the kill switch is off\n' })
    const said = 'BTCUSDT: the kill switch is ON since 2025-05-07 12:00 UTC, by command line: fills look wrong\n'
    expect(await room.run(['kill', 'on', '--reason', 'fills look wrong'])).toMatchObject({ code: 0, stdout: said })
    expect(await room.run(['kill'])).toMatchObject({ code: 1, stdout: said })
    expect(await room.json(['kill'], [1])).toMatchObject({
      schema: 'kill_switch/1',
      items: [{ symbol: 'BTCUSDT', enabled: true, by: 'command line', reason: 'fills look wrong' }],
      approvals: [],
    })
    expect((await room.run(['evidence', 'verify'])).code).toBe(0)
  })

  it('takes it back, and drills it, in a room that runs alone', async () => {
    for (const asked of [['off'], ['drill']]) {
      const { code, stderr } = await room.run(['kill', ...asked])
      expect(code).toBe(3)
      expect(stderr).toContain('no room runs on this data directory')
    }
  })
})

describe('onay kill, of two markets', () => {
  it('ends with 1 while it is on for one of them', async () => {
    const dir = fresh()
    const desks = openDesks(dir, { symbols: ['AAAUSDT', 'BBBUSDT'] })
    for (const { symbol } of desks.all())
      timelineFor(desks).history(desks.of(symbol), [{ rows: [{ line: 1, bar: barAt(0, 100) }], atMs: START + MINUTE }])
    desks.close()
    const at = ['--data-dir', join(dir, 'data')]
    expect((await command(['kill', ...at])).code).toBe(0)
    for (const symbol of ['AAAUSDT', 'BBBUSDT']) {
      expect((await command(['kill', 'on', '--symbol', symbol, ...at])).code).toBe(0)
      const { code, stdout } = await command(['kill', ...at])
      expect([code, stdout.match(/ is ON /g)?.length]).toEqual([1, symbol === 'AAAUSDT' ? 1 : 2])
    }
  })
})
