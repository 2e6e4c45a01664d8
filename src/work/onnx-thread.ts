/** The thread that runs an ONNX model: the package answers later, and a score is wanted at once. */
import { workerData } from 'node:worker_threads'
import { messageOf } from '../engine/kernel/errors.ts'
import { openOnnx } from './onnx-session.ts'
import type { FromOnnx, OnnxThreadData } from './onnx-words.ts'

// The host that starts it gives it these.
const { path, port, answers, bytes, width } = workerData as OnnxThreadData
const opening = openOnnx(path, bytes, width)

void answer(opening.then(() => Number.NaN))
port.on('message', (row: Float64Array) => void answer(opening.then((session) => session.score(row))))

async function answer(scored: Promise<number>): Promise<void> {
  const said = await scored.then(
    (score): FromOnnx => ({ ok: true, score }),
    (error: unknown): FromOnnx => ({ ok: false, why: messageOf(error) }),
  )
  port.postMessage(said)
  // In this order: who is woken finds the answer.
  Atomics.add(answers, 0, 1)
  Atomics.notify(answers, 0)
}
