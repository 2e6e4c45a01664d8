/** Programs that ask a room for predictions without a pause, and what they were told. */
import { Predicted } from '../kit/documents.ts'
import type { Room } from '../kit/program.ts'

export interface Callers {
  /** The ids of answers, as they came. */
  readonly acknowledged: readonly string[]
  /** The status of every other answer. */
  readonly refused: readonly number[]
  /** Resolves once the last answer is there. @throws what a caller was not answered with */
  end(): Promise<void>
}

export function callWhile(room: Room, callers: number): Callers {
  const acknowledged: string[] = []
  const refused: number[] = []
  const ending = new AbortController()
  const call = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const answer = await room.ask('POST', '/ml/predict', { body: {} })
      if (answer.status === 200) acknowledged.push(Predicted.parse(answer.json).id)
      else refused.push(answer.status)
    }
  }
  const calls = Promise.all(Array.from({ length: callers }, call))
  // Whoever ends them hears of it.
  calls.catch(() => {})
  return {
    acknowledged,
    refused,
    end: async () => {
      ending.abort()
      await calls
    },
  }
}
