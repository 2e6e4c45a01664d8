import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { freshDirectories } from '../kit/directories.ts'
import { ServedRoom } from '../kit/served-room.ts'

const fresh = freshDirectories()

it('a request that comes while the room closes has the room’s own answer', async () => {
  const served = new ServedRoom(fresh(), '0.0.0-test')
  await served.open()
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  // Begun before and finished after: a connection on which nothing has begun is closed.
  socket.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n')
  await once(socket, 'connect')
  await fetch(`${served.url}/healthz`)
  const ended = served.end()
  await new Promise((resolve) => setImmediate(resolve))
  socket.write('\r\n')
  await once(socket, 'close')
  await ended
  await served.close()
  const [head, body] = text.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 503 /)
  expect(JSON.parse(body ?? '')).toEqual({
    error: {
      code: 'closing',
      message: 'the room is closing: it takes no more requests',
      next: 'try again once it runs again',
    },
  })
})
