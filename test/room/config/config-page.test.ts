import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Config } from '../../../src/room/config/config.ts'
import { generatedFiles } from '../../../src/room/config/config-page.ts'
import { explainedFields } from '../../../src/room/config/explained.ts'
import { ROOT } from '../../kit/samples.ts'

const page = generatedFiles()['docs/configuration.md'] ?? ''
const field = (name: string) => explainedFields().find((one) => one.field === name)

describe('the page of the configuration', () => {
  it('is up to date: npm run rules', () => {
    expect(readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8')).toBe(page)
  })

  it('has a row for every field but those of the alert rules, each with a range and what it does', () => {
    const rows = [...page.matchAll(/^\| `([a-z]+\.[a-z0-9_]+)` \| (\S.*?) \| (\S.*?) \| (\S.*) \|$/gm)].map(
      ([, name]) => name,
    )
    const known = explainedFields().map((one) => one.field)
    const wanted = known.filter((name) => !name.startsWith('alerts.'))
    expect(new Set(rows)).toEqual(new Set(wanted))
    expect(rows).toHaveLength(wanted.length)
  })

  it.each([
    ['gates.auc', '0 to 1'],
    ['gates.p95_ms', 'above 0'],
    ['training.folds', 'whole, 2 to 50'],
    ['training.seed', 'whole, 0 or more'],
    ['notify.max_tries', 'whole, above 0, at most 100'],
    ['kill.staleness', '`off`, `ask` or `on`'],
    ['paper.sets', '`true` or `false`'],
    ['paper.stop_bp', 'above 0 or none'],
    ['paper.arms', 'a list of up to 32'],
    ['approvals.promote', '1 or 2'],
    ['feed.exchange_url', 'an address or none'],
  ])('says of %s that it may be %s', (name, range) => {
    expect(field(name)?.range).toBe(range)
  })

  it('says of numbers what the schema takes', () => {
    const takes = (group: string, name: string, value: number): boolean =>
      Config.safeParse({ [group]: { [name]: value } }).success
    let tried = 0
    for (const { field: path, range } of explainedFields()) {
      const [group = '', name = ''] = path.split('.')
      const [, least, most] = /^(?:whole, )?(-?[\d.]+) to ([\d.]+)$/.exec(range) ?? []
      const [, above] = /^(?:whole, )?above ([\d.]+)/.exec(range) ?? []
      // Limits of the judge are held against each other too.
      if (group === 'judge') continue
      if (least !== undefined && most !== undefined) {
        tried++
        expect([takes(group, name, Number(least)), takes(group, name, Number(least) - 1)], path).toEqual([true, false])
        expect([takes(group, name, Number(most)), takes(group, name, Number(most) + 1)], path).toEqual([true, false])
      }
      if (above !== undefined) {
        tried++
        expect([takes(group, name, Number(above)), takes(group, name, Number(above) + 1)], path).toEqual([false, true])
      }
    }
    expect(tried).toBeGreaterThan(50)
  })
})
