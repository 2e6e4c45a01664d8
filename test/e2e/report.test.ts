import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { prepare } from '../kit/prepared.ts'
import { stage } from '../kit/program.ts'
import { BTC } from '../kit/samples.ts'
import { smallRoom } from '../kit/small-room.ts'
import { until } from '../kit/until.ts'

const CHROMIUM = '/usr/bin/chromium'
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const DAY = '2025-06-01'
const Made = z.object({ date: z.string(), page: z.string() })
const Written = z.object({ date: z.string(), chain_head: z.string().nullable() })
const Week = z.object({
  date: z.string(),
  week: z.object({ from: z.string(), until: z.string() }),
  metrics: z.record(z.string(), z.number().nullable()),
  n: z.record(z.string(), z.number()),
  unmeasured: z.record(z.string(), z.string()),
  psi: z.object({ n: z.number(), course: z.array(z.object({ overall_psi: z.number().nullable(), n: z.number() })) }),
  days: z.array(z.object({ date: z.string(), until: z.string(), overall_status: z.string().nullable() })),
  decisions: z.array(z.object({ kind: z.string(), subject: z.string() })),
})

const shell = stage()
let dataDir = ''

beforeAll(async () => {
  dataDir = await prepare(shell, 'secondOfJune')
})

function pageOf(dir: string, date: string): string {
  return join(dir, 'evidence/ml/daily', `report_${date}.html`)
}

/** What the chain says of a file, newest first. */
function chained(dir: string, subject: string): unknown[] {
  const db = new Sqlite(join(dir, 'onay.db'), { readonly: true })
  try {
    return db.prepare('SELECT sha256 FROM chain WHERE subject = ? ORDER BY seq DESC').pluck().all(subject)
  } finally {
    db.close()
  }
}

function owe(dir: string, date: string): void {
  const db = new Sqlite(join(dir, 'onay.db'))
  try {
    const payload = JSON.stringify({ symbol: 'BTCUSDT', date })
    db.prepare("INSERT INTO outbox (kind, payload, ts_ms) VALUES ('report_page', ?, 0)").run(payload)
  } finally {
    db.close()
  }
}

describe('the page of a day', () => {
  it('is made when asked for, of a day run through as history, and stays as it was written', async () => {
    expect(existsSync(pageOf(dataDir, DAY))).toBe(false)
    const at = ['report', 'daily', '--date', DAY, '--data-dir', dataDir]
    const made = Made.parse(await shell.json([...at, '--html']))
    expect(made.page).toBe(pageOf(dataDir, DAY))
    const first = readFileSync(made.page, 'utf8')
    expect(chained(dataDir, `ml/daily/report_${DAY}.html`)).toHaveLength(1)
    await shell.json([...at, '--html'])
    expect(readFileSync(made.page, 'utf8')).toBe(first)
    expect(chained(dataDir, `ml/daily/report_${DAY}.html`)).toHaveLength(1)
  })

  it('leaves the document of `report daily --json` as it is in the file', async () => {
    const document = await shell.json(['report', 'daily', '--date', DAY, '--data-dir', dataDir])
    const file = join(dataDir, 'evidence/ml/daily', `report_${DAY}.json`)
    expect(document).toEqual(JSON.parse(readFileSync(file, 'utf8')))
    expect(document).not.toHaveProperty('page')
  })

  it('needs nothing from elsewhere, has no script, and shows no figure that is no figure', () => {
    const text = readFileSync(pageOf(dataDir, DAY), 'utf8')
    // The pages of the days before and after are neighbours in the same directory; nothing of them is needed to read this one.
    const beside = /href="report_\d{4}-\d{2}-\d{2}\.html"/g
    expect(text.match(beside)).toEqual(['href="report_2025-05-31.html"', 'href="report_2025-06-02.html"'])
    expect(text.replaceAll(beside, '').match(/(?:src|href|url)\s*[=(]\s*["']?(?!data:)[a-z/]/gi) ?? []).toEqual([])
    expect(text).not.toMatch(/<script|<iframe|@import/i)
    const words = text.replace(/<style[\s\S]*?<\/style>/g, '').replace(/<[^>]*>/g, ' ')
    expect(words).not.toMatch(/\b(?:NaN|undefined|null|Infinity|\[object)\b/)
  })

  it('counts the signals of the model in charge that came true', () => {
    const db = new Sqlite(join(dataDir, 'onay.db'), { readonly: true })
    const counted = db
      .prepare(
        `SELECT count(*) AS signals, sum(label) AS came FROM scores s JOIN outcomes o USING (symbol, ts_ms)
         WHERE model = 'v1.8-b0' AND s.ts_ms >= ? AND s.ts_ms < ?
         AND score >= (SELECT weights ->> '$.threshold' FROM models WHERE version = 'v1.8-b0')`,
      )
      .get(Date.parse(DAY), Date.parse(DAY) + 86_400_000)
    db.close()
    const { signals, came } = z.object({ signals: z.number().min(100), came: z.number() }).parse(counted)
    expect(readFileSync(pageOf(dataDir, DAY), 'utf8')).toContain(`${came} of ${signals} came true`)
  })

  it('says of what is unknown why, and holds the head of the chain that the report holds', async () => {
    const text = readFileSync(pageOf(dataDir, DAY), 'utf8')
    const report = Written.parse(await shell.json(['report', 'daily', '--date', DAY, '--data-dir', dataDir]))
    expect(text).toContain(report.chain_head ?? 'no head')
    expect(text).toContain('0 timed answers, 59 needed')
    expect(text).toContain('No caller waited for an answer on this day')
  })
})

describe.skipIf(!existsSync(CHROMIUM))('the page in Chromium (skipped where /usr/bin/chromium is missing)', () => {
  const profile = mkdtempSync(join(tmpdir(), 'onay-chromium-'))
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS, env: { ...process.env, HOME: profile } })
  })
  afterAll(async () => {
    await browser.close()
    rmSync(profile, { recursive: true, force: true })
  })

  const opened = async (context: BrowserContext) => {
    const page = await context.newPage()
    const seen = { console: [] as string[], requests: [] as string[], failed: [] as string[] }
    page.on('console', (message) => seen.console.push(message.text()))
    page.on('pageerror', (error) => seen.console.push(error.message))
    page.on('request', (request) => seen.requests.push(request.url()))
    page.on('requestfailed', (request) => seen.failed.push(request.url()))
    await page.goto(`file://${pageOf(dataDir, DAY)}`)
    return { page, seen }
  }

  it.each([
    { width: 360, height: 800, colorScheme: 'light' },
    { width: 360, height: 800, colorScheme: 'dark' },
    { width: 1200, height: 900, colorScheme: 'light' },
    { width: 1200, height: 900, colorScheme: 'dark' },
  ] as const)('is read without an error or a request at $width x $height, $colorScheme', async (view) => {
    const { width, height, colorScheme } = view
    const context = await browser.newContext({ viewport: { width, height }, colorScheme })
    const { page, seen } = await opened(context)
    expect(seen.console).toEqual([])
    expect(seen.failed).toEqual([])
    expect(seen.requests.filter((url) => !url.startsWith('data:'))).toEqual([`file://${pageOf(dataDir, DAY)}`])
    const size = await page.evaluate(
      '({ wide: document.documentElement.scrollWidth, ground: getComputedStyle(document.body).backgroundColor, inner: [...document.querySelectorAll(".wide")].filter((one) => one.scrollWidth > one.clientWidth + 1).length })',
    )
    expect(size).toEqual({
      wide: width,
      inner: 0,
      ground: colorScheme === 'dark' ? 'rgb(20, 23, 27)' : 'rgb(255, 255, 255)',
    })
    // The day, in the drawing for this width; two models with two charts of drift each; match, delta, calibration, outcome.
    const charts = page.locator('figure svg:visible')
    expect(await charts.count()).toBe(9)
    const text = await page.locator('body').innerText()
    for (const said of [
      'CRITICAL',
      'What to do',
      'Price of BTCUSDT',
      'Who did what',
      'Gates',
      'Drift',
      'In the shadow',
      'Calibration',
      'Outcome',
      'The chain',
    ])
      expect(text).toContain(said)
    for (const svg of await charts.all()) {
      expect(await svg.getAttribute('aria-label')).toMatch(/\. .*(?:n \d+|\d+ snapshots)/)
      expect((await svg.boundingBox())?.height).toBeGreaterThan(60)
    }
    await context.close()
  })

  it('is printed', async () => {
    const context = await browser.newContext({ colorScheme: 'dark' })
    const { page } = await opened(context)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
    await context.close()
  })
})

describe('the page of a day that a room lives through', () => {
  it('is written after midnight and recorded in the chain; one that a dead room left is made; one that cannot be made is a trouble', async () => {
    const config = shell.configured({ training: { window_days: 1 } })
    const { dataDir: dir } = await smallRoom(shell.fresh())
    const [owed, lived] = ['2025-05-06', '2025-05-07']
    // Its last hour is lived through: the page comes with its midnight.
    await shell.json(['replay', BTC, '--symbol', 'BTCUSDT', '--until', `${lived}T23:00`, '--data-dir', dir, ...config])
    // What a room leaves that died between the report and its page, and a page that cannot be made.
    owe(dir, owed)
    owe(dir, '2001-01-01')
    expect(existsSync(pageOf(dir, owed))).toBe(false)
    const room = await shell.open(dir, ['--speed', '1', ...config])
    await until('the page that was owed', () => existsSync(pageOf(dir, owed)))
    await until('the trouble', async () =>
      (await room.get('/healthz')).text.includes('the page of 2001-01-01 cannot be made'),
    )
    expect((await room.get('/healthz')).status).toBe(200)
    expect((await room.change('/speed', { speed: 'max', until_ms: Date.parse('2025-05-08T00:05:00Z') })).status).toBe(
      200,
    )
    await until('the page of the day', () => existsSync(pageOf(dir, lived)))
    expect(readFileSync(pageOf(dir, lived), 'utf8')).toContain('Latency by hour')
    expect(chained(dir, `ml/daily/report_${lived}.html`)).toHaveLength(1)
    expect((await room.change('/report/daily', { date: '2025-05-05' })).json).not.toHaveProperty('page')
    const asked = await room.change('/report/daily', { date: '2025-05-05', html: true })
    expect(asked.status).toBe(200)
    expect(Made.parse(asked.json).page).toBe(pageOf(dir, '2025-05-05'))
    expect(existsSync(pageOf(dir, '2025-05-05'))).toBe(true)
  })
})

describe('the weekly summary', () => {
  it('is of the Sunday, written at 23:59, with figures counted over the whole week', async () => {
    const week = Week.parse(await shell.json(['report', 'weekly', '--date', DAY, '--data-dir', dataDir]))
    expect(week.week).toEqual({ from: '2025-05-26T00:00:00.000Z', until: '2025-06-01T23:59:00.000Z' })
    expect(week.days.map(({ date }) => date)).toHaveLength(7)
    expect(week.days.at(-1)).toMatchObject({ date: DAY, until: '2025-06-01T23:59:00.000Z' })
    const db = new Sqlite(join(dataDir, 'onay.db'), { readonly: true })
    const sums = z
      .object({ n: z.number(), matched: z.number(), delta: z.number() })
      .parse(
        db
          .prepare(
            "SELECT sum(compared) AS n, sum(matched) AS matched, sum(delta_sum) AS delta FROM rollups WHERE model = 'v1.8.1' AND ts_ms >= ? AND ts_ms < ?",
          )
          .get(Date.parse(week.week.from), Date.parse(week.week.until)),
      )
    db.close()
    expect(week.n.comparisons).toBe(sums.n)
    expect(sums.n).toBeGreaterThan(10_000)
    expect(week.metrics.match_rate).toBeCloseTo(sums.matched / sums.n, 12)
    expect(week.metrics.mean_delta).toBeCloseTo(sums.delta / sums.n, 12)
    expect(week.metrics.auc_live).toBeCloseTo(0.613, 3)
    expect(week.psi.n).toBeGreaterThan(160)
    expect(week.psi.course.every(({ n }) => n > 0)).toBe(true)
    expect(week.decisions).toContainEqual(expect.objectContaining({ kind: 'registration', subject: 'v1.8.1' }))
    const text = readFileSync(join(dataDir, 'evidence/ml/weekly', `report_${DAY}.txt`), 'utf8')
    expect(text).toContain(`match_rate      ${week.metrics.match_rate?.toFixed(4)} (n ${sums.n} comparisons)`)
    expect(chained(dataDir, `ml/weekly/report_${DAY}.json`)).toHaveLength(1)
  })

  it('knows nothing of a week without a model, and says why', async () => {
    const { metrics, unmeasured, n } = Week.parse(
      await shell.json(['report', 'weekly', '--date', '2025-05-11', '--data-dir', dataDir]),
    )
    expect(n).toMatchObject({ comparisons: 0, settled: 0 })
    for (const field of ['match_rate', 'mean_delta', 'auc_live', 'ece', 'log_loss_live', 'base_rate']) {
      expect(metrics[field]).toBeNull()
      expect(unmeasured[field]).toMatch(/no /)
    }
  })

  it('is refused for a day that is not a Sunday and for a week that has not ended', async () => {
    for (const [date, why] of [
      ['2025-05-30', 'is not a Sunday'],
      ['2025-06-08', 'has not ended'],
    ] as const) {
      const { code, stderr } = await shell.run(['report', 'weekly', '--date', date, '--data-dir', dataDir])
      expect(code).toBe(3)
      expect(stderr).toContain(why)
    }
  })
})
