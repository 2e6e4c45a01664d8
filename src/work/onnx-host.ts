/** Asks the threads that run ONNX, one a model, and waits for their answers, so that such a model scores like any other. */
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { monotonicMs } from '../engine/kernel/clock.ts'
import { onnxRuntime } from './onnx-session.ts'
import type { FromOnnx, OnnxThreadData } from './onnx-words.ts'

/** A thread loads the library, which takes some 0.1 s on a machine at rest, and reads the model: megabytes take seconds. */
const OPEN_LIMIT_MS = 10_000
const LOOK_EVERY_MS = 5
/** A row that has taken so long may never end: its model is opened anew, in another thread. */
const STUCK_AFTER_MS = 30_000
/** More than have a role at a time; the one that was asked longest ago is closed. */
const MAX_OPEN = 32

export interface OnnxFile {
  /** SHA-256 of the bytes. */
  readonly id: string
  readonly bytes: Uint8Array
  /** How many features it takes. */
  readonly width: number
}

/** One model. What it does to its thread, a row that takes too long say, keeps no other model from answering. */
class OnnxThread {
  private readonly port: MessagePort
  private readonly answers = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  private readonly worker: Worker
  /** When it was asked for what it has not answered; null where it owes nothing. */
  private askedMs: number | null = monotonicMs()
  private isOpen = false
  ended = false

  /** @param waits whether a score waits for it to open: not in the place of one that is stuck */
  constructor(
    path: string,
    { bytes, width }: OnnxFile,
    private readonly waits: boolean,
  ) {
    const { port1, port2 } = new MessageChannel()
    const workerData: OnnxThreadData = { path, port: port2, answers: this.answers, bytes, width }
    this.worker = new Worker(threadFile(), { workerData, transferList: [port2] })
    const end = (): void => {
      this.ended = true
    }
    this.worker.on('error', end).on('exit', end)
    // Nothing waits for it when the program ends.
    this.worker.unref()
    port1.unref()
    this.port = port1
  }

  get isStuck(): boolean {
    return this.askedMs !== null && monotonicMs() - this.askedMs > STUCK_AFTER_MS
  }

  end(): void {
    this.ended = true
    this.port.close()
    void this.worker.terminate()
  }

  /** @returns whether it is open by then @throws RangeError with what the model lacks */
  opens(limitMs: number): boolean {
    if (this.isOpen) return true
    const answer = this.next(limitMs)
    if (answer === null) return false
    if (!answer.ok) throw new RangeError(answer.why)
    this.isOpen = true
    return true
  }

  /** @throws RangeError where it says nothing within the limit */
  score(row: Float64Array, limitMs: number): number {
    if (!this.opens(this.waits ? OPEN_LIMIT_MS : 0)) throw new RangeError('onnxruntime-node is still opening it')
    if (this.askedMs !== null && this.next(0) === null)
      throw new RangeError('onnxruntime-node still works on an earlier row')
    this.port.postMessage(row)
    this.askedMs = monotonicMs()
    const answer = this.next(limitMs)
    if (answer === null) throw new RangeError(`onnxruntime-node gave no answer within ${limitMs} ms`)
    if (!answer.ok) throw new RangeError(answer.why)
    return answer.score
  }

  /** The answer that it owes; null where it has not come within the limit. */
  private next(limitMs: number): FromOnnx | null {
    let given = Atomics.load(this.answers, 0)
    let answer: FromOnnx | undefined = receiveMessageOnPort(this.port)?.message
    // An earlier answer may have been taken before it was counted: its count ends one wait too early.
    while (answer === undefined && Atomics.wait(this.answers, 0, given, limitMs) !== 'timed-out') {
      given = Atomics.load(this.answers, 0)
      answer = receiveMessageOnPort(this.port)?.message
    }
    if (answer === undefined) return null
    this.askedMs = null
    return answer
  }
}

const threads = new Map<string, OnnxThread>()

/** Opens a model. @throws RangeError when onnxruntime-node is missing, or the file is not one that can be used */
export function openOnnxFile(file: OnnxFile): void {
  usable(file, (thread) => {
    if (!thread.opens(OPEN_LIMIT_MS)) throw tooLate()
  })
}

/** As `openOnnxFile`, while others have their turn: large models take seconds. */
export async function openOnnxFileMeanwhile(file: OnnxFile): Promise<void> {
  const untilMs = monotonicMs() + OPEN_LIMIT_MS
  while (!usable(file, (thread) => thread.opens(0))) {
    if (monotonicMs() > untilMs) throw tooLate()
    await pause(LOOK_EVERY_MS)
  }
}

/**
 * What a model says of one row. Holds the process up until it is there: some 0.1 ms in a row, 0.5 ms now and then.
 * @throws RangeError when it says nothing, or not within the limit
 */
export function scoreByOnnx(file: OnnxFile, row: Float64Array, limitMs: number): number {
  return threadOf(file).score(row, limitMs)
}

/** A model that cannot be opened has no thread afterwards. */
function usable<T>(file: OnnxFile, use: (thread: OnnxThread) => T): T {
  try {
    return use(threadOf(file))
  } catch (error) {
    close(keyOf(file))
    throw error
  }
}

function threadOf(file: OnnxFile): OnnxThread {
  const key = keyOf(file)
  const known = threads.get(key)
  const isStuck = known?.isStuck === true
  const usual = known === undefined || known.ended || isStuck ? null : known
  if (usual === null) close(key)
  else threads.delete(key)
  const [oldest] = threads.keys()
  if (oldest !== undefined && threads.size >= MAX_OPEN) close(oldest)
  const thread = usual ?? new OnnxThread(onnxRuntime(), file, !isStuck)
  threads.set(key, thread)
  return thread
}

function close(key: string): void {
  threads.get(key)?.end()
  threads.delete(key)
}

function tooLate(): RangeError {
  return new RangeError(`onnxruntime-node did not open it within ${OPEN_LIMIT_MS / 1_000} s`)
}

function keyOf({ id, width }: Pick<OnnxFile, 'id' | 'width'>): string {
  return `${id}/${width}`
}

/** The bundle has it beside the program; run from the sources, it is the built one that is used. */
function threadFile(): string {
  const beside = fileURLToPath(new URL('./onnx-thread.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../dist/onnx-thread.js', import.meta.url))
}
