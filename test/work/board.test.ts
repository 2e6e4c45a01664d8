import { describe, expect, it } from 'vitest'
import { WorkBoard } from '../../src/work/board.ts'

describe('the board of what runs', () => {
  it('never lets a part of a work take its bar back: the training of a first model is a step of history', () => {
    const board = new WorkBoard()
    const { signal } = new AbortController()
    board.begin('history', { symbol: 'BTCUSDT', what: 'history', cancellable: false }, signal)
    const said = (step: string, share?: number): number | null => {
      board.progress('history', {
        symbol: 'BTCUSDT',
        what: 'history',
        step,
        ...(share === undefined ? {} : { share }),
      })
      return board.views('BTCUSDT')[0]?.share ?? null
    }
    const shares = [said('2025-05-20', 0.59), said('training: fold 1, 37 %'), said('training: fold 5, 96 %')]
    expect([...shares, said('2025-05-21', 0.62)]).toEqual([0.59, 0.59, 0.59, 0.62])
    expect(board.views('BTCUSDT')[0]?.step).toBe('2025-05-21')
  })
})
