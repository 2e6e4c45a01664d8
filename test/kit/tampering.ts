/**
 * Ways to change what a directory or a bundle says, by somebody who has it and knows how it is made: each with what
 * `evidence verify` must name. One table, for the tests and for `npm run torture`.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'
import { type ChainEntry, linkEntry } from '../../src/evidence/chain.ts'

export interface Tampered {
  readonly db: Sqlite.Database
  /** Where a subject stands. */
  readonly path: (subject: string) => string
}

export interface Tampering {
  readonly way: string
  /** SQL, or what is done to the directory. */
  readonly change: string | ((tampered: Tampered) => void)
  /** A finding that must be among those named: `what [where] why`. Null for what no entry covers, as the manual says. */
  readonly names: RegExp | null
  /** Looked for with the head that was kept before. */
  readonly keptHead?: true
}

const COLUMNS = 'seq, kind, subject, sha256, detail, ts_ms AS tsMs, wall_ms AS wallMs, prev, hash'
const INSERT =
  'INSERT INTO chain (seq, kind, subject, sha256, detail, ts_ms, wall_ms, prev, hash) VALUES (@seq, @kind, @subject, @sha256, @detail, @tsMs, @wallMs, @prev, @hash)'

function entries(db: Sqlite.Database): ChainEntry[] {
  return db.prepare<[], ChainEntry>(`SELECT ${COLUMNS} FROM chain ORDER BY seq`).all()
}

/** An entry in the middle of the chain. */
function middle(db: Sqlite.Database): ChainEntry {
  const found = entries(db).filter(({ kind }) => kind === 'gate')[5]
  if (found === undefined) throw new Error('there is no such entry')
  return found
}

/** Everything from an entry on, linked anew with what becomes of each. */
function relink(db: Sqlite.Database, from: number, change: (entry: ChainEntry) => ChainEntry): void {
  const all = entries(db)
  let last = all.find(({ seq }) => seq === from - 1) ?? null
  db.prepare('DELETE FROM chain WHERE seq >= ?').run(from)
  const insert = db.prepare(INSERT)
  for (const entry of all.filter(({ seq }) => seq >= from)) {
    last = linkEntry(last, change(entry))
    insert.run(last)
  }
}

function flipped(subject: string): (tampered: Tampered) => void {
  return ({ path }) => {
    const bytes = readFileSync(path(subject))
    const at = Math.floor(bytes.length / 2)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(path(subject), bytes)
  }
}

function planted(subject: string, text: string): (tampered: Tampered) => void {
  return ({ path }) => writeFileSync(path(subject), text)
}

const lastRows =
  (count: number) =>
  ({ db }: Tampered): void =>
    void db.prepare('DELETE FROM chain WHERE seq > (SELECT max(seq) FROM chain) - ?').run(count)

const DAY = "ts_ms >= unixepoch('2025-05-07') * 1000 AND ts_ms < unixepoch('2025-05-08') * 1000"
const OPEN_DAY = "ts_ms >= unixepoch('2025-05-09') * 1000"
const on = (table: string): RegExp => new RegExp(`^AAAUSDT on 2025-05-0\\d \\[table ${table}\\]`)
/** A row of a table that has many on that day. */
const one = (table: string, day = DAY): string =>
  `(symbol, ts_ms) IN (SELECT symbol, ts_ms FROM ${table} WHERE ${day} LIMIT 1)`

const FILES: readonly Tampering[] = [
  { way: 'a byte of a document', change: flipped('ml/psi_snapshot.json'), names: /^ml\/psi_snapshot\.json \[file\]/ },
  {
    way: 'a byte of a daily report',
    change: flipped('ml/daily/report_2025-05-06.json'),
    names: /^ml\/daily\/report_2025-05-06\.json \[file\]/,
  },
  {
    way: 'a byte of a table of a day',
    change: flipped('ml/daily/report_2025-05-06.csv'),
    names: /05-06\.csv \[file\]/,
  },
  { way: 'a byte of the page of a day', change: flipped('ml/daily/report_2025-05-05.html'), names: /\.html \[file\]/ },
  {
    way: 'a byte of the table of all days',
    change: flipped('ml/daily/ml_daily_reports.csv'),
    names: /^ml\/daily\/ml_daily_reports\.csv \[file\]/,
  },
  {
    way: 'a byte of a rotated log',
    change: flipped('ml/features_raw_2025-05-08.log'),
    names: /^ml\/features_raw_2025-05-08\.log \[file\]/,
  },
  { way: 'a byte of the log of today', change: flipped('ml/features_raw.log'), names: null },
  {
    way: 'a file that is gone',
    change: ({ path }) => rmSync(path('ml/eval_result.json')),
    names: /^ml\/eval_result\.json \[file\] it is missing/,
  },
  {
    way: 'a log that retention had removed',
    change: planted('ml/features_raw_2025-05-05.log', '{}'),
    names: /retention removed it, but a file is there/,
  },
  {
    way: 'a canary run put beside the evidence',
    change: planted('ml/canary_run_2025-05-07T000000Z.json', '{"status":"SUCCESS"}'),
    names: /^ml\/canary_run_2025-05-07T000000Z\.json \[file\] no entry of the chain names it/,
  },
  {
    way: 'a hidden file put beside the evidence',
    change: planted('ml/.offline_report_v1.9.json', '{}'),
    names: /^ml\/\.offline_report_v1\.9\.json \[file\] no entry of the chain names it/,
  },
  {
    way: 'an artifact',
    change: flipped('ml-artifacts/v1.8.1/model_weights_v1.8.1.json'),
    names: /^ml-artifacts\/v1\.8\.1\/model_weights/,
  },
  {
    way: 'an artifact put beside the others',
    change: planted('ml-artifacts/v1.8.1/notes.json', '{}'),
    names: /^ml-artifacts\/v1\.8\.1\/notes\.json \[file\] no entry/,
  },
  {
    way: 'the artifacts of two models swapped',
    change: ({ path }) =>
      copyFileSync(
        path('ml-artifacts/v1.8-b0/model_weights_v1.8-b0.json'),
        path('ml-artifacts/v1.8.1/model_weights_v1.8.1.json'),
      ),
    names: /^ml-artifacts\/v1\.8\.1\/model_weights/,
  },
]

const CHAIN: readonly Tampering[] = [
  {
    way: 'an entry',
    change: ({ db }) => db.prepare("UPDATE chain SET detail = '{}' WHERE seq = ?").run(middle(db).seq),
    names: /^entry \d+ \(gate .*\[chain\] .*was changed/,
  },
  {
    way: 'an entry with its hash',
    change: ({ db }) => {
      const { seq } = middle(db)
      const before = entries(db).find((entry) => entry.seq === seq - 1) ?? null
      const forged = linkEntry(before, { ...middle(db), detail: '{}', sha256: sha256Hex('{}') })
      db.prepare('UPDATE chain SET detail = ?, sha256 = ?, hash = ? WHERE seq = ?').run(
        '{}',
        forged.sha256,
        forged.hash,
        seq,
      )
    },
    names: /^entry \d+ .*does not follow the entry before it/,
  },
  {
    way: 'an entry that is gone',
    change: ({ db }) => db.prepare('DELETE FROM chain WHERE seq = ?').run(middle(db).seq),
    names: /^entry \d+ .*is missing/,
  },
  {
    way: 'two entries swapped',
    change: ({ db }) => {
      const { seq } = middle(db)
      const move = db.prepare('UPDATE chain SET seq = ? WHERE seq = ?')
      move.run(-1, seq)
      move.run(seq, seq + 3)
      move.run(seq + 3, -1)
    },
    names: /rows were swapped/,
  },
  {
    way: 'a promotion put into the chain alone',
    change: ({ db }) => {
      const detail = canonicalJson({ model: 'v9', former: 'v1.8-b0', approval: 'x' })
      const draft = { kind: 'promotion', subject: 'AAAUSDT/v9', sha256: sha256Hex(detail), detail, tsMs: 1, wallMs: 1 }
      db.prepare(INSERT).run(linkEntry(entries(db).at(-1) ?? null, draft))
    },
    names: /^entry \d+ \(promotion AAAUSDT\/v9\) \[table promotions\] the table has no row/,
  },
  {
    way: 'a file with an entry at the end of the chain',
    change: ({ db, path }) => {
      writeFileSync(path('ml/forged.json'), '{}')
      const draft = {
        kind: 'file',
        subject: 'ml/forged.json',
        sha256: sha256Hex('{}'),
        detail: '{}',
        tsMs: 1,
        wallMs: 1,
      }
      db.prepare(INSERT).run(linkEntry(entries(db).at(-1) ?? null, draft))
    },
    names: null,
  },
  { way: 'the last 5 entries gone', change: lastRows(5), names: /./ },
  { way: 'the last 100 entries gone', change: lastRows(100), names: /\[head\] .*no such entry/ },
  { way: 'the last entry gone', change: lastRows(1), names: /^head .*the chain ends at entry/, keptHead: true },
  {
    way: 'the whole chain linked anew',
    change: ({ db }) => {
      const { seq } = middle(db)
      const detail = canonicalJson({ to: 'PASS' })
      relink(db, seq, (entry) => (entry.seq === seq ? { ...entry, detail, sha256: sha256Hex(detail) } : entry))
    },
    names: /\[head\] .*the chain was cut short or rewritten/,
  },
]

const inDocument = (path: string, value: string, action = 'promote'): string =>
  `UPDATE approvals SET document = json_set(document, '$.${path}', ${value}) WHERE action = '${action}'`
const approval = (why: string): RegExp => new RegExp(`^approval AAAUSDT/.* \\[table approvals\\] .*${why}`)
const promotion = (why: string): RegExp => new RegExp(`^promotion AAAUSDT/v1\\.8\\.1 \\[table promotions\\] .*${why}`)
const model = (why: string): RegExp => new RegExp(`^model AAAUSDT/v1\\.8\\.1 \\[table models\\] .*${why}`)
const canary = (why: string): RegExp => new RegExp(`^canary run AAAUSDT/.* \\[table canary_runs\\] .*${why}`)
const slot = (why: string): RegExp => new RegExp(`^slot .* of AAAUSDT \\[table slots\\] .*${why}`)
const ofCandidate = "WHERE version = 'v1.8.1'"

const DECISIONS: readonly Tampering[] = [
  {
    way: "an approval's reason",
    change: inDocument('approval.given[0].reason', "'fine'"),
    names: approval('given by'),
  },
  { way: "an approval's name", change: inDocument('approval.given[0].by', "'eve'"), names: approval('given by eve') },
  {
    way: "an approval's person",
    change: inDocument('approval.given[0].person', "'eve'"),
    names: approval('by another person'),
  },
  {
    way: "an approval's time",
    change: inDocument('approval.given[0].atWallMs', '1'),
    names: approval('at another time'),
  },
  {
    way: "an approval's figures",
    change: inDocument('approval.figures.outcome.verdict', "'better'"),
    names: approval('figures'),
  },
  {
    way: 'the gates that an approval rested on',
    change: inDocument('approval.figures.gates[3].value', '0.91'),
    names: approval('figures'),
  },
  {
    way: 'what spoke against an approval',
    change: inDocument('approval.against', "json('[]')"),
    names: approval('against it'),
  },
  {
    way: "an approval's sentence",
    change: inDocument('approval.sentence', "'ONAY: Promote v9'"),
    names: approval('its sentence is'),
  },
  {
    way: 'what spoke for an approval',
    change: inDocument('shown.speaksFor', `json('["all"]')`),
    names: approval('spoke for it'),
  },
  { way: 'how many had to approve', change: inDocument('approval.needs', '2'), names: approval('spoke for it') },
  {
    way: 'what an approval was asked for with',
    change: 'UPDATE approvals SET request = \'{"plan":"x"}\'',
    names: approval('spoke for it'),
  },
  { way: "an approval's state", change: "UPDATE approvals SET state = 'refused'", names: approval('it is refused') },
  {
    way: 'an approval that is gone',
    change: 'DELETE FROM approvals',
    names: /\(approval .*\[table approvals\] the table has no row/,
  },
  {
    way: 'a promotion that nobody decided',
    change: "INSERT INTO promotions VALUES ('AAAUSDT', 1, 'promotion', 'v1.8.1', 'v1.8-b0', 'equivalent', 'x', 'y', 0)",
    names: promotion('no entry of the chain'),
  },
  {
    way: "a promotion's time",
    change: "UPDATE promotions SET ts_ms = ts_ms + 1 WHERE kind = 'promotion'",
    names: promotion('no entry'),
  },
  {
    way: "a promotion's reason",
    change: "UPDATE promotions SET reason = 'all agreed' WHERE kind = 'promotion'",
    names: promotion('its reason is'),
  },
  {
    way: "a promotion's profile",
    change: "UPDATE promotions SET profile = 'improve'",
    names: promotion('its profile is'),
  },
  {
    way: 'a promotion that is gone',
    change: "DELETE FROM promotions WHERE kind = 'promotion'",
    names: /\(promotion .*has no row/,
  },
  {
    way: 'the model in charge',
    change: "UPDATE slots SET version = 'v9'",
    names: slot('is in charge there, the chain put'),
  },
  {
    way: "the model in charge's profile",
    change: "UPDATE slots SET profile = 'improve'",
    names: slot('judged under improve'),
  },
  {
    way: 'since when a model is in charge',
    change: 'UPDATE slots SET since_ms = since_ms - 60000',
    names: slot('is there since'),
  },
  {
    way: 'a slot that is filled',
    change: "INSERT INTO slots VALUES ('AAAUSDT', 'candidate', 'v1.8.1', 'equivalent', 1, 1)",
    names: slot('the chain has nobody'),
  },
  { way: 'a slot that is emptied', change: 'DELETE FROM slots', names: slot('it is empty') },
  {
    way: "a model's weights",
    change: `UPDATE models SET weights = replace(weights, '0', '1') ${ofCandidate}`,
    names: model('weights do not give'),
  },
  {
    way: "a model's weights and their hash",
    change: ({ db }) => forgeWeights(db),
    names: model('its SHA-256 is'),
  },
  {
    way: "a model's weights, their hash and their file",
    change: ({ db, path }) => writeFileSync(path('ml-artifacts/v1.8.1/model_weights_v1.8.1.json'), forgeWeights(db)),
    names: model('its SHA-256 is'),
  },
  {
    way: "a model's reference",
    change: `UPDATE models SET reference = '{}' ${ofCandidate}`,
    names: model('its reference is not'),
  },
  {
    way: "a model's scaler",
    change: `UPDATE models SET scaler = '{}' ${ofCandidate}`,
    names: model('its scaler is not'),
  },
  {
    way: "a model's manifest",
    change: `UPDATE models SET manifest = '{}' ${ofCandidate}`,
    names: model('its manifest is not'),
  },
  {
    way: 'the offline figures that gate 4 reads',
    change: `UPDATE models SET offline = json_set(offline, '$.auc', 0.91) ${ofCandidate}`,
    names: model('its offline figures do not give'),
  },
  {
    way: "a model's training window",
    change: `UPDATE models SET window_from_ms = 1 ${ofCandidate}`,
    names: model('its training window is'),
  },
  {
    way: "a model's features",
    change: `UPDATE models SET feature_set = 'x' ${ofCandidate}`,
    names: model('its features are'),
  },
  {
    way: 'a model that nobody registered',
    change: `UPDATE models SET version = 'v9' ${ofCandidate}`,
    names: /^model AAAUSDT\/v9 .*no entry/,
  },
  {
    way: 'a model that is gone',
    change: `DELETE FROM models ${ofCandidate}`,
    names: /\(registration AAAUSDT\/v1\.8\.1\).*no row/,
  },
  {
    way: "a canary's end",
    change: `UPDATE canary_runs SET state = '{"kind":"inconclusive"}'`,
    names: canary('it ended INCONCLUSIVE'),
  },
  {
    way: "a canary's phases",
    change: "UPDATE canary_runs SET phases = replace(phases, '300', '900')",
    names: canary('its phases'),
  },
  {
    way: "a canary's plan",
    change: "UPDATE canary_runs SET plan = replace(plan, '0.05', '0.5')",
    names: canary('asked for with'),
  },
  { way: "a canary's salt", change: "UPDATE canary_runs SET salt = 'x'", names: canary('asked for with') },
  {
    way: "the judge's last word",
    change: "UPDATE canary_runs SET last_look = replace(last_look, 'advance', 'hold')",
    names: canary('how it ended'),
  },
  {
    way: 'a canary that is gone',
    change: 'DELETE FROM canary_runs',
    names: /\(canary .*\[table canary_runs\] .*no row/,
  },
  {
    way: 'a token',
    change: "INSERT INTO tokens (name, person, sha256, wall_ms) VALUES ('eve', 'eve', 'ab', 1)",
    names: /^token eve \[table tokens\] no entry/,
  },
  {
    way: 'a token in place of another',
    change: "UPDATE tokens SET sha256 = 'ab' WHERE name = 'risk'",
    names: /^token risk .*it is another/,
  },
  {
    way: 'whose a token is',
    change: "UPDATE tokens SET person = 'eve' WHERE name = 'risk'",
    names: /^token risk .*belongs to somebody else/,
  },
  {
    way: "whose the directory's own token is",
    change: "UPDATE tokens SET person = 'eve' WHERE name = 'operator'",
    names: /^token operator .*file token/,
  },
  {
    way: 'a token that is in force again',
    change: 'UPDATE tokens SET revoked_wall_ms = NULL',
    names: /^token trading .*was revoked/,
  },
  {
    way: "the directory's own token",
    change: "UPDATE tokens SET sha256 = 'ab' WHERE name = 'operator'",
    names: /^token operator .*file token/,
  },
  {
    way: 'a file that the outbox would write',
    change: `INSERT INTO outbox (kind, payload, ts_ms) VALUES ('file', '{"path":"ml/x.json","content":"owned"}', 1)`,
    names: /^outbox entry \d+ \[table outbox\] it would write ml\/x\.json/,
  },
  {
    way: 'a file outside that the outbox would write',
    change: `INSERT INTO outbox (kind, payload, ts_ms) VALUES ('file', '{"path":"../../../x.txt","content":"owned"}', 1)`,
    names: /^outbox entry \d+ \[table outbox\] it does not name a file under the evidence/,
  },
  {
    way: 'a file that the outbox would remove',
    change: `INSERT INTO outbox (kind, payload, ts_ms) VALUES ('file', '{"path":"ml/psi_snapshot.json"}', 1)`,
    names: /^outbox entry \d+ \[table outbox\] it would remove ml\/psi_snapshot\.json/,
  },
]

const ROWS: readonly Tampering[] = [
  {
    way: "a report's row",
    change: `UPDATE reports SET document = replace(document, '"WARNING"', '"OK"')`,
    names: /^(daily|weekly) report .*\[table reports\]/,
  },
  {
    way: 'a report whose row is gone',
    change: "DELETE FROM reports WHERE date = '2025-05-06'",
    names: /report_2025-05-06\.json \[table reports\] the table has no row/,
  },
  {
    way: 'a report that nobody wrote',
    change: "UPDATE reports SET date = '2025-04-01' WHERE date = '2025-05-06'",
    names: /^daily report AAAUSDT\/2025-04-01/,
  },
  {
    way: 'a gate of the log made to pass',
    change: `UPDATE gate_log SET verdicts = 'PPPPPP' WHERE ${DAY} AND verdicts LIKE '%F%' OR ${one('gate_log')}`,
    names: on('gate_log'),
  },
  { way: 'the log of the gates emptied', change: 'DELETE FROM gate_log', names: on('gate_log') },
  {
    way: 'a gate of the log of today',
    change: `UPDATE gate_log SET outcome = 'better' WHERE ${OPEN_DAY}`,
    names: null,
  },
  {
    way: 'a PSI snapshot',
    change: `UPDATE psi_snapshots SET overall = 0.01 WHERE ${one('psi_snapshots')}`,
    names: on('psi_snapshots'),
  },
  {
    way: "an alert's change",
    change: "UPDATE alert_changes SET text = 'nothing' WHERE ts_ms = (SELECT min(ts_ms) FROM alert_changes)",
    names: on('alert_changes'),
  },
  { way: 'an alert that never fired', change: 'DELETE FROM alert_changes', names: on('alert_changes') },
  { way: 'an event', change: "UPDATE events SET text = 'all is well' WHERE id = 3", names: on('events') },
  { way: 'an event that is gone', change: 'DELETE FROM events WHERE id = 3', names: on('events') },
  {
    way: 'an event of no symbol',
    change:
      "INSERT INTO events (symbol, ts_ms, wall_ms, kind, severity, text) VALUES ('', 1, 1, 'promotion', 'info', 'x')",
    names: /^rows of "" \[table events\]/,
  },
  { way: 'an event of a canary', change: 'DELETE FROM canary_events WHERE seq = 2', names: on('canary_events') },
  { way: 'a bar', change: `UPDATE bars SET close = close + 1 WHERE ${one('bars')}`, names: on('bars') },
  { way: 'a bar that is gone', change: `DELETE FROM bars WHERE ${one('bars')}`, names: on('bars') },
  {
    way: 'a bar before all others',
    change: "INSERT INTO bars VALUES ('AAAUSDT', 60000, 1, 1, 1, 1, 1, 0, 1)",
    names: /^AAAUSDT before 2025-05-04 \[table bars\] it has 1 rows/,
  },
  {
    way: 'a feature row',
    change: `UPDATE feature_rows SET mid = mid + 1 WHERE ${one('feature_rows')}`,
    names: on('feature_rows'),
  },
  {
    way: 'a feature row that is gone',
    change: `DELETE FROM feature_rows WHERE ${one('feature_rows')}`,
    names: on('feature_rows'),
  },
  {
    way: 'an outcome',
    change: `UPDATE outcomes SET label = 1 - label WHERE ${one('outcomes')}`,
    names: on('outcomes'),
  },
  { way: 'an outcome that is gone', change: `DELETE FROM outcomes WHERE ${one('outcomes')}`, names: on('outcomes') },
  { way: 'a score', change: `UPDATE scores SET score = 0.99 WHERE ${one('scores')}`, names: on('scores') },
  { way: 'a score that is gone', change: `DELETE FROM scores WHERE ${one('scores')}`, names: on('scores') },
  { way: 'a comparison', change: 'UPDATE comparisons SET score = baseline_score', names: on('comparisons') },
  {
    way: 'a comparison that is gone',
    change: 'DELETE FROM comparisons WHERE id = (SELECT min(id) FROM comparisons)',
    names: on('comparisons'),
  },
  {
    way: 'a prediction',
    change: `UPDATE predictions SET score = 0.99 WHERE ${one('predictions')}`,
    names: on('predictions'),
  },
  {
    way: 'a prediction that is gone',
    change: `DELETE FROM predictions WHERE ${one('predictions')}`,
    names: on('predictions'),
  },
  {
    way: 'predictions gone by the day, as retention does, before their time',
    change: `DELETE FROM predictions WHERE ${DAY}`,
    names: on('predictions'),
  },
  {
    way: 'predictions on a day that retention has emptied',
    change:
      "UPDATE predictions SET ts_ms = ts_ms - 86400000 * 10, id = '0mab' || substr(id, 5) WHERE id = (SELECT min(id) FROM predictions)",
    names: /\[table predictions\]/,
  },
  { way: 'a roll-up of a minute', change: 'UPDATE rollups SET errors = 0, matched = compared + 1', names: null },
]

export const WAYS: readonly Tampering[] = [...FILES, ...CHAIN, ...DECISIONS, ...ROWS]

/** Other weights under the same version, with the hash that belongs to them. */
function forgeWeights(db: Sqlite.Database): string {
  const found = db.prepare<[], string>("SELECT weights FROM models WHERE version = 'v1.8.1'").pluck().get() ?? ''
  const weights = found.replace(/"bias":-?[\d.]+/, '"bias":0.5')
  db.prepare("UPDATE models SET weights = ?, sha256 = ? WHERE version = 'v1.8.1'").run(weights, sha256Hex(weights))
  return weights
}
