import { expect, it } from 'vitest'
import { z } from 'zod'
import { Gates } from '../kit/documents.ts'
import { Approval } from '../kit/play.ts'
import { fastClock, type Room, stage } from '../kit/program.ts'
import { BTC } from '../kit/samples.ts'
import { smallRoom } from '../kit/small-room.ts'
import { until } from '../kit/until.ts'

const shell = stage()
const Shown = Approval.extend({ figures: z.object({ outcome: z.object({ verdict: z.string() }) }) })
const Refused = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** What the outcome says is known from an hour of settled minutes on. */
const AFTER_AN_HOUR = { gates: { outcome_min_rows: 60, p95_ms: 5_000 }, training: { window_days: 1 } }

async function outcome(room: Room): Promise<string> {
  return Gates.parse((await room.get('/gates')).json).outcome.verdict
}

it('an approval is refused when the outcome that it showed has come to say something else while it waited', async () => {
  const { dataDir } = await smallRoom(shell.fresh())
  await shell.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', '2025-05-07T13:04', '--data-dir', dataDir])
  // While a prompt waits a recording goes no faster than the machine's clock: that is what has to run.
  const room = await shell.serve(dataDir, [...shell.configured(AFTER_AN_HOUR), '--speed', '1'], fastClock(60))
  const asked = await room.change('/canary/start', { live: true })
  const { id, figures, state } = Shown.parse(asked.json)
  expect([figures.outcome.verdict, state]).toEqual(['too_early', 'waiting'])
  await until('another outcome', async () => (await outcome(room)) !== 'too_early')
  const refused = await room.change(`/approvals/${id}`, { decision: 'approve', phrase: 'ONAY', reason: 'it is time' })
  expect(refused.status).toBe(409)
  expect(Refused.parse(refused.json).error.message).toContain('a verdict among its figures has changed')
  const kept = z.object({ items: z.array(Approval) }).parse(await shell.json(['approvals', '--data-dir', dataDir]))
  expect(kept.items).toEqual([])
  expect(z.object({ state: z.string() }).parse((await room.get('/canary')).json).state).toBe('idle')
})
