import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedFiles } from '../../src/api/json-page.ts'
import { SCHEMAS } from '../../src/control/schemas.ts'
import { ROOT } from '../kit/samples.ts'

describe('the page about JSON documents', () => {
  it.each(Object.entries(generatedFiles()))('%s is up to date: npm run rules', (name, text) => {
    expect(readFileSync(join(ROOT, name), 'utf8')).toBe(text)
  })

  it('names every document once, with its fields and where it comes from', () => {
    const page = generatedFiles()['docs/json.md'] ?? ''
    const named = [...page.matchAll(/^## (\S+)\n\n`.*`\n\n```\n\{\n/gm)].map(([, schema]) => schema)
    expect(named).toEqual([...new Set(Object.values(SCHEMAS))].sort())
  })
})
