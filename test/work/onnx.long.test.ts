import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as othersTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Catalogue } from '../../src/engine/features/catalogue.ts'
import type { Model } from '../../src/engine/models/contract.ts'
import { sigmoid } from '../../src/engine/stats/calibration.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'
import { onnxModel } from '../../src/serving/onnx-model.ts'
import { onnxRuntime } from '../../src/work/onnx-session.ts'
import { runTask } from '../../src/work/run.ts'
import type { OnnxScores } from '../../src/work/onnx-words.ts'
import { freshDirectories } from '../kit/directories.ts'
import { until } from '../kit/until.ts'
import { BIAS, hasOnnxRuntime, logistic, REFUSED, SAME, SLOPES } from '../kit/onnx-file.ts'

const fresh = freshDirectories()
const catalogue = new Catalogue(['a', 'b', 'c', 'd'], [])
// The package has 240 MB and is not a dependency: .ci/run installs it, and counts what is skipped where it cannot.
const withRuntime = hasOnnxRuntime() ? describe : describe.skip

const modelOf = (bytes: Uint8Array, features: readonly string[] = ['a', 'b', 'c'], limitMs = 10_000): Model =>
  onnxModel(
    {
      version: 'mine',
      kind: 'onnx',
      features,
      file: Buffer.from(bytes).toString('base64'),
      fileSha256: sha256Hex(bytes),
      threshold: 0.6,
      label: { kind: 'move', horizonMin: 5, thresholdBp: 6 },
    },
    catalogue,
    limitMs,
  )
const tried = (bytes: Uint8Array, budgetMs = 10_000): Promise<OnnxScores | null> =>
  runTask(
    {
      kind: 'onnx',
      symbol: 'AAAUSDT',
      version: 'mine',
      file: Buffer.from(bytes).toString('base64'),
      width: 3,
      budgetMs,
      scored: null,
    } as const,
    { signal: new AbortController().signal },
  )
const said = ([a = 0, b = 0, c = 0]: readonly number[]): number =>
  sigmoid(SLOPES[0] * a + SLOPES[1] * b + SLOPES[2] * c + BIAS)
const ROWS = [
  [0, 0, 0],
  [1, 2, 3],
  [-4, 0.25, 1e-3],
  [100, 1, -50],
]

/** A package of that name, as far as it is looked for. */
function installed(): { readonly dir: string; readonly path: string } {
  const dir = fresh()
  const path = join(dir, 'node_modules/onnxruntime-node/index.js')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  return { dir, path }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('without onnxruntime-node', () => {
  it('an ONNX model is refused with how it is installed', () => {
    vi.stubEnv('ONAY_ONNXRUNTIME', fresh())
    expect(() => onnxRuntime(join(fresh(), 'onay.js'))).toThrow(
      /onnxruntime-node, which runs it, is not installed beside onay: npm install --no-save onnxruntime-node/,
    )
  })

  it('is looked for beside onay, then below the directory that is named', () => {
    const [beside, elsewhere] = [installed(), installed()]
    vi.stubEnv('ONAY_ONNXRUNTIME', elsewhere.dir)
    expect(onnxRuntime(join(beside.dir, 'onay.js'))).toBe(beside.path)
    expect(onnxRuntime(join(fresh(), 'onay.js'))).toBe(elsewhere.path)
  })
})

withRuntime('a model as ONNX', () => {
  it.each(Object.entries({ 'a tensor [n, 1]': logistic(), ...SAME }))('says what its graph says, as %s', (_, bytes) => {
    const model = modelOf(bytes)
    for (const row of ROWS) expect(model.score(Float64Array.from([...row, 7]))).toBeCloseTo(said(row), 6)
  })

  it('takes its features in its own order, in 32 bits', () => {
    const model = modelOf(logistic(), ['d', 'a', 'c'])
    expect(model.score(Float64Array.of(2, 9, 3, 1))).toBeCloseTo(said([1, 2, 3]), 6)
    expect(model.score(Float64Array.of(2, 9, 3, 1))).toBe(model.score(Float64Array.of(2, 9, 3, 1 + 1e-12)))
  })

  it('says nothing of a row that lacks a feature of its own', () => {
    const model = modelOf(logistic())
    expect(model.needed).toBeUndefined()
    expect(model.score(Float64Array.of(1, Number.NaN, 3, 4))).toBeNaN()
    expect(model.score(Float64Array.of(1, 2, 3, Number.NaN))).toBeCloseTo(said([1, 2, 3]), 6)
  })

  it('is opened again where more have been opened since than are kept', () => {
    const first = modelOf(logistic())
    for (let i = 1; i <= 33; i++) modelOf(logistic([i, 0, 0])).score(new Float64Array(4))
    expect(first.score(Float64Array.of(1, 2, 3, 4))).toBeCloseTo(said([1, 2, 3]), 6)
  })

  it('that takes too long gives no score, and none of another row later', async () => {
    const [hasty, patient] = [modelOf(logistic(), ['a', 'b', 'c'], 0), modelOf(logistic())]
    const other = modelOf(logistic([3, 2, 1]))
    let late = 0
    for (let i = 0; i < 300; i++) {
      const row = [i / 100, (i % 7) / 3, (i % 5) - 2]
      const score = (model: Model): number => {
        try {
          return model.score(Float64Array.from([...row, 7]))
        } catch (error) {
          expect(String(error)).toMatch(/no answer within 0 ms|still works on an earlier row/)
          late++
          return Number.NaN
        }
      }
      for (const model of [hasty, patient]) {
        const scored = score(model)
        if (!Number.isNaN(scored)) expect(scored).toBeCloseTo(said(row), 6)
      }
      // Each has a thread of its own: no other model waits for one that is late.
      expect(other.score(Float64Array.of(1, 2, 3, 4))).toBeCloseTo(sigmoid(3 + 4 + 3 + BIAS), 6)
      await othersTurn()
    }
    expect(late).toBeGreaterThan(0)
    const last = await until('the thread', () => {
      try {
        return patient.score(Float64Array.of(1, 2, 3, 4))
      } catch {
        return undefined
      }
    })
    expect(last).toBeCloseTo(said([1, 2, 3]), 6)
  })

  it('is tried in a process of its own', async () => {
    await expect(tried(logistic())).resolves.toBeNull()
    await expect(tried(logistic(), 0)).rejects.toThrow(
      /it takes \d+ ms for a row, and serving\.shadow_budget_ms allows 0/,
    )
  })

  it.each(Object.entries(REFUSED))('with %s is refused in words', async (_, [bytes, words]) => {
    await expect(tried(bytes)).rejects.toThrow(words)
  })

  it('of any damaged bytes is refused or scores, and the process goes on', async () => {
    const whole = logistic()
    for (let at = 0; at < whole.length; at += 23) {
      const bytes = Uint8Array.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 0xff
      await tried(bytes).then(
        (nothing) => expect(nothing).toBeNull(),
        (error: unknown) => expect(String(error)).toContain('mine cannot be used as a model'),
      )
    }
  })
})
