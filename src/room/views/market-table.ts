import { labelText } from '../../engine/models/contract.ts'
import { isoTime, MINUTE_MS } from '../../engine/kernel/units.ts'
import type { DetailView } from '../../control/panels.ts'
import type { RoomView } from '../../control/view.ts'
import type { Desks } from '../desk/desks.ts'

const MINUTES = 360

/** The newest minutes: price, what the model in charge said of each, and what came of it. */
export function marketTable(desks: Desks, { room, market, models }: RoomView): DetailView {
  const desk = desks.of(room.symbol)
  const { bars, predictions } = desks.store
  const untilMs = (desk.tape.newestBar?.tsMs ?? 0) + MINUTE_MS
  const fromMs = untilMs - MINUTES * MINUTE_MS
  const version = models.baseline?.version ?? models.fallback.version
  // What is settled are the artifact's own scores, before any calibration.
  const { threshold } = desk.lineUp.inCharge?.model ?? desk.fallback
  const settled = new Map(predictions.settled(room.symbol, version, fromMs, untilMs).map((row) => [row.tsMs, row]))
  const rows = bars
    .between(room.symbol, fromMs, untilMs)
    .toReversed()
    .map(({ tsMs, close, high, low, volume }) => {
      const said = settled.get(tsMs)
      const signal = said === undefined ? '-' : said.score >= threshold ? 'yes' : 'no'
      return {
        time: isoTime(tsMs).slice(5, 16).replace('T', ' '),
        close: String(close),
        high: String(high),
        low: String(low),
        volume: volume.toFixed(3),
        score: said === undefined ? '-' : said.score.toFixed(3),
        signal,
        'came true': said === undefined ? '-' : said.label === 1 ? 'yes' : 'no',
      }
    })
  return {
    kind: 'table',
    title: `${room.symbol}, the last ${MINUTES / 60} hours`,
    rows,
    note: `predicted by ${version}: ${labelText(market.predicts)} of a minute's close; a signal from ${threshold.toFixed(2)}`,
  }
}
