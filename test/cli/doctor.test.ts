import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { command, commandJson } from '../kit/command.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()
/** One that nobody listens on. */
function freePort(): Promise<string> {
  const server = createServer()
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(String(typeof address === 'object' && address !== null ? address.port : 0)))
    })
  })
}

const Doctor = z.object({
  schema: z.literal('doctor/1'),
  ok: z.boolean(),
  checks: z.array(z.object({ check: z.string(), verdict: z.string(), said: z.string(), next: z.string().nullable() })),
})

describe('doctor', () => {
  it('prints a line a check, below it how to mend what fails, and ends with 1 where something does', async () => {
    const cwd = fresh()
    mkdirSync(cwd)
    writeFileSync(join(cwd, 'onay.config.json'), '{"gates": {"acu": 0.6}}')
    const args = ['doctor', '--data-dir', 'data', '--port', await freePort()]
    const ended = await command(args, { cwd })
    expect(ended).toMatchObject({ code: 1, stderr: '' })
    expect(ended.stdout).toMatch(/^ {2}PASS {7}sqlite {8}better-sqlite3 loads$/m)
    expect(ended.stdout).toMatch(
      /^ {2}FAIL {7}config {8}the configuration .* does not fit: .*acu.*\n {27}see every field/m,
    )
    expect(ended.stdout).toMatch(/^ {2}NOT TRIED {2}database {6}none in /m)
    expect(ended.stdout).toMatch(/\n1 to mend\n$/)
    const document = Doctor.parse(await commandJson(args, [1], { cwd }))
    expect(document.ok).toBe(false)
    expect(document.checks.map(({ check }) => check)).toEqual([
      'node',
      'sqlite',
      'config',
      'data',
      'evidence',
      'token',
      'database',
      'disk',
      'port',
      'clock',
    ])
  })

  it('ends with 0 where nothing does', async () => {
    const cwd = fresh()
    mkdirSync(cwd)
    const ended = await command(['doctor', '--data-dir', 'data', '--port', await freePort()], { cwd })
    expect(ended.stdout).toMatch(/nothing to mend\n$/)
    expect(ended.code).toBe(0)
  })
})
