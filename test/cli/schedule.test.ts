import { describe, expect, it } from 'vitest'
import { Due } from '../../src/jobs/due.ts'
import { SCHEDULE } from '../../src/jobs/schedule.ts'
import { command, commandJson } from '../kit/command.ts'

const places = ['--data-dir', '/data/my room', '--evidence-dir', '/data/evidence']

describe('schedule', () => {
  it('names every job of the room with its times', async () => {
    const { stdout } = await command(['schedule'])
    for (const { name } of SCHEDULE) expect(stdout).toContain(name.padEnd(14))
    expect(await commandJson(['schedule'])).toMatchObject({
      schema: 'schedule/1',
      items: SCHEDULE.map(({ name, expression }) => ({ name, expression })),
    })
  })

  it('writes lines of a crontab that run them from outside, in UTC, with words quoted and percent signs escaped', async () => {
    const { stdout } = await command(['schedule', '--cron', '--symbol', 'BTC%', ...places])
    const lines = stdout.trim().split('\n')
    expect(lines[1]).toBe('CRON_TZ=UTC')
    expect(lines.at(-2)).toBe(
      "0 13 * * * onay paper-retrain --data-dir '/data/my room' --evidence-dir /data/evidence --symbol BTC\\%",
    )
    expect(lines.at(-1)).toContain('0 1 * * * onay ab --data-dir')
    for (const line of lines.slice(2)) expect(() => new Due(line.split(' ').slice(0, 5).join(' '))).not.toThrow()
  })

  it('writes units and timers for systemd, for which a verdict that says no is no failure', async () => {
    const { stdout } = await command(['schedule', '--systemd', ...places])
    expect(stdout).toContain(
      '# onay-paper-retrain.timer\n[Unit]\nDescription=onay: paper retrain\n[Timer]\nOnCalendar=*-*-* 13:00:00 UTC\n',
    )
    expect(stdout).toContain('OnCalendar=Sun *-*-* 23:59:00 UTC')
    expect(stdout.match(/^SuccessExitStatus=1$/gm)).toHaveLength(4)
    expect(stdout).toContain("ExecStart=onay ab --data-dir '/data/my room'")
  })

  it('takes one of the two forms', async () => {
    expect(await command(['schedule', '--systemd', '--cron'])).toMatchObject({ code: 3 })
  })
})
