import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRecording } from '../../../src/room/drivers/recordings.ts'
import { surveyOf } from '../../../src/feeds/survey.ts'
import { barLines, openDesks, SYMBOL, writeRecording } from '../../kit/room.ts'
import { MINUTE, START } from '../../kit/moments.ts'

const SPAN = { fromMs: START, untilMs: Number.POSITIVE_INFINITY }

describe('a recording that a directory was played from', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'onay-recordings-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  async function openedAgain(path: string): Promise<Awaited<ReturnType<typeof openRecording>>> {
    const desks = openDesks(dir)
    try {
      return await openRecording(desks, SYMBOL, path, SPAN)
    } finally {
      desks.close()
    }
  }

  it('is known as a whole when it is opened again: the same facts, though nobody reads it for them', async () => {
    const path = writeRecording(dir, [...barLines(20), 'not a bar'])
    const surveyed = await surveyOf(path)
    expect((await openedAgain(path)).survey).toEqual(surveyed)
    const desks = openDesks(dir)
    const known = desks.store.facts.of(SYMBOL, 'survey')
    expect(known).toMatchObject({ rows: 21, sound: 20, faults: [{ fault: 'unparsable', line: 22 }] })
    // What is remembered is what is used.
    if (known !== null) desks.store.facts.setOf(SYMBOL, 'survey', { ...known, rows: 4_711 })
    desks.close()
    expect((await openedAgain(path)).survey).toMatchObject({ path, rows: 4_711 })
  })

  it('is read anew when the file has become another one', async () => {
    const path = writeRecording(dir, barLines(20))
    await openedAgain(path)
    expect(writeRecording(dir, barLines(30, START + 5 * MINUTE))).toBe(path)
    const { survey, resumed } = await openedAgain(path)
    expect(survey).toEqual(await surveyOf(path))
    expect(survey.rows).toBe(30)
    expect(resumed).toBe(false)
  })
})
