/** The bytes of a recording: read in bounded pieces, unpacked when they are gzip, the file closed whatever happens. */
import { closeSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { createGunzip, type Gunzip } from 'node:zlib'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'

const PIECE_BYTES = 65_536
/** Gzip packs a thousand bytes into one at best: what one write unpacks to must fit into memory. */
const PACKED_BYTES = 2_048

export interface ReadOptions {
  /** Rows on lines up to this one are not yielded: where an earlier reading stopped. */
  readonly skipLines: number
  /** Ends the reading between two pieces, by throwing its reason. */
  readonly signal?: AbortSignal | undefined
}

/** @throws OperatorError unless a path names a file that can be read again and again: a pipe is read once, a device never ends */
export async function refuseUnlessFile(path: string): Promise<void> {
  const found = await stat(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  if (found.isFile()) return
  if (found.isDirectory()) throw unreadable(path, Object.assign(new Error('it is a directory'), { code: 'EISDIR' }))
  const kind = found.isFIFO() ? 'a pipe' : 'a device'
  throw new OperatorError(
    `${path} cannot be read`,
    `it is ${kind}, and a recording is read more than once`,
    'write it to a file first, and name that',
    'not_a_file',
  )
}

/** Whether a file begins with these characters, which tell its format. One that cannot be opened is for its reader to explain. */
export function beginsWith(path: string, magic: string): boolean {
  try {
    const file = openSync(path, 'r')
    try {
      const head = Buffer.alloc(magic.length)
      return readSync(file, head, 0, magic.length, 0) === magic.length && head.toString('latin1') === magic
    } finally {
      closeSync(file)
    }
  } catch {
    return false
  }
}

/**
 * A file's bytes as they stand, in pieces of at most 64 KiB.
 * @throws OperatorError when the file does not exist, is not a file, or cannot be read; the signal's reason when it is aborted
 */
export async function* fileBytes(path: string, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  let handle: FileHandle | null = null
  try {
    await refuseUnlessFile(path)
    handle = await open(path, 'r')
    for (;;) {
      signal?.throwIfAborted()
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
export async function* unpackedBytes(path: string, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  let gunzip: Gunzip | null = null
  let first = true
  const unpacked: Buffer[] = []
  try {
    for await (const piece of fileBytes(path, signal)) {
      if (first && piece[0] === 0x1f && piece[1] === 0x8b) {
        gunzip = createGunzip()
        gunzip.on('data', (part: Buffer) => unpacked.push(part))
      }
      first = false
      if (gunzip === null) {
        yield piece
      } else {
        for (let at = 0; at < piece.length; at += PACKED_BYTES) {
          await feed(gunzip, piece.subarray(at, at + PACKED_BYTES))
          for (const part of unpacked.splice(0)) {
            signal?.throwIfAborted()
            yield part
          }
        }
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

/** Written bit by bit and awaited, so that at most one bit is unpacked in memory at a time. */
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
  if (thrown instanceof OperatorError) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
  const what = `${path} cannot be read`
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new OperatorError(what, 'the file does not exist', 'check the path', 'no_file')
  }
  if (code === 'EISDIR') {
    return new OperatorError(what, 'it is a directory', 'name one file', 'not_a_file')
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new OperatorError(what, 'reading it is not allowed', `allow it, for example: chmod u+r ${path}`, 'no_access')
  }
  if (typeof code === 'string') {
    return new OperatorError(what, messageOf(thrown), 'check the disk that it is on', 'read_failed')
  }
  return thrown
}
