import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Screen } from '../../src/tui/frame.ts'
import type { RoomView } from '../../src/control/view.ts'
import { Session } from '../../src/tui/session.ts'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { ASKED, RAMPING } from './canary-views.ts'
import { keysOf } from './pressing.ts'
import { FakeRoom } from '../kit/fake-room.ts'
import { BLOCKED, changed } from '../kit/views.ts'

const THEME = { colour: false, unicode: true }

function start(room: FakeRoom): {
  session: Session
  drawn: Screen[]
  next: () => Promise<Screen>
  ended: Promise<void>
} {
  const drawn: Screen[] = []
  const events = new EventEmitter()
  const session = new Session({
    room,
    symbol: undefined,
    by: 'mia',
    theme: THEME,
    wallNow: () => 0,
    size: () => ({ columns: 80, rows: 24 }),
    draw: (screen) => {
      drawn.push(screen)
      events.emit('drawn', screen)
    },
    copy: () => {},
    forget: () => {},
  })
  const next = (): Promise<Screen> => new Promise((resolve) => events.once('drawn', resolve))
  return { session, drawn, next, ended: session.run() }
}

describe('a session', () => {
  it('draws the first view, then only what changed', async () => {
    const room = new FakeRoom(BLOCKED)
    const { session, drawn, next, ended } = start(room)
    expect((await next()).lines[2]).toContain('GATES')
    const paused = next()
    session.press(keysOf('space'))
    expect((await paused).lines.join('\n')).toMatch(/the recording is paused|\|\| paused/)
    session.stop()
    await ended
    expect(new Set(drawn.map((screen) => screen.lines.join('\n'))).size).toBe(drawn.length)
    expect(room.asked).toEqual(['speed pause'])
  })

  it('shows a room that does not answer, and quits all the same', async () => {
    const room = new FakeRoom(BLOCKED)
    room.broken = new Error('connection refused')
    const { session, next, ended } = start(room)
    expect((await next()).lines[0]).toContain('connection refused')
    session.press(keysOf('q'))
    await ended
    expect(session.left).toBe('end')
  })

  it('asks the room for an abort on the second keystroke, before anything is drawn', async () => {
    const room = new FakeRoom(RAMPING)
    const { session, drawn, next, ended } = start(room)
    await next()
    for (const keys of [
      ['a', 'a'],
      ['o', 'ctrl-k', 'ctrl-k'],
    ]) {
      const before = { asked: room.asked.length, drawn: drawn.length }
      session.press(keysOf(...keys))
      expect(room.asked.slice(before.asked)).toEqual(['abort BTCUSDT'])
      expect(drawn).toHaveLength(before.drawn)
    }
    session.stop()
    await ended
  })

  it('looks at once when the room says that there is something new, and no more once it has ended', async () => {
    const room = new FakeRoom(BLOCKED)
    const listeners = new Set<() => void>()
    const listening = Object.assign(room, {
      onChange: (listener: () => void) => {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      },
    })
    const { session, next, ended } = start(listening)
    await next()
    const drawn = next()
    room.shown = changed(BLOCKED, { models: { killSwitch: true } })
    expect(listeners.size).toBe(1)
    for (const tell of listeners) tell()
    expect((await drawn).lines[1]).toMatch(/KILL ON/)
    session.stop()
    await ended
    expect(listeners.size).toBe(0)
  })

  it('asks for an abort also while other commands are on their way', async () => {
    const room = new FakeRoom(RAMPING)
    room.commands = { ...room.commands, setSpeed: () => new Promise(() => {}) }
    const { session, next, ended } = start(room)
    await next()
    session.press(keysOf('space', 'space', 'space', 'space', 'space', 'a', 'a'))
    expect(room.asked.at(-1)).toBe('abort BTCUSDT')
    expect(room.asked.slice(0, -1)).toEqual(Array(4).fill('speed pause'))
    session.stop()
    await ended
  })

  it('says on the message line what the room says against an answer, and keeps the prompt', async () => {
    const room = new FakeRoom(ASKED)
    const refusal = new OperatorError('not approved', 'you have approved it already', 'another name is needed')
    room.commands = { ...room.commands, answerApproval: () => Promise.reject(refusal) }
    const { session, drawn, next, ended } = start(room)
    await next()
    session.press(keysOf('o', 'x', 'tab', 'O', 'N', 'A', 'Y', 'enter'))
    while (!drawn.at(-1)?.lines.join('\n').includes('not approved: you have approved it already')) await next()
    expect(drawn.at(-1)?.lines.join('\n')).toMatch(/Reason +x/)
    session.stop()
    await ended
  })

  it('ends with the error when a frame cannot be composed', async () => {
    const room = new FakeRoom({
      ...BLOCKED,
      get watch(): RoomView['watch'] {
        throw new Error('a bug in the view')
      },
    })
    const { ended } = start(room)
    await expect(ended).rejects.toThrow('a bug in the view')
  })
})
