/** The judge's table: what is measured now, within which it goes on, beyond which it stops. */
import type { CanaryDocument } from '../../../evidence/documents/release-documents.ts'
import { padText, wrapText } from '../../cells.ts'
import { count, fixed, millis, UNKNOWN } from '../../format.ts'
import { span, textLine, type Line, type Tone } from '../../line.ts'
import { decisionText } from '../../release.ts'

const NAME_CELLS = 8
const NOW_CELLS = 9
const LIMIT_CELLS = 8

interface Row {
  readonly name: 'match' | 'errors' | 'p95'
  /** In the unit that is shown: per cent, or milliseconds. */
  readonly now: number | null
  readonly goOn: number
  readonly stop: number
  /** Whether more is worse. */
  readonly rising: boolean
  /** Shown, but no limit under this profile. */
  readonly free: boolean
}

const inPercent = (share: number): number => Number((share * 100).toFixed(2))

function rowsOf({
  match_rate: match,
  error_rate: errors,
  p95_ms: p95,
  limits,
  profile,
}: CanaryDocument): readonly Row[] {
  const rate = (now: number | null): number | null => (now === null ? null : now * 100)
  return [
    {
      name: 'match',
      now: rate(match),
      goOn: inPercent(limits.match_rate.go_on),
      stop: inPercent(limits.match_rate.stop),
      rising: false,
      free: profile === 'improve',
    },
    {
      name: 'errors',
      now: rate(errors),
      goOn: inPercent(limits.error_rate.go_on),
      stop: inPercent(limits.error_rate.stop),
      rising: true,
      free: false,
    },
    { name: 'p95', now: p95, goOn: limits.p95_ms.go_on, stop: limits.p95_ms.stop, rising: true, free: false },
  ]
}

function toneOf({ now, goOn, stop, rising, free }: Row): Tone {
  if (now === null || free) return 'plain'
  if (rising ? now > stop : now < stop) return 'bad'
  return (rising ? now < goOn : now >= goOn) ? 'plain' : 'warn'
}

function nowText({ name, now }: Row): string {
  if (now === null) return UNKNOWN
  return name === 'p95' ? `${millis(now)} ms` : `${fixed(now, 1)} %`
}

/** Heading and three lines. */
export function judgeTable(canary: CanaryDocument): readonly Line[] {
  const head = `${padText('now', NOW_CELLS)}${padText('go on', LIMIT_CELLS)}${padText('stop', LIMIT_CELLS)}n`
  const n = count(canary.live + canary.probes)
  return [
    textLine(` ${' '.repeat(NAME_CELLS)} ${head}`, 'dim'),
    ...rowsOf(canary).map((row): Line => {
      const goOn = row.free ? UNKNOWN : `${row.rising ? '<' : '>='} ${row.goOn}`
      const stop = row.free ? UNKNOWN : `${row.rising ? '>' : '<'} ${row.stop}`
      return [
        span(` ${padText(row.name, NAME_CELLS)} `),
        span(padText(nowText(row), NOW_CELLS), toneOf(row)),
        span(`${padText(goOn, LIMIT_CELLS)}${padText(stop, LIMIT_CELLS)}`, 'dim'),
        span(row.free ? `${n}, shown only` : n),
      ]
    }),
  ]
}

/** `match 99.7 (95/90)  errors 0.0 (1/2)  p95 1.8 (80/120)` */
export function judgeFigures(canary: CanaryDocument): Line {
  return rowsOf(canary).flatMap((row) => [
    span(`${row.name} `),
    span(row.name === 'p95' ? millis(row.now) : fixed(row.now, 1), toneOf(row)),
    span(row.free ? ' (shown)  ' : ` (${row.goOn}/${row.stop})  `, 'dim'),
  ])
}

/** The judge's last word and why, over as many lines as it may have. */
export function judgeWords(canary: CanaryDocument, width: number, maxLines: number): readonly Line[] {
  if (canary.decision === null) return [textLine(' judge    has not decided yet')]
  const word = decisionText(canary.decision)
  const why = canary.reason ?? ''
  const said = why === '' ? word : why.startsWith(word) ? why : `${word}: ${why}`
  return wrapText(said, Math.max(16, width - 11), maxLines).map((text, i) => [
    span(i === 0 ? ' judge    ' : '          '),
    span(text),
  ])
}
