import { Option, type Command } from 'commander'
import { SCHEDULE } from '../jobs/schedule.ts'
import { contextOf, withCommon, type CommonOptions, type Context } from './context.ts'
import type { Io } from './io.ts'

interface ScheduleOptions extends CommonOptions {
  readonly systemd?: boolean
  readonly cron?: boolean
}

/** A job of the room with the command that does the same from outside. */
interface OutsideJob {
  readonly name: string
  /** Cron, five fields, UTC. */
  readonly expression: string
  readonly command: string
}

/** Commands that do what a job does; the others need a room that runs. */
const COMMANDS: Readonly<Partial<Record<(typeof SCHEDULE)[number]['name'], string>>> = {
  'daily report': 'report daily',
  'weekly report': 'report weekly',
  'paper retrain': 'paper-retrain',
  'ab eval': 'ab',
}

/** `onay schedule`: when the room's jobs run, and what runs them from outside. */
export function addSchedule(program: Command, io: Io): void {
  withCommon(program.command('schedule'))
    .description("when the room's jobs run; a room that is open runs them by itself")
    .addOption(new Option('--systemd', 'units and timers for those who run them from outside').conflicts('cron'))
    .option('--cron', 'lines of a crontab for those who run them from outside')
    .action((options: ScheduleOptions) => {
      const context = contextOf(options, io)
      const jobs = SCHEDULE.map(({ name, expression }) => ({ name, expression }))
      const outside = outsideJobs(context)
      const text = options.systemd === true ? systemdText(outside) : options.cron === true ? cronText(outside) : null
      const items = text === null ? jobs : outside
      context.print({ items }, () => text ?? jobsText(jobs), 'schedule/1')
    })
}

function outsideJobs(context: Context): readonly OutsideJob[] {
  const { dataDir, evidenceDir, symbol, io } = context
  const places = [
    '--data-dir',
    dataDir,
    '--evidence-dir',
    evidenceDir,
    ...(symbol === undefined ? [] : ['--symbol', symbol]),
  ]
  return SCHEDULE.flatMap(({ name, expression }) => {
    const command = COMMANDS[name]
    return command === undefined
      ? []
      : [{ name, expression, command: [...io.program, ...command.split(' '), ...places].map(quoted).join(' ') }]
  })
}

/** As a shell and systemd take a word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function jobsText(jobs: readonly Pick<OutsideJob, 'name' | 'expression'>[]): string {
  const width = Math.max(...jobs.map(({ name }) => name.length))
  return [
    'UTC, on the market clock; an open room runs them by itself',
    ...jobs.map(({ name, expression }) => `  ${name.padEnd(width)}  ${expression}`),
  ].join('\n')
}

function cronText(jobs: readonly OutsideJob[]): string {
  return [
    '# Only where no room is open: one that is runs these by itself. Exit 1 is a no, and no error.',
    'CRON_TZ=UTC',
    ...jobs.map(({ expression, command }) => `${expression} ${command.replaceAll('%', String.raw`\%`)}`),
  ].join('\n')
}

function systemdText(jobs: readonly OutsideJob[]): string {
  return jobs
    .map((job) => {
      const unit = `onay-${job.name.replaceAll(' ', '-')}`
      return [
        `# ${unit}.service`,
        '[Unit]',
        `Description=onay: ${job.name}`,
        '[Service]',
        'Type=oneshot',
        `ExecStart=${job.command.replaceAll('%', '%%')}`,
        '# A verdict that says no.',
        'SuccessExitStatus=1',
        '',
        `# ${unit}.timer`,
        '[Unit]',
        `Description=onay: ${job.name}`,
        '[Timer]',
        `OnCalendar=${calendarOf(job.expression)} UTC`,
        'Persistent=true',
        '[Install]',
        'WantedBy=timers.target',
        '',
      ].join('\n')
    })
    .join('\n')
    .trimEnd()
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Of the expressions that the schedule has: a minute, an hour, and perhaps a weekday. */
function calendarOf(expression: string): string {
  const [minute = '*', hour = '*', , , weekday = '*'] = expression.split(' ')
  const two = (field: string): string => (field === '*' ? '*' : field.padStart(2, '0'))
  const day = weekday === '*' ? '' : `${WEEKDAYS[Number(weekday)]} `
  return `${day}*-*-* ${two(hour)}:${two(minute)}:00`
}
