/** The bytes of a recording: read in bounded pieces, unpacked when they are gzip, the file closed whatever happens. */
import { type FileHandle, open } from 'node:fs/promises'
import { createGunzip, type Gunzip } from 'node:zlib'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'

const PIECE_BYTES = 65_536

/**
 * A file's bytes as they stand, in pieces of at most 64 KiB.
 * @throws OperatorError when the file does not exist, is a directory, or cannot be read
 */
export async function* fileBytes(path: string): AsyncGenerator<Buffer, void, undefined> {
  let handle: FileHandle | null = null
  try {
    handle = await open(path, 'r')
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, null)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } catch (thrown) {
    throw unreadable(path, thrown)
  } finally {
    await handle?.close()
  }
}

/** The same pieces; a gzip file's are unpacked. Known by its first two bytes, whatever the file is called. */
export async function* unpackedBytes(path: string): AsyncGenerator<Buffer, void, undefined> {
  let gunzip: Gunzip | null = null
  let first = true
  const unpacked: Buffer[] = []
  try {
    for await (const piece of fileBytes(path)) {
      if (first && piece[0] === 0x1f && piece[1] === 0x8b) {
        gunzip = createGunzip()
        gunzip.on('data', (part: Buffer) => unpacked.push(part))
      }
      first = false
      if (gunzip === null) {
        yield piece
      } else {
        await feed(gunzip, piece)
        yield* unpacked.splice(0)
      }
    }
    if (gunzip !== null) await finish(gunzip)
    yield* unpacked.splice(0)
  } catch (thrown) {
    // What was unpacked before the break is good: it goes out before the error does.
    yield* unpacked.splice(0)
    throw thrown
  } finally {
    gunzip?.destroy()
  }
}

/** What is wrong with a file's compressed data; told apart so that the reader can say in which line it happened. */
export class BrokenGzip extends Error {
  override readonly name = 'BrokenGzip'
}

/** Written piece by piece and awaited, so that at most one piece is unpacked in memory at a time. */
function feed(gunzip: Gunzip, piece: Buffer): Promise<void> {
  return settle(gunzip, (done) => gunzip.write(piece, done))
}

function finish(gunzip: Gunzip): Promise<void> {
  return settle(gunzip, (done) => gunzip.once('end', done).end())
}

function settle(gunzip: Gunzip, act: (done: (thrown?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (thrown: unknown): void => reject(new BrokenGzip(messageOf(thrown)))
    gunzip.once('error', fail)
    act((thrown) => {
      // A failed write calls back before its `error` event; the listener stays to catch that one.
      if (thrown) return fail(thrown)
      gunzip.off('error', fail)
      resolve()
    })
  })
}

function unreadable(path: string, thrown: unknown): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
  const what = `${path} cannot be read`
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new OperatorError(what, 'the file does not exist', 'check the path', 'no_file')
  }
  if (code === 'EISDIR') {
    return new OperatorError(what, 'it is a directory', 'name one file of bars (CSV, gzip or not)', 'not_a_file')
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new OperatorError(what, 'reading it is not allowed', `allow it, for example: chmod u+r ${path}`, 'no_access')
  }
  if (typeof code === 'string') {
    return new OperatorError(what, messageOf(thrown), 'check the disk that it is on', 'read_failed')
  }
  return thrown
}
