import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { floorTo, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { reading } from '../kit/contents.ts'
import { PROGRAM, type Room, stage } from '../kit/program.ts'
import { barsUntil, push, PUSH, SYMBOL } from '../kit/pushed-bars.ts'
import { BTC, ROOT } from '../kit/samples.ts'
import { savedByXgboost } from '../kit/saved-trees.ts'
import { until } from '../kit/until.ts'

/** Whether this machine's python3 runs the client: 3.9 or later. */
function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const STAND_INS = join(ROOT, 'test/kit/python-stand-ins')
const EXAMPLES = join(ROOT, 'examples')

function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const places = [join(ROOT, 'clients/python'), EXAMPLES, STAND_INS]
  return { ...process.env, PYTHONPATH: places.join(delimiter), PYTHONDONTWRITEBYTECODE: '1', ...more }
}

/** Runs a piece of Python with the client at hand. @returns the JSON that it prints last. @throws with what it says when it fails */
function python(code: string, more?: Readonly<Record<string, string>>): Promise<unknown> {
  const text = `import json\nfrom onay import *\n${code}`
  return new Promise((done, fail) => {
    execFile('python3', ['-c', text], { env: environment(more) }, (error, stdout, stderr) => {
      if (error !== null) fail(new Error(`${stderr}\n${stdout}`))
      else done(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''))
    })
  })
}

const shell = stage()

describe.skipIf(!hasPython())('the client in Python', () => {
  let room: Room
  const connect = (token = room.token): string =>
    `onay = Onay(${JSON.stringify(room.url)}, token=${JSON.stringify(token)})`

  beforeAll(async () => {
    room = await shell.keeping(() => shell.open(shell.fresh(), PUSH))
    await push(room, barsUntil(Date.now() - 4 * MINUTE_MS, 2))
  })

  it('pushes bars once, in as many requests as it takes, and names those that are rejected by their place', async () => {
    const bars = [...barsUntil(Date.now() - MINUTE_MS, 3), { ts_ms: 1 }]
    const answers = await python(`
${connect()}
import onay as module
module.MOST_BARS = 2
bars = json.loads(${JSON.stringify(JSON.stringify(bars))})
print(json.dumps([onay.push_bars("${SYMBOL}", iter(bars)), onay.push_bars("${SYMBOL}", bars[:3]), onay.push_bars("${SYMBOL}", [])]))`)
    expect(answers).toMatchObject([
      { accepted: 3, duplicates: 0, rejected: [{ index: 3, reason: expect.any(String) }] },
      { accepted: 0, duplicates: 3, rejected: [] },
      { accepted: 0, duplicates: 0, rejected: [] },
    ])
  })

  it('predicts of the newest row, under the key that is given or one of its own', async () => {
    const Two = z.array(z.object({ id: z.string(), decision: z.string(), served_by: z.literal('fallback') })).length(2)
    const [given, own] = Two.parse(
      await python(`${connect('')}\nprint(json.dumps([onay.predict("${SYMBOL}", key="order-17"), onay.predict()]))`),
    )
    const keyOf = (id?: string): unknown =>
      reading(room.dataDir, (db) => db.prepare('SELECT key FROM predictions WHERE id = ?').pluck().get(id))
    expect(keyOf(given?.id)).toBe('order-17')
    expect(keyOf(own?.id)).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('posts trades, numbers of numpy among them, and reads health, gates and the kill switch', async () => {
    const answers = await python(`
${connect()}
class Float64:
    def item(self):
        return 0.01
trade = {"id": "17", "side": "long", "opened_ms": 1748217600000, "closed_ms": 1748218500000, "qty": Float64(),
         "filled_entry": 109000, "filled_exit": 109050}
sent = [onay.push_trades("${SYMBOL}", "mybot", [trade]) for _ in range(2)]
print(json.dumps([*sent, onay.health(), onay.gates(), onay.kill_state()]))`)
    expect(answers).toMatchObject([
      { symbol: SYMBOL, arm: 'mybot', added: 1, known: 0 },
      { added: 0, known: 1 },
      { ok: true, model: 'fallback' },
      { verdict: 'BLOCKED', of: 6 },
      [{ symbol: SYMBOL, enabled: false }],
    ])
  })

  it('declares a column, pushes its values once, and outcomes where the room waits for them', async () => {
    const ts = floorTo(Date.now(), MINUTE_MS) - 2 * MINUTE_MS
    const answers = await python(`
${connect()}
declared = onay.post("/features", {"symbol": "${SYMBOL}", "columns": [{"name": "funding_rate", "max_age_s": 28800}]})
rows = [{"ts_ms": ${ts}, "values": {"funding_rate": 0.0001}}]
sent = [onay.push_features("${SYMBOL}", rows) for _ in range(2)]
try:
    onay.push_outcomes("${SYMBOL}", [{"ts_ms": ${ts}, "label": 1}])
except OnayError as error:
    print(json.dumps([declared, *sent, error.what]))`)
    expect(answers).toMatchObject([
      { declared: ['funding_rate'], columns: 1 },
      { added: 1, known: 0 },
      { added: 0, known: 1 },
      'the room does not wait for outcomes',
    ])
  })

  it('waits for an approval until somebody answers it, and says when nobody did in time', async () => {
    await room.change('/ml/kill?enabled=true', { reason: 'a try' })
    const Kill = z.object({ approvals: z.array(z.object({ id: z.string() })).length(1) })
    const [asked] = Kill.parse((await room.change('/ml/kill?enabled=false', {})).json).approvals
    const id = asked?.id ?? ''
    const late = await python(`
${connect()}
try:
    onay.wait_for_approval("${id}", timeout=0)
except NotDecided as error:
    print(json.dumps([error.what, error.next, error.document["state"]]))`)
    expect(late).toEqual([`approval ${id} still waits`, `answer it: onay approve ${id}`, 'waiting'])

    const waiting = python(`${connect()}\nprint(json.dumps(onay.wait_for_approval("${id}", timeout=60, every=0.05)))`)
    const answered = await room.change(`/approvals/${id}`, {
      decision: 'approve',
      phrase: 'ONAY',
      reason: 'it was a try',
    })
    expect(answered.status, answered.text).toBe(200)
    expect(await waiting).toMatchObject({ id, state: 'approved', given: [{ reason: 'it was a try' }] })
  })

  it('raises what the room refuses, with what, why and what next', async () => {
    const refusals = await python(`
${connect('wrong')}
def refusal(ask):
    try:
        ask()
    except OnayError as error:
        return [type(error).__name__, error.status, str(error).split(": ")[0] == error.what, bool(error.why), bool(error.next), str(error)]
known = Onay(onay.base_url, token=${JSON.stringify(room.token)}, retries=0)
print(json.dumps([
    refusal(lambda: onay.push_bars("${SYMBOL}", [])),
    refusal(lambda: known.predict(features={"moon": 1.0})),
    refusal(lambda: known.predict(features={"mid": float("nan")})),
    refusal(lambda: known.start_canary()),
    refusal(lambda: known.approval("ap-0")),
    refusal(lambda: known.get("/nope")),
]))`)
    expect(refusals).toMatchObject([
      ['TokenRefused', 401, true, true, true, expect.any(String)],
      ['Refused', 422, true, true, true, expect.stringContaining('moon')],
      ['Refused', 0, true, true, true, expect.stringContaining('NaN')],
      ['Refused', 409, true, true, true, expect.any(String)],
      ['Refused', 404, true, true, true, expect.stringContaining('ap-0')],
      ['Refused', 404, false, false, true, expect.stringContaining('/nope')],
    ])
  })

  it('tells a room that is not open yet from one that refuses', async () => {
    const young = await shell.listening(shell.fresh())
    const said = await python(`
onay = Onay("${young.url}", retries=0)
try:
    onay.predict()
except Unavailable as error:
    print(json.dumps([error.status, onay.health()]))`)
    expect(said).toMatchObject([503, { ok: false, phase: 'history', service: 'onay' }])
  })

  it('says that the room is gone, after as many tries as it was told', async () => {
    const gone = await shell.open(shell.fresh(), PUSH)
    await gone.process.kill()
    const said = await python(`
import time
waits = []
time.sleep = waits.append
try:
    Onay("${gone.url}", retries=2).predict()
except Unavailable as error:
    print(json.dumps([error.what, error.why, error.next, error.status, waits]))`)
    expect(said).toEqual([
      `no room answers at ${gone.url}`,
      expect.stringContaining('refused'),
      'start it with: onay serve, or name another address',
      0,
      [0.2, 0.4],
    ])
  })

  it('in a strategy of freqtrade (a stand-in for the package): no entry without a signal, closed trades are posted', async () => {
    const nowMs = floorTo(Date.now(), MINUTE_MS)
    // This room has no model, and its fallback gives no signal: the decision of an answer is replaced, to see both ways.
    const said = await python(`
from datetime import datetime, timedelta, timezone
from freqtrade.persistence import Trade
from freqtrade_onay import OnayStrategy
def at(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc)
Trade.closed = [
    Trade(id=7, pair="BTC/USDT", is_short=False, open_date_utc=at(${nowMs - 9 * MINUTE_MS}), close_date_utc=at(${nowMs - MINUTE_MS}),
          amount=0.01, open_rate=109000.0, close_rate=109100.0, open_rate_requested=108990.0, close_rate_requested=None,
          fee_open_cost=0.5, fee_close_cost=None, close_profit_abs=0.5, exit_reason="roi"),
    Trade(id=3, pair="BTC/USDT", close_date_utc=at(${nowMs - 8 * 86_400_000})),
]
def strategy(runmode, url):
    made = OnayStrategy({"runmode": runmode, "onay": {"url": url, "token": "${room.token}", "arm": "ft"}})
    made.bot_start()
    return made
def enters(made):
    now = datetime.now(timezone.utc)
    return made.confirm_trade_entry("BTC/USDT", "limit", 0.01, 109000.0, "GTC", now, None, "long")
live = strategy("dry_run", "${room.url}")
live.onay.predict = (lambda ask: lambda *args, **named: {**ask(*args, **named), "decision": decisions.pop(0)})(live.onay.predict)
decisions = ["signal", "none"]
entries = [enters(live), enters(live), enters(strategy("live", "http://127.0.0.1:1")), enters(strategy("backtest", "http://127.0.0.1:1"))]
live.bot_loop_start(datetime.now(timezone.utc))
live.bot_loop_start(datetime.now(timezone.utc))
print(json.dumps([entries, Onay("${room.url}").get("/paper/trades", arm="ft")["items"]]))`)
    const trade = { arm: 'ft', side: 'long', filled_entry: 109_000, expected_entry: 108_990, exit: 'roi' }
    expect(said).toMatchObject([[true, false, false, true], [trade]])
  })
})

describe.skipIf(!hasPython())('the client and the examples of models', () => {
  /** Fourteen hours of the recording, with a model of the first eight and a candidate: enough to ask for a canary of. */
  const config = shell.configured({ training: { window_days: 0.3 } })
  const made = shell.fresh()
  const UNTIL = ['--until', '2025-05-05T06:00']
  let room: Room

  beforeAll(async () => {
    const places = ['--data-dir', made, ...config]
    await shell.json(['replay', BTC, '--symbol', SYMBOL, ...UNTIL, ...places])
    await shell.json(['retrain', '--version', 'v1.8.1', ...UNTIL, ...places])
    const copy = shell.copy(made)
    room = await shell.keeping(() => shell.open(copy, ['--speed', '600', ...config]))
  })

  it('a promotion that is blocked raises with the gates', async () => {
    const blocked = await python(
      `
try:
    Onay("${room.url}").promote()
except Blocked as error:
    print(json.dumps([error.status, error.gates["verdict"], len(error.gates["gates"])]))`,
      { ONAY_TOKEN: room.token },
    )
    expect(blocked).toEqual([409, 'BLOCKED', 6])
  })

  it('a pipeline of scikit-learn (a stand-in for joblib, and a fixture) is asked over the window and stands in the shadow', async () => {
    const dataDir = shell.copy(made)
    const pipeline = join(dataDir, 'pipeline.joblib')
    writeFileSync(pipeline, JSON.stringify({ bias: -1, weights: [0.5, 0.1] }))
    const server = spawn('python3', [join(EXAMPLES, 'sklearn_server.py'), pipeline, '0'], { env: environment() })
    onTestFinished(() => void server.kill())
    let said = ''
    server.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    const url = await until('the server', () => {
      if (server.exitCode !== null) throw new Error(said)
      return /http:\S+/.exec(said)?.[0]
    })
    const file = join(dataDir, 'skl-1.json')
    const features = ['rsi14_z', 'vol1m_log']
    writeFileSync(file, JSON.stringify({ version: 'skl-1', kind: 'http', url, model: 'skl', features }))
    const args = ['--window', '6h', ...UNTIL, '--replace', '--data-dir', dataDir, ...config]
    const added = await shell.json(['models', 'add', file, ...args])
    expect(added).toMatchObject({ version: 'skl-1', slot: 'candidate', offline: { auc: expect.any(Number) } })
  })

  /** Not covered: what XGBoost learns. */
  it('XGBoost (a stand-in that learns nothing): rows and labels out of the logs, then the watch and the canary of a candidate that is there', async () => {
    const logs = join(made, 'evidence/ml')
    const path = join(shell.copy(made), 'm.json')
    const rows = await python(`
from xgboost_to_canary import *
rows = logged_rows(${JSON.stringify(logs)})
inputs, labels = labelled(rows)
train(inputs, labels, ${JSON.stringify(path)})
print(json.dumps([len(rows), len(inputs)]))`)
    const count = ['features_raw_2025-05-04.log', 'features_raw.log']
      .map((name) => readFileSync(join(logs, name), 'utf8').trimEnd().split('\n').length - 1)
      .reduce((sum, lines) => sum + lines)
    expect(rows).toEqual([count, count - 5])
    const trained = { stand_in: 'binary:logistic', rows: count - 5, columns: 6, positive: expect.any(Number) }
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(trained)

    const asking = python(
      `
from xgboost_to_canary import *
onay = Onay("${room.url}")
seen = watch(onay, 3, every=0.05)
answered = ask_for_canary(onay, timeout=60, every=0.05)
print(json.dumps([seen["candidate"], answered["state"], onay.canary()["state"]]))`,
      { ONAY_TOKEN: room.token },
    )
    const Waiting = z.object({ items: z.array(z.object({ id: z.string() })) })
    const id = await until('the approval', async () => Waiting.parse((await room.get('/approvals')).json).items[0]?.id)
    await room.change(`/approvals/${id}`, { decision: 'approve', phrase: 'ONAY', reason: 'as the example says' })
    expect(await asking).toEqual(['v1.8.1', 'approved', expect.stringMatching(/^(ramping|holding|aborted)$/)])
  })

  it('XGBoost (a file that it has saved): trained until a day before the last midnight, and added by the program', async () => {
    const dataDir = shell.copy(made)
    const places = ['--data-dir', dataDir, ...config]
    await shell.json(['replay', BTC, '--symbol', SYMBOL, '--until', '2025-05-06T00:30', ...places])
    const programs = shell.fresh()
    mkdirSync(programs)
    const words = [process.execPath, PROGRAM, '"$@"', '--replace', ...places]
    writeFileSync(join(programs, 'onay'), `#!/bin/sh\nexec ${words.join(' ')}\n`, { mode: 0o755 })
    const saved = savedByXgboost('move')
    const trained = await python(
      `
import xgboost_to_canary as example
example.FEATURES = ${JSON.stringify(saved.features)}
rows, until_ms = example.before_the_last_day(example.logged_rows(${JSON.stringify(join(dataDir, 'evidence/ml'))}))
example.add(${JSON.stringify(saved.path)}, "xgb-1", until_ms)
print(json.dumps([max(rows), until_ms]))`,
      { PATH: `${programs}${delimiter}${process.env.PATH ?? ''}` },
    )
    const midnight = Date.parse('2025-05-05T00:00:00Z')
    expect(trained).toEqual([midnight - MINUTE_MS, midnight])
    expect(await shell.json(['models', 'show', 'xgb-1', ...places])).toMatchObject({
      slot: 'candidate',
      window: { until: '2025-05-06T00:00:00.000Z' },
      offline: { plain: expect.stringContaining('as its maker says') },
    })
  })
})
