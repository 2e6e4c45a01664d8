/** Asks the thread that runs ONNX and waits for its answer, so that such a model scores like any other. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { onnxRuntime } from './onnx-session.ts'
import type { FromOnnx, OnnxThreadData, ToOnnx } from './onnx-words.ts'

/** The thread starts with the first model and loads the library, which takes some 0.1 s on a machine at rest. */
const OPEN_LIMIT_MS = 10_000
/** More than have a role at a time; the one that was asked longest ago is closed. */
const MAX_OPEN = 32

interface OnnxFile {
  /** SHA-256 of the bytes. */
  readonly id: string
  readonly bytes: Uint8Array
  /** How many features it takes. */
  readonly width: number
}

class OnnxHost {
  private readonly port: MessagePort
  private readonly answers = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  private readonly open = new Set<string>()
  /** Questions without an answer: more than none once one took too long. */
  private unanswered = 0
  ended = false

  constructor(path: string) {
    const { port1, port2 } = new MessageChannel()
    const workerData: OnnxThreadData = { path, port: port2, answers: this.answers }
    const worker = new Worker(threadFile(), { workerData, transferList: [port2] })
    const end = (): void => {
      this.ended = true
    }
    worker.on('error', end).on('exit', end)
    // Nothing waits for it when the program ends.
    worker.unref()
    port1.unref()
    this.port = port1
  }

  /** @throws RangeError with what the model lacks */
  opened({ id, bytes, width }: OnnxFile): void {
    const key = keyOf({ id, width })
    if (this.open.delete(key)) {
      this.open.add(key)
      return
    }
    const [oldest] = this.open
    if (oldest !== undefined && this.open.size >= MAX_OPEN) {
      this.open.delete(oldest)
      this.port.postMessage({ kind: 'close', id: oldest } satisfies ToOnnx)
    }
    this.ask({ kind: 'open', id: key, bytes, width }, OPEN_LIMIT_MS)
    this.open.add(key)
  }

  score(file: OnnxFile, row: Float64Array, limitMs: number): number {
    this.opened(file)
    return this.ask({ kind: 'score', id: keyOf(file), row }, limitMs)
  }

  private ask(question: ToOnnx, limitMs: number): number {
    while (this.unanswered > 0 && receiveMessageOnPort(this.port) !== undefined) this.unanswered--
    if (this.unanswered > 0) throw new RangeError('onnxruntime-node still works on an earlier row')
    let given = Atomics.load(this.answers, 0)
    this.port.postMessage(question)
    this.unanswered++
    let answer: FromOnnx | undefined
    // An earlier answer may have been taken before it was counted: its count ends one wait too early.
    while (answer === undefined && Atomics.wait(this.answers, 0, given, limitMs) !== 'timed-out') {
      given = Atomics.load(this.answers, 0)
      answer = receiveMessageOnPort(this.port)?.message
    }
    if (answer === undefined) throw new RangeError(`onnxruntime-node gave no answer within ${limitMs} ms`)
    this.unanswered--
    if (!answer.ok) throw new RangeError(answer.why)
    return answer.score
  }
}

let host: OnnxHost | null = null

function running(): OnnxHost {
  if (host === null || host.ended) host = new OnnxHost(onnxRuntime())
  return host
}

/** Opens a model. @throws RangeError when onnxruntime-node is missing, or the file is not one that can be used */
export function openOnnxFile(file: OnnxFile): void {
  running().opened(file)
}

/**
 * What a model says of one row. Holds the process up until it is there: some 0.1 ms in a row, 0.5 ms now and then.
 * @throws RangeError when it says nothing, or not within the limit
 */
export function scoreByOnnx(file: OnnxFile, row: Float64Array, limitMs: number): number {
  return running().score(file, row, limitMs)
}

function keyOf({ id, width }: Pick<OnnxFile, 'id' | 'width'>): string {
  return `${id}/${width}`
}

/** The bundle has it beside the program; run from the sources, it is the built one that is used. */
function threadFile(): string {
  const beside = fileURLToPath(new URL('./onnx-thread.js', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../dist/onnx-thread.js', import.meta.url))
}
