import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { START } from '../../kit/moments.ts'

const fresh = freshDirectories()
const FILE = 'ml/gates_noon.json'

/** A room whose chain has one file, and an outbox into which somebody has put an entry. */
function planted(entry: { readonly path: string; readonly content?: string }) {
  const dir = fresh()
  const kit = aDesk(dir)
  const { desks, desk } = kit
  desk.transaction(() => desks.evidence.writeDocument(FILE, { label: 'noon' }, START))
  desks.drainOutbox()
  desk.transaction(() => desks.store.outbox.oweFile(entry, START))
  desks.drainOutbox()
  const trouble = desks.troubles.of('evidence')
  desks.close()
  return { trouble, path: join(dir, 'evidence', entry.path) }
}

describe('an outbox into which somebody has put something', () => {
  it('writes no file that the chain does not have', () => {
    const { trouble, path } = planted({ path: 'ml/canary_run_1.json', content: '{"status":"SUCCESS"}' })
    expect(existsSync(path)).toBe(false)
    expect(trouble).toContain(
      'ml/canary_run_1.json is not written: the outbox asks for it, and the evidence chain does not',
    )
  })

  it('writes no other content over one that the chain has', () => {
    const { trouble, path } = planted({ path: FILE, content: '{"label":"midnight"}' })
    expect(readFileSync(path, 'utf8')).toBe('{"label":"noon"}\n')
    expect(trouble).toContain('is not written')
  })

  it('removes no file that the chain has not given up', () => {
    const { trouble, path } = planted({ path: FILE })
    expect(existsSync(path)).toBe(true)
    expect(trouble).toContain(`${FILE} is not removed`)
  })
})
