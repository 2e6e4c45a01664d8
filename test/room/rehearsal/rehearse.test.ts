import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { rehearsedLimits, variantOf } from '../../../src/room/rehearsal/variants.ts'
import { rehearseRules } from '../../../src/work/rehearse-task.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()

describe('a rehearsal as configured', () => {
  it('fires where the checks of the room have fired', () => {
    const dir = fresh()
    const kit = aDesk(dir)
    registerModel(kit.desk, 'baseline', 'v1')
    const bars = Array.from({ length: 1_800 }, (_, i) => wanderingBar(START + i * MINUTE))
    kit.timeline.history(
      kit.desk,
      bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
    )
    const { desk } = kit
    const { inCharge } = desk.lineUp
    if (inCharge === null) throw new Error('there is no model')
    const untilMs = desk.tape.momentMs
    const { days, variants } = rehearseRules({
      kind: 'rehearse',
      dataDir: join(dir, 'data'),
      symbol: desk.symbol,
      version: 'v1',
      window: { fromMs: untilMs - DAY + 15 * MINUTE, untilMs },
      reference: inCharge.reference,
      label: desk.parts.limits.label,
      threshold: inCharge.model.threshold,
      promise: null,
      variants: [
        { name: 'as configured', limits: rehearsedLimits(defaultConfig()) },
        {
          name: 'far',
          limits: variantOf(defaultConfig(), 'drift.psi_warning=98, drift.psi=99,drift.ks_warning=1,drift.ks=1'),
        },
      ],
    })
    // The first two of a rehearsal have none before them: a verdict needs two.
    const course = desk.drift.days.courseOf('v1').slice(2)
    const critical = variants[0]?.rules.find(({ rule }) => rule === 'drift critical')
    expect(course.filter(({ verdict }) => verdict === 'critical').length).toBeGreaterThan(50)
    expect(
      Math.abs((critical?.minutes ?? 0) / 15 - course.filter(({ verdict }) => verdict === 'critical').length),
    ).toBeLessThanOrEqual(1)
    expect(variants[1]?.rules.slice(0, 2).map(({ fired }) => fired)).toEqual([0, 0])
    expect(days.reduce((sum, { n }) => sum + n, 0)).toBeGreaterThan(1_000)
    kit.desks.close()
  })
})

describe('a variant', () => {
  it('changes what it names and nothing else', () => {
    const config = defaultConfig()
    const plain = rehearsedLimits(config)
    expect(variantOf(config, 'drift.psi=0.25')).toEqual({ ...plain, drift: { ...plain.drift, psiCritical: 0.25 } })
    expect(variantOf(config, 'gates.psi=0.3, kill.staleness_for_min=9')).toEqual({
      ...plain,
      psi: 0.3,
      staleForMs: 9 * MINUTE,
    })
  })

  it.each([
    ['drift.kill=on', /cannot be rehearsed/],
    ['psi=0.2', /cannot be rehearsed/],
    ['drift.psi', /cannot be rehearsed/],
    ['', /cannot be rehearsed/],
    ['drift.psi=much', /drift\.psi/],
    ['drift.ks=1.5', /drift\.ks/],
  ])('is refused: %s', (text, said) => {
    const { code, what, why } = refusal(() => variantOf(defaultConfig(), text))
    expect([code, `${what} ${why}`]).toEqual(['variant', expect.stringMatching(said)])
  })
})
