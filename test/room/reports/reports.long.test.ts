import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { freshDirectories } from '../../kit/directories.ts'
import { weekNow } from '../../../src/room/reports/report-now.ts'
import { barLines, content, files, openDesks, run, SYMBOL, timelineFor, writeRecording } from '../../kit/room.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'

const fresh = freshDirectories()
const Report = z.object({ period: z.string(), date: z.string(), ts_ms: z.number(), document: z.string() })
const Daily = z.object({
  overall_status: z.string(),
  data_quality: z.object({ missing: z.record(z.string(), z.number()) }),
})

function reportsOf(dir: string) {
  return z.array(Report).parse(content(dir).reports)
}

/** START is a Monday. The room dies after two hours of its second day: played once, and copied. */
let died = ''
beforeAll(async () => {
  died = fresh()
  await run(died, writeRecording(died, barLines(1_560)), { untilMs: START + DAY + 120 * MINUTE })
})

/** It comes back at `atMs`. */
async function comesBack(atMs: number): Promise<string> {
  const dir = fresh()
  cpSync(died, dir, { recursive: true })
  const desks = openDesks(dir)
  try {
    await timelineFor(desks).live(desks.of(SYMBOL), [], atMs)
    desks.drainOutbox()
  } finally {
    desks.close()
  }
  return dir
}

describe('days and weeks that were missed while the process was down', () => {
  it('are written at the first moment after the next start, each once, and say that nothing came in', async () => {
    const atMs = START + 15 * DAY + 3 * MINUTE
    const dir = await comesBack(atMs)
    const reports = reportsOf(dir)
    const daily = reports.filter(({ period }) => period === 'daily')
    expect(daily.map(({ date }) => date)).toEqual(
      Array.from({ length: 15 }, (_, i) => new Date(START + i * DAY).toISOString().slice(0, 10)),
    )
    expect(daily.slice(1).every(({ ts_ms }) => ts_ms === atMs)).toBe(true)
    const empty = Daily.parse(JSON.parse(daily.at(-1)?.document ?? ''))
    expect(empty.overall_status).toBe('CRITICAL')
    // Of no rows no share is known.
    expect(empty.data_quality.missing).toEqual({})
    expect(reports.filter(({ period }) => period === 'weekly').map(({ date }) => date)).toEqual([
      '2025-05-11',
      '2025-05-18',
    ])
    const written = Object.keys(files(dir))
    for (const { period, date } of reports)
      expect(written).toContain(join('/evidence/ml', period, `report_${date}.json`))
    // A room lives through them: each missed day is owed its page, which a process of its own makes.
    const owed = z.array(z.object({ kind: z.string(), payload: z.string() })).parse(content(dir).outbox)
    expect(owed.map(({ kind }) => kind)).toEqual(Array.from({ length: 14 }, () => 'report_page'))
  })

  it('are not written again at the moment after', async () => {
    const dir = await comesBack(START + 8 * DAY)
    const before = reportsOf(dir)
    const desks = openDesks(dir)
    await timelineFor(desks).live(desks.of(SYMBOL), [], START + 8 * DAY + MINUTE)
    desks.close()
    expect(reportsOf(dir)).toEqual(before)
  })
})

describe('the weekly summary', () => {
  it('is written on Sunday at 23:59 with the Sunday as it stands, and is a day short of nothing', async () => {
    const dir = fresh()
    await run(dir, writeRecording(dir, barLines(7 * 1_440 + 60)))
    const [weekly, ...more] = reportsOf(dir).filter(({ period }) => period === 'weekly')
    expect(more).toEqual([])
    expect(weekly).toMatchObject({ date: '2025-05-11', ts_ms: START + 7 * DAY - MINUTE })
    const document = z
      .object({
        n: z.object({ days: z.number(), requests: z.number() }),
        metrics: z.record(z.string(), z.number().nullable()),
        unmeasured: z.record(z.string(), z.string()),
        days: z.array(z.object({ date: z.string(), until: z.string(), n: z.record(z.string(), z.number()) })),
      })
      .parse(JSON.parse(weekly?.document ?? ''))
    expect(document.n.days).toBe(7)
    expect(document.days.map(({ n }) => n.rows)).toEqual([1_440, 1_440, 1_440, 1_440, 1_440, 1_440, 1_439])
    expect(document.metrics.match_rate).toBeNull()
    expect(document.unmeasured.match_rate).toBe('no candidate in the shadow')
    const text = readFileSync(join(dir, 'evidence/ml/weekly/report_2025-05-11.txt'), 'utf8')
    expect(text).toContain('match_rate      unknown: no candidate in the shadow (n 0 comparisons)')
    const desks = openDesks(dir)
    expect(weekNow(desks, SYMBOL, undefined)).toEqual(JSON.parse(weekly?.document ?? ''))
    desks.close()
  })
})
