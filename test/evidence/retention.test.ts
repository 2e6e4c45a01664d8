import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, isoDate } from '../../src/engine/kernel/units.ts'
import { FILE, PRUNED } from '../../src/evidence/audit.ts'
import { GENESIS, linkEntry } from '../../src/evidence/chain.ts'
import { requiredFiles } from '../../src/evidence/required.ts'
import { keptFromMs, prunableLogs } from '../../src/evidence/retention.ts'

const AT = Date.parse('2025-06-30T00:10:00Z')

function entry(subject: string, kind = FILE) {
  return linkEntry(null, { kind, subject, sha256: GENESIS, detail: '{}', tsMs: 0, wallMs: 0 })
}

function pruned(subjects: readonly string[], rawDays: number, kind = FILE): string[] {
  return prunableLogs(
    subjects.map((subject) => entry(subject, kind)),
    keptFromMs(AT, rawDays),
  ).map(({ subject }) => subject)
}

describe('retention', () => {
  it('removes the feature logs of days that lie wholly before the time that is kept', () => {
    const logs = ['2025-05-29', '2025-05-30', '2025-05-31', '2025-06-29'].map((date) => `ml/features_raw_${date}.log`)
    expect(pruned(logs, 30)).toEqual([logs[0], logs[1]])
    expect(
      pruned(
        logs.map((log) => log.replace('ml/', 'ml/ETHUSDT/')),
        30,
      ),
    ).toHaveLength(2)
  })

  it('never removes the log that is written, nor one twice', () => {
    expect(pruned(['ml/features_raw.log'], 30)).toEqual([])
    expect(pruned(['ml/features_raw_2025-05-01.log'], 30, PRUNED)).toEqual([])
  })

  it('never removes anything that gate 6 asks for, nor a report, a run or an artifact, however short its time', () => {
    const versions = fc.stringMatching(/^v\d{1,2}\.\d{1,2}(\.\d{1,2})?$/)
    fc.assert(
      fc.property(
        versions,
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 2, max: 60 }),
        (version, daysAgo, rawDays) => {
          const date = isoDate(AT - daysAgo * DAY_MS)
          const needed = requiredFiles(version, AT - daysAgo * DAY_MS).map(({ name, where, prefix }) =>
            where === 'artifacts'
              ? `ml-artifacts/${version}/${name}`
              : `ml/${name}${prefix === true ? `${date}T000000Z.json` : ''}`,
          )
          const kept = [
            `ml/daily/report_${date}.csv`,
            `ml/daily/head_${date}.json`,
            `ml/gates_${date}.json`,
            'ml/psi_snapshot.json',
          ]
          expect(pruned([...needed, ...kept], rawDays)).toEqual([])
        },
      ),
    )
  })
})
