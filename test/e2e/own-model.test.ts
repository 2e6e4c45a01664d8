import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { isoDate } from '../../src/engine/kernel/units.ts'
import { DAY } from '../kit/moments.ts'
import { gateOf } from '../kit/documents.ts'
import { writeOwnModel } from '../kit/own-model.ts'
import { Play } from '../kit/play.ts'
import { stage } from '../kit/program.ts'
import { linesOf, typed, typedInShell } from '../kit/readme.ts'

const shell = stage()
const LAST = Date.parse('2025-06-04T00:30:00Z')
/** Nine days of training, so that the history that is run through is short. */
const CONFIG = {
  label: { kind: 'pushed', name: 'moved', horizon_min: 15 },
  training: { window_days: 9 },
  history: { open_after_days: 1 },
  serving: { shadow_budget_ms: 5_000 },
  gates: { p95_ms: 5_000 },
  smoke: { timeout_ms: 120_000 },
}

describe('everything of a user, as docs/own-models.md has it typed: features, labels, and a model of another library', () => {
  let dataDir: string
  let play: Play
  const said = new Map<string, string>()
  const saidOf = (words: string): string => [...said].find(([line]) => line.includes(words))?.[1] ?? ''

  beforeAll(async () => {
    dataDir = join(shell.fresh(), 'data')
    const beside = dirname(dataDir)
    mkdirSync(beside, { recursive: true })
    writeFileSync(join(beside, 'onay.config.json'), JSON.stringify(CONFIG))
    writeOwnModel(beside, LAST)
    const serve = async (args: string): Promise<void> => {
      play = new Play(await shell.keeping(() => shell.open(dataDir, args.split(' '), beside)))
    }
    for (const line of linesOf('Everything of your own')) {
      const started = /^npx onay serve (.*) &$/.exec(line)?.[1]
      if (started !== undefined) {
        await serve(started)
        continue
      }
      const until = / speed max --until (2025-06-\S+) --wait/.exec(line)?.[1]
      if (until !== undefined) {
        // A week is run through; the last of its days is played.
        await play.stop()
        const most = isoDate(Date.parse(until) - DAY)
        const at = ['--symbol', 'BTCUSDT', '--data-dir', dataDir, '--config', join(beside, 'onay.config.json')]
        await shell.json(['replay', join(beside, 'bars.csv.gz'), '--until', most, ...at])
        await serve('--speed 1')
      }
      said.set(line, await typed(line, dataDir))
    }
  })

  it('brings in what is declared: a column, its values, and what came of each minute', () => {
    expect(saidOf('features add')).toContain('columns declared: 1')
    expect(saidOf('import outcomes')).toMatch(/^outcomes of moved added: \d+; there already: 0/)
  })

  it('takes the file of the other library for what it predicts', () => {
    expect(saidOf('models add')).toContain('300 rows predicted as by its own library')
    expect(saidOf('models add')).toContain('forest: in the candidate slot')
  })

  it('measures its drift on the column of its own', () => {
    expect(saidOf('onay psi')).toMatch(/range_30m_bp +0\.\d+/)
  })

  it('comes through a canary, and passes all six gates on outcomes that were brought', async () => {
    const gates = await play.gates()
    expect(gates.verdict).toBe('ELIGIBLE')
    expect(gateOf(gates, 'offline').verdict).toBe('PASS')
    expect(gates.outcome.n).toBeGreaterThan(9_000)
    // The fallback knows nothing of this label.
    expect(gates.outcome.log_loss.fallback).toBeCloseTo(Math.LN2, 6)
  })

  it('is in charge after ONAY', async () => {
    await typedInShell('npx onay approve $(npx onay approvals --quiet) --phrase ONAY --reason "mine"', dataDir)
    expect(await play.slots()).toMatchObject({ baseline: 'forest' })
  })
})
