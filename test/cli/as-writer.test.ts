import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { asWriter } from '../../src/cli/as-writer.ts'
import { databasePath } from '../../src/db/store.ts'
import { lockDirectory } from '../../src/db/lock.ts'
import { defaultConfig } from '../../src/room/config/config.ts'
import { commandContext } from '../kit/command-context.ts'
import { freshDirectories } from '../kit/directories.ts'
import { START } from '../kit/moments.ts'
import { SYMBOL } from '../kit/room.ts'

const fresh = freshDirectories()
const HEAD = 'ml/chain_head_1.json'

describe('a command that writes where no room runs', () => {
  it('ends once the heads that it has recorded are signed', async () => {
    const dir = fresh()
    mkdirSync(dir)
    const key = join(dir, 'signing')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', key])
    const shipped = defaultConfig()
    const config = { ...shipped, evidence: { ...shipped.evidence, signing_key: key } }
    const path = await asWriter(commandContext(dir), { what: 'import', symbols: [SYMBOL], config }, (desks) => {
      desks.of(SYMBOL).transaction(() => desks.evidence.writeDocument(HEAD, {}, START))
      desks.evidence.unsigned.add(HEAD)
      desks.drainOutbox()
      return desks.evidence.pathOf(HEAD)
    })
    expect(existsSync(`${path}.sig`)).toBe(true)
  })

  it('gives the directory back where its work fails, and says what failed', async () => {
    const context = commandContext(fresh())
    const failing = asWriter(context, { what: 'import', symbols: [SYMBOL] }, () => {
      throw new Error('no such file')
    })
    await expect(failing).rejects.toThrow('no such file')
    lockDirectory(context.dataDir, 'start').release()
  })

  it('makes no database where it is not told of a market', async () => {
    const context = commandContext(fresh())
    await expect(asWriter(context, { what: 'retire' }, () => 0)).rejects.toMatchObject({ code: 'no_database' })
    expect(existsSync(databasePath(context.dataDir))).toBe(false)
  })
})
