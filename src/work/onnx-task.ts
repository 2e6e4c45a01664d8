import { onnxRuntime, openOnnx } from './onnx-session.ts'
import type { OnnxTask } from './task.ts'

/**
 * Opens an ONNX model and asks it about two rows. The library that reads it is another's, in C++: what crashes, hangs or takes all
 * memory there ends a process that nobody misses.
 * @throws RangeError with what the model lacks
 */
export async function tryOnnx({ file, width }: OnnxTask): Promise<null> {
  const session = await openOnnx(onnxRuntime(), Buffer.from(file, 'base64'), width)
  for (const value of [0, 1]) {
    const said = await session.score(new Float64Array(width).fill(value))
    if (said < 0 || said > 1)
      throw new RangeError(
        `of a row of ${value === 0 ? 'zeros' : 'ones'} it says ${said}, which is not a probability: let it end with a sigmoid or a softmax`,
      )
  }
  return null
}
