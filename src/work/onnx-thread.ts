/** The thread that runs ONNX models: the package answers later, and a score is wanted at once. */
import { workerData } from 'node:worker_threads'
import { messageOf } from '../engine/kernel/errors.ts'
import { openOnnx, type OnnxSession } from './onnx-session.ts'
import type { FromOnnx, OnnxThreadData, ToOnnx } from './onnx-words.ts'

// The host that starts it gives it these.
const { path, port, answers } = workerData as OnnxThreadData
const sessions = new Map<string, OnnxSession>()

port.on('message', (message: ToOnnx) => {
  if (message.kind === 'close') {
    void sessions.get(message.id)?.close()
    sessions.delete(message.id)
    return
  }
  void answered(message)
})

async function answered(message: Exclude<ToOnnx, { kind: 'close' }>): Promise<void> {
  port.postMessage(await answerTo(message))
  // In this order: who is woken finds the answer.
  Atomics.add(answers, 0, 1)
  Atomics.notify(answers, 0)
}

async function answerTo(message: Exclude<ToOnnx, { kind: 'close' }>): Promise<FromOnnx> {
  try {
    if (message.kind === 'open') {
      sessions.set(message.id, await openOnnx(path, message.bytes, message.width))
      return { ok: true, score: Number.NaN }
    }
    const session = sessions.get(message.id)
    if (session === undefined) throw new RangeError('it is not open')
    return { ok: true, score: await session.score(message.row) }
  } catch (error) {
    return { ok: false, why: messageOf(error) }
  }
}
